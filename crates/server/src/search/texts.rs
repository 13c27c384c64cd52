//! What tests and their templates are found by: name, objective, labels and ATT&CK ids, lower-cased, each text once. The copies
//! of a template point to one, so that a search reads thousands of texts where there are millions of tests.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tyrian_entity::search_text;
use uuid::{Builder, Uuid};

use crate::db::rows::{self, Kind, hex};
use crate::error::ApiResult;
use crate::library::contains;

/// The id of a text: its SHA-256, as a UUID of version 8. The migration that moved the texts makes it the same way.
pub fn id(text: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(Sha256::digest(text)) {
        *to = from;
    }
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// Makes sure that these texts are there: before the rows that point to them.
pub async fn keep(txn: &DatabaseTransaction, texts: impl IntoIterator<Item = String>) -> ApiResult<()> {
    let mut texts: Vec<_> = texts.into_iter().map(|text| (id(&text), text)).collect();
    // in one order for everybody: of two who add the same, one waits for the other
    texts.sort_unstable();
    texts.dedup();
    let rows: Vec<_> = texts.iter().map(|(id, text)| json!([hex(id), text])).collect();
    rows::insert_new(txn, "search_texts", &[("id", Kind::Uuid), ("text", Kind::Text)], &rows).await?;
    Ok(())
}

/// Forgets the texts that nothing is found by any more: those of tests that are gone, and what they were called before.
pub async fn forget(txn: &DatabaseTransaction) -> Result<(), DbErr> {
    use tyrian_entity::{mission_test, test_template};
    let text = || Expr::col((search_text::Entity, search_text::Column::Id));
    let test = mission_test::Column::SearchTextId;
    let template = test_template::Column::SearchTextId;
    let of_tests =
        Query::select().expr(Expr::val(1)).from(mission_test::Entity).and_where(text().equals((mission_test::Entity, test))).take();
    let of_templates =
        Query::select().expr(Expr::val(1)).from(test_template::Entity).and_where(text().equals((test_template::Entity, template))).take();
    search_text::Entity::delete_many().filter(Expr::exists(of_tests).not()).filter(Expr::exists(of_templates).not()).exec(txn).await?;
    Ok(())
}

/// Rows whose text holds `q`, in any case; `column` points to the text.
pub fn holds(column: impl ColumnTrait, q: &str) -> Expr {
    let found = Query::select()
        .column((search_text::Entity, search_text::Column::Id))
        .from(search_text::Entity)
        .and_where(contains(search_text::Column::Text, q))
        .take();
    column.in_subquery(found)
}

#[cfg(test)]
mod tests {
    /// The migration that moved the texts has the same test.
    #[test]
    fn the_id_of_a_text_is_its_digest() {
        assert_eq!(super::id("heliotrope\n\ngarden").to_string(), "095f4887-0100-87b1-9a03-344b2de77d9f");
    }
}
