//! `users`: who signs in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Normalised; unique among active users.
    #[sea_orm(column_type = "Text")]
    pub email: String,
    #[sea_orm(column_type = "Text")]
    pub display_name: String,
    #[sea_orm(column_type = "Text")]
    pub name_key: String,
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    /// argon2id, as a PHC string; `None` for whoever signs in by SSO only.
    #[sea_orm(column_type = "Text", nullable)]
    pub password_hash: Option<String>,
    pub is_active: bool,
    pub is_admin: bool,
    pub last_login_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub totp_secret_enc: Option<String>,
    /// The time step of the last code of the authenticator that was taken.
    pub totp_last_step: Option<i64>,
    /// Locale, theme, muted kinds.
    #[sea_orm(column_type = "JsonBinary")]
    pub preferences: Json,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
