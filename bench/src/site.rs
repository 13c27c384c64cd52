//! One database of one size with the servers in front of it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use argon2::password_hash::PasswordHasher as _;
use argon2::{Algorithm, Argon2, Params, Version};

use crate::check;
use crate::client::{Connection, Request};
use crate::data::{ADMINISTRATOR, CALLER, PASSWORD, Size};
use crate::peer::Peer;
use crate::seed::{self, Postgres, Sink, Sqlite};
use crate::server::{Server, clean, free_address, run};
use crate::work::{Side, Target};

/// The secret of all servers: a token of one is good for the one beside it.
const SECRET: &str = "a secret that is used for measuring only";

/// A database engine, and where its files may lie.
pub enum Engine {
    /// Files in this folder.
    Sqlite(PathBuf),
    /// Databases beside the one of this address.
    Postgres(String, PathBuf),
}

impl Engine {
    /// Its name in the results.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(..) => "postgres",
        }
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Sqlite(folder) | Self::Postgres(_, folder) => folder,
        }
    }
}

/// A seeded database and its servers.
pub struct Site {
    /// How many missions it was seeded with.
    pub missions: u64,
    /// Seconds that the seed took.
    pub seeded_s: f64,
    /// The database.
    pub url: String,
    folder: PathBuf,
    ours: Server,
    /// Where its figures are, if anybody asks.
    metrics: Option<SocketAddr>,
    limit: Server,
    peer: Option<(Server, String)>,
}

/// A new database beside the one of this address.
async fn new_database(url: &str, name: &str) -> anyhow::Result<String> {
    Postgres::connect(url).await?.run(&format!("CREATE DATABASE {name}")).await?;
    let (base, _) = url.rsplit_once('/').context("a PostgreSQL address ends with a database")?;
    Ok(format!("{base}/{name}"))
}

fn password_hash() -> anyhow::Result<String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| anyhow::anyhow!("{e}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(argon2.hash_password(PASSWORD.as_bytes()).map_err(|e| anyhow::anyhow!("{e}"))?.to_string())
}

impl Site {
    /// Makes the database of this name, fills it and starts the servers. `is_counted`: Tyrian tells its figures too, for which
    /// it has a thread more.
    pub async fn make(
        engine: &Engine,
        name: &str,
        missions: u64,
        tyrian: &Path,
        peer: Option<&Peer>,
        is_counted: bool,
    ) -> anyhow::Result<Self> {
        let folder = engine.folder().join(format!("{}-{name}", engine.name()));
        std::fs::create_dir_all(&folder)?;
        let (url, limit_url) = match engine {
            Engine::Sqlite(_) => {
                let file = folder.join("tyrian.db").display().to_string();
                (format!("sqlite://{file}"), file)
            }
            Engine::Postgres(base, _) => {
                let url = new_database(base, &format!("bench_{name}")).await?;
                (url.clone(), url)
            }
        };
        let command = |words: &[&str]| {
            let mut command = clean(tyrian);
            command.args(words).current_dir(&folder);
            command.envs([
                ("TYRIAN_DATA_DIR", folder.display().to_string().as_str()),
                ("TYRIAN_DATABASE_URL", url.as_str()),
                ("TYRIAN_SECRET_KEY", SECRET),
                ("TYRIAN_LISTEN", "127.0.0.1:0"),
                ("TYRIAN_RATE_LIMIT", "off"),
                ("TYRIAN_LOGIN_THROTTLE", "off"),
            ]);
            command
        };
        run(command(&["migrate", "up"]))?;

        let begun = Instant::now();
        let mut sink = match engine {
            Engine::Sqlite(_) => Sink::Sqlite(Sqlite::open(&folder.join("tyrian.db"))?),
            Engine::Postgres(..) => Sink::Postgres(Postgres::connect(&url).await?),
        };
        seed::fill(&mut sink, Size::of(missions), &password_hash()?).await?;
        drop(sink);
        let seeded_s = begun.elapsed().as_secs_f64();

        let peer = match (peer, engine) {
            (Some(peer), Engine::Postgres(base, _)) => {
                let url = new_database(base, &format!("bench_peer_{name}")).await?;
                let token = peer.fill(&url, missions).await?;
                Some((peer.start(&url, &folder.join("peer.log")).await?, token))
            }
            _ => None,
        };
        let ready = "/api/v1/diag/ready";
        let mut serve = command(&["serve"]);
        let metrics = is_counted.then(free_address).transpose()?;
        if let Some(address) = metrics {
            serve.env("TYRIAN_METRICS_LISTEN", address.to_string());
        }
        let ours = Server::start(serve, &folder.join("tyrian.log"), ready).await?;
        let mut command = clean(&std::env::current_exe()?.with_file_name("limit"));
        command.env("LIMIT_DATABASE", limit_url).env("LIMIT_SECRET", SECRET);
        let limit = Server::start(command, &folder.join("limit.log"), ready).await?;
        Ok(Self { missions, seeded_s, url, folder, ours, metrics, limit, peer })
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Compares the answers of its servers. How many.
    pub async fn check(&self) -> anyhow::Result<usize> {
        let targets = self.targets().await?;
        let of = |side| targets.iter().find(|t| t.side == side);
        let ours = of(Side::Ours).context("no server")?;
        let mut checked = 0;
        // first, since the other one adds missions
        if let Some(peer) = of(Side::Peer) {
            checked += check::with_peer(ours, peer).await.context("Tyrian and the peer")?;
        }
        if let Some(limit) = of(Side::Limit) {
            checked += check::with_limit(ours, limit).await.context("Tyrian and the limit program")?;
        }
        Ok(checked)
    }

    /// Tyrian, with a fresh token of this user: one lives for 15 minutes.
    async fn signed_in(&self, user: u64) -> anyhow::Result<Target> {
        let body = format!(r#"{{"email":"user{user}@example.test","password":"{PASSWORD}"}}"#);
        let answer = Connection::new(self.ours.address).send(&Request::json("POST", "/api/v1/auth/login", body)).await?;
        let token = answer.json()?["access_token"].as_str().context("no sign-in")?.to_owned();
        Ok(Target { side: Side::Ours, address: self.ours.address, token, missions: self.missions })
    }

    /// Tyrian alone.
    pub async fn ours(&self) -> anyhow::Result<Target> {
        self.signed_in(CALLER).await
    }

    /// Tyrian alone, asked by the administrator.
    pub async fn administrator(&self) -> anyhow::Result<Target> {
        self.signed_in(ADMINISTRATOR).await
    }

    /// Its servers, with a fresh token of the caller.
    pub async fn targets(&self) -> anyhow::Result<Vec<Target>> {
        let ours = self.ours().await?;
        let target = |side, server: &Server, token: &str| Target { side, address: server.address, token: token.to_owned(), ..ours.clone() };
        let limit = target(Side::Limit, &self.limit, &ours.token);
        let peer = self.peer.as_ref().map(|(server, token)| target(Side::Peer, server, token));
        Ok([Some(ours), Some(limit), peer].into_iter().flatten().collect())
    }

    /// Tyrian's process.
    pub fn server(&self) -> &Server {
        &self.ours
    }

    /// How many statements Tyrian has sent since it started.
    pub async fn statements(&self) -> anyhow::Result<f64> {
        let address = self.metrics.context("this site does not count")?;
        let answer = Connection::new(address).send(&Request::get("/metrics")).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let line = text.lines().find_map(|line| line.strip_prefix("tyrian_database_statements "));
        Ok(line.context("the metrics do not count statements")?.trim().parse()?)
    }

    /// Its servers.
    pub fn servers(&self) -> Vec<(Side, &Server)> {
        let mut servers = vec![(Side::Ours, &self.ours), (Side::Limit, &self.limit)];
        servers.extend(self.peer.as_ref().map(|(server, _)| (Side::Peer, server)));
        servers
    }

    /// The memory of one of them, in MiB.
    pub fn mib(&self, side: Side) -> f64 {
        self.servers().into_iter().find(|(s, _)| *s == side).map_or(0.0, |(_, server)| server.mib())
    }
}
