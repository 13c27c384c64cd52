//! The rows that every installation starts with: permission codes, the five groups and what each may do, detection levels.
//!
//! Ids and times are constants, so that two databases seeded apart hold the same rows. The codes stand here a second time
//! on purpose (a step knows nothing of our crates); a test of the server proves that table and code agree.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm_migration::sea_orm::sea_query::Query;

/// 2026-11-24T00:00:00Z.
const SEEDED_AT: i64 = 1_795_478_400;

/// UUID v7 of the seed's own moment; the last hexadecimal digits tell the table (first of the four) and the row.
const ID_BASE: u128 = 0x01a2_0ada_2c00_7000_8000_0000_0000_0000;
const PERMISSION_IDS: u128 = ID_BASE + 0x1000;
const GROUP_IDS: u128 = ID_BASE + 0x2000;
const LEVEL_IDS: u128 = ID_BASE + 0x3000;

const PERMISSIONS: [(&str, &str); 38] = [
    ("mission.read", "See the missions that one is a member of"),
    ("mission.create", "Create missions"),
    ("mission.update", "Edit missions, their members, scenarios and plan, and move them through their states"),
    ("mission.archive", "Archive missions"),
    ("mission.delete", "Delete missions"),
    ("mission.read_all", "See every mission, member or not"),
    ("mission.purge", "Remove deleted missions and their evidence for good"),
    ("mission_test.execute", "Write the red side of a test"),
    ("mission_test.assess", "Write the blue side of a test"),
    ("evidence.upload", "Add evidence to a test"),
    ("evidence.delete", "Delete evidence"),
    ("test_template.read", "See test templates"),
    ("test_template.create", "Create test templates"),
    ("test_template.update", "Edit test templates"),
    ("test_template.delete", "Delete test templates"),
    ("scenario_template.read", "See scenario templates"),
    ("scenario_template.create", "Create scenario templates"),
    ("scenario_template.update", "Edit scenario templates"),
    ("scenario_template.delete", "Delete scenario templates"),
    ("mitre.sync", "Update the ATT&CK catalogue"),
    ("user.read", "See users"),
    ("user.create", "Create users"),
    ("user.update", "Edit users and their groups"),
    ("user.delete", "Delete users"),
    ("group.read", "See groups"),
    ("group.create", "Create groups"),
    ("group.update", "Edit groups, their permissions and members"),
    ("group.delete", "Delete groups"),
    ("invitation.create", "Invite people"),
    ("invitation.read", "See invitations"),
    ("invitation.revoke", "Revoke invitations"),
    ("setting.read", "See settings"),
    ("setting.update", "Change settings"),
    ("detection_level.manage", "Manage detection levels"),
    ("defence_tool.manage", "Manage defence tools"),
    ("audit.read", "Read and verify the audit log"),
    ("import.run", "Run imports"),
    ("diag.reset", "Reset the installation where the server allows it"),
];

/// Name, description, and the codes that it grants; `*` is all of them.
const GROUPS: [(&str, &str, &[&str]); 5] = [
    ("Administrators", "Run the installation: every permission", &["*"]),
    (
        "Leads",
        "Plan and run missions, keep templates, invite people",
        &[
            "mission.read",
            "mission.create",
            "mission.update",
            "mission.archive",
            "mission.delete",
            "mission.read_all",
            "mission_test.execute",
            "mission_test.assess",
            "evidence.upload",
            "evidence.delete",
            "test_template.read",
            "test_template.create",
            "test_template.update",
            "test_template.delete",
            "scenario_template.read",
            "scenario_template.create",
            "scenario_template.update",
            "scenario_template.delete",
            "import.run",
            "defence_tool.manage",
            "user.read",
            "group.read",
            "invitation.create",
            "invitation.read",
            "invitation.revoke",
        ],
    ),
    (
        "Red team",
        "Plan missions and execute tests",
        &[
            "mission.read",
            "mission.create",
            "mission.update",
            "mission_test.execute",
            "evidence.upload",
            "test_template.read",
            "test_template.create",
            "test_template.update",
            "scenario_template.read",
            "scenario_template.create",
            "scenario_template.update",
        ],
    ),
    (
        "Blue team",
        "Assess what was detected, alerted and prevented",
        &["mission.read", "mission_test.assess", "evidence.upload", "test_template.read", "scenario_template.read"],
    ),
    ("Observers", "Follow missions without writing", &["mission.read", "test_template.read", "scenario_template.read"]),
];

/// Code, name, description and colour, from the worst for the defenders to the best: the place in the list is the rank.
const LEVELS: [(&str, &str, &str, &str); 6] = [
    ("none", "None", "Nothing of the test was seen", "#ba4d04"),
    ("telemetry", "Telemetry", "Raw or minimally processed data shows that something happened", "#f5a843"),
    ("general", "General", "A detection says that something is wrong, but neither why nor how", "#e3efb7"),
    ("tactic", "Tactic", "A detection names the aim: the ATT&CK tactic or its equal", "#83cec8"),
    ("technique", "Technique", "A detection names the means: the ATT&CK technique or its equal", "#05747d"),
    ("prevented", "Prevented", "The test was stopped", "#024459"),
];

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let now = DateTimeUtc::from_timestamp(SEEDED_AT, 0).unwrap_or_default();

        let mut permissions = Query::insert().into_table("permissions").columns(["id", "code", "description"]).take();
        for (id, (code, description)) in ids(PERMISSION_IDS).zip(PERMISSIONS) {
            add(&mut permissions, [id.into(), code.into(), description.into()])?;
        }
        insert(manager, permissions).await?;

        let mut groups = Query::insert()
            .into_table("groups")
            .columns(["id", "name", "name_key", "description", "is_system", "version", "created_at", "updated_at"])
            .take();
        let mut grants = Query::insert().into_table("group_permissions").columns(["group_id", "permission_id"]).take();
        for (id, (name, description, codes)) in ids(GROUP_IDS).zip(GROUPS) {
            let key = name.to_lowercase();
            add(&mut groups, [id.into(), name.into(), key.into(), description.into(), true.into(), 1i64.into(), now.into(), now.into()])?;
            for (permission_id, (code, _)) in ids(PERMISSION_IDS).zip(PERMISSIONS) {
                if codes.contains(&"*") || codes.contains(&code) {
                    add(&mut grants, [id.into(), permission_id.into()])?;
                }
            }
        }
        insert(manager, groups).await?;
        insert(manager, grants).await?;

        let mut levels = Query::insert()
            .into_table("detection_levels")
            .columns(["id", "code", "name", "description", "color", "rank", "is_default", "is_retired", "created_at", "updated_at"])
            .take();
        for ((id, rank), (code, name, description, color)) in ids(LEVEL_IDS).zip(0i32..).zip(LEVELS) {
            let is_default = rank == 0;
            add(
                &mut levels,
                [
                    id.into(),
                    code.into(),
                    name.into(),
                    description.into(),
                    color.into(),
                    rank.into(),
                    is_default.into(),
                    false.into(),
                    now.into(),
                    now.into(),
                ],
            )?;
        }
        insert(manager, levels).await
    }

    /// Takes the seeded rows out again. A detection level that a test names stays: its key would stop the step.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let used = Query::select()
            .column("detection_level_id")
            .from("mission_tests")
            .and_where(Expr::col("detection_level_id").is_not_null())
            .take();
        let levels = Query::delete()
            .from_table("detection_levels")
            .and_where(Expr::col("id").is_in(ids(LEVEL_IDS).take(LEVELS.len())))
            .and_where(Expr::col("id").not_in_subquery(used))
            .take();
        manager.execute(levels).await?;
        for (table, base, count) in [("groups", GROUP_IDS, GROUPS.len()), ("permissions", PERMISSION_IDS, PERMISSIONS.len())] {
            manager.execute(Query::delete().from_table(table).and_where(Expr::col("id").is_in(ids(base).take(count))).take()).await?;
        }
        Ok(())
    }
}

/// The constant ids of one table, in the order of its list.
fn ids(base: u128) -> impl Iterator<Item = Uuid> {
    (1u128..).map(move |number| Uuid::from_u128(base + number))
}

fn add<const N: usize>(rows: &mut InsertStatement, row: [Expr; N]) -> Result<(), DbErr> {
    rows.values(row).map_err(|error| DbErr::Migration(error.to_string()))?;
    Ok(())
}

/// Inserts what is not there: a level that a test names outlives the step's own `down`.
async fn insert(manager: &SchemaManager<'_>, mut rows: InsertStatement) -> Result<(), DbErr> {
    let mut on_conflict = OnConflict::new();
    on_conflict.do_nothing();
    manager.execute(rows.on_conflict(on_conflict).take()).await
}
