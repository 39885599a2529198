//! The bell: a hint that something due was written, so that a worker need not wait for its next look.
//!
//! Nothing depends on it. On SQLite it rings within the process; on PostgreSQL, by `NOTIFY`, in every process that has a
//! [`Bell`]. It rings after the commit and outside the transaction: a `NOTIFY` inside would make all commits queue up
//! behind one lock of the server. What is missed, while a line is cut or a process looks away, is found by the next look.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::connect::Pools;

/// The channel's name on the server. A database has its own channels.
const CHANNEL: &str = "peshi_jobs";
/// How long the listener waits before it knocks again at a server that is gone.
const AGAIN: Duration = Duration::from_secs(2);

/// The store's end.
#[derive(Debug)]
pub(crate) struct Ringer {
    local: Arc<Notify>,
    server: Option<Server>,
}

#[derive(Debug)]
struct Server {
    /// Sends; any connection will do.
    send: PgPool,
    /// Listens; has one connection of its own.
    listen: PgPool,
    /// A ring is about to go out: another would say the same.
    on_its_way: Arc<AtomicBool>,
}

impl Ringer {
    pub(crate) fn new(pools: &Pools) -> Self {
        let server = pools.listen.as_ref().map(|listen| Server {
            send: pools.read.get_postgres_connection_pool().clone(),
            listen: listen.clone(),
            on_its_way: Arc::default(),
        });
        Self {
            local: Arc::default(),
            server,
        }
    }

    pub(crate) fn ring(&self) {
        let Some(server) = &self.server else {
            self.local.notify_one();
            return;
        };
        if server.on_its_way.swap(true, Ordering::AcqRel) {
            return;
        }
        let (send, on_its_way) = (server.send.clone(), Arc::clone(&server.on_its_way));
        tokio::spawn(async move {
            // Lowered before it goes out: what is written from here on must ring for itself.
            on_its_way.store(false, Ordering::Release);
            if let Err(error) = sqlx::query("SELECT pg_notify($1, '')")
                .bind(CHANNEL)
                .execute(&send)
                .await
            {
                tracing::debug!(%error, "the bell did not ring; workers look by themselves");
            }
        });
    }

    pub(crate) fn ear(&self) -> Bell {
        let listening = self.server.as_ref().map(|server| {
            let (listen, local) = (server.listen.clone(), Arc::clone(&self.local));
            tokio::spawn(hear(listen, local)).abort_handle()
        });
        Bell {
            local: Arc::clone(&self.local),
            listening,
        }
    }
}

/// Passes the server's rings on, for ever: what ends a connection is waited out.
async fn hear(listen: PgPool, local: Arc<Notify>) {
    loop {
        match listening(&listen, &local).await {
            Err(sqlx::Error::PoolClosed) => return,
            Err(error) => {
                tracing::debug!(%error, "the bell is not heard for now; workers look by themselves");
            }
            Ok(()) => {}
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn listening(listen: &PgPool, local: &Notify) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(listen).await?;
    listener.listen(CHANNEL).await?;
    loop {
        // Also when the line had been cut: something may have rung meanwhile.
        local.notify_one();
        listener.try_recv().await?;
    }
}

/// An ear for the bell, made by [`Store::bell`](crate::Store::bell).
#[derive(Debug)]
pub struct Bell {
    local: Arc<Notify>,
    listening: Option<AbortHandle>,
}

impl Bell {
    /// Waits until it rings. A ring while nobody waited counts; several count once.
    pub async fn rung(&self) {
        self.local.notified().await;
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}
