//! What the server keeps for itself: settings, notifications, jobs, syncs, replayed answers, and the audit log.

use sea_orm_migration::prelude::{ForeignKeyAction::Cascade, ForeignKeyAction::SetNull, *};
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, integer_null, json_binary, json_binary_null, text, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid_null,
};

use crate::helpers::{NewTable, drop_tables};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "settings")
            .sorted_text("key")
            .column(json_binary("value"))
            .may_reference("updated_by_id", "users", SetNull)
            .times()
            .primary_key(&["key"])
            .create()
            .await?;

        NewTable::new(manager, "notifications")
            .id()
            .references("user_id", "users", Cascade)
            .column(text("kind"))
            .column(text("subject"))
            .optional_texts(&["body", "link"])
            .column(timestamp_with_time_zone_null("read_at"))
            .times()
            .index(&["user_id", "created_at", "id"])
            .index_where("unread", &["user_id", "created_at", "id"], Expr::col("read_at").is_null())
            .create()
            .await?;

        NewTable::new(manager, "idempotency_keys")
            .id()
            .references("user_id", "users", Cascade)
            .column(text("key"))
            .column(text("request_hash"))
            // Null while the first request still runs.
            .column(integer_null("status"))
            .optional_texts(&["body", "location", "etag"])
            .column(timestamp_with_time_zone("expires_at"))
            .times()
            .unique(&["user_id", "key"])
            .index(&["expires_at"])
            .create()
            .await?;

        NewTable::new(manager, "jobs")
            .id()
            .column(text("kind"))
            .column(text("state"))
            .column(big_integer("progress").default(0).take())
            .column(big_integer_null("total"))
            .optional_texts(&["message"])
            .column(json_binary_null("result"))
            .may_reference("owner_id", "users", SetNull)
            .column(timestamp_with_time_zone_null("lease_until"))
            .times()
            .one_of("state", &["queued", "running", "succeeded", "failed", "cancelled"])
            .index(&["state", "lease_until"])
            .index(&["owner_id", "created_at"])
            .create()
            .await?;

        // Written once, when a sync has ended.
        NewTable::new(manager, "catalogue_syncs")
            .id()
            .column(text("domain"))
            .column(text("source"))
            .optional_texts(&["sha256", "version"])
            .column(timestamp_with_time_zone("started_at"))
            .column(timestamp_with_time_zone("finished_at"))
            .column(json_binary("counts"))
            .column(text("outcome"))
            .column(boolean("verified"))
            .optional_texts(&["error"])
            .may_reference("created_by_id", "users", SetNull)
            .one_of("domain", &["enterprise", "mobile", "ics"])
            .one_of("outcome", &["succeeded", "failed"])
            .index(&["domain", "finished_at"])
            .create()
            .await?;

        // No foreign keys: what was done outlives who did it and what it was done to.
        NewTable::new(manager, "audit_events")
            .id()
            .sorted_text("stream")
            .column(big_integer("sequence"))
            .column(timestamp_with_time_zone("at"))
            .column(uuid_null("actor_id"))
            .column(text("action"))
            .column(text("object_kind"))
            .optional_texts(&["object_id", "ip", "request_id"])
            .column(json_binary("detail"))
            .column(text("hash"))
            .unique(&["stream", "sequence"])
            .index(&["at", "id"])
            .index_where_set(&["actor_id", "at"])
            .index_where_set(&["object_id", "at"])
            .create()
            .await?;

        // One row a stream, locked last by whoever appends to it.
        NewTable::new(manager, "audit_heads")
            .sorted_text("stream")
            .column(big_integer("sequence"))
            .column(text("hash"))
            .primary_key(&["stream"])
            .create()
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["audit_heads", "audit_events", "catalogue_syncs", "jobs", "idempotency_keys", "notifications", "settings"])
            .await
    }
}
