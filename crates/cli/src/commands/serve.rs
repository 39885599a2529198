//! `peshi serve` and `peshi work`: pages and scheduler until told to stop.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use peshi_web::{WebState, metrics_router, router};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::args::{ServeArgs, WorkArgs};
use crate::clock::SystemClock;
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(mut settings: Settings, args: &ServeArgs) -> Result<ExitCode> {
    if let Some(listen) = &args.listen {
        settings.listen.clone_from(listen);
    }
    let settings = watched(settings, &args.watched);
    let house = House::open(settings, true).await?;
    let listener = listen(&house.settings.listen).await?;
    let address = listener.local_addr()?;
    println!("Peshi serves http://{address}   (stop with Ctrl-C)");
    if !house.service.has_accounts().await? {
        println!("Nobody can sign in yet: `peshi user add --email … --name … --role administrator`");
    }
    serve(&house, listener, !args.no_worker).await?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn work(settings: Settings, args: &WorkArgs) -> Result<ExitCode> {
    let house = House::open(watched(settings, args), true).await?;
    let stop = stop_on_signal();
    show_metrics(&house, &stop).await?;
    println!("Peshi's scheduler runs   (stop with Ctrl-C)");
    house.scheduler(None).run(Arc::new(SystemClock), stop).await;
    house.service.finish().await;
    Ok(ExitCode::SUCCESS)
}

fn watched(settings: Settings, args: &WorkArgs) -> Settings {
    let metrics = args.metrics.clone().or(settings.metrics);
    Settings { metrics, ..settings }
}

/// Shows metrics where the settings say: on a listener of its own, so that the desk's address never has them.
async fn show_metrics(house: &House, stop: &CancellationToken) -> Result<()> {
    let Some(address) = &house.settings.metrics else {
        return Ok(());
    };
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("metrics cannot be shown on {address}; is it in use? `--metrics` chooses another address")
    })?;
    let bound = listener.local_addr()?;
    if !bound.ip().is_loopback() {
        tracing::warn!(address = %bound, "whoever reaches this address can read the metrics");
    }
    println!("Metrics at http://{bound}/metrics");
    let router = metrics_router(Arc::clone(&house.service), Arc::new(SystemClock));
    let stop = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        if let Err(error) = peshi_web::serve(listener, router, stop).await {
            tracing::error!(%error, "metrics are no longer shown");
        }
    });
    Ok(())
}

pub(crate) async fn listen(address: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("nothing can be served on {address}; is it in use? `--port` or `--listen` choose another")
    })
}

/// Serves until a signal; both halves end cleanly: requests are answered, the running tick is finished.
pub(crate) async fn serve(house: &House, listener: TcpListener, worker: bool) -> Result<()> {
    let stop = stop_on_signal();
    show_metrics(house, &stop).await?;
    let address = listener.local_addr()?;
    let scheduler =
        house.scheduler(Some(format!("http://{address}")).filter(|_| house.settings.base_url.is_none()));
    let ticking = {
        let stop = stop.clone();
        tokio::spawn(async move {
            if worker {
                scheduler.run(Arc::new(SystemClock), stop).await;
            }
        })
    };
    let state = WebState {
        service: Arc::clone(&house.service),
        renderer: Arc::clone(&house.renderer),
        clock: Arc::new(SystemClock),
        secure_cookies: house.settings.secure_cookies,
    };
    let served = peshi_web::serve(listener, router(state), stop.clone().cancelled_owned()).await;
    stop.cancel();
    ticking.await.context("the scheduler broke off")?;
    // What was submitted by people who no longer wait for the answer is written all the same.
    house.service.finish().await;
    served.context("serving broke off")
}

/// A token that Ctrl-C and SIGTERM cancel.
pub(crate) fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be heard; Ctrl-C still stops");
                let _ = tokio::signal::ctrl_c().await;
                token.cancel();
                return;
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        token.cancel();
    });
    stop
}
