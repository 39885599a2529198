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

/// What came of one portion of work.
enum Beat {
    /// What was done, and whether more may be left.
    Done(Ticked, bool),
    /// Nothing, since the clock is not believed.
    Waited(Doubt),
}

impl Scheduler {
    /// One round at the time read, unless the clock is not believed. After a silence the alarm is raised first, so that it
    /// leaves with this round.
    ///
    /// # Errors
    /// The database failed; what was claimed comes back when its lease ends.
    pub async fn pulse(&self, watch: &mut Watch, reading: &Reading) -> Result<Pulse, SchedulerError> {
        if let Some(doubt) = self.doubt(watch, reading).await? {
            return Ok(Pulse::Waited(doubt));
        }
        let ticked = self.tick(reading.now).await?;
        self.alive(reading.now).await?;
        Ok(Pulse::Ticked(ticked))
    }

    /// Why nothing may be done at the time read; if nothing speaks against it, raises the alarm after a silence.
    async fn doubt(&self, watch: &mut Watch, reading: &Reading) -> Result<Option<Doubt>, SchedulerError> {
        let now = reading.now;
        let beats = self.store.heartbeats().await?;
        let ticks = beats.iter().filter(|beat| beat.detail == HeartbeatRow::TICK);
        let lived = ticks.map(|beat| beat.at).max();
        if let Err(doubt) = watch.judge(reading, lived) {
            // The last round stays the last: a worker that waits is silent for everybody who asks.
            let own = beats.iter().find(|beat| beat.worker == self.settings.worker);
            let last = own.map_or(DateTime::UNIX_EPOCH, |beat| beat.at);
            let meters = self.service.meters();
            meters.ticked(meters.steady(), "waited");
            let why = format!("waiting: {doubt}");
            self.store.heartbeat(&self.settings.worker, last, &why).await?;
            return Ok(Some(doubt));
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
        Ok(None)
    }

    /// Works until told to stop: a bounded portion at a time, each at the instant at which it begins, so that what becomes
    /// due during a flood does not wait for its end. Between portions it sleeps until the next job is due, the bell rings
    /// or the idle time is over, whichever comes first. A failing portion is logged and tried again: the database may come
    /// back.
    pub async fn run(&self, clock: Arc<dyn Clock>, stop: CancellationToken) {
        let bell = self.store.bell();
        let mut watch = Watch::default();
        let (mut doubted, mut failed) = (false, 0);
        while !stop.is_cancelled() {
            let pause = match self.beat(&mut watch, &*clock).await {
                Ok(Beat::Done(ticked, more)) => {
                    (doubted, failed) = (false, 0);
                    if ticked != Ticked::default() {
                        tracing::info!(?ticked, "tick");
                    }
                    if more {
                        continue;
                    }
                    self.until_next(clock.now()).await
                }
                Ok(Beat::Waited(doubt)) => {
                    if !std::mem::replace(&mut doubted, true) {
                        tracing::error!(%doubt, "the scheduler waits");
                    }
                    self.settings.idle
                }
                Err(error) => {
                    failed += 1;
                    let pause = (self.settings.idle * 2_u32.pow(failed.min(10))).min(LONGEST_PAUSE);
                    tracing::error!(%error, ?pause, "a tick failed; it is tried again");
                    pause
                }
            };
            // The bell does not shorten a pause that a failure or a doubt asked for.
            let calm = failed == 0 && !doubted;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
                () = bell.rung(), if calm => {}
            }
        }
    }

    /// Leaves a sign of life. Only here: what is lived through on virtual time says nothing of a running worker.
    async fn alive(&self, at: DateTime<Utc>) -> Result<(), SchedulerError> {
        let worker = &self.settings.worker;
        // Days that another process has added count here too, and are finished if it died over them.
        self.service.keep_calendars(at).await?;
        Ok(self.store.heartbeat(worker, at, HeartbeatRow::TICK).await?)
    }

    async fn beat(&self, watch: &mut Watch, clock: &dyn Clock) -> Result<Beat, SchedulerError> {
        let server = if clock.is_shared() {
            self.store.server_clock().await?
        } else {
            None
        };
        let reading = Reading {
            now: clock.now(),
            steady: clock.steady(),
            server,
        };
        if let Some(doubt) = self.doubt(watch, &reading).await? {
            return Ok(Beat::Waited(doubt));
        }
        let (ticked, more) = self.turn(reading.now).await?;
        let end = clock.now();
        self.alive(reading.now).await?;
        if end - reading.now > LONG_ROUND {
            self.alive(end).await?;
        }
        Ok(Beat::Done(ticked, more))
    }

    /// How long nothing will be due, as far as is known now; at most the idle time.
    async fn until_next(&self, now: DateTime<Utc>) -> Duration {
        let idle = self.settings.idle;
        match self.store.next_due_after(now).await {
            Ok(Some(next)) => (next - now).to_std().map_or(idle, |wait| wait.min(idle)),
            Ok(None) => idle,
            Err(error) => {
                tracing::debug!(%error, "the next due job is not known");
                idle
            }
        }
    }
}
