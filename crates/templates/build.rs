//! Makes a new page, message or locale file cause a new build.
//!
//! The embedding macro tracks the files it saw; only a watch on the folder notices a file that was not there before.

fn main() {
    println!("cargo:rerun-if-changed=.");
}
