//! An SCXML document as a tree of elements, each with its place.
//!
//! Bounded in size and depth; no document type, so no entity can grow or reach outside. Knows XML, not what elements mean.

use std::fmt;

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::{PESHI, SCXML};

/// Largest document read, in bytes.
const MAX_BYTES: usize = 1_000_000;
/// Deepest nesting of elements: a chart may be 64 states deep, with actions below.
const MAX_DEPTH: usize = 80;
/// Most elements.
const MAX_ELEMENTS: usize = 50_000;

/// Something in a document that cannot become a chart, with a remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}\n  help: {help}")]
pub struct Refusal {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The same place in bytes from the beginning.
    pub offset: usize,
    /// What it is.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Whose word a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
    Scxml,
    Peshi,
    Other,
}

/// An element with its attributes and children.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) vocabulary: Vocabulary,
    pub(super) name: String,
    pub(super) attributes: Vec<(Vocabulary, String, String)>,
    pub(super) children: Vec<Element>,
    /// Where its tag begins.
    pub(super) offset: usize,
}

impl Element {
    pub(super) fn is(&self, name: &str) -> bool {
        self.vocabulary == Vocabulary::Scxml && self.name == name
    }

    /// An attribute of SCXML's own.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.find(Vocabulary::Scxml, name)
    }

    /// An attribute of Peshi's.
    pub(super) fn peshi(&self, name: &str) -> Option<&str> {
        self.find(Vocabulary::Peshi, name)
    }

    fn find(&self, vocabulary: Vocabulary, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(v, n, _)| *v == vocabulary && n == name)
            .map(|(.., value)| value.as_str())
    }

    /// The words of an attribute that lists names.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        self.get(name)
            .map(|v| v.split_whitespace().collect())
            .unwrap_or_default()
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.vocabulary {
            Vocabulary::Peshi => write!(f, "<peshi:{}>", self.name),
            _ => write!(f, "<{}>", self.name),
        }
    }
}

/// Line and column of a byte of the text.
pub(super) fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    (line, before[start..].chars().count() + 1)
}

pub(super) fn refusal(
    text: &str,
    offset: usize,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Refusal {
    let (line, column) = place(text, offset);
    Refusal {
        line,
        column,
        offset: offset.min(text.len()),
        message: message.into(),
        help: help.into(),
    }
}

/// Reads the one element that a document is.
pub(super) fn read(text: &str) -> Result<Element, Refusal> {
    if text.len() > MAX_BYTES {
        let message = format!("the document has {} bytes; the limit is {MAX_BYTES}", text.len());
        return Err(refusal(
            text,
            0,
            message,
            "leave out what is no chart: pictures, editors' notes",
        ));
    }
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root: Option<Element> = None;
    let mut count = 0;
    loop {
        let before = offset(reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(e) => return Err(broken(text, offset(reader.error_position()), &e)),
        };
        match event {
            Event::Start(tag) => {
                let element = element(text, before, &tag, &reader)?;
                count += 1;
                if open.len() >= MAX_DEPTH {
                    let message = format!("elements are nested more than {MAX_DEPTH} deep");
                    return Err(refusal(
                        text,
                        before,
                        message,
                        "a chart this deep is not for people; flatten it",
                    ));
                }
                open.push(element);
            }
            Event::Empty(tag) => {
                let element = element(text, before, &tag, &reader)?;
                count += 1;
                close(text, element, &mut open, &mut root)?;
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(text, element, &mut open, &mut root)?;
                }
            }
            Event::DocType(_) => {
                let message = "the document has a DOCTYPE; entities could make it grow without end or reach other files";
                return Err(refusal(
                    text,
                    before,
                    message,
                    "delete the <!DOCTYPE …> and write out what its entities stand for",
                ));
            }
            Event::Eof => break,
            _ => {}
        }
        if count > MAX_ELEMENTS {
            let message = format!("the document has more than {MAX_ELEMENTS} elements");
            return Err(refusal(text, before, message, "split the chart"));
        }
    }
    if let Some(unclosed) = open.pop() {
        let message = format!("{unclosed} is never closed");
        return Err(refusal(text, unclosed.offset, message, "close it"));
    }
    root.ok_or_else(|| {
        refusal(
            text,
            0,
            "the document holds no element",
            "an SCXML document begins with <scxml …>",
        )
    })
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn broken(text: &str, at: usize, error: &dyn fmt::Display) -> Refusal {
    refusal(
        text,
        at,
        format!("this is not well-formed XML: {error}"),
        "correct it; an XML editor shows the place",
    )
}

fn vocabulary(namespace: &ResolveResult<'_>) -> Vocabulary {
    match namespace {
        ResolveResult::Bound(ns) if ns.as_ref() == SCXML => Vocabulary::Scxml,
        ResolveResult::Bound(ns) if ns.as_ref() == PESHI => Vocabulary::Peshi,
        // Many documents leave the namespace out.
        ResolveResult::Unbound => Vocabulary::Scxml,
        _ => Vocabulary::Other,
    }
}

fn element(
    text: &str,
    at: usize,
    tag: &BytesStart<'_>,
    reader: &NsReader<&[u8]>,
) -> Result<Element, Refusal> {
    let (namespace, name) = reader.resolver().resolve_element(tag.name());
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| broken(text, at, &e))?;
        let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_err(|e| broken(text, at, &e))?;
        attributes.push((
            vocabulary(&namespace),
            local.as_ref().to_owned(),
            value.into_owned(),
        ));
    }
    Ok(Element {
        vocabulary: vocabulary(&namespace),
        name: name.as_ref().to_owned(),
        attributes,
        children: Vec::new(),
        offset: at,
    })
}

fn close(
    text: &str,
    element: Element,
    open: &mut [Element],
    root: &mut Option<Element>,
) -> Result<(), Refusal> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_none() => *root = Some(element),
        None => {
            let message = format!("{element} stands outside the document's one element");
            return Err(refusal(text, element.offset, message, "a file holds one chart"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_their_place_and_vocabulary() {
        let text = "<scxml xmlns='http://www.w3.org/2005/07/scxml' xmlns:p='urn:peshi:chart:1'>\n  <state id='a'\n p:public='x'/><p:task name='n'/>\n</scxml>";
        let root = read(text).unwrap();
        assert!(root.is("scxml"));
        let state = &root.children[0];
        assert_eq!((state.get("id"), state.peshi("public")), (Some("a"), Some("x")));
        assert_eq!(place(text, state.offset), (2, 3));
        assert_eq!(root.children[1].vocabulary, Vocabulary::Peshi);
    }

    #[test]
    fn a_document_cannot_grow_or_reach_outside() {
        let laughs = "<!DOCTYPE lolz [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><scxml name='&b;'/>";
        let refused = read(laughs).unwrap_err();
        assert!(refused.message.contains("DOCTYPE"), "{refused}");
        let outside = "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><scxml/>";
        assert!(read(outside).unwrap_err().message.contains("DOCTYPE"));
        assert!(read("<scxml name='&unknown;'/>").is_err());
        let deep = "<state>".repeat(MAX_DEPTH + 1);
        assert!(read(&deep).unwrap_err().message.contains("deep"));
        let large = format!("<scxml>{}</scxml>", " ".repeat(MAX_BYTES));
        assert!(read(&large).unwrap_err().message.contains("bytes"));
    }

    #[test]
    fn broken_documents_are_refused_where_they_break() {
        for (text, line) in [
            ("", 1),
            ("<scxml>", 1),
            ("<scxml>\n</state>", 2),
            ("<scxml/>\n<scxml/>", 2),
            ("<scxml a='1' a='2'/>", 1),
            ("<scxml>\n<state id=/></scxml>", 2),
        ] {
            let refused = read(text).unwrap_err();
            assert_eq!(refused.line, line, "{text:?}: {refused}");
        }
    }
}
