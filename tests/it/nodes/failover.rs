//! The database itself fails: the server dies and comes back, or its standby takes over for good.

use super::desk::{Desk, Kind, rows};
use super::people::{Bases, Tally};
use super::server::Server;
use crate::crash::{LOGIN, ok};

#[test]
fn a_server_that_is_killed_and_started_again_costs_nothing() {
    let server = Server::new();
    server.sql("CREATE DATABASE desk");
    let url = server.url("desk");
    let mut desk = Desk::new(&url, &[Kind::Serve, Kind::Work]);
    let (bases, tally) = (Bases::default(), Tally::default());
    desk.start(&[0, 1], &bases);
    desk.under_load(&bases, &tally, |_, progress| {
        for _ in 0..2 {
            progress.wait(10);
            server.kill();
            server.start();
        }
        progress.wait(10);
    });
    desk.settle(&url);
    desk.check(&url, &tally);
}

#[test]
fn a_standby_takes_over_and_the_former_primary_is_left_alone() {
    let primary = Server::new();
    primary.sql("CREATE DATABASE desk");
    let standby = primary.standby();
    let both = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/desk",
        primary.port, standby.port
    );
    let mut desk = Desk::new(&both, &[Kind::Serve, Kind::Serve, Kind::Work]);
    refused_as_standby(&desk, &standby);
    let (bases, tally) = (Bases::default(), Tally::default());
    desk.start(&[0, 1, 2], &bases);
    let mut frozen = String::new();
    desk.under_load(&bases, &tally, |desk, progress| {
        progress.wait(15);
        primary.kill();
        standby.promote();
        progress.wait(15);
        // Somebody starts the old server again, as if nothing had been. It believes itself the primary still.
        primary.start();
        frozen = journal(&primary);
        while !desk
            .log(0)
            .contains("more than one server calls itself the primary")
        {
            progress.wait(1);
        }
        progress.wait(10);
        // A node that starts now finds the right one, though the other stands first in its settings.
        desk.kill(&[1], &bases);
        desk.start(&[1], &bases);
        progress.wait(10);
    });
    let url = standby.url("desk");
    desk.settle(&url);
    desk.check(&url, &tally);
    assert_eq!(
        journal(&primary),
        frozen,
        "nothing was written to the former primary"
    );
    for node in 0..3 {
        let log = desk.log(node);
        let followed = log.contains("another server is the primary now");
        assert!(followed, "node {node} went over by itself: {log}");
    }
}

/// Whoever names only a standby is told so.
fn refused_as_standby(desk: &Desk, standby: &Server) {
    let mut list = desk.peshi(&["case", "list", "--as", LOGIN, "--database", &standby.url("desk")]);
    let output = list.output().expect("the binary starts");
    let words = String::from_utf8_lossy(&output.stderr);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        !output.status.success() && words.contains("is a standby"),
        "{words}"
    );
    // The same standby beside its primary does no harm.
    ok(desk.peshi(&["case", "list", "--as", LOGIN]));
}

fn journal(server: &Server) -> String {
    rows(&server.url("desk"), "SELECT count(*)::text FROM journal").concat()
}
