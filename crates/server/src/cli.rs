//! The command line: one binary with subcommands. A wrong setting is one line and exit code 2.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use sea_orm_migration::MigratorTrait as _;
use tyrian_api_types::catalogue::SyncRequest;
use tyrian_migration::Migrator;

use crate::app::Application;
use crate::catalogue::{self, Actor, Bundle};
use crate::config::{ConfigError, Database, Options, Settings, make_data_dir};
use crate::db::Db;
use crate::error::ApiError;
use crate::http::RequestInfo;
use crate::jobs::Progress;
use crate::state::{AppState, State};

/// Tyrian: plan, run and judge purple-team exercises.
#[derive(Parser)]
#[command(name = "tyrian", version = crate::VERSION)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the app
    Serve(Common),
    /// Serve a throw-away instance with a rich, made-up example
    Demo(Common),
    /// Change the database's schema
    Migrate {
        #[command(subcommand)]
        step: Migrate,
        #[command(flatten)]
        common: Common,
    },
    /// The ATT&CK catalogue
    Mitre {
        #[command(subcommand)]
        act: Mitre,
    },
    /// Write everything to one file, while the server works: database, evidence, and the secret key where it is kept in the
    /// data folder. Keep the file as safe as the data folder itself
    Backup {
        /// The new file, `tyrian.backup.zip`
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// Put a backup into an empty instance, on this or the other engine. Stop the server before
    Restore {
        /// The backup
        file: PathBuf,
        /// Replace everything that the instance holds
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        common: Common,
    },
    /// The audit log
    Audit {
        #[command(subcommand)]
        act: Audit,
    },
    /// Print the OpenAPI document
    Openapi,
}

#[derive(Subcommand)]
enum Audit {
    /// Verify the chains and print their ends, one a line: kept elsewhere, they prove later that nothing before was changed
    Anchor(Common),
    /// Verify the chains, and that they begin as an anchor says
    Verify {
        /// A file with lines of `tyrian audit anchor`
        #[arg(long)]
        anchor: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Subcommand)]
enum Mitre {
    /// Replace the catalogue: with the pinned release if nothing is said
    Sync {
        #[command(flatten)]
        bundle: BundleOptions,
        #[command(flatten)]
        common: Common,
    },
}

/// Which bundle a sync takes.
#[derive(clap::Args)]
struct BundleOptions {
    /// A bundle on this machine, unpacked JSON
    #[arg(long, conflicts_with = "url")]
    file: Option<PathBuf>,
    /// The address of a bundle
    #[arg(long, conflicts_with = "version")]
    url: Option<String>,
    /// SHA-256 that the bundle must have
    #[arg(long, value_name = "HEX")]
    expected_sha256: Option<String>,
    /// Take a bundle whose hash is neither given nor known
    #[arg(long)]
    allow_unverified: bool,
    /// A published release, such as 18.1
    #[arg(long)]
    version: Option<String>,
    /// enterprise, mobile or ics
    #[arg(long)]
    domain: Option<String>,
}

#[derive(Subcommand, Clone, Copy)]
enum Migrate {
    /// Run all open migrations
    Up,
    /// Take back the last migration
    Down,
    /// Show which migrations ran
    Status,
}

/// What every command that opens the database takes.
#[derive(clap::Args)]
struct Common {
    /// Settings file [default: ./tyrian.toml where it exists]
    #[arg(long, env = "TYRIAN_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    // several crates bring a TLS provider: say once which
    let _ = rustls::crypto::ring::default_provider().install_default();
    let result = match cli.command {
        Command::Serve(common) => serve(common),
        Command::Demo(common) => demo(common),
        Command::Migrate { step, common } => migrate(step, common),
        Command::Mitre { act: Mitre::Sync { bundle, common } } => sync(bundle, common),
        Command::Backup { file, common } => backup(&file, common),
        Command::Restore { file, force, common } => restore(&file, force, common),
        Command::Audit { act: Audit::Anchor(common) } => anchor(common),
        Command::Audit { act: Audit::Verify { anchor, common } } => verify(anchor.as_deref(), common),
        Command::Openapi => openapi(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) if e.is::<ConfigError>() => {
            eprintln!("tyrian: {e}");
            ExitCode::from(2)
        }
        Err(e) => {
            eprintln!("tyrian: {e:#}");
            ExitCode::FAILURE
        }
    }
}

fn log(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("TYRIAN_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,tyrian::request=warn,sea_orm_migration=warn,actix_server=warn"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    if json { builder.json().init() } else { builder.init() }
}

#[expect(clippy::print_stdout, reason = "the address is what the person who starts it waits for")]
fn serve(common: Common) -> anyhow::Result<()> {
    log(common.options.log_format.as_deref() == Some("json"));
    let settings = Settings::load(common.options, common.config.as_deref())?;
    let _lock = hold_data_dir(&settings)?;
    actix_web::rt::System::new().block_on(async {
        let application = Application::build(settings).await?;
        println!("Tyrian {} is ready: http://{}", crate::VERSION, application.address);
        if let Some(address) = application.metrics {
            println!("Metrics: http://{address}/metrics");
        }
        if let Some(code) = &application.state.setup_code {
            println!("Set-up from another machine needs this code: {code}");
        }
        application.run().await?;
        Ok(())
    })
}

/// `serve` on a database that goes when it ends.
#[expect(clippy::print_stdout, reason = "how to sign in is what the person who starts it waits for")]
fn demo(common: Common) -> anyhow::Result<()> {
    log(false);
    let folder = tempfile::tempdir()?;
    let mut options = common.options;
    options.data_dir = Some(folder.path().display().to_string());
    options.database_url = None;
    options.storage_url = None;
    options.secret_key = None;
    // nothing here is worth waiting for a disk
    options.sqlite_synchronous = Some("normal".into());
    let settings = Settings::load(options, common.config.as_deref())?;
    actix_web::rt::System::new().block_on(async {
        let application = Application::build(settings).await?;
        crate::demo::fill(&application.state).await.map_err(|e| anyhow::anyhow!("the example could not be made: {e}: {:?}", e.cause))?;
        println!("Tyrian {} shows a made-up example: http://{}", crate::VERSION, application.address);
        println!("Sign in with the password {} as", crate::demo::PASSWORD);
        for ((email, name, group), admin) in crate::demo::PEOPLE.iter().zip(std::iter::once(", administrator").chain(std::iter::repeat("")))
        {
            println!("  {email:<18} {name} ({group}{admin})");
        }
        println!("Nothing is kept: it goes when you stop it with Ctrl-C.");
        application.run().await?;
        Ok(())
    })
}

/// One data folder serves one process.
fn hold_data_dir(settings: &Settings) -> anyhow::Result<Option<std::fs::File>> {
    if !matches!(settings.database, Database::Sqlite(_)) {
        return Ok(None);
    }
    make_data_dir(&settings.data_dir)?;
    let path = settings.data_dir.join("tyrian.lock");
    let file = std::fs::File::create(&path).map_err(|e| ConfigError(format!("data_dir: {}: {e}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(_) => Err(ConfigError(format!("data_dir: another Tyrian uses {} (its lock is held)", settings.data_dir.display())).into()),
    }
}

#[expect(clippy::print_stdout, reason = "the list of migrations is the answer")]
fn migrate(step: Migrate, common: Common) -> anyhow::Result<()> {
    log(false);
    let settings = Settings::load(common.options, common.config.as_deref())?;
    let _lock = hold_data_dir(&settings)?;
    actix_web::rt::System::new().block_on(async {
        let db = Db::connect(&settings).await?;
        match step {
            Migrate::Up => db.migrate().await?,
            Migrate::Down => Migrator::down(db.writer(), Some(1)).await?,
            Migrate::Status => {}
        }
        for migration in Migrator::get_migration_with_status(db.writer()).await? {
            println!("{:<40} {}", migration.name(), migration.status());
        }
        Ok(())
    })
}

#[expect(clippy::print_stdout, reason = "what the sync did is the answer")]
fn sync(options: BundleOptions, common: Common) -> anyhow::Result<()> {
    log(false);
    let settings = Settings::load(common.options, common.config.as_deref())?;
    let _lock = hold_data_dir(&settings)?;
    actix_web::rt::System::new().block_on(async {
        let db = Db::connect(&settings).await?;
        db.migrate().await?;
        let state = State::new(AppState::new(settings, db)?);
        let bundle = match &options.file {
            Some(path) => Some(Bundle::open(path).await.with_context(|| path.display().to_string())?),
            None => None,
        };
        let request = SyncRequest {
            version: options.version,
            domain: options.domain,
            source: options.url,
            expected_sha256: options.expected_sha256,
            allow_unverified: Some(options.allow_unverified),
        };
        let actor = Actor { id: None, request: RequestInfo { id: uuid::Uuid::now_v7().to_string(), ip: None, api_token: None } };
        let turn = catalogue::begin(&state).map_err(told)?;
        let done = catalogue::sync(&state, &actor, request, bundle, &Progress::unwatched(), turn).await.map_err(told)?;
        for warning in &done.warnings {
            eprintln!("tyrian: {warning}");
        }
        let (version, verified) =
            (done.version.as_deref().unwrap_or("of unknown version"), if done.verified { "verified" } else { "not verified" });
        println!("ATT&CK {} {version}, SHA-256 {} ({verified})", done.domain, done.sha256);
        println!(
            "{} tactics, {} techniques, {} subtechniques; {} new, {} changed, {} retired, {} as before; {} ms",
            done.counts.tactics,
            done.counts.techniques,
            done.counts.subtechniques,
            done.created,
            done.updated,
            done.retired,
            done.unchanged,
            done.duration_ms
        );
        Ok(())
    })
}

/// A refusal as one line, with its cause where there is one.
fn told(error: ApiError) -> anyhow::Error {
    let detail = error.problem.detail.clone();
    match error.cause {
        Some(cause) => cause.context(detail),
        None => anyhow::anyhow!(detail),
    }
}

/// The summary of a backup, and on the error stream what is missing in it.
#[expect(clippy::print_stdout, reason = "what was done is the answer")]
fn tell(done: &crate::backup::Summary, what: &str) {
    for missing in &done.missing {
        eprintln!("tyrian: not in the backup: {missing}");
    }
    println!("{what}: {} rows, {} files of evidence, {} bytes", done.rows, done.files, done.bytes);
}

fn backup(file: &std::path::Path, common: Common) -> anyhow::Result<()> {
    log(false);
    let settings = Settings::load(common.options, common.config.as_deref())?;
    let done = actix_web::rt::System::new().block_on(crate::backup::backup(&settings, file))?;
    tell(&done, &file.display().to_string());
    Ok(())
}

fn restore(file: &std::path::Path, force: bool, common: Common) -> anyhow::Result<()> {
    log(false);
    let settings = Settings::load(common.options, common.config.as_deref())?;
    let _lock = hold_data_dir(&settings)?;
    let done = actix_web::rt::System::new().block_on(crate::backup::restore(&settings, file, force))?;
    tell(&done, "Restored");
    Ok(())
}

/// Prints what is wrong with the log; anything is exit code 1.
#[expect(clippy::print_stdout, reason = "the faults are the answer")]
fn verify(anchor: Option<&std::path::Path>, common: Common) -> anyhow::Result<()> {
    log(false);
    let settings = Settings::load(common.options, common.config.as_deref())?;
    let lines = anchor.map(|path| std::fs::read_to_string(path).with_context(|| path.display().to_string())).transpose()?;
    actix_web::rt::System::new().block_on(async {
        let db = Db::connect(&settings).await?;
        let state = State::new(AppState::new(settings, db)?);
        let faults = crate::audit::check(&state, lines.as_deref().unwrap_or_default()).await.map_err(told)?;
        for fault in &faults {
            println!("{fault}");
        }
        anyhow::ensure!(faults.is_empty(), "the log is not whole");
        println!("The log is whole.");
        Ok(())
    })
}

#[expect(clippy::print_stdout, reason = "the ends of the chains are the answer")]
fn anchor(common: Common) -> anyhow::Result<()> {
    log(false);
    let settings = Settings::load(common.options, common.config.as_deref())?;
    actix_web::rt::System::new().block_on(async {
        let db = Db::connect(&settings).await?;
        let state = State::new(AppState::new(settings, db)?);
        for line in crate::audit::anchor(&state).await.map_err(told)? {
            println!("{line}");
        }
        Ok(())
    })
}

#[expect(clippy::print_stdout, reason = "the document is the answer")]
fn openapi() -> anyhow::Result<()> {
    println!("{}", crate::openapi::document().to_pretty_json()?);
    Ok(())
}
