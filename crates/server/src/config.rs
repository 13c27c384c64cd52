//! How the server is started: flags, then `TYRIAN_*` variables, then `tyrian.toml`, then defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

mod options;
mod secret;

pub use options::Options;
pub use secret::{keep_secret, make_data_dir};

use options::read_file;
use secret::kept_secret;

/// A setting that cannot be: one line that says which and why. The process ends with code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

impl ConfigError {
    /// A setting that is wrong, and why.
    pub fn new(name: &str, why: impl std::fmt::Display) -> Self {
        wrong(name, why)
    }
}

fn wrong(name: &str, why: impl std::fmt::Display) -> ConfigError {
    ConfigError(format!("{name}: {why}"))
}

/// Which database, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file; the embedded default.
    Sqlite(PathBuf),
    /// A PostgreSQL address.
    Postgres(String),
}

/// Where the files of evidence are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageTarget {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket, and what stands before every name in it. Address and credentials come from the usual `AWS_*` variables.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// Without slashes at its ends; may be empty.
        prefix: String,
    },
}

/// Single sign-on by OpenID Connect.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// Who vouches.
    pub issuer: String,
    /// The client's id there.
    pub client_id: String,
    /// The client's secret there.
    pub client_secret: Option<String>,
    /// The word of the button.
    pub name: String,
    /// Addresses and domains, lower-case, whose people get an account at their first sign-in.
    pub allow: Vec<String>,
    /// The claim that lists groups.
    pub groups_claim: String,
    /// Names in the claim and the groups that they are here.
    pub groups: Vec<(String, String)>,
    /// Scopes besides openid.
    pub scopes: Vec<String>,
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// The database.
    pub database: Database,
    /// Folder for the database, the key and evidence.
    pub data_dir: PathBuf,
    /// Where evidence is kept.
    pub storage: StorageTarget,
    /// Bytes that a file of evidence may have.
    pub evidence_max_bytes: u64,
    /// The root secret.
    pub secret_key: String,
    /// It is the one in the data folder, not one that was set.
    pub secret_is_kept: bool,
    /// The address that people use, without a slash at its end.
    pub public_url: Option<String>,
    /// Requests a minute and user; none: off.
    pub rate_limit: Option<u32>,
    /// Statements that take this long are logged.
    pub slow_query: Option<Duration>,
    /// Growing delays after wrong passwords.
    pub login_throttle: bool,
    /// Allow `POST /diag/reset`.
    pub enable_diag_reset: bool,
    /// Let a sync read any http(s) address.
    pub outbound_allow_private: bool,
    /// Hosts that a sync may read.
    pub outbound_hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For`, `-Proto` and `-Host` are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Where mail goes; none: nowhere.
    pub smtp_url: Option<String>,
    /// The address that mail comes from.
    pub mail_from: Option<String>,
    /// Single sign-on; none: passwords only.
    pub oidc: Option<Oidc>,
    /// Address of the metrics; none: there are none.
    pub metrics_listen: Option<SocketAddr>,
    /// Folder for automatic backups; none: none are made.
    pub backup_dir: Option<PathBuf>,
    /// Hours between two of them.
    pub backup_every_hours: u32,
    /// How many of them are kept.
    pub backup_keep: u32,
    /// SQLite `synchronous=FULL`, not NORMAL.
    pub sqlite_full: bool,
    /// Connections to PostgreSQL at most.
    pub database_connections: u32,
}

/// Four connections to PostgreSQL for each core, 8 to 20: more than the cores can feed only wait for one another.
fn connections() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    u32::try_from(cores * 4).unwrap_or(u32::MAX).clamp(8, 20)
}

/// Hosts that ATT&CK is published on.
const MITRE_HOSTS: &[&str] = &["raw.githubusercontent.com", "attack.mitre.org", "github.com", "objects.githubusercontent.com"];

impl Settings {
    /// Reads flags and variables (already in `options`) and the file, and checks every value.
    pub fn load(options: Options, file: Option<&Path>) -> Result<Self, ConfigError> {
        let options = options.or(read_file(file)?);
        let data_dir = PathBuf::from(options.data_dir.as_deref().unwrap_or("data"));
        let listen = parse(options.listen.as_deref(), "listen", "an address and port such as 127.0.0.1:8080", || {
            SocketAddr::from(([127, 0, 0, 1], 8080))
        })?;
        let database = match options.database_url.as_deref() {
            None => Database::Sqlite(data_dir.join("tyrian.db")),
            Some(url) => parse_database(url)?,
        };
        let storage = match options.storage_url.as_deref() {
            None => StorageTarget::Folder(data_dir.join("evidence")),
            Some(url) => parse_storage(url)?,
        };
        let secret_is_kept = options.secret_key.is_none();
        let secret_key = match options.secret_key.clone() {
            Some(key) if key.len() >= 32 => key,
            Some(_) => return Err(wrong("secret_key", "at least 32 characters, for example from `openssl rand -hex 32`")),
            None if matches!(database, Database::Sqlite(_)) => kept_secret(&data_dir)?,
            None => {
                return Err(wrong(
                    "secret_key",
                    "required on PostgreSQL, the same for every instance; make one with `openssl rand -hex 32`",
                ));
            }
        };
        let public_url = options.public_url.as_deref().map(parse_public_url).transpose()?;
        let oidc = parse_oidc(&options, public_url.is_some())?;
        let rate_limit = match options.rate_limit.as_deref() {
            None => Some(600),
            Some("off") => None,
            Some(n) => Some(n.parse().ok().filter(|n| *n > 0).ok_or_else(|| wrong("rate_limit", "a number of requests a minute, or off"))?),
        };
        let trusted_proxies = list(options.trusted_proxies.as_deref())
            .map(|ip| {
                let address = ip.parse().map_err(|_| wrong("trusted_proxies", format!("{ip} is no IP address")))?;
                Ok(std::net::IpAddr::to_canonical(&address))
            })
            .collect::<Result<_, _>>()?;
        let hosts: Vec<String> = list(options.outbound_hosts.as_deref()).map(str::to_lowercase).collect();
        match options.log_format.as_deref() {
            None | Some("text" | "json") => {}
            Some(_) => return Err(wrong("log_format", "text or json")),
        }
        Ok(Self {
            listen,
            database,
            storage,
            evidence_max_bytes: parse(options.evidence_max_bytes.as_deref(), "evidence_max_bytes", "a number of bytes", || 4 << 30)?,
            secret_key,
            secret_is_kept,
            public_url,
            rate_limit,
            login_throttle: switch(options.login_throttle.as_deref(), "login_throttle", true)?,
            enable_diag_reset: switch(options.enable_diag_reset.as_deref(), "enable_diag_reset", false)?,
            outbound_allow_private: switch(options.outbound_allow_private.as_deref(), "outbound_allow_private", false)?,
            outbound_hosts: if hosts.is_empty() { MITRE_HOSTS.iter().map(|h| (*h).to_owned()).collect() } else { hosts },
            trusted_proxies,
            oidc,
            metrics_listen: options
                .metrics_listen
                .map(|a| a.parse().map_err(|_| wrong("metrics_listen", format!("{a:?} is not an address and port such as 127.0.0.1:9090"))))
                .transpose()?,
            backup_dir: options.backup_dir.map(PathBuf::from),
            backup_every_hours: parse(options.backup_every_hours.as_deref(), "backup_every_hours", "a number of hours", || 24)?.max(1),
            backup_keep: parse(options.backup_keep.as_deref(), "backup_keep", "a number from 1", || 7)?.max(1),
            smtp_url: options.smtp_url,
            mail_from: options.mail_from,
            sqlite_full: match options.sqlite_synchronous.as_deref() {
                None | Some("full") => true,
                Some("normal") => false,
                Some(_) => return Err(wrong("sqlite_synchronous", "full or normal")),
            },
            slow_query: match options.slow_query_ms.as_deref() {
                Some("off") => None,
                ms => Some(Duration::from_millis(parse(ms, "slow_query_ms", "a number of milliseconds, or off", || 200)?)),
            },
            database_connections: parse(options.database_connections.as_deref(), "database_connections", "a number from 1", connections)?
                .max(1),
            data_dir,
        })
    }

    /// Does it listen beyond this machine?
    pub fn is_exposed(&self) -> bool {
        !self.listen.ip().is_loopback()
    }

    /// Do people reach it by https?
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|u| u.starts_with("https://"))
    }
}

fn parse<T: std::str::FromStr>(value: Option<&str>, name: &str, wanted: &str, default: impl FnOnce() -> T) -> Result<T, ConfigError> {
    value.map_or_else(|| Ok(default()), |v| v.parse().map_err(|_| wrong(name, format!("{v:?} is not {wanted}"))))
}

fn switch(value: Option<&str>, name: &str, default: bool) -> Result<bool, ConfigError> {
    match value {
        None => Ok(default),
        Some("true" | "on" | "1" | "yes") => Ok(true),
        Some("false" | "off" | "0" | "no") => Ok(false),
        Some(v) => Err(wrong(name, format!("{v:?} is neither true nor false"))),
    }
}

fn list(value: Option<&str>) -> impl Iterator<Item = &str> {
    value.unwrap_or_default().split(',').map(str::trim).filter(|s| !s.is_empty())
}

fn parse_database(url: &str) -> Result<Database, ConfigError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or_default();
        if path.is_empty() || path.contains(":memory:") {
            return Err(wrong("database_url", "sqlite:// needs the path of a file"));
        }
        return Ok(Database::Sqlite(PathBuf::from(path)));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Url::parse(url).map_err(|e| wrong("database_url", e))?;
        return Ok(Database::Postgres(url.to_owned()));
    }
    Err(wrong("database_url", "starts with neither sqlite:// nor postgres://"))
}

fn parse_storage(url: &str) -> Result<StorageTarget, ConfigError> {
    if let Some(path) = url.strip_prefix("file://") {
        return match path {
            "" => Err(wrong("storage_url", "file:// needs the path of a folder")),
            path => Ok(StorageTarget::Folder(PathBuf::from(path))),
        };
    }
    let Some(rest) = url.strip_prefix("s3://") else { return Err(wrong("storage_url", "starts with neither file:// nor s3://")) };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() || !bucket.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b)) {
        return Err(wrong("storage_url", "s3:// needs the name of a bucket"));
    }
    Ok(StorageTarget::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
}

/// What the `oidc_` settings say together.
fn parse_oidc(options: &Options, has_public_url: bool) -> Result<Option<Oidc>, ConfigError> {
    let Some(issuer) = options.oidc_issuer.clone() else { return Ok(None) };
    Url::parse(&issuer).map_err(|e| wrong("oidc_issuer", e))?;
    if !has_public_url {
        return Err(wrong("public_url", "required for single sign-on: the provider sends people back there"));
    }
    let groups = list(options.oidc_groups.as_deref()).map(|pair| {
        let (theirs, ours) = pair.split_once('=').ok_or_else(|| wrong("oidc_groups", format!("{pair:?} is not THEIRS=OURS")))?;
        Ok((theirs.trim().to_owned(), ours.trim().to_owned()))
    });
    Ok(Some(Oidc {
        issuer,
        client_id: options.oidc_client_id.clone().ok_or_else(|| wrong("oidc_client_id", "required with oidc_issuer"))?,
        client_secret: options.oidc_client_secret.clone(),
        name: options.oidc_name.clone().unwrap_or_else(|| "Single sign-on".into()),
        allow: list(options.oidc_allow.as_deref()).map(|entry| entry.trim_start_matches('@').to_lowercase()).collect(),
        groups_claim: options.oidc_groups_claim.clone().unwrap_or_else(|| "groups".into()),
        groups: groups.collect::<Result<_, ConfigError>>()?,
        scopes: options.oidc_scopes.as_deref().unwrap_or("email profile").split_whitespace().map(str::to_owned).collect(),
    }))
}

fn parse_public_url(url: &str) -> Result<String, ConfigError> {
    let parsed = Url::parse(url).map_err(|e| wrong("public_url", e))?;
    if !["http", "https"].contains(&parsed.scheme()) || parsed.host().is_none() {
        return Err(wrong("public_url", "an http or https address"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(set: impl FnOnce(&mut Options)) -> Result<Settings, ConfigError> {
        let mut options = Options { secret_key: Some("k".repeat(32)), ..Options::default() };
        set(&mut options);
        Settings::load(options, None)
    }

    #[test]
    fn a_wrong_setting_names_itself_and_why() {
        for (name, set) in [
            ("listen", (|o: &mut Options| o.listen = Some("8080".into())) as fn(&mut Options)),
            ("database_url", |o| o.database_url = Some("mysql://x".into())),
            ("secret_key", |o| o.secret_key = Some("short".into())),
            ("rate_limit", |o| o.rate_limit = Some("many".into())),
            ("slow_query_ms", |o| o.slow_query_ms = Some("soon".into())),
            ("login_throttle", |o| o.login_throttle = Some("maybe".into())),
            ("public_url", |o| o.public_url = Some("tyrian".into())),
            ("storage_url", |o| o.storage_url = Some("ftp://host/folder".into())),
            ("storage_url", |o| o.storage_url = Some("file://".into())),
            ("storage_url", |o| o.storage_url = Some("s3:///prefix".into())),
            ("metrics_listen", |o| o.metrics_listen = Some("9090".into())),
            ("public_url", |o| o.oidc_issuer = Some("https://id.example.org".into())),
            ("oidc_client_id", |o| {
                o.oidc_issuer = Some("https://id.example.org".into());
                o.public_url = Some("https://t.example.org".into());
            }),
            ("backup_keep", |o| o.backup_keep = Some("all".into())),
            ("evidence_max_bytes", |o| o.evidence_max_bytes = Some("4 GiB".into())),
            ("trusted_proxies", |o| o.trusted_proxies = Some("10.0.0.0/8".into())),
        ] {
            let error = load(set).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}: ")), "{error}");
            assert!(!error.contains('\n'));
        }
    }

    #[test]
    fn a_bucket_may_have_a_prefix() {
        for (url, bucket, prefix) in [("s3://b", "b", ""), ("s3://b/", "b", ""), ("s3://b.c-d/x/y/", "b.c-d", "x/y")] {
            let wanted = StorageTarget::S3 { bucket: bucket.into(), prefix: prefix.into() };
            assert_eq!(load(|o| o.storage_url = Some(url.into())).unwrap().storage, wanted);
        }
    }

    #[test]
    fn postgres_needs_a_key() {
        let options = Options { database_url: Some("postgres://u@h/d".into()), ..Options::default() };
        assert!(Settings::load(options, None).unwrap_err().to_string().starts_with("secret_key"));
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let s = load(|_| {}).unwrap();
        assert_eq!(s.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(s.rate_limit, Some(600));
        assert_eq!(s.database, Database::Sqlite(PathBuf::from("data/tyrian.db")));
        assert_eq!((s.storage, s.evidence_max_bytes), (StorageTarget::Folder(PathBuf::from("data/evidence")), 4_294_967_296));
        assert!(s.login_throttle && !s.enable_diag_reset && !s.outbound_allow_private);
    }
}
