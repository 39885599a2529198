//! A database of its own for each test: a file, or a fresh database on the PostgreSQL cluster that `cargo xtask test`
//! starts.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{ConnectOptions, Connection, Executor};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file in the test's folder.
    Sqlite,
    /// A database on the cluster named by `PESHI_TEST_POSTGRES`.
    Postgres,
}

/// A database that a test made.
#[derive(Debug)]
pub struct Database {
    /// Its address.
    pub url: String,
    admin: Option<(String, String)>,
}

/// A held write lock.
#[derive(Debug)]
pub struct Lock(sqlx::SqliteConnection);

impl Lock {
    /// Lets go.
    ///
    /// # Panics
    /// When the file cannot be closed.
    pub async fn release(self) {
        self.0.close().await.expect("the file can be closed");
    }
}

impl Database {
    /// A fresh one.
    ///
    /// # Panics
    /// When there is no PostgreSQL where one is asked for: a test must not pass for want of a database.
    pub async fn fresh(kind: DatabaseKind, folder: &Path) -> Self {
        match kind {
            DatabaseKind::Sqlite => Self {
                url: format!("sqlite://{}", folder.join("peshi.sqlite").display()),
                admin: None,
            },
            DatabaseKind::Postgres => {
                static NUMBER: AtomicU32 = AtomicU32::new(0);
                let admin = std::env::var("PESHI_TEST_POSTGRES")
                    .expect("run `cargo xtask test`, or set PESHI_TEST_POSTGRES");
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let name = format!("peshi_house_{}_{number}", std::process::id());
                administer(&admin, format!("CREATE DATABASE {name}")).await;
                let (server, _) = admin
                    .rsplit_once('/')
                    .expect("the cluster's address names a database");
                Self {
                    url: format!("{server}/{name}"),
                    admin: Some((admin.clone(), name)),
                }
            }
        }
    }

    /// One that is there already and stays.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            admin: None,
        }
    }

    /// Removes it again; a file goes with its folder.
    pub async fn remove(self) {
        if let Some((admin, name)) = self.admin {
            administer(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// Holds a SQLite file's write lock, as a copying program or an open shell may, until the lock is dropped.
    ///
    /// # Panics
    /// When it cannot be had, or on PostgreSQL, which has no such lock.
    pub async fn lock(&self) -> Lock {
        let path = self
            .url
            .strip_prefix("sqlite://")
            .expect("only a SQLite file can be locked");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = options.connect().await.expect("the file can be opened");
        connection
            .execute("BEGIN IMMEDIATE")
            .await
            .expect("the lock is free");
        Lock(connection)
    }

    /// Changes rows behind Peshi's back, as somebody with the disk in hands could.
    ///
    /// # Panics
    /// When the statement cannot be run.
    pub async fn tamper(&self, statement: &str) {
        match self.url.strip_prefix("sqlite://") {
            Some(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                let mut connection = options.connect().await.expect("the file can be opened");
                let sql = sqlx::AssertSqlSafe(statement.to_owned());
                connection.execute(sql).await.expect("the statement runs");
                connection.close().await.expect("the file can be closed");
            }
            None => administer(&self.url, statement.to_owned()).await,
        }
    }
}

/// The first column, as text, of the rows that a statement on PostgreSQL gives back.
///
/// # Panics
/// When the server does not answer or the statement cannot be run.
pub async fn texts(url: &str, statement: &str) -> Vec<String> {
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("the address is one of PostgreSQL");
    let mut connection = options
        .disable_statement_logging()
        .connect()
        .await
        .expect("the server answers");
    let texts = sqlx::query_scalar(sqlx::AssertSqlSafe(statement.to_owned()))
        .fetch_all(&mut connection)
        .await
        .expect("the statement runs");
    connection.close().await.expect("the connection can be closed");
    texts
}

async fn administer(url: &str, statement: String) {
    let options: sqlx::postgres::PgConnectOptions = url.parse().expect("the address is one of PostgreSQL");
    let mut connection = options
        .disable_statement_logging()
        .connect()
        .await
        .expect("the cluster answers");
    connection
        .execute(sqlx::AssertSqlSafe(statement))
        .await
        .expect("the statement runs");
    connection.close().await.expect("the connection can be closed");
}
