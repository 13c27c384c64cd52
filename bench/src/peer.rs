//! The peer: Flask, SQLAlchemy and gunicorn on PostgreSQL, where its folder is there.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::data::Size;
use crate::seed::Postgres;
use crate::server::{Server, clean, free_address, run};

/// The peer's folder and its Python.
pub struct Peer {
    folder: PathBuf,
    python: PathBuf,
}

impl Peer {
    /// Makes its Python ready in the cache folder. None, and why, where it cannot be had.
    pub fn find(folder: &Path, cache: &Path) -> Result<Self, String> {
        let folder = folder.canonicalize().map_err(|_| "not there".to_owned())?;
        let venv = cache.join("peer-venv");
        let (python, wanted) = (venv.join("bin/python"), folder.join("requirements.txt"));
        let stamp = venv.join("requirements.txt");
        let requirements = std::fs::read(&wanted).map_err(|_| "not there".to_owned())?;
        if std::fs::read(&stamp).ok().as_ref() != Some(&requirements) {
            eprintln!("peer: making its Python in {}", venv.display());
            let make = || -> anyhow::Result<()> {
                std::fs::create_dir_all(cache)?;
                let mut command = Command::new("python3");
                command.args(["-m", "venv"]).arg(&venv);
                run(command)?;
                let mut command = Command::new(&python);
                command.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&wanted);
                run(command)?;
                std::fs::write(&stamp, &requirements)?;
                Ok(())
            };
            make().map_err(|e| format!("{e:#}"))?;
        }
        Ok(Self { folder, python })
    }

    /// Fills a database with so many missions. The token of its caller.
    pub async fn fill(&self, url: &str, missions: u64) -> anyhow::Result<String> {
        let db = Postgres::connect(url).await?;
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name)).with_context(|| name.to_owned());
        let seed = read("seed.sql")?;
        let mut all = seed.replace("generate_series(1,500)", &format!("generate_series(1,{missions})"));
        anyhow::ensure!(all != seed || missions == 500, "seed.sql does not make 500 missions any more");
        if Size::of(missions).short {
            all = all.replace("',8)", "',1)").replace("',10)", "',1)");
        }
        db.run(&read("schema.sql")?).await?;
        db.run(&all).await?;
        // what its list with kept counters reads
        db.run(
            "CREATE TABLE IF NOT EXISTS mission_stats (mission_id int PRIMARY KEY REFERENCES mission ON DELETE CASCADE, scenarios bigint NOT NULL, \
             tests bigint NOT NULL, done bigint NOT NULL, det bigint NOT NULL); \
             INSERT INTO mission_stats SELECT s.mission_id, count(DISTINCT s.id), count(*), count(*) FILTER (WHERE t.state = 'done'), \
             count(*) FILTER (WHERE t.outcome = 'detected') FROM scenario s JOIN test t ON t.scenario_id = s.id GROUP BY s.mission_id \
             ON CONFLICT DO NOTHING",
        )
        .await?;
        db.run("VACUUM ANALYZE").await?;
        let mut command = self.command(url);
        command.arg("prep.py");
        Ok(run(command)?.trim().to_owned())
    }

    /// Starts it as its README says.
    pub async fn start(&self, url: &str, log: &Path) -> anyhow::Result<Server> {
        let address = free_address()?;
        let mut command = self.command(url);
        command.args(["-m", "gunicorn", "-w", "2", "-b", &address.to_string(), "app:app"]);
        Server::start_at(command, address, log, "/healthz").await
    }

    fn command(&self, url: &str) -> Command {
        let mut command = clean(&self.python);
        command.current_dir(&self.folder).env("DATABASE_URL", url.replacen("postgres://", "postgresql+psycopg://", 1));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}
