//! Table `case_keys`: the wrapped key of each case. Deleting a row makes the case unreadable for good.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    pub wrapped: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
