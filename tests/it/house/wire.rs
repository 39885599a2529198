//! A line to PostgreSQL that can be cut: at any moment, or exactly around a `COMMIT`. Knows of the protocol only how that
//! one word looks on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How `COMMIT` is sent: as a simple query, ended by a zero.
const COMMIT: &[u8] = b"COMMIT\0";

/// Where the next `COMMIT` is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// The server never hears of it.
    Before,
    /// The server does it, and its answer is lost.
    After,
}

/// A proxy before the server.
pub(super) struct Wire {
    server: String,
    here: SocketAddr,
    armed: Arc<AtomicU8>,
    running: Option<JoinHandle<()>>,
}

impl Wire {
    /// A line to the server that `url` names.
    pub(super) async fn to(url: &str) -> Self {
        let (_, rest) = url.split_once('@').expect("the address names a user");
        let (server, _) = rest.split_once('/').expect("the address names a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut wire = Self {
            server: server.to_owned(),
            here: listener.local_addr().expect("a bound port has an address"),
            armed: Arc::default(),
            running: None,
        };
        wire.run(listener);
        wire
    }

    /// The same address by way of this line.
    pub(super) fn url(&self, url: &str) -> String {
        format!(
            "{}?sslmode=disable",
            url.replace(&self.server, &self.here.to_string())
        )
    }

    /// Cuts the next `COMMIT`.
    pub(super) fn arm(&self, cut: Cut) {
        let word = match cut {
            Cut::Before => 1,
            Cut::After => 2,
        };
        self.armed.store(word, Ordering::SeqCst);
    }

    /// Whether the cut has happened.
    pub(super) fn spent(&self) -> bool {
        self.armed.load(Ordering::SeqCst) == 0
    }

    /// Cuts every connection and lets nobody in.
    pub(super) async fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            // Only when it has ended is its port free.
            drop(running.await);
        }
    }

    /// Lets people in again, at the same address.
    pub(super) async fn mend(&mut self) {
        let listener = TcpListener::bind(self.here).await.expect("its own port");
        self.run(listener);
    }

    fn run(&mut self, listener: TcpListener) {
        let (server, armed) = (self.server.clone(), Arc::clone(&self.armed));
        self.running = Some(tokio::spawn(async move {
            // Dropped with this task, and every connection with it.
            let mut lines = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                lines.spawn(carry(client, server.clone(), Arc::clone(&armed)));
            }
        }));
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// Carries bytes both ways until one side hangs up or the line is cut.
async fn carry(mut client: TcpStream, server: String, armed: Arc<AtomicU8>) {
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(count @ 1..) = read else { return };
                let sent = &up[..count];
                let commits = sent.windows(COMMIT.len()).any(|w| w == COMMIT);
                let cut = if commits { armed.swap(0, Ordering::SeqCst) } else { 0 };
                if cut == 1 || server.write_all(sent).await.is_err() {
                    return;
                }
                if cut == 2 {
                    // The answer is read, so it is done, and goes no further.
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(count @ 1..) = read else { return };
                if client.write_all(&down[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}
