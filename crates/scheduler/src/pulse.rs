//! The loop around the tick: reads the clocks, does a round if they can be believed, says so if not, and raises the alarm
//! when it finds that nobody ticked for a while. What a round does is not known here.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use peshi_service::{Clock, SILENCE, SKEW};
use peshi_store::HeartbeatRow;
use tokio_util::sync::CancellationToken;

use crate::error::SchedulerError;
use crate::watch::{Doubt, Reading, Watch};
use crate::{Scheduler, Ticked};

/// Signs of life older than this are forgotten when a worker starts.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// A round longer than this is followed by a fresh sign of life, or its end would look like the end of a silence.
const LONG_ROUND: TimeDelta = TimeDelta::seconds(30);
/// The longest pause between two tries when rounds fail.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What came of one pulse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    /// A round was done.
    Ticked(Ticked),
    /// None was done, since the clock is not believed.
    Waited(Doubt),
}

impl Scheduler {
    /// One round at the time read, unless the clock is not believed. After a silence the alarm is raised first, so that it
    /// leaves with this round.
    ///
    /// # Errors
    /// The database failed; what was claimed comes back when its lease ends.
    pub async fn pulse(&self, watch: &mut Watch, reading: &Reading) -> Result<Pulse, SchedulerError> {
        let now = reading.now;
        let beats = self.store.heartbeats().await?;
        let ticks = beats.iter().filter(|beat| beat.detail == HeartbeatRow::TICK);
        let lived = ticks.map(|beat| beat.at).max();
        if let Err(doubt) = watch.judge(reading, lived) {
            // The last round stays the last: a worker that waits is silent for everybody who asks.
            let own = beats.iter().find(|beat| beat.worker == self.settings.worker);
            let last = own.map_or(DateTime::UNIX_EPOCH, |beat| beat.at);
            let why = format!("waiting: {doubt}");
            self.store.heartbeat(&self.settings.worker, last, &why).await?;
            return Ok(Pulse::Waited(doubt));
        }
        if let Some(last) = self
            .store
            .last_tick(now, SKEW)
            .await?
            .filter(|last| now - *last > SILENCE)
        {
            let told = self.service.alarm_silence(last, now).await?;
            if told > 0 {
                tracing::warn!(from = %last, until = %now, told, "nothing was done in this time; the alarm is raised");
            }
        }
        if beats.iter().all(|beat| beat.worker != self.settings.worker) {
            self.store.forget_heartbeats(now - REMEMBERED, now + SKEW).await?;
        }
        let ticked = self.tick(now).await?;
        self.alive(now).await?;
        Ok(Pulse::Ticked(ticked))
    }

    /// Ticks until told to stop. A failing tick is logged and tried again: the database may come back.
    pub async fn run(&self, clock: Arc<dyn Clock>, stop: CancellationToken) {
        let mut watch = Watch::default();
        let mut doubted = false;
        let mut pause = self.settings.idle;
        while !stop.is_cancelled() {
            match self.beat(&mut watch, &*clock).await {
                Ok(Pulse::Ticked(ticked)) => {
                    if ticked != Ticked::default() {
                        tracing::info!(?ticked, "tick");
                    }
                    (pause, doubted) = (self.settings.idle, false);
                }
                Ok(Pulse::Waited(doubt)) => {
                    if !std::mem::replace(&mut doubted, true) {
                        tracing::error!(%doubt, "the scheduler waits");
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a tick failed; it is tried again");
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Leaves a sign of life. Only here: what is lived through on virtual time says nothing of a running worker.
    async fn alive(&self, at: DateTime<Utc>) -> Result<(), SchedulerError> {
        let worker = &self.settings.worker;
        Ok(self.store.heartbeat(worker, at, HeartbeatRow::TICK).await?)
    }

    async fn beat(&self, watch: &mut Watch, clock: &dyn Clock) -> Result<Pulse, SchedulerError> {
        let server = self.store.server_clock().await?;
        let reading = Reading {
            now: clock.now(),
            steady: clock.steady(),
            server,
        };
        let pulse = self.pulse(watch, &reading).await?;
        let end = clock.now();
        if matches!(pulse, Pulse::Ticked(_)) && end - reading.now > LONG_ROUND {
            self.alive(end).await?;
        }
        Ok(pulse)
    }
}
