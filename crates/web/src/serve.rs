//! Serving a router on a listener until told to stop: open requests are answered first.

use std::future::Future;
use std::io;

use axum::Router;
use tokio::net::TcpListener;

/// Serves until `stop` is ready.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}
