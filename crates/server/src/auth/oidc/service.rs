//! Whose account a person of the provider has, and the session that they get.

use std::collections::BTreeSet;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;
use tyrian_domain::text;
use tyrian_entity::{group, user, user_identity};
use uuid::Uuid;

use super::provider::Person;
use crate::audit;
use crate::auth::service::{self, Issued};
use crate::auth::{grants, store};
use crate::config::Oidc;
use crate::error::ApiResult;
use crate::http::RequestInfo;
use crate::state::State;
use crate::{groups, users};

/// Why somebody whom the provider knows is not let in: the app has words for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody said that such a person may have an account.
    NotAllowed,
    /// There is an account of this address already: its owner connects it after signing in.
    Connect,
    /// The account is deactivated or deleted.
    Inactive,
    /// Somebody else's account is connected with this person of the provider.
    Taken,
}

impl Refusal {
    /// As the app's address has it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::Connect => "connect",
            Self::Inactive => "inactive",
            Self::Taken => "taken",
        }
    }
}

/// May somebody of this address have an account?
fn is_allowed(allow: &[String], email: &str) -> bool {
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    allow.iter().any(|entry| if entry.contains('@') { entry == email } else { entry == domain })
}

/// The user whose session a refresh token belongs to; nothing is used up.
pub async fn owner_of(state: &State, refresh_token: &str) -> ApiResult<Option<Uuid>> {
    let row = store::find_token(state.db.reader(), &crate::keys::sha256_hex(refresh_token)).await?;
    Ok(row.filter(|row| row.revoked_at.is_none() && row.expires_at > crate::now()).map(|row| row.user_id))
}

async fn known(db: &impl ConnectionTrait, person: &Person) -> ApiResult<Option<user_identity::Model>> {
    Ok(user_identity::Entity::find()
        .filter(user_identity::Column::Issuer.eq(&person.issuer))
        .filter(user_identity::Column::Subject.eq(&person.subject))
        .one(db)
        .await?)
}

async fn connect(txn: &DatabaseTransaction, user: Uuid, person: &Person) -> ApiResult<()> {
    let row = user_identity::ActiveModel {
        id: Set(Uuid::now_v7()),
        user_id: Set(user),
        issuer: Set(person.issuer.clone()),
        subject: Set(person.subject.clone()),
        created_at: Set(crate::now()),
    };
    row.insert(txn).await?;
    Ok(())
}

/// The account: the connected one, the one that asks to be connected, or a new one.
async fn account(
    txn: &DatabaseTransaction,
    oidc: &Oidc,
    person: &Person,
    asks: Option<Uuid>,
) -> ApiResult<Result<(user::Model, &'static str), Refusal>> {
    if let Some(identity) = known(txn, person).await? {
        if asks.is_some_and(|user| user != identity.user_id) {
            return Ok(Err(Refusal::Taken));
        }
        return Ok(store::find_user(txn, identity.user_id).await?.map(|user| (user, "login")).ok_or(Refusal::Inactive));
    }
    if let Some(id) = asks {
        let Some(user) = store::find_user(txn, id).await? else { return Ok(Err(Refusal::Inactive)) };
        connect(txn, id, person).await?;
        return Ok(Ok((user, "identity.connect")));
    }
    let Some(email) = person.email.as_deref().map(text::normalise_email) else { return Ok(Err(Refusal::NotAllowed)) };
    if !is_allowed(&oidc.allow, &email) {
        return Ok(Err(Refusal::NotAllowed));
    }
    if users::store::find_by_email(txn, &email).await?.is_some() {
        return Ok(Err(Refusal::Connect));
    }
    let name = person.name.clone().unwrap_or_else(|| email.clone());
    let name: String = name.chars().filter(|c| !c.is_control()).take(text::NAME).collect();
    let made = users::store::insert(txn, service::new_user(&email, &name, None, false)).await?;
    connect(txn, made.id, person).await?;
    Ok(Ok((made, "user.sso_create")))
}

/// Sets the mapped groups as the provider has them; groups that no mapping names stay as they are.
async fn follow_groups(txn: &DatabaseTransaction, oidc: &Oidc, person: &Person, user: Uuid) -> ApiResult<()> {
    if oidc.groups.is_empty() {
        return Ok(());
    }
    let wanted: BTreeSet<&str> =
        oidc.groups.iter().filter(|(theirs, _)| person.groups.contains(theirs)).map(|(_, ours)| ours.as_str()).collect();
    let names = oidc.groups.iter().map(|(_, ours)| ours.as_str());
    let mapped = group::Entity::find().filter(group::Column::Name.is_in(names)).filter(group::Column::DeletedAt.is_null()).all(txn).await?;
    let present = users::store::memberships(txn, user).await?;
    let ids = |fits: &dyn Fn(&group::Model) -> bool| mapped.iter().filter(|g| fits(g)).map(|g| g.id).collect::<BTreeSet<_>>();
    let joined = ids(&|g| wanted.contains(g.name.as_str()) && !present.contains(&g.id));
    let left = ids(&|g| !wanted.contains(g.name.as_str()) && present.contains(&g.id));
    if joined.is_empty() && left.is_empty() {
        return Ok(());
    }
    users::store::leave(txn, user, &left).await?;
    users::store::join(txn, joined.iter().map(|id| (user, *id))).await?;
    groups::store::touch(txn, joined.iter().chain(&left).copied()).await?;
    users::store::touch(txn, [user]).await?;
    Ok(())
}

/// Lets a person of the provider in: their account, their groups, a session.
pub async fn enter(
    state: &State,
    request: &RequestInfo,
    user_agent: Option<String>,
    oidc: &Oidc,
    person: &Person,
    asks: Option<Uuid>,
) -> ApiResult<Result<Issued, Refusal>> {
    let txn = state.db.begin().await?;
    grants::lock(&txn).await?;
    let (user, action) = match account(&txn, oidc, person, asks).await? {
        Ok(found) => found,
        Err(refusal) => {
            txn.rollback().await?;
            let txn = state.db.begin().await?;
            let detail = json!({ "sso": refusal.code(), "issuer": person.issuer, "subject": person.subject });
            audit::record(state, &txn, request, service::entry(None, "login.failed", None, detail)).await?;
            txn.commit().await?;
            return Ok(Err(refusal));
        }
    };
    let id = user.id;
    follow_groups(&txn, oidc, person, id).await?;
    let user = store::find_user(&txn, id).await?.unwrap_or(user);
    let me = service::me(&txn, user).await?;
    store::note_login(&txn, id).await?;
    let issued = service::issue(state, &txn, request, user_agent, me).await?;
    let detail = json!({ "sso": true, "issuer": person.issuer, "subject": person.subject });
    audit::record(state, &txn, request, service::entry(Some(id), action, Some(id), detail)).await?;
    txn.commit().await?;
    state.live.rights_changed(Some(id));
    Ok(Ok(issued))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn an_entry_is_an_address_or_a_whole_domain() {
        let allow = ["example.org".to_owned(), "ana@other.org".to_owned()];
        for (email, allowed) in [
            ("eve@example.org", true),
            ("ana@other.org", true),
            ("eve@other.org", false),
            ("eve@evil-example.org", false),
            ("eve@example.org.evil.org", false),
            ("eve@sub.example.org", false),
            ("example.org", false),
        ] {
            assert_eq!(is_allowed(&allow, email), allowed, "{email}");
        }
        assert!(!is_allowed(&[], "eve@example.org"));
    }
}
