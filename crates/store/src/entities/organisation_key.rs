//! Table `organisation_keys`: which key the database is sealed with, which it was, which it is going to be.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub fingerprint: String,
    pub state: String,
    pub since: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
