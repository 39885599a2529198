//! Event descriptors: which event names a transition answers to.
//!
//! It knows no state and no transition, only dotted names (SCXML 3.12.1).

/// A descriptor, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Descriptor {
    /// `*`: every event.
    Any,
    /// Dotted tokens, which the event's leading tokens must equal.
    Prefix(String),
}

impl Descriptor {
    /// Parses one descriptor; `a.b`, `a.b.` and `a.b.*` are the same. None if it is malformed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        let tokens = strip(text);
        is_event_name(tokens).then(|| Self::Prefix(tokens.to_owned()))
    }

    /// Does this descriptor match the event name?
    pub(crate) fn matches(&self, event: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(prefix) => event
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
        }
    }
}

/// Does `descriptor` match the event name? Tokens are compared whole: `a.b` matches `a.b.c`, never `a.bc`. A malformed
/// descriptor matches nothing.
pub fn matches(descriptor: &str, event: &str) -> bool {
    Descriptor::parse(descriptor).is_some_and(|descriptor| descriptor.matches(event))
}

/// Is this a well-formed event name: dotted tokens, none empty, no white space and no `*`?
pub(crate) fn is_event_name(name: &str) -> bool {
    name.split('.')
        .all(|token| !token.is_empty() && !token.contains(|c: char| c.is_whitespace() || c == '*'))
}

/// The descriptor without its optional trailing `.*` or `.`.
fn strip(text: &str) -> &str {
    text.strip_suffix(".*")
        .or_else(|| text.strip_suffix('.'))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Descriptor, is_event_name, matches};

    #[test]
    fn tokens_are_compared_whole() {
        let table = [
            ("a", "a", true),
            ("a", "a.b", true),
            ("a.b", "a.b.c", true),
            ("a.b", "a.bc", false),
            ("a.b", "a", false),
            ("a.b.*", "a.b", true),
            ("a.b.*", "a.b.c", true),
            ("a.b.*", "a.bc", false),
            ("a.b.", "a.b.c", true),
            ("*", "anything.at.all", true),
            ("A", "a", false),
            ("a.*.c", "a.b.c", false),
        ];
        for (descriptor, event, expected) in table {
            assert_eq!(
                matches(descriptor, event),
                expected,
                "{descriptor} against {event}"
            );
        }
    }

    #[test]
    fn malformed_descriptors_are_refused() {
        for text in [
            "", ".", ".*", "a b", "a..b", "a.*.b", "**", ".a", "a\n", "a.**", "a.*.",
        ] {
            assert_eq!(Descriptor::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn event_names_have_no_wildcard() {
        assert!(is_event_name("done.state.fir"));
        for name in ["", "a.", "a.*", "*", "a b"] {
            assert!(!is_event_name(name), "{name:?}");
        }
    }
}
