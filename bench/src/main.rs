//! Measures Tyrian beside a limit program and a peer, on databases of its own (docs/performance.md).

mod check;
mod client;
mod data;
mod load;
mod once;
mod peer;
mod pgbench;
mod profile;
mod report;
mod seed;
mod server;
mod site;
mod work;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

use self::peer::Peer;
use self::report::{Cell, Machine, Report, Seeded, Standing, Storm};
use self::site::{Engine, Site};
use self::work::{Connections, Side, Target, Work};

/// Missions of the database that what is measured once is measured on.
const APART: u64 = 10;
/// Connections of what is measured at the largest size too.
const AT_THE_LARGEST: usize = 16;
/// Whose time is looked into.
const PROFILED: [Work; 7] = [Work::Test, Work::List, Work::Detail, Work::Synthesis, Work::Search, Work::Patch, Work::Create];
/// Sign-ins that run at once beside the reads of the storm.
const STORM: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Chosen {
    Both,
    Sqlite,
    Postgres,
}

/// A part of the measuring.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The main table.
    Table,
    /// How reads grow with the data, and the reads at the largest size.
    Flat,
    /// Reads beside sign-ins.
    Storm,
    /// Streams, report, sync and import.
    Once,
    /// Where Tyrian's time goes, by `perf`; only where it is asked for.
    Profile,
}

/// Measures Tyrian beside a limit program and a peer.
#[derive(Parser)]
struct Options {
    /// Missions of a database; give it several times for several sizes [default: 100 and 1000]
    #[arg(long = "size")]
    sizes: Vec<u64>,
    /// The size of the main table [default: 1000 where it is among the sizes, else the last one]
    #[arg(long)]
    table: Option<u64>,
    /// Which engines; PostgreSQL is taken from TYRIAN_TEST_PG (scripts/pg.sh)
    #[arg(long, value_enum, default_value = "both")]
    engine: Chosen,
    /// Connections at once; give it several times [default: 1, 16 and 64]
    #[arg(long = "connections")]
    connections: Vec<usize>,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 0.6)]
    seconds: f64,
    /// Rounds; the middle one counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Only these kinds of work; give it several times
    #[arg(long = "work")]
    works: Vec<String>,
    /// Only these parts; give it several times
    #[arg(long = "part", value_enum)]
    parts: Vec<Part>,
    /// The binary that is measured
    #[arg(long)]
    tyrian: PathBuf,
    /// The peer's folder
    #[arg(long, default_value = "../shared/reference/peer-flask")]
    peer: PathBuf,
    /// Where the real bundle and the real tests are
    #[arg(long, env = "TYRIAN_TEST_DATA", default_value = "../shared/data")]
    data: PathBuf,
    /// Where the peer's Python is kept
    #[arg(long)]
    cache: PathBuf,
    /// Where the results go
    #[arg(long, default_value = "bench/results")]
    results: PathBuf,
    /// Where databases are made; they are deleted at the end
    #[arg(long)]
    scratch: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let tasks = tokio::task::LocalSet::new();
    let work = tasks.run_until(measure(Options::parse()));
    let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    // what was begun is dropped, and the servers end with it
    tokio::select! {
        result = work => result,
        _ = end.recv() => anyhow::bail!("told to stop"),
        _ = tokio::signal::ctrl_c() => anyhow::bail!("told to stop"),
    }
}

async fn measure(mut options: Options) -> anyhow::Result<()> {
    if options.sizes.is_empty() {
        options.sizes = vec![100, 1000];
    }
    options.sizes.sort_unstable();
    options.sizes.dedup();
    if options.connections.is_empty() {
        options.connections = vec![1, 16, 64];
    }
    let scratch = match &options.scratch {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let peer = Peer::find(&options.peer, &options.cache);
    let version = server::run({
        let mut command = server::clean(&options.tyrian);
        command.arg("--version");
        command
    });
    let mut report = Report {
        version: version.unwrap_or_default().trim().trim_start_matches("tyrian ").to_owned(),
        date: chrono::Utc::now().format("%Y-%m-%d %H:%M:%S").to_string(),
        machine: Machine {
            cores: std::thread::available_parallelism().map_or(0, std::num::NonZero::get),
            load_before: report::load_average(),
            load_after: String::new(),
        },
        seconds: options.seconds,
        rounds: options.rounds,
        peer: peer.as_ref().map_or_else(Clone::clone, |_| "Flask, SQLAlchemy, gunicorn with 2 workers; on PostgreSQL".to_owned()),
        seeded: Vec::new(),
        checked: Vec::new(),
        cells: Vec::new(),
        flat: Vec::new(),
        storm: Vec::new(),
        once: Vec::new(),
        profiles: Vec::new(),
        pgbench: Vec::new(),
        standing: Vec::new(),
    };
    let result = engines(&options, scratch.path(), &peer, &mut report).await;
    // what was measured before something went wrong is kept
    report.machine.load_after = report::load_average();
    let path = report.write(&options.results)?;
    println!("{}", report.markdown());
    println!("written: {}", path.display());
    result
}

/// Everything, on the engines that were chosen.
async fn engines(options: &Options, scratch: &Path, peer: &Result<Peer, String>, report: &mut Report) -> anyhow::Result<()> {
    if options.engine != Chosen::Postgres {
        engine(options, &Engine::Sqlite(scratch.to_owned()), None, report).await?;
    }
    if options.engine != Chosen::Sqlite {
        let url = std::env::var("TYRIAN_TEST_PG").context("PostgreSQL is wanted: run it by scripts/pg.sh run --")?;
        engine(options, &Engine::Postgres(url, scratch.to_owned()), peer.as_ref().ok(), report).await?;
    }
    Ok(())
}

/// Everything on one engine.
async fn engine(options: &Options, engine: &Engine, peer: Option<&Peer>, report: &mut Report) -> anyhow::Result<()> {
    let table =
        options.table.unwrap_or_else(|| if options.sizes.contains(&1000) { 1000 } else { options.sizes.last().copied().unwrap_or(1000) });
    let mut sites = Vec::new();
    let measured = [Part::Table, Part::Flat, Part::Storm, Part::Profile].into_iter().any(|part| is_chosen(options, part));
    for size in options.sizes.iter().filter(|_| measured) {
        eprintln!("{}: {size} missions", engine.name());
        let with_peer = peer.filter(|_| *size == table && is_chosen(options, Part::Table));
        let site = Site::make(engine, &size.to_string(), *size, &options.tyrian, with_peer, false).await?;
        eprintln!("{}: {size} missions written in {:.0} s", engine.name(), site.seeded_s);
        report.seeded.push(Seeded { engine: engine.name(), missions: *size, seconds: site.seeded_s });
        report.checked.push(format!("{} at {size} missions: {} answers", engine.name(), site.check().await?));
        sites.push(site);
    }
    if sites.len() > 1 && is_chosen(options, Part::Flat) {
        flat(options, engine, &sites, report).await?;
        if let Some(largest) = sites.last().filter(|site| site.missions != table) {
            // searches one behind the other take long enough there
            for work in Work::FLAT.into_iter().filter(|w| is_wanted(options, *w) && *w != Work::Search) {
                row(options, engine, largest, work, AT_THE_LARGEST, report).await?;
            }
        }
    }
    if let Some(site) = sites.iter().find(|s| s.missions == table) {
        if is_chosen(options, Part::Profile) {
            for work in PROFILED.into_iter().filter(|w| is_wanted(options, *w)) {
                report.profiles.push(profile::record(site, engine.name(), work, options.seconds, &options.results).await?);
            }
        }
        // before sign-ins and writes change how the server stands
        if is_chosen(options, Part::Storm) {
            storm(options, engine, site, report).await?;
        }
        if is_chosen(options, Part::Table) {
            main_table(options, engine, site, report).await?;
        }
    }
    if is_chosen(options, Part::Once) {
        eprintln!("{}: what is measured once", engine.name());
        let site = Site::make(engine, "apart", APART, &options.tyrian, None, true).await?;
        report.once.extend(once::all(&site, engine.name(), &options.data).await?);
        sites.push(site);
    }
    for site in &sites {
        for (side, server) in site.servers() {
            report.standing.push(Standing {
                engine: engine.name(),
                missions: site.missions,
                side: side.name(),
                started_ms: server.started_ms,
                idle_mib: server.idle_mib,
                loaded_mib: server.mib(),
            });
        }
    }
    Ok(())
}

fn is_chosen(options: &Options, part: Part) -> bool {
    if options.parts.is_empty() { part != Part::Profile } else { options.parts.contains(&part) }
}

fn is_wanted(options: &Options, work: Work) -> bool {
    options.works.is_empty() || options.works.iter().any(|w| w == work.name())
}

async fn main_table(options: &Options, engine: &Engine, site: &Site, report: &mut Report) -> anyhow::Result<()> {
    for work in Work::ALL.into_iter().filter(|w| is_wanted(options, *w)) {
        let connections = match work.connections() {
            Connections::Chosen => options.connections.clone(),
            Connections::Own(own) => own.to_vec(),
        };
        for connections in connections {
            row(options, engine, site, work, connections, report).await?;
            if work == Work::Patch
                && let Engine::Postgres(..) = engine
                && let Some(tps) = pgbench::patches(&site.url, site.folder(), site.missions, connections, options.seconds * 2.0)?
            {
                report.pgbench.push((connections, tps));
            }
        }
    }
    Ok(())
}

/// One row of a table.
async fn row(options: &Options, engine: &Engine, site: &Site, work: Work, connections: usize, report: &mut Report) -> anyhow::Result<()> {
    let targets = site.targets().await?.into_iter().filter(|t| work.is_offered(t.side)).collect();
    for (target, samples) in in_turn(options, work, connections, targets).await {
        let cell = Cell::of(engine.name(), site.missions, work.name(), connections, target.side, samples, site.mib(target.side));
        eprintln!("{} {} × {connections} {}: {:.0}/s", engine.name(), work.name(), cell.side, cell.rate());
        report.cells.push(cell);
    }
    Ok(())
}

/// The programs one after the other, as many times as there are rounds; who begins changes.
async fn in_turn(options: &Options, work: Work, connections: usize, targets: Vec<Target>) -> Vec<(Target, Vec<load::Sample>)> {
    let mut results: Vec<(Target, Vec<load::Sample>)> = targets.into_iter().map(|t| (t, Vec::new())).collect();
    for round in 0..options.rounds {
        let count = results.len();
        for place in 0..count {
            if let Some((target, samples)) = results.get_mut((round + place) % count) {
                samples.push(load::run(work, target, connections, options.seconds).await);
            }
        }
    }
    results
}

/// One connection at each size, in turn.
async fn flat(options: &Options, engine: &Engine, sites: &[Site], report: &mut Report) -> anyhow::Result<()> {
    for work in Work::FLAT.into_iter().filter(|w| is_wanted(options, *w)) {
        let mut targets = Vec::new();
        for site in sites {
            targets.extend(site.targets().await?.into_iter().filter(|t| t.side != Side::Peer));
        }
        for (target, samples) in in_turn(options, work, 1, targets).await {
            let cell = Cell::of(engine.name(), target.missions, work.name(), 1, target.side, samples, 0.0);
            eprintln!("{} {} at {} missions, {}: p50 {:.2} ms", engine.name(), work.name(), target.missions, cell.side, cell.p50_ms);
            report.flat.push(cell);
        }
    }
    Ok(())
}

/// Reads with one connection, alone and while many sign in.
async fn storm(options: &Options, engine: &Engine, site: &Site, report: &mut Report) -> anyhow::Result<()> {
    for work in [Work::Test, Work::List, Work::Detail].into_iter().filter(|w| is_wanted(options, *w)) {
        for target in site.targets().await?.into_iter().filter(|t| t.side != Side::Peer) {
            let (mut alone, mut beside) = (Vec::new(), Vec::new());
            for _ in 0..options.rounds {
                alone.push(load::run(work, &target, 1, options.seconds).await);
                let (_, reads) =
                    tokio::join!(load::run(Work::Login, &target, STORM, options.seconds), load::run(work, &target, 1, options.seconds));
                beside.push(reads);
            }
            let [alone, beside] = [alone, beside]
                .map(|samples| Cell::of(engine.name(), site.missions, work.name(), 1, target.side, samples, site.mib(target.side)));
            eprintln!("{} {} beside {STORM} sign-ins, {}: p99 {:.2} ms", engine.name(), work.name(), beside.side, beside.p99_ms);
            report.storm.push(Storm { alone, beside });
        }
    }
    Ok(())
}
