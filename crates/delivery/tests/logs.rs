//! What delivery writes to the log: in a process of its own, because log levels are global.

#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::sync::{Arc, Mutex};

use chrono::{TimeZone, Utc};
use peshi_delivery::{Address, Envelope, FileTransport, Sender, SmtpConfig, SmtpTransport, Tls, Transport};

/// Collects log lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn envelope(to: &str, message_id: &str) -> Envelope {
    Envelope {
        message_id: message_id.to_owned(),
        to: Address::parse(to).unwrap(),
        subject: "Reminder".to_owned(),
        text: "Hello".to_owned(),
        html: None,
        lang: "en".to_owned(),
        dir: "ltr".to_owned(),
        list_unsubscribe: None,
        date: Utc.with_ymd_and_hms(2026, 3, 9, 2, 0, 0).unwrap(),
    }
}

#[test]
fn logs_carry_the_message_id_and_a_masked_recipient_only() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(async {
                let sender = || Sender::new("Office <office@example.org>", None).unwrap();
                let dir = tempfile::tempdir().unwrap();
                let files = FileTransport::new(dir.path(), sender()).unwrap();
                files.send(&envelope("accepted@example.org", "a:1")).await;
                files.send(&envelope("refused@example.org", "not legal")).await;
                // Nobody listens on a port that was just given back.
                let port = std::net::TcpListener::bind("127.0.0.1:0")
                    .unwrap()
                    .local_addr()
                    .unwrap()
                    .port();
                let config = SmtpConfig {
                    port: Some(port),
                    tls: Tls::None,
                    ..SmtpConfig::new("127.0.0.1")
                };
                let smtp = SmtpTransport::connect(&config, sender()).unwrap();
                smtp.send(&envelope("unreached@example.org", "u:1")).await;
            });
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "<a:1@example.org>",
        "<u:1@example.org>",
        "a***@e…",
        "r***@e…",
        "u***@e…",
        "INFO",
        "WARN",
        "ERROR",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    for secret in ["accepted@", "refused@", "unreached@", "Reminder", "Hello"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
