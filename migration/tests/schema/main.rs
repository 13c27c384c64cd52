//! The schema on both engines: every table, key, CHECK and partial index, each CHECK with rows that it must refuse,
//! and the way up, down to nothing and up again. PostgreSQL is tested where `TYRIAN_TEST_PG` names one (`scripts/pg.sh`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test's helper fails as a test does")]

mod engine;
mod expected;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use engine::{Db, on_postgres, on_sqlite};
use expected::TABLES;
use rows::Rows;
use sea_orm_migration::prelude::*;
use tyrian_migration::Migrator;
use uuid::Uuid;

/// Each test once on each engine.
macro_rules! on_both_engines {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::on_sqlite(super::$test).await; })*
        }
        mod postgres {
            $(#[tokio::test] async fn $test() { super::on_postgres(super::$test).await; })*
        }
    };
}

on_both_engines! {
    tables_are_those_of_the_data_model
    foreign_keys_point_where_they_should
    foreign_keys_refuse_an_unknown_parent
    checks_are_named_and_refuse_bad_rows
    checks_accept_every_word_of_their_list
    json_columns_refuse_what_is_not_json
    indexes_are_as_written
    sorted_text_has_code_point_order
    times_have_no_default
    unique_keys_bind_active_rows_only
    seed_holds_the_permissions_groups_and_levels
    goes_down_to_nothing_and_up_again
    goes_down_with_rows_in_every_table
}

async fn head(db: &Db) {
    Migrator::up(&db.connection, None).await.unwrap();
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn expected_tables() -> BTreeSet<String> {
    TABLES.iter().map(|table| table.name.to_owned()).collect()
}

async fn tables_are_those_of_the_data_model(db: Db) {
    head(&db).await;
    assert_eq!(db.tables().await, expected_tables());
    for table in TABLES {
        let columns = db.columns(table.name).await;
        let json: BTreeSet<&str> =
            columns.iter().filter(|column| column.kind.starts_with("json")).map(|column| column.name.as_str()).collect();
        assert_eq!(json, table.json.iter().copied().collect(), "JSON columns of {}", table.name);
        let mut names = columns.iter().map(|column| column.name.as_str());
        let soft_deleted = names.any(|name| name == "deleted_at");
        let active = format!("ix_{}_active", table.name);
        assert_eq!(table.partial.iter().any(|(name, _)| *name == active), soft_deleted, "{active}");
    }
}

async fn foreign_keys_point_where_they_should(db: Db) {
    head(&db).await;
    for table in TABLES {
        let wanted: BTreeSet<(String, String, String)> =
            table.foreign.iter().map(|(column, to, rule)| ((*column).to_owned(), (*to).to_owned(), (*rule).to_owned())).collect();
        assert_eq!(db.foreign_keys(table.name).await, wanted, "foreign keys of {}", table.name);
        if db.postgres {
            let mut names: BTreeSet<String> = table.foreign.iter().map(|(column, ..)| format!("fk_{}_{column}", table.name)).collect();
            names.insert(format!("pk_{}", table.name));
            assert_eq!(db.key_names(table.name).await, names, "key names of {}", table.name);
        }
    }
}

async fn foreign_keys_refuse_an_unknown_parent(db: Db) {
    head(&db).await;
    let rows = Rows::fill(&db).await;
    for table in TABLES {
        for (column, ..) in table.foreign {
            let stray = rows.uuid(Uuid::now_v7());
            let mut set = vec![(*column, stray.as_str())];
            // A tag holds one key only: the one that it has makes way.
            if table.name == "test_template_mitre_tags" && ["technique_id", "subtechnique_id"].contains(column) {
                set.push(("tactic_id", "NULL"));
            }
            let error = rows.insert(table, &set).await.expect_err(column).to_string().to_lowercase();
            assert!(error.contains("foreign key"), "{}.{column}: {error}", table.name);
        }
    }
}

async fn checks_are_named_and_refuse_bad_rows(db: Db) {
    head(&db).await;
    let rows = Rows::fill(&db).await;
    for table in TABLES {
        let mut wanted: BTreeSet<String> = table.words.iter().map(|(column, _)| format!("ck_{}_{column}", table.name)).collect();
        wanted.extend(table.rules.iter().map(|(subject, _)| format!("ck_{}_{subject}", table.name)));
        if !db.postgres {
            wanted.extend(table.json.iter().map(|column| format!("ck_{}_{column}", table.name)));
        }
        let checks = db.checks(table.name).await;
        assert_eq!(checks.keys().cloned().collect::<BTreeSet<_>>(), wanted, "CHECKs of {}", table.name);

        for (column, words) in table.words {
            let text = checks.get(&format!("ck_{}_{column}", table.name)).unwrap();
            let quoted: Vec<&str> = text.split('\'').skip(1).step_by(2).collect();
            assert_eq!(quoted, *words, "words of {}.{column}", table.name);
            for bad in ["'no such word'", "''", "'Low'"] {
                refused(&rows.insert(table, &[(column, bad)]).await, table.name, column);
            }
        }
        for (subject, bad_rows) in table.rules {
            for bad in *bad_rows {
                refused(&rows.insert(table, bad).await, table.name, subject);
            }
        }
    }
}

/// Refused, and by this very CHECK.
fn refused(outcome: &Result<(), DbErr>, table: &str, subject: &str) {
    let name = format!("ck_{table}_{subject}");
    match outcome {
        Ok(()) => panic!("{name} let a bad row pass"),
        Err(error) => assert!(error.to_string().contains(&name), "{name}: {error}"),
    }
}

async fn checks_accept_every_word_of_their_list(db: Db) {
    head(&db).await;
    let rows = Rows::fill(&db).await;
    for table in TABLES {
        for (column, words) in table.words {
            for word in *words {
                rows.update(table, column, &format!("'{word}'")).await.unwrap();
            }
        }
    }
    let missions = TABLES.iter().find(|table| table.name == "missions").unwrap();
    let (first, second) = ("'2026-02-01'", "'2026-02-02'");
    for (start, end) in [("NULL", first), (first, "NULL"), (first, first), (first, second)] {
        rows.insert(missions, &[("start_date", start), ("end_date", end)]).await.unwrap();
    }
}

async fn json_columns_refuse_what_is_not_json(db: Db) {
    head(&db).await;
    let rows = Rows::fill(&db).await;
    for table in TABLES {
        for column in table.json {
            let outcome = rows.insert(table, &[(column, "'{not json'")]).await;
            if db.postgres {
                assert!(outcome.unwrap_err().to_string().contains("json"), "{}.{column}", table.name);
            } else {
                refused(&outcome, table.name, column);
            }
        }
    }
}

async fn indexes_are_as_written(db: Db) {
    head(&db).await;
    for table in TABLES {
        let partial: BTreeMap<String, Vec<String>> =
            table.partial.iter().map(|(name, columns)| ((*name).to_owned(), owned(columns))).collect();
        assert_eq!(db.partial_indexes(table.name).await, partial, "partial indexes of {}", table.name);
        assert_eq!(db.unique_indexes(table.name).await, owned(table.unique).into_iter().collect(), "unique indexes of {}", table.name);
        let all = db.all_indexes(table.name).await;
        for name in all.keys() {
            let by_convention = ["ix", "uq"].iter().any(|kind| name.starts_with(&format!("{kind}_{}_", table.name)));
            assert!(by_convention, "{name}");
        }
        // Whoever deletes a parent must find its children without reading the whole table; users are never deleted in bulk.
        let key = db.primary_key(table.name).await;
        for (column, parent, _) in table.foreign {
            let leads = key.first().is_some_and(|first| first == column) || all.values().any(|columns| columns[0] == *column);
            assert!(leads || *parent == "users", "{}.{column} has no index", table.name);
        }
    }
}

async fn sorted_text_has_code_point_order(db: Db) {
    head(&db).await;
    if db.postgres {
        for table in TABLES {
            assert_eq!(db.sorted_columns(table.name).await, owned(table.sorted).into_iter().collect(), "sorted text of {}", table.name);
        }
    }
    let rows = Rows::fill(&db).await;
    let users = TABLES.iter().find(|table| table.name == "users").unwrap();
    db.run("DELETE FROM users").await.unwrap();
    for key in ["'é'", "'a'", "'_'", "'z'", "'B'", "'a b'", "'aa'"] {
        rows.insert(users, &[("name_key", key)]).await.unwrap();
    }
    let order: Vec<String> =
        db.ask::<1>("SELECT name_key FROM users ORDER BY name_key").await.into_iter().map(|[key]| key.unwrap()).collect();
    assert_eq!(order, ["B", "_", "a", "a b", "aa", "z", "é"]);
}

/// The application's clock sets every time: the engine's own would write another text on SQLite.
async fn times_have_no_default(db: Db) {
    head(&db).await;
    for table in TABLES {
        for column in db.columns(table.name).await {
            let time = column.kind.to_lowercase().contains("timestamp");
            assert!(!time || column.default.is_none(), "{}.{}", table.name, column.name);
        }
    }
}

async fn unique_keys_bind_active_rows_only(db: Db) {
    head(&db).await;
    let rows = Rows::fill(&db).await;
    let cases: [(&str, &[(&str, &str)]); 6] = [
        ("users", &[("email", "'red@example.org'")]),
        ("groups", &[("name", "'Night shift'")]),
        ("test_templates", &[("source_kind", "'atomic'"), ("source_id", "'guid'")]),
        ("test_templates", &[("source_checksum", "'sum'")]),
        ("scenario_templates", &[("source_kind", "'plan'"), ("source_id", "'id'")]),
        ("scenario_templates", &[("source_checksum", "'sum'")]),
    ];
    for (name, set) in cases {
        let table = TABLES.iter().find(|table| table.name == name).unwrap();
        rows.insert(table, set).await.unwrap();
        let error = rows.insert(table, set).await.expect_err(name).to_string().to_lowercase();
        assert!(error.contains("unique"), "{name}: {error}");
        db.run(&format!("UPDATE {name} SET deleted_at = '2026-01-02T00:00:00.000000+00:00'")).await.unwrap();
        rows.insert(table, set).await.unwrap_or_else(|error| panic!("{name} after a soft delete: {error}"));
    }
}

async fn seed_holds_the_permissions_groups_and_levels(db: Db) {
    head(&db).await;
    let codes = db.ask::<1>("SELECT code FROM permissions").await;
    assert_eq!(codes.len(), 38);
    let groups = db
        .ask::<2>(
            "SELECT g.name, CAST(count(*) AS text) FROM groups g JOIN group_permissions p ON p.group_id = g.id \
             WHERE g.is_system AND g.deleted_at IS NULL GROUP BY g.name ORDER BY g.name",
        )
        .await;
    let groups: Vec<(String, String)> = groups.into_iter().map(|[name, count]| (name.unwrap(), count.unwrap())).collect();
    let wanted = [("Administrators", "38"), ("Blue team", "5"), ("Leads", "25"), ("Observers", "3"), ("Red team", "11")];
    assert_eq!(groups, wanted.map(|(name, count)| (name.to_owned(), count.to_owned())));
    // Each code of a group's list must exist, or the list would silently grant less.
    let lead = "SELECT p.code FROM permissions p JOIN group_permissions j ON j.permission_id = p.id JOIN groups g ON g.id = j.group_id \
                WHERE g.name = 'Leads' AND p.code IN ('mission.purge', 'mitre.sync', 'user.create', 'diag.reset')";
    assert!(db.ask::<1>(lead).await.is_empty());
    let differing = "SELECT g.name FROM groups g WHERE g.codes <> (SELECT string_agg(p.code, ' ' ORDER BY p.code) FROM group_permissions j \
                     JOIN permissions p ON p.id = j.permission_id WHERE j.group_id = g.id)";
    assert!(db.ask::<1>(differing).await.is_empty(), "callers are asked for the text, not for the rows");
    let levels = db.ask::<2>("SELECT code, CAST(rank AS text) FROM detection_levels ORDER BY rank").await;
    let levels: Vec<String> = levels.into_iter().map(|[code, rank]| format!("{} {}", rank.unwrap(), code.unwrap())).collect();
    assert_eq!(levels, ["0 none", "1 telemetry", "2 general", "3 tactic", "4 technique", "5 prevented"]);
    let default = db.ask::<1>("SELECT code FROM detection_levels WHERE is_default").await;
    assert_eq!(default, [[Some("none".to_owned())]]);
}

async fn goes_down_to_nothing_and_up_again(db: Db) {
    head(&db).await;
    let steps = Migrator::migrations().len();
    let mut sizes = vec![db.tables().await.len()];
    for _ in 0..steps {
        Migrator::down(&db.connection, Some(1)).await.unwrap();
        sizes.push(db.tables().await.len());
    }
    assert!(sizes.is_sorted_by(|before, after| before >= after), "{sizes:?}");
    assert_eq!(db.tables().await, BTreeSet::new());
    for _ in 0..steps {
        Migrator::up(&db.connection, Some(1)).await.unwrap();
    }
    assert_eq!(db.tables().await, expected_tables());
    assert!(Migrator::get_pending_migrations(&db.connection).await.unwrap().is_empty());
    Migrator::down(&db.connection, None).await.unwrap();
    assert_eq!(db.tables().await, BTreeSet::new());
    head(&db).await;
    assert_eq!(db.ask::<1>("SELECT code FROM permissions").await.len(), 38);
}

async fn goes_down_with_rows_in_every_table(db: Db) {
    head(&db).await;
    let rows = Rows::fill(&db).await;
    // The level that a test names is a seeded one: the seed goes and comes back all the same.
    db.run("UPDATE mission_tests SET detection_level_id = (SELECT id FROM detection_levels WHERE code = 'technique')").await.unwrap();
    drop(rows);
    let steps = Migrator::migrations();
    let seed = steps.iter().position(|step| step.name().ends_with("_seed")).unwrap();
    let past_the_seed: u32 = (steps.len() - seed).try_into().unwrap();
    Migrator::down(&db.connection, Some(past_the_seed)).await.unwrap();
    let left = db.ask::<1>("SELECT code FROM detection_levels WHERE code NOT LIKE 'text %'").await;
    assert_eq!(left, [[Some("technique".to_owned())]]);
    head(&db).await;
    assert_eq!(db.ask::<1>("SELECT code FROM detection_levels WHERE code NOT LIKE 'text %'").await.len(), 6);
    Migrator::down(&db.connection, None).await.unwrap();
    assert_eq!(db.tables().await, BTreeSet::new());
}
