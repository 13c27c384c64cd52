//! What tests are found by, each text once: the copies of a template share it, so a search reads thousands of texts where
//! there are millions of tests.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, uuid_null};
use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::sea_query::Query;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, Statement};
use sha2::{Digest, Sha256};

use crate::helpers::{NewTable, drop_tables, is_active};

const TABLES: [&str; 2] = ["test_templates", "mission_tests"];
/// Texts that are written by one statement.
const AT_ONCE: usize = 200;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The id of a text: its SHA-256, as a UUID of version 8. The server makes it the same way.
fn id(text: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(Sha256::digest(text)) {
        *to = from;
    }
    // version and variant (RFC 9562)
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uuid::from_bytes(bytes)
}

async fn run(manager: &SchemaManager<'_>, sql: String) -> Result<(), DbErr> {
    manager.get_connection().execute_raw(Statement::from_string(manager.get_database_backend(), sql)).await?;
    Ok(())
}

/// Every text that a template or a test is found by now.
async fn move_texts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let all = TABLES.map(|table| format!("SELECT search_text FROM {table} WHERE search_text <> ''")).join(" UNION ");
    let rows = db.query_all_raw(Statement::from_string(manager.get_database_backend(), all)).await?;
    for some in rows.chunks(AT_ONCE) {
        let mut insert = Query::insert().into_table("search_texts").columns(["id", "text"]).take();
        for row in some {
            let text: String = row.try_get_by_index(0)?;
            insert.values_panic([id(&text).into(), text.into()]);
        }
        manager.execute(insert).await?;
    }
    // PostgreSQL joins by a hash of its own, and could not index texts as long as these
    let indexed = manager.get_database_backend() != DbBackend::Postgres;
    if indexed {
        run(manager, "CREATE INDEX ix_search_texts_moved ON search_texts (text)".to_owned()).await?;
    }
    for table in TABLES {
        run(manager, format!("UPDATE {table} SET search_text_id = s.id FROM search_texts s WHERE s.text = {table}.search_text")).await?;
    }
    if indexed {
        run(manager, "DROP INDEX ix_search_texts_moved".to_owned()).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::new(manager, "search_texts").id().column(text("text")).create().await?;
        for table in TABLES {
            // SQLite takes a key of a column that is added as part of the column only
            let key = format!("CONSTRAINT fk_{table}_search_text_id REFERENCES search_texts (id) ON DELETE RESTRICT");
            manager.alter_table(Table::alter().table(table).add_column(uuid_null("search_text_id").extra(key)).take()).await?;
        }
        move_texts(manager).await?;
        for table in TABLES {
            manager.alter_table(Table::alter().table(table).drop_column("search_text").take()).await?;
        }
        let templates = Index::create().name("ix_test_templates_search_text_id").table("test_templates").col("search_text_id").take();
        manager.create_index(templates).await?;
        // the newest tests of a text
        let mut tests = Index::create().name("ix_mission_tests_search_text_id_created_at_id").table("mission_tests").take();
        tests.col("search_text_id").col("created_at").col("id").and_where(is_active());
        manager.create_index(tests).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_mission_tests_search_text_id_created_at_id").table("mission_tests").to_owned()).await?;
        manager.drop_index(Index::drop().name("ix_test_templates_search_text_id").table("test_templates").to_owned()).await?;
        for table in TABLES {
            let column = text("search_text").default("").take();
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
            run(manager, format!("UPDATE {table} SET search_text = s.text FROM search_texts s WHERE s.id = {table}.search_text_id"))
                .await?;
            manager.alter_table(Table::alter().table(table).drop_column("search_text_id").take()).await?;
        }
        drop_tables(manager, &["search_texts"]).await
    }
}

#[cfg(test)]
mod tests {
    /// The server, which makes such ids since, has the same test.
    #[test]
    fn the_id_of_a_text_is_its_digest() {
        assert_eq!(super::id("heliotrope\n\ngarden").to_string(), "095f4887-0100-87b1-9a03-344b2de77d9f");
    }
}
