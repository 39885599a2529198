//! A message as the caller hands it over, and its form on the wire (RFC 5322, MIME).
//!
//! Deterministic: the same envelope and sender give the same bytes, so a repeated attempt is the same message.

use std::time::SystemTime;

use chrono::{DateTime, Datelike, Utc};
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};

use crate::address::Address;
use crate::error::DeliveryError;

/// A finished message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Left part of the Message-ID, unique to the message and equal at each attempt. ASCII letters, digits and `._:+-`.
    pub message_id: String,
    /// The recipient.
    pub to: Address,
    /// One line that says nothing of a case.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML form, with its own `lang` and `dir`.
    pub html: Option<String>,
    /// BCP 47 tag of the text, sent as `Content-Language`.
    pub lang: String,
    /// `ltr` or `rtl`. An `rtl` plain text starts with a right-to-left mark, because mail programs guess the paragraph's
    /// direction from the first strong letter.
    pub dir: String,
    /// An `https` address that ends such messages with one click (RFC 8058). Digests only.
    pub list_unsubscribe: Option<String>,
    /// The `Date` header.
    pub date: DateTime<Utc>,
}

/// Who writes: the same for every message.
#[derive(Debug, Clone)]
pub struct Sender {
    from: Mailbox,
    domain: String,
}

impl Sender {
    /// `from` is an address with or without a (neutral) display name; `domain` is the right part of Message-IDs, the
    /// sender's own domain if not given.
    ///
    /// # Errors
    /// [`DeliveryError::From`], [`DeliveryError::Domain`].
    pub fn new(from: &str, domain: Option<&str>) -> Result<Self, DeliveryError> {
        let mailbox: Mailbox = from.parse().map_err(|_| DeliveryError::From {
            from: from.to_owned(),
        })?;
        if !mailbox.email.to_string().is_ascii() {
            return Err(DeliveryError::From {
                from: from.to_owned(),
            });
        }
        let domain = domain
            .unwrap_or_else(|| mailbox.email.domain())
            .to_ascii_lowercase();
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        if domain.is_empty() || domain.len() > 253 || !domain.chars().all(legal) {
            return Err(DeliveryError::Domain { domain });
        }
        Ok(Sender {
            from: mailbox,
            domain,
        })
    }

    /// The right part of Message-IDs, and the name given in EHLO.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }

    /// `<message_id@domain>`.
    pub(crate) fn message_id(&self, envelope: &Envelope) -> String {
        format!("<{}@{}>", envelope.message_id, self.domain)
    }

    /// The message as it goes over the wire.
    ///
    /// # Errors
    /// What is wrong with the envelope, in words; no attempt would ever help.
    pub(crate) fn compose(&self, envelope: &Envelope) -> Result<Message, String> {
        check(envelope)?;
        let to = envelope
            .to
            .as_str()
            .parse()
            .map_err(|_| "the recipient is not a mail address".to_owned())?;
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(envelope.subject.as_str())
            .date(SystemTime::from(envelope.date));
        builder = raw(builder, "Message-ID", self.message_id(envelope));
        // Holiday replies and mailing lists leave automatic mail alone (RFC 3834).
        builder = raw(builder, "Auto-Submitted", "auto-generated".to_owned());
        builder = raw(builder, "Content-Language", envelope.lang.clone());
        if let Some(url) = &envelope.list_unsubscribe {
            builder = raw(builder, "List-Unsubscribe", format!("<{url}>"));
            builder = raw(
                builder,
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            );
        }
        let text = if envelope.dir == "rtl" {
            format!("\u{200f}{}", envelope.text)
        } else {
            envelope.text.clone()
        };
        let message = match &envelope.html {
            None => builder.singlepart(SinglePart::plain(text)),
            Some(html) => builder.multipart(
                MultiPart::alternative()
                    .boundary(boundary(&envelope.message_id))
                    .singlepart(SinglePart::plain(text))
                    .singlepart(SinglePart::html(html.clone())),
            ),
        };
        message.map_err(|e| format!("the message cannot be put together: {e}"))
    }
}

/// A header whose value is already checked to be short printable ASCII; lettre would fold or encode it otherwise.
fn raw(builder: MessageBuilder, name: &'static str, value: String) -> MessageBuilder {
    let name = HeaderName::new_from_ascii_str(name);
    builder.raw_header(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value))
}

/// Everything that goes into a header unencoded, or that the mail library cannot express.
fn check(envelope: &Envelope) -> Result<(), String> {
    let id_legal = |c: char| c.is_ascii_alphanumeric() || "._:+-".contains(c);
    if envelope.message_id.is_empty()
        || envelope.message_id.len() > 120
        || !envelope.message_id.chars().all(id_legal)
    {
        return Err("the message id must be 1 to 120 ASCII letters, digits or `._:+-`".to_owned());
    }
    if envelope.subject.trim().is_empty() || envelope.subject.chars().any(char::is_control) {
        return Err("the subject must be one line with text".to_owned());
    }
    let tag_legal = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if envelope.lang.is_empty() || envelope.lang.len() > 35 || !envelope.lang.chars().all(tag_legal) {
        return Err("the language must be a BCP 47 tag".to_owned());
    }
    if let Some(url) = &envelope.list_unsubscribe {
        let legal = |c: char| c.is_ascii_graphic() && !"<>,\"".contains(c);
        if !url.starts_with("https://") || url.len() > 500 || !url.chars().all(legal) {
            return Err("the unsubscribe address must be a plain https address".to_owned());
        }
    }
    if !(1970..=9998).contains(&envelope.date.year()) {
        return Err("the date must lie between the years 1970 and 9998".to_owned());
    }
    Ok(())
}

/// The line between the parts, from the message id alone (FNV-1a), so that the bytes repeat. Both parts are encoded so that
/// no line of theirs can begin with `--=_`.
fn boundary(message_id: &str) -> String {
    let hash = message_id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("=_{hash:016x}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use chrono::TimeZone;

    pub(crate) fn sample() -> Envelope {
        Envelope {
            message_id: "0192-sample:17:0".to_owned(),
            to: Address::parse("anyone@example.org").unwrap(),
            subject: "یاد دہانی: جمعرات 12 مارچ".to_owned(),
            text: "سلام۔\n2026-0042\n".to_owned(),
            html: Some("<!DOCTYPE html><html lang=\"ur\" dir=\"rtl\"><p>سلام۔</p></html>".to_owned()),
            lang: "ur".to_owned(),
            dir: "rtl".to_owned(),
            list_unsubscribe: None,
            date: Utc.with_ymd_and_hms(2026, 3, 9, 2, 0, 0).unwrap(),
        }
    }

    pub(crate) fn sender() -> Sender {
        Sender::new("Office <office@example.org>", Some("mail.example.org")).unwrap()
    }

    fn bytes(envelope: &Envelope) -> String {
        String::from_utf8(sender().compose(envelope).unwrap().formatted()).unwrap()
    }

    #[test]
    fn headers_are_exact() {
        let mail = bytes(&Envelope {
            list_unsubscribe: Some("https://desk.example.org/u/1".to_owned()),
            ..sample()
        });
        for line in [
            "Message-ID: <0192-sample:17:0@mail.example.org>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Date: Mon, 09 Mar 2026 02:00:00 +0000\r\n",
            "From: Office <office@example.org>\r\n",
            "To: anyone@example.org\r\n",
            "Content-Language: ur\r\n",
            "MIME-Version: 1.0\r\n",
            "List-Unsubscribe: <https://desk.example.org/u/1>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
        ] {
            assert!(mail.contains(line), "{line} in\n{mail}");
        }
        assert!(mail.contains("Content-Type: multipart/alternative;"), "{mail}");
        assert!(mail.contains("Subject: =?utf-8?"), "{mail}");
        assert!(mail.is_ascii());
        assert!(!bytes(&sample()).contains("List-Unsubscribe"));
    }

    #[test]
    fn the_same_envelope_gives_the_same_bytes() {
        assert_eq!(bytes(&sample()), bytes(&sample()));
        assert_ne!(
            bytes(&sample()),
            bytes(&Envelope {
                message_id: "other".to_owned(),
                ..sample()
            })
        );
    }

    #[test]
    fn plain_mail_has_one_part() {
        let mail = bytes(&Envelope {
            html: None,
            text: "Hello\n".to_owned(),
            dir: "ltr".to_owned(),
            ..sample()
        });
        assert!(!mail.contains("multipart"), "{mail}");
        assert!(mail.contains("\r\n\r\nHello\r\n"), "{mail:?}");
    }

    #[test]
    fn what_would_break_a_header_is_refused() {
        for (wrong, expected) in [
            (
                Envelope {
                    message_id: "a b".to_owned(),
                    ..sample()
                },
                "message id",
            ),
            (
                Envelope {
                    message_id: "a@b".to_owned(),
                    ..sample()
                },
                "message id",
            ),
            (
                Envelope {
                    message_id: String::new(),
                    ..sample()
                },
                "message id",
            ),
            (
                Envelope {
                    message_id: "x\r\nBcc: y".to_owned(),
                    ..sample()
                },
                "message id",
            ),
            (
                Envelope {
                    message_id: "x".repeat(121),
                    ..sample()
                },
                "message id",
            ),
            (
                Envelope {
                    subject: "a\r\nBcc: y@example.org".to_owned(),
                    ..sample()
                },
                "subject",
            ),
            (
                Envelope {
                    subject: " ".to_owned(),
                    ..sample()
                },
                "subject",
            ),
            (
                Envelope {
                    lang: "u r".to_owned(),
                    ..sample()
                },
                "language",
            ),
            (
                Envelope {
                    list_unsubscribe: Some("http://x.example".to_owned()),
                    ..sample()
                },
                "unsubscribe",
            ),
            (
                Envelope {
                    list_unsubscribe: Some("https://x.example/\r\nA: b".to_owned()),
                    ..sample()
                },
                "unsubscribe",
            ),
            (
                Envelope {
                    date: DateTime::<Utc>::MIN_UTC,
                    ..sample()
                },
                "date",
            ),
            (
                Envelope {
                    date: DateTime::<Utc>::MAX_UTC,
                    ..sample()
                },
                "date",
            ),
        ] {
            let error = sender().compose(&wrong).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn senders() {
        assert_eq!(
            Sender::new("office@Example.org", None).unwrap().domain(),
            "example.org"
        );
        assert!(matches!(
            Sender::new("office", None),
            Err(DeliveryError::From { .. })
        ));
        assert!(matches!(
            Sender::new("office@example.org", Some("a b")),
            Err(DeliveryError::Domain { .. })
        ));
        assert!(matches!(
            Sender::new("office@example.org", Some("")),
            Err(DeliveryError::Domain { .. })
        ));
    }
}
