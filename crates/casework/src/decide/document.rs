//! Commands on the documents of a case: which names are kept, and that no file is there twice.
//! Knows what a case knows of a file, not the file.

use super::draft::Draft;
use super::violation::told;
use crate::command::{DocumentCommand, Rejection};
use crate::fact::Fact;

/// Most characters of a document's name.
const MAX_NAME: usize = 200;

/// What a command about documents leads to.
pub(super) fn documents(draft: &Draft<'_>, command: &DocumentCommand) -> Result<Fact, Rejection> {
    Ok(match command {
        DocumentCommand::Add {
            name,
            media_type,
            size,
            sha256,
        } => {
            if *size == 0 {
                return Err(Rejection::of_field("file", "required"));
            }
            let same = draft.case.present_documents().find(|(_, d)| d.sha256 == *sha256);
            if let Some((document, _)) = same {
                // Whoever got no answer asks again, and must not add it twice.
                return Err(Rejection::Known { document });
            }
            Fact::DocumentAdded {
                name: readable(name)?,
                media_type: media_type.clone(),
                size: *size,
                sha256: sha256.clone(),
            }
        }
        DocumentCommand::Copy { document } => {
            present(draft, *document)?;
            Fact::DocumentCopied { document: *document }
        }
        DocumentCommand::Remove { document, reason } => {
            present(draft, *document)?;
            Fact::DocumentRemoved {
                document: *document,
                reason: told("reason", reason)?,
            }
        }
    })
}

fn present(draft: &Draft<'_>, number: u32) -> Result<(), Rejection> {
    match draft.case.document(number) {
        Some(document) if document.removed.is_none() => Ok(()),
        _ => Err(Rejection::Unknown {
            what: "document",
            name: number.to_string(),
        }),
    }
}

/// A name as people may be shown it: the last part of a path, without characters that turn what follows around or that
/// cannot be seen, so that no name can pass for another.
fn readable(name: &str) -> Result<String, Rejection> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    let name: String = last.chars().filter(seen).collect();
    let name = name.trim();
    match name.chars().count() {
        1..=MAX_NAME => Ok(name.to_owned()),
        _ => Err(Rejection::of_field("file", "bad_name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_its_last_part_and_cannot_pass_for_another() {
        for (typed, kept) in [
            ("FIR copy.pdf", "FIR copy.pdf"),
            ("C:\\Users\\Invented\\b-form.jpg", "b-form.jpg"),
            ("../../etc/b-form.jpg", "b-form.jpg"),
            ("  ب فارم.jpg ", "ب فارم.jpg"),
            ("harmless\u{202E}fdp.exe", "harmlessfdp.exe"),
            ("line\r\nbreak.pdf", "linebreak.pdf"),
        ] {
            assert_eq!(readable(typed).unwrap(), kept, "{typed}");
        }
        for typed in ["", "  ", "folder/", "\u{200B}", &"x".repeat(MAX_NAME + 1)] {
            assert_eq!(
                readable(typed),
                Err(Rejection::of_field("file", "bad_name")),
                "{typed}"
            );
        }
    }
}
