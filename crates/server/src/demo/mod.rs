//! `tyrian demo`: the server on a throw-away database with a year of made-up exercises.
//!
//! Missions are made by the same service that requests use; what red and blue did is then written into their tests,
//! and the counters are taken from the rows.

mod library;
mod missions;
mod story;

use chrono::{DateTime, Duration, Utc};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use tyrian_domain::permission;
use tyrian_domain::template::TagKind;
use tyrian_domain::text;
use tyrian_entity::{
    catalogue_sync, group, mitre_subtechnique, mitre_tactic, mitre_technique, mitre_technique_tactic, scenario_template,
    scenario_template_test, test_template, test_template_mitre_tag, user_group,
};
use uuid::Uuid;

use crate::error::{ApiError, ApiResult};
use crate::http::caller::Credential;
use crate::http::{Caller, RequestInfo};
use crate::search::texts;
use crate::state::State;

/// The password of everybody in the demo.
pub const PASSWORD: &str = "tyrian-demo-2026";

/// Who is in the demo: address, name, group; the first is an admin.
pub const PEOPLE: &[(&str, &str, &str)] = &[
    ("ines@demo.test", "Ines Marchetti", "Leads"),
    ("aiko@demo.test", "Aiko Brandt", "Red team"),
    ("tomas@demo.test", "Tomás Prieto", "Red team"),
    ("priya@demo.test", "Priya Nair", "Blue team"),
    ("jonas@demo.test", "Jonas Weil", "Blue team"),
    ("noor@demo.test", "Noor Haddad", "Observers"),
];

/// A person of the demo.
pub(crate) struct Person {
    id: Uuid,
    email: &'static str,
}

/// Fills an empty instance.
pub async fn fill(state: &State) -> ApiResult<()> {
    let now = crate::now();
    let hash = state.passwords.hash("/password", PASSWORD.to_owned(), "", "").await?;
    let txn = state.db.begin().await?;
    let people = add_people(&txn, &hash).await?;
    let tags = add_catalogue(&txn, now - Duration::days(2)).await?;
    let first = people.first().ok_or_else(|| ApiError::internal(anyhow::anyhow!("the demo has no people")))?;
    let scenarios = add_library(&txn, &tags, first.id, now - Duration::days(380)).await?;
    txn.commit().await?;
    let lead = Caller {
        id: first.id,
        display_name: "Ines Marchetti".into(),
        is_admin: true,
        permissions: permission::all(),
        credential: Credential::Session(Uuid::nil()),
        request: RequestInfo { id: "demo".into(), ip: None, api_token: None },
    };
    missions::add(state, &lead, &people, &scenarios).await
}

async fn add_people(txn: &DatabaseTransaction, hash: &str) -> ApiResult<Vec<Person>> {
    let mut people = Vec::new();
    for (email, name, group_name) in PEOPLE {
        let user = crate::auth::new_user(email, name, Some(hash.to_owned()), people.is_empty()).insert(txn).await?;
        let group = group::Entity::find().filter(group::Column::Name.eq(*group_name)).one(txn).await?.ok_or_else(ApiError::not_found)?;
        user_group::Entity::insert(user_group::ActiveModel { user_id: Set(user.id), group_id: Set(group.id) })
            .exec_without_returning(txn)
            .await?;
        people.push(Person { id: user.id, email });
    }
    Ok(people)
}

fn page(id: &str) -> String {
    let kind = if id.starts_with("TA") { "tactics" } else { "techniques" };
    format!("https://attack.mitre.org/{kind}/{}/", id.replace('.', "/"))
}

/// A slice of ATT&CK, enough for the demo's tests. Answers what a template's tag refers to, by ATT&CK id.
async fn add_catalogue(txn: &DatabaseTransaction, at: DateTime<Utc>) -> ApiResult<HashMap<&'static str, (TagKind, Uuid)>> {
    let (mut ids, mut tactic_of) = (HashMap::new(), HashMap::new());
    for ((external_id, short_name, name), position) in library::TACTICS.iter().zip(0..) {
        let id = Uuid::now_v7();
        mitre_tactic::Entity::insert(mitre_tactic::ActiveModel {
            id: Set(id),
            stix_id: Set(format!("x-mitre-tactic--demo-{external_id}")),
            domain: Set("enterprise".into()),
            external_id: Set((*external_id).into()),
            short_name: Set((*short_name).into()),
            name: Set((*name).into()),
            description: Set(None),
            url: Set(Some(page(external_id))),
            position: Set(position),
            is_deprecated: Set(false),
            is_revoked: Set(false),
            created_at: Set(at),
            updated_at: Set(at),
        })
        .exec_without_returning(txn)
        .await?;
        ids.insert(*external_id, (TagKind::Tactic, id));
        tactic_of.insert(*short_name, id);
    }
    for (external_id, name, tactics) in library::TECHNIQUES {
        let (id, search_text) = (Uuid::now_v7(), text::key(&format!("{external_id} {name}")));
        let stix_id = format!("attack-pattern--demo-{external_id}");
        if let Some((parent, _)) = external_id.split_once('.') {
            let Some((_, technique_id)) = ids.get(parent).copied() else { continue };
            mitre_subtechnique::Entity::insert(mitre_subtechnique::ActiveModel {
                id: Set(id),
                stix_id: Set(stix_id),
                domain: Set("enterprise".into()),
                external_id: Set((*external_id).into()),
                name: Set((*name).into()),
                description: Set(None),
                url: Set(Some(page(external_id))),
                platforms: Set(json!(["Windows"])),
                is_deprecated: Set(false),
                is_revoked: Set(false),
                revoked_by_external_id: Set(None),
                search_text: Set(search_text),
                created_at: Set(at),
                updated_at: Set(at),
                technique_id: Set(technique_id),
            })
            .exec_without_returning(txn)
            .await?;
            ids.insert(*external_id, (TagKind::Subtechnique, id));
            continue;
        }
        mitre_technique::Entity::insert(mitre_technique::ActiveModel {
            id: Set(id),
            stix_id: Set(stix_id),
            domain: Set("enterprise".into()),
            external_id: Set((*external_id).into()),
            name: Set((*name).into()),
            description: Set(None),
            url: Set(Some(page(external_id))),
            platforms: Set(json!(["Windows"])),
            is_deprecated: Set(false),
            is_revoked: Set(false),
            revoked_by_external_id: Set(None),
            search_text: Set(search_text),
            created_at: Set(at),
            updated_at: Set(at),
        })
        .exec_without_returning(txn)
        .await?;
        ids.insert(*external_id, (TagKind::Technique, id));
        for tactic in tactics.split(',') {
            let Some(tactic_id) = tactic_of.get(tactic).copied() else { continue };
            mitre_technique_tactic::Entity::insert(mitre_technique_tactic::ActiveModel {
                technique_id: Set(id),
                tactic_id: Set(tactic_id),
            })
            .exec_without_returning(txn)
            .await?;
        }
    }
    catalogue_sync::Entity::insert(catalogue_sync::ActiveModel {
        id: Set(Uuid::now_v7()),
        domain: Set("enterprise".into()),
        source: Set("the demo's excerpt".into()),
        sha256: Set(None),
        version: Set(Some("18.1".into())),
        started_at: Set(at),
        finished_at: Set(at),
        counts: Set(json!({"tactics": library::TACTICS.len(), "excerpt": true})),
        outcome: Set("succeeded".into()),
        verified: Set(false),
        error: Set(None),
        created_by_id: Set(None),
    })
    .exec_without_returning(txn)
    .await?;
    Ok(ids)
}

/// The library: every scenario with its tests. Answers the scenarios' ids in order.
async fn add_library(
    txn: &DatabaseTransaction,
    tags: &HashMap<&'static str, (TagKind, Uuid)>,
    author: Uuid,
    at: DateTime<Utc>,
) -> ApiResult<Vec<Uuid>> {
    let mut scenarios = Vec::new();
    for (s, day) in library::SCENARIOS.iter().zip(0..) {
        let (id, at) = (Uuid::now_v7(), at + Duration::days(day * 11));
        scenario_template::Entity::insert(scenario_template::ActiveModel {
            id: Set(id),
            name: Set(s.0.into()),
            name_key: Set(text::key(s.0)),
            search_text: Set(text::key(&format!("{} {} {}", s.0, s.1, s.2))),
            description: Set(Some(s.2.into())),
            threat_actor: Set(Some(s.1.into())),
            tags: Set(json!(["baseline"])),
            source_kind: Set(None),
            source_id: Set(None),
            source_checksum: Set(None),
            source_version: Set(None),
            created_by_id: Set(Some(author)),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
            deleted_at: Set(None),
        })
        .exec_without_returning(txn)
        .await?;
        for (test, position) in s.3.iter().zip(0..) {
            let test_id = add_test(txn, tags, author, at + Duration::minutes(position * 7), test).await?;
            scenario_template_test::Entity::insert(scenario_template_test::ActiveModel {
                id: Set(Uuid::now_v7()),
                scenario_template_id: Set(id),
                test_template_id: Set(test_id),
                position: Set(i32::try_from(position).unwrap_or_default()),
                created_at: Set(at),
            })
            .exec_without_returning(txn)
            .await?;
        }
        scenarios.push(id);
    }
    Ok(scenarios)
}

/// The arguments that a command names as `#{name}`.
fn arguments(command: &str) -> serde_json::Value {
    let names: BTreeSet<&str> = command.split("#{").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    names
        .into_iter()
        .map(|name| (name.to_owned(), json!({"description": null, "type": "string", "default": null})))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

async fn add_test(
    txn: &DatabaseTransaction,
    tags: &HashMap<&'static str, (TagKind, Uuid)>,
    author: Uuid,
    at: DateTime<Utc>,
    t: &library::Test,
) -> ApiResult<Uuid> {
    let id = Uuid::now_v7();
    let found_by = text::key(&format!("{}\n{}", t.0, t.1));
    texts::keep(txn, [found_by.clone()]).await?;
    test_template::Entity::insert(test_template::ActiveModel {
        id: Set(id),
        name: Set(t.0.into()),
        name_key: Set(text::key(t.0)),
        search_text_id: Set(Some(texts::id(&found_by))),
        objective: Set(None),
        procedure: Set(Some(t.5.into())),
        prerequisites: Set(Some("Written consent, the exercise account, a way to reach both sides.".into())),
        cleanup: Set(Some("Remove what the test left behind and say so in the notes.".into())),
        expected_detection: Set(Some("An alert that names the technique within 15 minutes.".into())),
        detection_rules: Set(json!([])),
        opsec_level: Set(t.3.into()),
        platforms: Set(json!(["Windows"])),
        tags: Set(json!(["baseline"])),
        executor: Set(t.2.into()),
        command: Set((!t.4.is_empty()).then(|| t.4.into())),
        arguments: Set(arguments(t.4)),
        elevation_required: Set(t.3 == "high"),
        reference_links: Set(json!([page(t.1)])),
        unresolved_tags: Set(json!([])),
        source_kind: Set(None),
        source_id: Set(None),
        source_checksum: Set(None),
        source_version: Set(None),
        created_by_id: Set(Some(author)),
        version: Set(1),
        created_at: Set(at),
        updated_at: Set(at),
        deleted_at: Set(None),
    })
    .exec_without_returning(txn)
    .await?;
    if let Some((kind, target)) = tags.get(t.1).copied() {
        let only = |wanted: TagKind| (kind == wanted).then_some(target);
        test_template_mitre_tag::Entity::insert(test_template_mitre_tag::ActiveModel {
            id: Set(Uuid::now_v7()),
            test_template_id: Set(id),
            tactic_id: Set(only(TagKind::Tactic)),
            technique_id: Set(only(TagKind::Technique)),
            subtechnique_id: Set(only(TagKind::Subtechnique)),
            ordinal: Set(0),
            created_at: Set(at),
        })
        .exec_without_returning(txn)
        .await?;
    }
    Ok(id)
}
