//! An invented caseload, lived through the service on a virtual clock.
//!
//! Every case is opened and every event recorded by the same use cases as the pages, with the scheduler ticking at each
//! instant at which something is due. Nothing is written behind the service's back, so journals, reminders, digests,
//! suppressions and overdue items are what the engine makes of such lives. All people are invented, all addresses end in
//! `.invalid`, all numbers lie in the range 0300-0000000.

mod error;
mod lives;
mod load;
mod script;
mod staff;

pub use error::DemoError;
pub use load::{Caseload, Options, Progress, load};
pub use staff::SignIn;
