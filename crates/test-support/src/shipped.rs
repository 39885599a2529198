//! The shipped packs, calendars and words, read once for all tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use peshi_service::Library;
use peshi_templates::{Lang, Renderer, Texts};

/// Files by relative path.
pub type Folder = BTreeMap<String, String>;

/// What lies in `workflows/`.
#[derive(Debug)]
pub struct Shipped {
    /// The packs by name.
    pub packs: BTreeMap<String, Folder>,
    calendars: Folder,
    library: Library,
    /// The texts of the house and of its packs.
    pub renderer: Arc<Renderer>,
}

/// The folder of the shipped packs.
pub fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows")
}

/// What lies there.
///
/// # Panics
/// When a file is missing or a text is not sound.
pub fn shipped() -> &'static Shipped {
    static SHIPPED: OnceLock<Shipped> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let (packs, calendars) = read_workflows();
        let renderer = Arc::new(renderer(&packs));
        let library = library(&packs, &calendars);
        Shipped {
            packs,
            calendars,
            library,
            renderer,
        }
    })
}

impl Shipped {
    /// A library of them; each house has its own, for it grows.
    pub fn library(&self) -> Library {
        self.library.clone()
    }

    /// A library of other packs, with the shipped calendars.
    ///
    /// # Panics
    /// When a pack is not sound.
    pub fn library_of(&self, packs: &BTreeMap<String, Folder>) -> Library {
        library(packs, &self.calendars)
    }
}

fn library(packs: &BTreeMap<String, Folder>, calendars: &Folder) -> Library {
    Library::build(packs, calendars).expect("the packs are sound")
}

fn read_workflows() -> (BTreeMap<String, Folder>, Folder) {
    let mut packs = BTreeMap::new();
    let mut calendars = Folder::new();
    for entry in std::fs::read_dir(workflows()).expect("the shipped packs are there") {
        let path = entry.expect("an entry of the folder").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if name == "calendars" {
            calendars = read_folder(&path);
        } else if path.is_dir() {
            packs.insert(name, read_folder(&path));
        }
    }
    (packs, calendars)
}

fn read_folder(folder: &Path) -> Folder {
    let mut files = Folder::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(at) = todo.pop() {
        for entry in std::fs::read_dir(&at).expect("the folder can be read") {
            let path = entry.expect("an entry of the folder").path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("it lies below")
                    .to_string_lossy()
                    .into_owned();
                files.insert(name, std::fs::read_to_string(&path).expect("packs are text"));
            }
        }
    }
    files
}

pub(crate) fn renderer(packs: &BTreeMap<String, Folder>) -> Renderer {
    let mut renderer = Renderer::new(Texts::new()).expect("the built-in texts are sound");
    for (name, files) in packs {
        learn(&mut renderer, name, files);
    }
    renderer
}

pub(crate) fn learn(renderer: &mut Renderer, name: &str, files: &Folder) {
    let texts: Vec<(Lang, String, String)> = [(Lang::En, "locales/en.ftl"), (Lang::Ur, "locales/ur.ftl")]
        .into_iter()
        .filter_map(|(lang, file)| Some((lang, file.to_owned(), files.get(file)?.clone())))
        .collect();
    renderer
        .add_pack(name, &texts, &[])
        .expect("the pack's texts are sound");
}
