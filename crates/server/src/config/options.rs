//! The settings as people write them: flags, variables and a file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{ConfigError, wrong};

macro_rules! options {
    ($($(#[$doc:meta])* $field:ident: $env:literal;)+) => {
        /// The settings as they are written, each a text; the same names in flags, variables and file.
        #[derive(Debug, Clone, Default, clap::Args, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Options {
            $( $(#[$doc])* #[arg(long, env = $env, hide_env_values = true)] #[serde(deserialize_with = "lenient")] pub $field: Option<String>, )+
        }

        impl Options {
            /// What is not set here is taken from `other`.
            pub(super) fn or(self, other: Self) -> Self {
                Self { $( $field: self.$field.filter(|v| !v.is_empty()).or(other.$field), )+ }
            }
        }
    };
}

options! {
    /// Address to listen on [default: 127.0.0.1:8080]
    listen: "TYRIAN_LISTEN";
    /// `sqlite://PATH` or `postgres://…` [default: tyrian.db in the data folder]
    database_url: "TYRIAN_DATABASE_URL";
    /// Folder for the database, the key and evidence [default: ./data]
    data_dir: "TYRIAN_DATA_DIR";
    /// Where evidence is kept: `file://PATH` or `s3://BUCKET/PREFIX` [default: evidence in the data folder]
    storage_url: "TYRIAN_STORAGE_URL";
    /// Bytes that a file of evidence may have [default: 4294967296]
    evidence_max_bytes: "TYRIAN_EVIDENCE_MAX_BYTES";
    /// At least 32 characters; made and kept in the data folder on SQLite, required on PostgreSQL
    secret_key: "TYRIAN_SECRET_KEY";
    /// The address that people use, `https://tyrian.example.org`
    public_url: "TYRIAN_PUBLIC_URL";
    /// Requests a minute and user, or `off` [default: 600]
    rate_limit: "TYRIAN_RATE_LIMIT";
    /// Growing delays after wrong passwords: `on` or `off` [default: on]
    login_throttle: "TYRIAN_LOGIN_THROTTLE";
    /// Allow `POST /diag/reset`: `true` or `false` [default: false]
    enable_diag_reset: "TYRIAN_ENABLE_DIAG_RESET";
    /// Let a sync read any http(s) address, private ones too: `true` or `false` [default: false]
    outbound_allow_private: "TYRIAN_OUTBOUND_ALLOW_PRIVATE";
    /// Hosts that a sync may read, comma separated [default: MITRE's]
    outbound_hosts: "TYRIAN_OUTBOUND_HOSTS";
    /// Addresses of proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed, comma separated
    trusted_proxies: "TYRIAN_TRUSTED_PROXIES";
    /// Where mail goes: `smtp://`, `smtps://` with user, password, host and port, or `file:///FOLDER` [default: nowhere]
    smtp_url: "TYRIAN_SMTP_URL";
    /// The address that mail comes from, `Tyrian <tyrian@example.org>`
    mail_from: "TYRIAN_MAIL_FROM";
    /// Issuer of single sign-on by OpenID Connect, `https://login.example.org/realms/main` [default: none]
    oidc_issuer: "TYRIAN_OIDC_ISSUER";
    /// The client's id there
    oidc_client_id: "TYRIAN_OIDC_CLIENT_ID";
    /// The client's secret there; none for a public client
    oidc_client_secret: "TYRIAN_OIDC_CLIENT_SECRET";
    /// The word of its button [default: Single sign-on]
    oidc_name: "TYRIAN_OIDC_NAME";
    /// Who gets an account at their first sign-in: addresses and domains, comma separated [default: nobody]
    oidc_allow: "TYRIAN_OIDC_ALLOW";
    /// The claim of the ID token that lists groups [default: groups]
    oidc_groups_claim: "TYRIAN_OIDC_GROUPS_CLAIM";
    /// Groups of the claim and what they are here, `soc=Blue team, lead=Leads` [default: groups stay as they are]
    oidc_groups: "TYRIAN_OIDC_GROUPS";
    /// Scopes to ask for besides openid [default: email profile]
    oidc_scopes: "TYRIAN_OIDC_SCOPES";
    /// Address of `GET /metrics`, which asks nobody who they are [default: none]
    metrics_listen: "TYRIAN_METRICS_LISTEN";
    /// Folder for automatic backups [default: none are made]
    backup_dir: "TYRIAN_BACKUP_DIR";
    /// Hours between two of them [default: 24]
    backup_every_hours: "TYRIAN_BACKUP_EVERY_HOURS";
    /// How many of them are kept [default: 7]
    backup_keep: "TYRIAN_BACKUP_KEEP";
    /// SQLite's durability: `full` or `normal` [default: full]
    sqlite_synchronous: "TYRIAN_SQLITE_SYNCHRONOUS";
    /// Connections to PostgreSQL at most [default: four for each core, 8 to 20]
    database_connections: "TYRIAN_DATABASE_CONNECTIONS";
    /// Statements that take so many milliseconds or longer are logged, or `off` [default: 200]
    slow_query_ms: "TYRIAN_SLOW_QUERY_MS";
    /// Log as `text` or `json` [default: text]
    log_format: "TYRIAN_LOG_FORMAT";
}

/// A file may say `true` or `600` without quotes.
fn lenient<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Text(String),
        Bool(bool),
        Number(i64),
    }
    Ok(Option::<Scalar>::deserialize(deserializer)?.map(|s| match s {
        Scalar::Text(s) => s,
        Scalar::Bool(b) => b.to_string(),
        Scalar::Number(n) => n.to_string(),
    }))
}

/// The settings of a file; none where it is not named and not there.
pub(super) fn read_file(file: Option<&Path>) -> Result<Options, ConfigError> {
    let path = file.map_or_else(|| PathBuf::from("tyrian.toml"), Path::to_path_buf);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && file.is_none() => return Ok(Options::default()),
        Err(e) => return Err(wrong(&path.display().to_string(), e)),
    };
    toml::from_str(&text).map_err(|e| wrong(&path.display().to_string(), e.message()))
}
