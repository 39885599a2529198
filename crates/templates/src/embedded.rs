//! The pages, messages and locale files that travel inside the binary.
//!
//! Knows folders and file names, not what the files mean.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "."]
#[include = "pages/*"]
#[include = "messages/*"]
#[include = "locales/*"]
struct Files;

/// The embedded text files under `folder` whose names end with `suffix`, as `(path inside the folder, content)`, sorted by path.
pub(crate) fn files(folder: &str, suffix: &str) -> Vec<(String, String)> {
    let prefix = format!("{folder}/");
    let mut found: Vec<(String, String)> = Files::iter()
        .filter_map(|path| {
            let inner = path.strip_prefix(&prefix)?;
            // A dot file (an editor's lock, a placeholder) is no text of ours.
            let name = inner.rsplit('/').next().unwrap_or(inner);
            if name.starts_with('.') || !name.ends_with(suffix) {
                return None;
            }
            let data = Files::get(&path)?.data;
            Some((inner.to_owned(), text(&data)))
        })
        .collect();
    found.sort();
    found
}

/// Templates are UTF-8; anything else would show as replacement marks, which the rendering test finds.
fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}
