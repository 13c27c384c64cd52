//! The matrix, kept as bytes for as long as no newer sync is there.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, error, get};
use serde::Serialize;
use tokio::try_join;
use uuid::Uuid;

use crate::State;
use crate::read::{Answer, caller, fault};
use crate::sql;
use crate::store::{Handle, Param};

/// The bytes by the sync that they are of: plain and packed.
#[derive(Default)]
pub struct Kept(Mutex<Option<(Option<Uuid>, Bytes, Bytes)>>);

#[derive(Serialize)]
struct Matrix {
    domain: &'static str,
    version: Option<String>,
    tactics: Vec<Tactic>,
}

#[derive(Serialize)]
struct Tactic {
    #[serde(skip)]
    id: Uuid,
    external_id: String,
    short_name: String,
    name: String,
    techniques: Vec<Technique>,
}

#[derive(Serialize, Clone)]
struct Technique {
    external_id: String,
    name: String,
    subtechniques: Vec<Subtechnique>,
}

#[derive(Serialize, Clone)]
struct Subtechnique {
    external_id: String,
    name: String,
}

async fn build(db: &Handle, version: Option<String>) -> anyhow::Result<Matrix> {
    let (mut tactics, techniques, subs) = try_join!(
        db.all(sql::TACTICS, &[], |r| Tactic {
            id: r.id(0),
            external_id: r.text(1),
            short_name: r.text(2),
            name: r.text(3),
            techniques: Vec::new()
        }),
        db.all(sql::TECHNIQUES, &[], |r| (r.id(0), r.text(1), r.text(2), r.id(3))),
        db.all(sql::SUBTECHNIQUES, &[], |r| (r.id(0), Subtechnique { external_id: r.text(1), name: r.text(2) }))
    )?;
    let mut below: HashMap<Uuid, Vec<Subtechnique>> = HashMap::new();
    for (technique, sub) in subs {
        below.entry(technique).or_default().push(sub);
    }
    let mut columns: HashMap<Uuid, Vec<Technique>> = HashMap::new();
    for (id, external_id, name, tactic) in techniques {
        let subtechniques = below.get(&id).cloned().unwrap_or_default();
        columns.entry(tactic).or_default().push(Technique { external_id, name, subtechniques });
    }
    for tactic in &mut tactics {
        tactic.techniques = columns.remove(&tactic.id).unwrap_or_default();
        tactic.techniques.sort_by_cached_key(|t| (t.name.to_lowercase(), t.external_id.clone()));
    }
    Ok(Matrix { domain: "enterprise", version, tactics })
}

#[get("/api/v1/mitre/matrix")]
pub async fn get_matrix(state: Data<State>, request: HttpRequest) -> Answer {
    let who = caller(&state, &request)?;
    let db = state.store.get().await.map_err(fault)?;
    let found = db.all(sql::EDITION, &[Param::Id(who.sub), Param::Id(who.fam)], |r| (r.id_or(0), r.text_or(1))).await.map_err(fault)?;
    let (edition, version) = found.into_iter().next().ok_or_else(|| error::ErrorUnauthorized("no session"))?;
    let kept = state.matrix.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (plain, packed) = match kept {
        Some((of, plain, packed)) if of == edition => (plain, packed),
        _ => {
            let plain = serde_json::to_vec(&build(&db, version).await.map_err(fault)?)?;
            let mut writer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            writer.write_all(&plain)?;
            let (plain, packed) = (Bytes::from(plain), Bytes::from(writer.into_inner()));
            *state.matrix.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((edition, plain.clone(), packed.clone()));
            (plain, packed)
        }
    };
    let takes_brotli = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("br"));
    let mut response = HttpResponse::Ok();
    response.content_type("application/json");
    Ok(if takes_brotli { response.insert_header((header::CONTENT_ENCODING, "br")).body(packed) } else { response.body(plain) })
}
