//! Which kinds of files are taken as documents, told by their first bytes and never by their names. What a file shows it does
//! not know.

/// Kinds that people bring as evidence, each with the ending of a copy's file name. Nothing among them is a program.
const TAKEN: [(&str, &str); 25] = [
    ("application/pdf", "pdf"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("image/heif", "heic"),
    ("image/tiff", "tiff"),
    ("image/gif", "gif"),
    ("image/bmp", "bmp"),
    ("audio/mpeg", "mp3"),
    ("audio/m4a", "m4a"),
    ("audio/aac", "aac"),
    ("audio/ogg", "ogg"),
    ("audio/opus", "opus"),
    ("audio/amr", "amr"),
    ("audio/x-wav", "wav"),
    ("video/mp4", "mp4"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
    ("application/msword", "doc"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
    ),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/rtf", "rtf"),
    (TEXT, "txt"),
];

/// What is no other kind and reads as text.
const TEXT: &str = "text/plain";

/// The kind of a file; none if it is not taken.
pub(crate) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let found = match infer::get(bytes) {
        Some(kind) => kind.mime_type(),
        None if is_text(bytes) => TEXT,
        None => return None,
    };
    let taken = TAKEN.iter().find(|(kind, _)| *kind == found);
    taken.map(|(kind, _)| *kind)
}

/// The ending of the file name of a copy.
pub(crate) fn ending(media_type: &str) -> &'static str {
    let taken = TAKEN.iter().find(|(kind, _)| *kind == media_type);
    taken.map_or("bin", |(_, ending)| ending)
}

fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{C}');
        text.chars().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_bytes_and_programs_are_not_taken() {
        let mp4 = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".as_slice();
        for (bytes, kind) in [
            (b"%PDF-1.7\n".as_slice(), Some("application/pdf")),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", Some("image/jpeg")),
            (b"\x89PNG\r\n\x1A\n", Some("image/png")),
            (b"OggS\0\x02", Some("audio/ogg")),
            (b"#!AMR\n\x3C\x91\x17\x16\xBE\x66", Some("audio/amr")),
            (mp4, Some("video/mp4")),
            ("بیان حلفی\n".as_bytes(), Some("text/plain")),
            (b"MZ\x90\0", None),
            (b"\x7FELF\x02\x01\x01", None),
            (b"PK\x03\x04 any archive", None),
            (b"<!DOCTYPE html><script>", None),
            (b"#!/bin/sh\n", None),
            (b"\0\x01\x02", None),
        ] {
            assert_eq!(media_type(bytes), kind, "{bytes:?}");
        }
    }

    #[test]
    fn every_kind_has_an_ending_of_its_own() {
        let endings: std::collections::BTreeSet<_> = TAKEN.iter().map(|(_, ending)| ending).collect();
        assert_eq!(endings.len(), TAKEN.len());
        assert_eq!((ending("audio/amr"), ending("text/html")), ("amr", "bin"));
    }
}
