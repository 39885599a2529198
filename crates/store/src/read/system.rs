//! Questions about the system itself: packs, schedules, signs of life, the audit trail.
//!
//! It does not judge any of it.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use crate::entities::{audit, counter, heartbeat, pack, schedule};
use crate::error::{OnTable, StoreError};
use crate::rows::{AuditRow, HeartbeatRow, PackRow, ScheduleRow};
use crate::store::Store;

impl Store {
    /// The last number given under this name, 0 if none was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counter(&self, name: &str) -> Result<i64, StoreError> {
        let found = counter::Entity::find_by_id(name)
            .one(self.reader())
            .await
            .on("counters")?;
        Ok(found.map_or(0, |row| row.value))
    }

    /// The pack with this content hash.
    ///
    /// # Errors
    /// When the database fails, or the stored files cannot be read as JSON.
    pub async fn pack(&self, hash: &str) -> Result<Option<PackRow>, StoreError> {
        let found = pack::Entity::find_by_id(hash)
            .one(self.reader())
            .await
            .on("packs")?;
        found.map(PackRow::try_from).transpose()
    }

    /// All packs used so far, by name, then version, then hash.
    ///
    /// # Errors
    /// When the database fails, or stored files cannot be read as JSON.
    pub async fn packs(&self) -> Result<Vec<PackRow>, StoreError> {
        let found = pack::Entity::find()
            .order_by_asc(pack::Column::Name)
            .order_by_asc(pack::Column::Version)
            .order_by_asc(pack::Column::Hash)
            .all(self.reader())
            .await
            .on("packs")?;
        found.into_iter().map(PackRow::try_from).collect()
    }

    /// All schedules that were ever planned, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>, StoreError> {
        let found = schedule::Entity::find()
            .order_by_asc(schedule::Column::Name)
            .all(self.reader())
            .await
            .on("schedules")?;
        Ok(found.into_iter().map(ScheduleRow::from).collect())
    }

    /// Each worker's last sign of life, by worker.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heartbeats(&self) -> Result<Vec<HeartbeatRow>, StoreError> {
        let found = heartbeat::Entity::find()
            .order_by_asc(heartbeat::Column::Worker)
            .all(self.reader())
            .await
            .on("heartbeats")?;
        Ok(found.into_iter().map(HeartbeatRow::from).collect())
    }

    /// The last round any worker did; none if there was never one. A sign of life from a time that has not come was left
    /// by a clock that was wrong and counts for nothing; `tolerance` is how far clocks may differ.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_tick(
        &self,
        now: DateTime<Utc>,
        tolerance: TimeDelta,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let beats = self.heartbeats().await?;
        let ticks = beats.iter().filter(|beat| beat.detail == HeartbeatRow::TICK);
        Ok(ticks
            .map(|beat| beat.at)
            .filter(|at| *at <= now + tolerance)
            .max())
    }

    /// The newest entries of the audit trail, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&self, limit: u64) -> Result<Vec<AuditRow>, StoreError> {
        let found = audit::Entity::find()
            .order_by_desc(audit::Column::Id)
            .limit(limit)
            .all(self.reader())
            .await
            .on("audit")?;
        Ok(found.into_iter().map(AuditRow::from).collect())
    }
}
