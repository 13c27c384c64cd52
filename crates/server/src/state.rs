//! What all requests share.

use std::net::IpAddr;
use std::sync::Arc;

use crate::auth::password::Passwords;
use crate::auth::throttle::Throttle;
use crate::config::{ConfigError, Settings};
use crate::db::Db;
use crate::evidence::Storage;
use crate::http::rate_limit::{Costly, RateLimit};
use crate::keys::Keys;
use crate::live::Live;
use crate::mail::Mailer;

/// Shared by all requests; cheap to clone.
pub type State = actix_web::web::Data<AppState>;

/// Requests a minute and address by links of mails and for them: a person needs few.
const STRANGERS_A_MINUTE: u32 = 20;

/// What all requests share.
pub struct AppState {
    /// How the server was started.
    pub settings: Settings,
    /// The database.
    pub db: Db,
    /// The files of evidence.
    pub storage: Storage,
    /// Keys derived from the secret.
    pub keys: Keys,
    /// The bounded pool that hashes passwords.
    pub passwords: Passwords,
    /// Delays after wrong passwords.
    pub throttle: Throttle,
    /// Requests a minute and user.
    pub rate_limit: RateLimit,
    /// The same of what costs much.
    pub costly: Costly,
    /// Requests a minute and address of those who prove nothing: links that were guessed, mails that are asked for.
    pub strangers: RateLimit<Option<IpAddr>>,
    /// Figures for whoever watches the server.
    pub metrics: crate::metrics::Metrics,
    /// Sends mail.
    pub mailer: Mailer,
    /// Denials a minute and user that the audit log keeps.
    pub denials: RateLimit,
    /// The one-time code for set-up from another machine.
    pub setup_code: Option<String>,
    /// One sync at a time in this process.
    pub sync_lock: Arc<tokio::sync::Mutex<()>>,
    /// Tells those who listen what happens.
    pub live: Live,
    /// So many exports are made at once: each holds a mission in memory.
    pub exports: tokio::sync::Semaphore,
    /// The ATT&CK matrix as it was last built.
    pub matrix: crate::catalogue::MatrixCache,
    /// Details of missions as they last went out.
    pub details: crate::missions::DetailCache,
    /// What lists show of missions, and how many there are, as last read.
    pub lists: crate::missions::ListCache,
}

impl AppState {
    /// Puts it together.
    pub fn new(settings: Settings, db: Db) -> Result<Self, ConfigError> {
        let setup_code = settings.is_exposed().then(|| crate::keys::random_token().chars().take(12).collect());
        Ok(Self {
            storage: Storage::open(&settings.storage)?,
            keys: Keys::derive(&settings.secret_key),
            passwords: Passwords::new(),
            throttle: Throttle::new(settings.login_throttle),
            rate_limit: RateLimit::new(settings.rate_limit),
            costly: Costly::new(settings.rate_limit.is_some()),
            strangers: RateLimit::new(settings.rate_limit.map(|_| STRANGERS_A_MINUTE)),
            metrics: crate::metrics::Metrics::new(&db),
            mailer: Mailer::new(settings.smtp_url.as_deref(), settings.mail_from.as_deref())?,
            denials: RateLimit::new(Some(crate::audit::DENIALS_A_MINUTE)),
            setup_code,
            sync_lock: Arc::default(),
            live: Live::default(),
            exports: tokio::sync::Semaphore::new(crate::exports::AT_ONCE),
            matrix: crate::catalogue::MatrixCache::default(),
            details: crate::missions::DetailCache::default(),
            lists: crate::missions::ListCache::default(),
            settings,
            db,
        })
    }
}
