//! Rows that tests of several features start from, written past the API.

use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use tyrian_domain::text;
use tyrian_entity::{mitre_subtechnique, mitre_tactic, mitre_technique, mitre_technique_tactic};
use uuid::Uuid;

use crate::harness::TestApp;

/// A small catalogue: three tactics, three live techniques with two subtechniques, one revoked technique with a
/// successor (T1086 → T1059.001) and one deprecated without (T1064).
pub async fn seed_catalogue(app: &TestApp) {
    let tactics = [
        ("TA0002", "execution", "Execution"),
        ("TA0006", "credential-access", "Credential Access"),
        ("TA0008", "lateral-movement", "Lateral Movement"),
    ];
    let mut tactic_ids = Vec::new();
    for (position, (id, short_name, name)) in (0..).zip(tactics) {
        tactic_ids.push((id, seed_tactic(app, "enterprise", id, short_name, name, position).await));
    }
    let mut technique_ids = Vec::new();
    for (id, name, tactic) in [
        ("T1059", "Command and Scripting Interpreter", "TA0002"),
        ("T1003", "OS Credential Dumping", "TA0006"),
        ("T1021", "Remote Services", "TA0008"),
    ] {
        let row = seed_technique(app, Technique { external_id: id, name, ..Technique::default() }).await;
        let tactic_id = tactic_ids.iter().find(|(t, _)| *t == tactic).unwrap().1;
        mitre_technique_tactic::Entity::insert(mitre_technique_tactic::ActiveModel { technique_id: Set(row), tactic_id: Set(tactic_id) })
            .exec_without_returning(app.state.db.writer())
            .await
            .unwrap();
        technique_ids.push((id, row));
    }
    for (id, name, parent) in [("T1003.001", "LSASS Memory", "T1003"), ("T1059.001", "PowerShell", "T1059")] {
        let technique_id = technique_ids.iter().find(|(t, _)| *t == parent).unwrap().1;
        seed_subtechnique(app, id, name, technique_id).await;
    }
    seed_technique(
        app,
        Technique { external_id: "T1086", name: "PowerShell", is_revoked: true, successor: Some("T1059.001"), ..Technique::default() },
    )
    .await;
    seed_technique(app, Technique { external_id: "T1064", name: "Scripting", is_deprecated: true, ..Technique::default() }).await;
}

/// What tells one seeded technique from another.
#[derive(Debug, Clone, Copy)]
pub struct Technique<'a> {
    pub domain: &'a str,
    pub external_id: &'a str,
    pub name: &'a str,
    pub is_revoked: bool,
    pub is_deprecated: bool,
    /// What replaced it.
    pub successor: Option<&'a str>,
}

impl Default for Technique<'_> {
    fn default() -> Self {
        Self { domain: "enterprise", external_id: "", name: "", is_revoked: false, is_deprecated: false, successor: None }
    }
}

/// One tactic; its key.
pub async fn seed_tactic(app: &TestApp, domain: &str, external_id: &str, short_name: &str, name: &str, position: i32) -> Uuid {
    let (id, now) = (Uuid::now_v7(), tyrian_server::now());
    mitre_tactic::Entity::insert(mitre_tactic::ActiveModel {
        id: Set(id),
        stix_id: Set(format!("x-mitre-tactic--{id}")),
        domain: Set(domain.to_owned()),
        external_id: Set(external_id.to_owned()),
        short_name: Set(short_name.to_owned()),
        name: Set(name.to_owned()),
        description: Set(None),
        url: Set(Some(format!("https://attack.mitre.org/tactics/{external_id}"))),
        position: Set(position),
        is_deprecated: Set(false),
        is_revoked: Set(false),
        created_at: Set(now),
        updated_at: Set(now),
    })
    .exec_without_returning(app.state.db.writer())
    .await
    .unwrap();
    id
}

/// One technique that stands in no tactic; its key.
pub async fn seed_technique(app: &TestApp, technique: Technique<'_>) -> Uuid {
    let (id, now) = (Uuid::now_v7(), tyrian_server::now());
    mitre_technique::Entity::insert(mitre_technique::ActiveModel {
        id: Set(id),
        stix_id: Set(format!("attack-pattern--{id}")),
        domain: Set(technique.domain.to_owned()),
        external_id: Set(technique.external_id.to_owned()),
        name: Set(technique.name.to_owned()),
        description: Set(None),
        url: Set(Some(format!("https://attack.mitre.org/techniques/{}", technique.external_id))),
        platforms: Set(json!(["Windows"])),
        is_deprecated: Set(technique.is_deprecated),
        is_revoked: Set(technique.is_revoked),
        revoked_by_external_id: Set(technique.successor.map(str::to_owned)),
        search_text: Set(text::key(&format!("{} {}", technique.external_id, technique.name))),
        created_at: Set(now),
        updated_at: Set(now),
    })
    .exec_without_returning(app.state.db.writer())
    .await
    .unwrap();
    id
}

async fn seed_subtechnique(app: &TestApp, external_id: &str, name: &str, technique_id: Uuid) {
    let (id, now) = (Uuid::now_v7(), tyrian_server::now());
    mitre_subtechnique::Entity::insert(mitre_subtechnique::ActiveModel {
        id: Set(id),
        stix_id: Set(format!("attack-pattern--{id}")),
        domain: Set("enterprise".to_owned()),
        external_id: Set(external_id.to_owned()),
        name: Set(name.to_owned()),
        description: Set(None),
        url: Set(Some(format!("https://attack.mitre.org/techniques/{}", external_id.replace('.', "/")))),
        platforms: Set(json!(["Windows"])),
        is_deprecated: Set(false),
        is_revoked: Set(false),
        revoked_by_external_id: Set(None),
        search_text: Set(text::key(&format!("{external_id} {name}"))),
        created_at: Set(now),
        updated_at: Set(now),
        technique_id: Set(technique_id),
    })
    .exec_without_returning(app.state.db.writer())
    .await
    .unwrap();
}
