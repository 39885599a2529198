//! Mail through a real SMTP server (aiosmtpd).

#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use chrono::{TimeZone, Utc};
use peshi_delivery::{Address, Envelope, Outcome, Sender, SmtpConfig, SmtpTransport, Tls, Transport};
use peshi_test_support::SmtpServer;
use secrecy::SecretString;

fn transport(port: u16, login: Option<(&str, &str)>) -> SmtpTransport {
    let config = SmtpConfig {
        port: Some(port),
        tls: Tls::None,
        username: login.map(|(user, _)| user.to_owned()),
        password: login.map(|(_, password)| SecretString::from(password)),
        timeout_seconds: 10,
        ..SmtpConfig::new("127.0.0.1")
    };
    SmtpTransport::connect(&config, Sender::new("Office <office@example.org>", None).unwrap()).unwrap()
}

fn envelope(to: &str) -> Envelope {
    Envelope {
        message_id: "0192-sample:17:0".to_owned(),
        to: Address::parse(to).unwrap(),
        subject: "Reminder".to_owned(),
        text: "Hello\n.\nthis line follows a lone dot\n".to_owned(),
        html: Some("<p>Hello</p>".to_owned()),
        lang: "en".to_owned(),
        dir: "ltr".to_owned(),
        list_unsubscribe: None,
        date: Utc.with_ymd_and_hms(2026, 3, 9, 2, 0, 0).unwrap(),
    }
}

#[tokio::test]
async fn an_accepted_message_arrives_whole_under_its_message_id() {
    let server = SmtpServer::start(None);
    let transport = transport(server.port, None);
    for number in 1..=2 {
        let outcome = transport.send(&envelope("anyone@example.org")).await;
        assert_eq!(
            outcome,
            Outcome::Accepted {
                detail: format!("250 2.0.0 queued as {number}")
            }
        );
    }
    let mails = server.mails();
    // A repeated message is the same message to the byte: the receiver can tell.
    assert_eq!(mails.len(), 2);
    assert_eq!(mails[0], mails[1]);
    for part in [
        "Message-ID: <0192-sample:17:0@example.org>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Date: Mon, 09 Mar 2026 02:00:00 +0000\r\n",
        "multipart/alternative",
        "\r\nthis line follows a lone dot",
        "<p>Hello</p>",
    ] {
        assert!(mails[0].contains(part), "{part} in\n{}", mails[0]);
    }
}

#[tokio::test]
async fn a_refused_recipient_is_permanent_and_stays_masked() {
    let server = SmtpServer::start(None);
    let transport = transport(server.port, None);
    let Outcome::Permanent { reason } = transport.send(&envelope("refuse@example.org")).await else {
        panic!("permanent expected")
    };
    assert!(
        reason.contains("550") && reason.contains("r***@e…") && !reason.contains("refuse@"),
        "{reason}"
    );
    // The transport works on after a refusal.
    assert!(matches!(
        transport.send(&envelope("anyone@example.org")).await,
        Outcome::Accepted { .. }
    ));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_asks_to_come_back_gets_the_message_the_second_time() {
    let server = SmtpServer::start(None);
    let transport = transport(server.port, None);
    let Outcome::Transient { reason } = transport.send(&envelope("later@example.org")).await else {
        panic!("transient expected")
    };
    assert!(reason.contains("451"), "{reason}");
    assert_eq!(server.mails().len(), 0);
    assert!(matches!(
        transport.send(&envelope("later@example.org")).await,
        Outcome::Accepted { .. }
    ));
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_closed_port_is_transient() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let Outcome::Transient { reason } = transport(port, None).send(&envelope("anyone@example.org")).await
    else {
        panic!("transient expected")
    };
    assert!(
        reason.contains(&format!("127.0.0.1:{port}")) && reason.contains("check host"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_wrong_password_is_our_fault_and_transient() {
    let server = SmtpServer::start(Some(("office", "right")));
    let Outcome::Transient { reason } = transport(server.port, Some(("office", "wrong")))
        .send(&envelope("anyone@example.org"))
        .await
    else {
        panic!("transient expected")
    };
    assert!(
        reason.contains("535") && reason.contains("`password`") && !reason.contains("wrong"),
        "{reason}"
    );
    let outcome = transport(server.port, Some(("office", "right")))
        .send(&envelope("anyone@example.org"))
        .await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}
