//! The servers of a PostgreSQL database: one address, or several of which at any time one is the primary. Finds that one,
//! stays with it, and goes over to another after a failover.
//!
//! A standby is never used, and no server whose timeline is older than one that was seen already: that is a former
//! primary which came back without knowing that another was promoted. It does not know any table.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use tokio::task::JoinSet;

use crate::connect::{explain, unusable};
use crate::error::StoreError;

/// How long a single server may take to answer at the start.
const KNOCK: Duration = Duration::from_secs(10);
/// The same for each of several: one that is gone must not hold up the others.
const KNOCK_OF_SEVERAL: Duration = Duration::from_secs(3);
/// How often the primary is looked at where there are several servers.
const LOOK: Duration = Duration::from_secs(1);
/// How often a primary is looked for while there is none.
const SEEK: Duration = Duration::from_millis(250);
/// Every so many looks the other servers are asked too: one may have been promoted while the old primary still answers.
const LOOKS_BETWEEN_ROUNDS: u32 = 5;

const REMEDY: &str = "Write postgres://user:password@host:port/database, and write # / : @ % in a password as %23 %2F %3A %40 %25";

/// What a server says of itself: whether it is a standby, and else the number of its timeline, which each promotion raises.
const ASK: &str = "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN 0 \
     ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int4 END";
/// The same of a server that stands alone, also in words that relatives of PostgreSQL understand.
const ASK_ALONE: &str = "SELECT pg_is_in_recovery(), 0";

/// All addresses of a database, and what has been learned about them.
#[derive(Debug)]
pub(crate) struct Servers {
    all: Vec<PgConnectOptions>,
    /// Which of them is used.
    current: AtomicUsize,
    /// The highest timeline seen.
    timeline: AtomicI32,
}

/// What a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Primary { timeline: i32 },
    Standby,
}

impl Servers {
    /// Reads a URL with one address or with several, as libpq writes them: `postgres://user@one:5432,two:5432/database`.
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        let all: Option<Vec<PgConnectOptions>> = addresses(url)?.iter().map(|url| options(url)).collect();
        // The parser's own message is left out: it may quote a part of the URL, and that part may be the password.
        let all = all.ok_or_else(|| unusable("given", "its PostgreSQL URL cannot be read", REMEDY))?;
        Ok(Self {
            all,
            current: AtomicUsize::new(0),
            timeline: AtomicI32::new(0),
        })
    }

    /// The database's name for messages, without any password.
    pub(crate) fn place(&self) -> String {
        let first = &self.all[0];
        let hosts: Vec<String> = self
            .all
            .iter()
            .map(|server| format!("{}:{}", server.get_host(), server.get_port()))
            .collect();
        format!(
            "postgres://{}@{}/{}",
            first.get_username(),
            hosts.join(","),
            first.get_database().unwrap_or_default()
        )
    }

    /// Looks for the primary and remembers it. A pool keeps knocking at a closed door until its patience ends; this tells
    /// at once.
    pub(crate) async fn find(&self) -> Result<(), StoreError> {
        let patience = if self.several() { KNOCK_OF_SEVERAL } else { KNOCK };
        let answers = self.ask_all(patience).await;
        if self.choose(&answers).is_some() {
            return Ok(());
        }
        let standby = answers
            .iter()
            .any(|answer| matches!(answer, Ok(Standing::Standby)));
        let error = answers.into_iter().find_map(Result::err);
        Err(match error {
            Some(error) if !standby => error,
            _ => unusable(
                &self.place(),
                "it is a standby, which may only be read",
                "Promote it, or point --database at the primary; several addresses may be written, separated by commas, and the primary among them is used",
            ),
        })
    }

    /// A pool of connections to the primary. Each connection is asked what it leads to when it is made and, with several
    /// servers, whenever it is taken up again.
    pub(crate) fn pool(self: &Arc<Self>, pool: PgPoolOptions) -> PgPool {
        let servers = Arc::clone(self);
        let made = pool.after_connect(move |connection, _| {
            let servers = Arc::clone(&servers);
            Box::pin(async move {
                if servers.still_primary(connection).await? {
                    return Ok(());
                }
                let what = "the server is a standby, or a former primary; its connections are not used";
                Err(sqlx::Error::Io(std::io::Error::other(what)))
            })
        });
        let primary = self.all[self.current.load(Ordering::Acquire)].clone();
        if !self.several() {
            return made.connect_lazy_with(primary);
        }
        let servers = Arc::clone(self);
        made.test_before_acquire(false)
            .before_acquire(move |connection, _| {
                let servers = Arc::clone(&servers);
                Box::pin(async move { servers.still_primary(connection).await })
            })
            .connect_lazy_with(primary)
    }

    /// Leads these pools to another server whenever it becomes the primary, until the answer is dropped. Costs one small
    /// question a second, and nothing where there is but one server.
    pub(crate) fn follow(self: &Arc<Self>, pools: Vec<PgPool>) -> JoinSet<()> {
        let mut task = JoinSet::new();
        if self.several() {
            task.spawn(watch(Arc::clone(self), pools));
        }
        task
    }

    fn several(&self) -> bool {
        self.all.len() > 1
    }

    async fn still_primary(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        Ok(match self.ask(connection).await? {
            Standing::Standby => false,
            Standing::Primary { timeline } => timeline >= self.timeline.fetch_max(timeline, Ordering::AcqRel),
        })
    }

    async fn ask(&self, connection: &mut PgConnection) -> Result<Standing, sqlx::Error> {
        let ask = if self.several() { ASK } else { ASK_ALONE };
        let (standby, timeline) = sqlx::query_as::<_, (bool, i32)>(ask)
            .fetch_one(connection)
            .await?;
        Ok(if standby {
            Standing::Standby
        } else {
            Standing::Primary { timeline }
        })
    }

    async fn ask_all(&self, patience: Duration) -> Vec<Result<Standing, StoreError>> {
        join_all(self.all.iter().map(|server| self.knock(server, patience))).await
    }

    /// One connection made by hand: what the server says of itself.
    async fn knock(&self, server: &PgConnectOptions, patience: Duration) -> Result<Standing, StoreError> {
        let place = self.place();
        let asked = async {
            let mut connection = server.connect().await?;
            let standing = self.ask(&mut connection).await?;
            drop(connection.close().await);
            Ok::<_, sqlx::Error>(standing)
        };
        match tokio::time::timeout(patience, asked).await {
            Ok(answer) => answer.map_err(|error| explain(&place, &error)),
            Err(_) => Err(unusable(
                &place,
                &format!("no answer within {} seconds", patience.as_secs()),
                "Check host, port and firewall",
            )),
        }
    }

    /// Of all that call themselves primary, the one promoted last is; never one older than what was seen before.
    fn choose(&self, answers: &[Result<Standing, StoreError>]) -> Option<usize> {
        let seen = self.timeline.load(Ordering::Acquire);
        let (timeline, server) = answers
            .iter()
            .enumerate()
            .filter_map(|(server, answer)| match answer {
                Ok(Standing::Primary { timeline }) if *timeline >= seen => Some((*timeline, server)),
                _ => None,
            })
            // Among equals the first written.
            .max_by_key(|(timeline, server)| (*timeline, std::cmp::Reverse(*server)))?;
        self.timeline.fetch_max(timeline, Ordering::AcqRel);
        self.current.store(server, Ordering::Release);
        Some(server)
    }

    /// Asks all servers, and leads the pools to the primary if it is another than before; whether there is one.
    async fn seek(&self, pools: &[PgPool]) -> bool {
        let before = self.current.load(Ordering::Acquire);
        let answers = self.ask_all(KNOCK_OF_SEVERAL).await;
        let primaries = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Standing::Primary { .. })));
        if primaries.count() > 1 {
            tracing::error!(
                "more than one server calls itself the primary; the one promoted last is used. Stop the other, and make it a standby anew"
            );
        }
        let Some(now) = self.choose(&answers) else {
            return false;
        };
        if now != before {
            let server = &self.all[now];
            tracing::warn!(
                host = server.get_host(),
                port = server.get_port(),
                "another server is the primary now"
            );
            for pool in pools {
                pool.set_connect_options(server.clone());
            }
        }
        true
    }
}

/// Looks at the primary, and seeks another where it is none any more.
async fn watch(servers: Arc<Servers>, pools: Vec<PgPool>) {
    loop {
        while !servers.seek(&pools).await {
            tokio::time::sleep(SEEK).await;
        }
        let primary = servers.all[servers.current.load(Ordering::Acquire)].clone();
        let Ok(mut connection) = primary.connect().await else {
            tokio::time::sleep(SEEK).await;
            continue;
        };
        for _ in 0..LOOKS_BETWEEN_ROUNDS {
            tokio::time::sleep(LOOK).await;
            let look = tokio::time::timeout(KNOCK_OF_SEVERAL, servers.still_primary(&mut connection));
            if !matches!(look.await, Ok(Ok(true))) {
                break;
            }
        }
        // Not closed with a farewell: the far end may be gone.
        drop(connection);
    }
}

fn options(url: &str) -> Option<PgConnectOptions> {
    let parsed = url.parse::<PgConnectOptions>().ok()?;
    Some(parsed.application_name("peshi").disable_statement_logging())
}

/// One URL for each address. The library reads only URLs with a single one.
fn addresses(url: &str) -> Result<Vec<String>, StoreError> {
    let (scheme, rest) = url.split_once("://").unwrap_or((url, ""));
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    let tail = without_wish(tail)?;
    let hosts: Vec<&str> = hosts.split(',').collect();
    if hosts.len() > 1 && hosts.iter().any(|host| host.is_empty()) {
        return Err(unusable("given", "one of its addresses is empty", REMEDY));
    }
    Ok(hosts
        .into_iter()
        .map(|host| format!("{scheme}://{user}{host}{tail}"))
        .collect())
}

/// Path and parameters without `target_session_attrs`: Peshi always wants the primary, and refuses to be told otherwise.
fn without_wish(tail: &str) -> Result<String, StoreError> {
    let Some((path, parameters)) = tail.split_once('?') else {
        return Ok(tail.to_owned());
    };
    let (wishes, others): (Vec<&str>, Vec<&str>) = parameters
        .split('&')
        .partition(|parameter| parameter.starts_with("target_session_attrs="));
    let known = ["target_session_attrs=read-write", "target_session_attrs=primary"];
    if wishes.iter().any(|wish| !known.contains(wish)) {
        return Err(unusable(
            "given",
            "its target_session_attrs asks for a server that may only be read",
            "Leave target_session_attrs away: Peshi always uses the primary",
        ));
    }
    Ok(if others.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", others.join("&"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_addresses_are_read_as_libpq_writes_them() {
        for (url, place) in [
            ("postgres://ann@one:5433/desk", "postgres://ann@one:5433/desk"),
            (
                "postgres://ann:p%2Cw@one:5433,two/desk",
                "postgres://ann@one:5433,two:5432/desk",
            ),
            (
                "postgresql://ann@one,[::1]:6000,two:7000/desk?target_session_attrs=read-write&sslmode=require",
                "postgres://ann@one:5432,[::1]:6000,two:7000/desk",
            ),
        ] {
            assert_eq!(Servers::parse(url).unwrap().place(), place, "{url}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_the_password() {
        for (url, word) in [
            ("postgres://ann:secret@one,,two/desk", "empty"),
            ("postgres://ann:secret@one:x,two/desk", "cannot be read"),
            (
                "postgres://ann:secret@one,two/desk?target_session_attrs=standby",
                "target_session_attrs",
            ),
        ] {
            let error = Servers::parse(url).unwrap_err().to_string();
            assert!(error.contains(word) && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_one_promoted_last_is_the_primary_and_no_older_one_after_it() {
        let servers = Servers::parse("postgres://ann@a,b,c/desk").unwrap();
        let primary = |timeline| Ok(Standing::Primary { timeline });
        let gone = || Err(unusable("a", "gone", "Wait"));
        assert_eq!(
            servers.choose(&[Ok(Standing::Standby), primary(3), gone()]),
            Some(1)
        );
        assert_eq!(servers.choose(&[gone(), gone(), gone()]), None);
        assert_eq!(servers.choose(&[primary(4), primary(3), gone()]), Some(0));
        // The former primary alone is not used any more.
        assert_eq!(servers.choose(&[gone(), primary(3), gone()]), None);
        assert_eq!(servers.choose(&[primary(4), primary(3), primary(4)]), Some(0));
    }
}
