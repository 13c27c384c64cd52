//! The schema: one file a step, the same steps on SQLite and PostgreSQL.
//!
//! A step knows nothing of our other crates. Its names are literals, so that a later change of an entity cannot
//! rewrite what an older step did. What the tables mean stands in the data model page; here stands only their shape.

use sea_orm_migration::prelude::{MigrationTrait, async_trait};

/// What [`Migrator`] is used by: `up`, `down`, `get_pending_migrations`.
pub use sea_orm_migration::MigratorTrait;

mod helpers;
mod m20261124_000001_identity;
mod m20261124_000002_catalogue;
mod m20261124_000003_templates;
mod m20261124_000004_missions;
mod m20261124_000005_support;
mod m20261124_000006_seed;
mod m20261125_000007_execution;
mod m20261125_000008_imports;
mod m20261125_000009_download_tickets;
mod m20261127_000010_access;
mod m20261128_000011_identities;
mod m20261129_000012_latest_changes;
mod m20261129_000013_search_texts;
mod m20261129_000014_deleted_missions;
mod m20261130_000015_group_codes;
mod m20261130_000016_stamps;

/// All steps in their order: `Migrator::up(&db, None)` brings a database to head, `down` takes it back to nothing.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_identity::Migration),
            Box::new(m20261124_000002_catalogue::Migration),
            Box::new(m20261124_000003_templates::Migration),
            Box::new(m20261124_000004_missions::Migration),
            Box::new(m20261124_000005_support::Migration),
            Box::new(m20261124_000006_seed::Migration),
            Box::new(m20261125_000007_execution::Migration),
            Box::new(m20261125_000008_imports::Migration),
            Box::new(m20261125_000009_download_tickets::Migration),
            Box::new(m20261127_000010_access::Migration),
            Box::new(m20261128_000011_identities::Migration),
            Box::new(m20261129_000012_latest_changes::Migration),
            Box::new(m20261129_000013_search_texts::Migration),
            Box::new(m20261129_000014_deleted_missions::Migration),
            Box::new(m20261130_000015_group_codes::Migration),
            Box::new(m20261130_000016_stamps::Migration),
        ]
    }
}
