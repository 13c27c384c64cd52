//! What was measured, as one Markdown file and one JSON file.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::load::{Sample, histogram};
use crate::work::{Side, Work};

/// One work on one server with so many connections, all rounds.
#[derive(Serialize)]
pub struct Cell {
    pub engine: &'static str,
    pub missions: u64,
    pub work: &'static str,
    pub connections: usize,
    pub side: &'static str,
    /// Right answers a second, each round's.
    pub rounds: Vec<f64>,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub errors: u64,
    /// Resident memory behind it.
    pub mib: f64,
    /// The first wrong answer.
    pub complaint: Option<String>,
}

impl Cell {
    /// Of the samples of all rounds.
    pub fn of(
        engine: &'static str,
        missions: u64,
        work: &'static str,
        connections: usize,
        side: Side,
        samples: Vec<Sample>,
        mib: f64,
    ) -> Self {
        let mut times = histogram();
        for sample in &samples {
            let _ = times.add(&sample.times);
        }
        let ms = |quantile| times.value_at_quantile(quantile) as f64 / 1000.0;
        Self {
            engine,
            missions,
            work,
            connections,
            side: side.name(),
            rounds: samples.iter().map(|s| s.rate).collect(),
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            errors: samples.iter().map(|s| s.errors).sum(),
            mib,
            complaint: samples.into_iter().find_map(|s| s.complaint),
        }
    }

    /// The middle round's rate.
    pub fn rate(&self) -> f64 {
        median(self.rounds.clone())
    }

    /// The middle of the ratios round by round: what drifts, drifts for both.
    fn ratio(&self, other: &Self) -> f64 {
        median(self.rounds.iter().zip(&other.rounds).map(|(own, theirs)| own / theirs).collect())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.get(middle.wrapping_sub(1))) {
        (Some(upper), Some(lower)) if values.len() % 2 == 0 => f64::midpoint(*upper, *lower),
        (Some(value), _) => *value,
        _ => f64::NAN,
    }
}

/// What was measured once.
#[derive(Serialize)]
pub struct Single {
    pub engine: &'static str,
    pub what: String,
    pub figure: f64,
    pub unit: &'static str,
    /// No more than this.
    pub at_most: Option<f64>,
}

impl Single {
    /// A figure without a goal.
    pub fn new(engine: &'static str, what: String, figure: f64, unit: &'static str) -> Self {
        Self { engine, what, figure, unit, at_most: None }
    }

    /// With a goal.
    pub fn at_most(mut self, goal: f64) -> Self {
        self.at_most = Some(goal);
        self
    }
}

/// A read alone and while many sign in.
#[derive(Serialize)]
pub struct Storm {
    pub alone: Cell,
    pub beside: Cell,
}

/// A goal and what became of it.
#[derive(Serialize)]
pub struct Verdict {
    pub engine: &'static str,
    /// Of what.
    pub what: String,
    /// The goal, and the figure.
    pub words: String,
    pub met: bool,
}

impl Verdict {
    fn at_least(engine: &'static str, what: String, goal: f64, of: &str, is: f64) -> Self {
        Self { engine, what, words: format!("≥ {goal} × {of}: {}", figure(is)), met: is >= goal }
    }

    fn at_most(engine: &'static str, what: String, goal: f64, unit: &str, is: f64) -> Self {
        Self { engine, what, words: format!("≤ {goal} {unit}: {}", figure(is)), met: is <= goal }
    }

    /// As a cell of a table shows it.
    fn short(&self) -> String {
        format!("{} {}", self.words, if self.met { "met" } else { "**missed**" })
    }
}

fn short(verdicts: &[Verdict]) -> String {
    verdicts.iter().map(Verdict::short).collect::<Vec<_>>().join("; ")
}

/// How a server started and what it weighed.
#[derive(Serialize)]
pub struct Standing {
    pub engine: &'static str,
    pub missions: u64,
    pub side: &'static str,
    pub started_ms: f64,
    pub idle_mib: f64,
    pub loaded_mib: f64,
}

/// The bulk load of a database.
#[derive(Serialize)]
pub struct Seeded {
    pub engine: &'static str,
    pub missions: u64,
    pub seconds: f64,
}

/// The machine and what it was doing.
#[derive(Serialize)]
pub struct Machine {
    pub cores: usize,
    pub load_before: String,
    pub load_after: String,
}

/// The load averages of now.
pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Everything of a run.
#[derive(Serialize)]
pub struct Report {
    pub version: String,
    pub date: String,
    pub machine: Machine,
    pub seconds: f64,
    pub rounds: usize,
    pub peer: String,
    pub seeded: Vec<Seeded>,
    pub checked: Vec<String>,
    /// The main table.
    pub cells: Vec<Cell>,
    /// One connection, at several sizes.
    pub flat: Vec<Cell>,
    /// Reads while 50 sign in again and again.
    pub storm: Vec<Storm>,
    /// What was measured once.
    pub once: Vec<Single>,
    /// Where the time went, as tables.
    pub profiles: Vec<String>,
    /// Clients, changes a second.
    pub pgbench: Vec<(usize, f64)>,
    pub standing: Vec<Standing>,
}

/// What a rate is compared with.
#[derive(Clone, Copy)]
enum Against {
    Limit,
    Peer,
    /// Another work of the limit program's, with as many connections.
    LimitAt(Work),
    /// The same work of ours with so many connections.
    Ours(usize),
    Pgbench,
}

/// The goals for a work: quality's table. They are for 16 connections where nothing else is said.
fn goals(work: &str, connections: usize) -> &'static [(f64, Against)] {
    match (work, connections) {
        ("test", 16) => &[(10.0, Against::Peer), (0.5, Against::Limit)],
        ("list", 16) => &[(9.0, Against::Peer), (0.7, Against::Limit)],
        ("detail", 16) => &[(0.7, Against::Limit)],
        ("detail-warm", 16) => &[(3.0, Against::Limit)],
        ("not-modified", 16) => &[(0.8, Against::LimitAt(Work::Test))],
        ("matrix", 16) => &[(0.5, Against::LimitAt(Work::Bare))],
        ("create", 16) => &[(0.8, Against::Limit)],
        ("patch", 16) => &[(0.35, Against::Pgbench)],
        ("patch-one", 16) => &[(0.8, Against::Ours(1))],
        ("login", 2) => &[(0.85, Against::Limit)],
        ("login", 64) => &[(0.8, Against::Ours(2))],
        _ => &[],
    }
}

/// A figure with as many digits as it is worth.
fn figure(value: f64) -> String {
    match value {
        v if v.is_nan() => "–".to_owned(),
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// No read may take so many times as long where there is the most.
const GROWTH: f64 = 1.5;

/// So many missions at most are all answered from the bytes that a server keeps (16 MiB, with 113 kB for each).
const KEPT: u64 = 150;

impl Report {
    fn find(&self, engine: &str, missions: u64, work: &str, connections: usize, side: Side) -> Option<&Cell> {
        self.cells.iter().find(|c| {
            c.engine == engine && c.missions == missions && c.work == work && c.connections == connections && c.side == side.name()
        })
    }

    fn judged(&self, ours: &Cell) -> Vec<Verdict> {
        let what = format!("{} × {} at {}", ours.work, ours.connections, ours.missions);
        let judge = |(goal, against): &(f64, Against)| {
            let at = |work: &str, connections, side| self.find(ours.engine, ours.missions, work, connections, side).map(|c| ours.ratio(c));
            let (ratio, words) = match against {
                Against::Limit => (at(ours.work, ours.connections, Side::Limit), "limit".to_owned()),
                Against::Peer => (at(ours.work, ours.connections, Side::Peer), "peer".to_owned()),
                Against::LimitAt(work) => (at(work.name(), ours.connections, Side::Limit), format!("limit's {}", work.name())),
                Against::Ours(connections) => (at(ours.work, *connections, Side::Ours), format!("own rate at {connections}")),
                Against::Pgbench => {
                    let tps = self.pgbench.iter().find(|p| p.0 == ours.connections && ours.engine == "postgres");
                    (tps.map(|p| ours.rate() / p.1), "pgbench".to_owned())
                }
            };
            Some(Verdict::at_least(ours.engine, what.clone(), *goal, &words, ratio?))
        };
        let mut verdicts: Vec<Verdict> = goals(ours.work, ours.connections).iter().filter_map(judge).collect();
        if (ours.work, ours.connections) == ("login", 64)
            && let Some(few) = self.find(ours.engine, ours.missions, "login", 2, Side::Ours)
        {
            verdicts.push(Verdict::at_most(ours.engine, what, 60.0, "MiB more than at 2", ours.mib - few.mib));
        }
        verdicts
    }

    fn table(&self, text: &mut String, engine: &'static str, missions: u64) {
        let _ = write!(
            text,
            "\n## {engine}, {missions} missions\n\n\
             | work | conn. | tyrian/s | p50 ms | p99 ms | errors | MiB | limit/s | p50 ms | p99 ms | peer/s | p50 ms | p99 ms | ÷ peer | ÷ limit | goal |\n\
             | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |\n"
        );
        let mut seen = Vec::new();
        for cell in self.cells.iter().filter(|c| c.engine == engine && c.missions == missions) {
            let key = (cell.work, cell.connections);
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let [ours, limit, peer] =
                [Side::Ours, Side::Limit, Side::Peer].map(|side| self.find(engine, missions, cell.work, cell.connections, side));
            let figures = |c: Option<&Cell>, errors: bool| {
                let Some(c) = c else { return if errors { " – | – | – | – | –".into() } else { " – | – | –".to_owned() } };
                let base = format!(" {} | {} | {}", figure(c.rate()), figure(c.p50_ms), figure(c.p99_ms));
                if errors { format!("{base} | {} | {:.0}", c.errors, c.mib) } else { base }
            };
            let ratio = |other: Option<&Cell>| ours.zip(other).map_or_else(|| "–".to_owned(), |(own, other)| figure(own.ratio(other)));
            let _ = writeln!(
                text,
                "| {} | {} |{} |{} |{} | {} | {} | {} |",
                cell.work,
                cell.connections,
                figures(ours, true),
                figures(limit, false),
                figures(peer, false),
                ratio(peer),
                ratio(limit),
                ours.map(|c| short(&self.judged(c))).unwrap_or_default()
            );
        }
    }

    /// The sizes that growth was measured between.
    fn sizes(&self, engine: &str) -> Vec<u64> {
        let sizes: BTreeSet<u64> = self.flat.iter().filter(|c| c.engine == engine).map(|c| c.missions).collect();
        sizes.into_iter().collect()
    }

    /// p50 of a read at each size, and how many times as long it takes where there is the most.
    fn growth(&self, engine: &str, work: Work, side: Side) -> (Vec<f64>, f64) {
        let at = |size: &u64| {
            let found =
                self.flat.iter().find(|c| c.engine == engine && c.missions == *size && c.work == work.name() && c.side == side.name());
            found.map_or(f64::NAN, |c| c.p50_ms)
        };
        let sizes = self.sizes(engine);
        let times: Vec<f64> = sizes.iter().map(at).collect();
        // few missions are answered from what is kept, and any larger number of them is not: that is no growth with their number
        let from = sizes.iter().position(|size| work != Work::Detail || *size > KEPT).filter(|at| at + 1 < times.len());
        let grows = from.map_or(f64::NAN, |from| times[times.len() - 1] / times[from]);
        (times, grows)
    }

    fn grown(&self, engine: &'static str) -> Vec<(Work, Verdict)> {
        let reads = Work::FLAT.into_iter().map(|work| (work, self.growth(engine, work, Side::Ours).1));
        let judge = |(work, grows): (Work, f64)| (work, Verdict::at_most(engine, format!("growth of {}", work.name()), GROWTH, "×", grows));
        reads.filter(|(_, grows)| !grows.is_nan()).map(judge).collect()
    }

    fn flat_table(&self, text: &mut String, engine: &'static str) {
        let sizes = self.sizes(engine);
        let [small, .., large] = sizes.as_slice() else { return };
        let heads = |side: &str| sizes.iter().fold(String::new(), |text, size| format!("{text} {side} at {size} |"));
        let _ = write!(
            text,
            "\n## {engine}: flat from {small} to {large} missions (p50 in ms, one connection)\n\n| work |{} grows |{} grows | goal |\n| --- |{} --- |\n",
            heads("tyrian"),
            heads("limit"),
            " --: |".repeat(2 * sizes.len() + 2)
        );
        let cells = |(times, grows): (Vec<f64>, f64)| {
            let times = times.into_iter().fold(String::new(), |text, time| format!("{text} {} |", figure(time)));
            format!("{times} {} × |", figure(grows))
        };
        for (work, verdict) in self.grown(engine) {
            let [ours, limit] = [Side::Ours, Side::Limit].map(|side| cells(self.growth(engine, work, side)));
            let _ = writeln!(text, "| {} |{ours}{limit} {} |", work.name(), verdict.short());
        }
    }

    fn of_storm(storm: &Storm) -> Verdict {
        let what = format!("{} of {} beside 50 sign-ins", storm.beside.work, storm.beside.side);
        Verdict::at_most(storm.beside.engine, what, 2.0, "× p99", storm.beside.p99_ms / storm.alone.p99_ms)
    }

    fn of_standing(&self, s: &Standing) -> Vec<Verdict> {
        let limit = self.standing.iter().find(|l| l.engine == s.engine && l.missions == s.missions && l.side == Side::Limit.name());
        let start = limit
            .map(|l| Verdict::at_most(s.engine, format!("start at {}", s.missions), 3.0, "× limit's start", s.started_ms / l.started_ms));
        let idle = Verdict::at_most(s.engine, format!("memory idle at {}", s.missions), 30.0, "MiB idle", s.idle_mib);
        let loaded = Verdict::at_most(s.engine, format!("memory behind the load at {}", s.missions), 120.0, "MiB loaded", s.loaded_mib);
        start.into_iter().chain([idle, loaded]).collect()
    }

    fn of_single(single: &Single) -> Option<Verdict> {
        Some(Verdict::at_most(single.engine, single.what.clone(), single.at_most?, single.unit, single.figure))
    }

    /// Every goal, and what became of it.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let ours = Side::Ours.name();
        let mut all: Vec<Verdict> = self.cells.iter().filter(|c| c.side == ours).flat_map(|c| self.judged(c)).collect();
        for engine in self.engines() {
            all.extend(self.grown(engine).into_iter().map(|(_, verdict)| verdict));
        }
        all.extend(self.storm.iter().filter(|s| s.alone.side == ours).map(Self::of_storm));
        all.extend(self.standing.iter().filter(|s| s.side == ours).flat_map(|s| self.of_standing(s)));
        all.extend(self.once.iter().filter_map(Self::of_single));
        all
    }

    fn engines(&self) -> Vec<&'static str> {
        let mut engines: Vec<&'static str> = self.standing.iter().map(|s| s.engine).collect();
        engines.dedup();
        engines
    }

    /// The whole report as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# Tyrian {}, {}\n\n{} cores; load average {} before, {} after. {} rounds of {} s each, the programs in turn. Peer: {}.\n",
            self.version,
            self.date,
            self.machine.cores,
            self.machine.load_before,
            self.machine.load_after,
            self.rounds,
            self.seconds,
            self.peer
        );
        let _ = writeln!(text, "Answers were compared before anything was timed: {}.", self.checked.join("; "));
        let verdicts = self.verdicts();
        let missed: Vec<&Verdict> = verdicts.iter().filter(|v| !v.met).collect();
        let _ = writeln!(
            text,
            "\n**{} of {} goals met.**{}",
            verdicts.len() - missed.len(),
            verdicts.len(),
            if missed.is_empty() { "" } else { " Missed:\n" }
        );
        for verdict in missed {
            let _ = writeln!(text, "- {}, {}: {}", verdict.engine, verdict.what, verdict.words);
        }
        for engine in self.engines() {
            let mut sizes: Vec<u64> = self.cells.iter().filter(|c| c.engine == engine).map(|c| c.missions).collect();
            sizes.dedup();
            for missions in sizes {
                self.table(&mut text, engine, missions);
            }
            self.flat_table(&mut text, engine);
        }
        if !self.pgbench.is_empty() {
            text.push_str("\n## The statements of a change alone (pgbench)\n\n| clients | a second |\n| --: | --: |\n");
            for (clients, tps) in &self.pgbench {
                let _ = writeln!(text, "| {clients} | {} |", figure(*tps));
            }
        }
        if !self.storm.is_empty() {
            text.push_str("\n## Reads beside 50 sign-ins (one connection, p50 and p99 in ms)\n\n| engine | side | work | p50 alone | p99 alone | p50 beside | p99 beside | goal |\n| --- | --- | --- | --: | --: | --: | --: | --- |\n");
            for storm in &self.storm {
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {} | {} | {} | {} | {} |",
                    storm.beside.engine,
                    storm.beside.side,
                    storm.beside.work,
                    figure(storm.alone.p50_ms),
                    figure(storm.alone.p99_ms),
                    figure(storm.beside.p50_ms),
                    figure(storm.beside.p99_ms),
                    Self::of_storm(storm).short()
                );
            }
        }
        if !self.once.is_empty() {
            text.push_str("\n## Measured once, Tyrian alone\n\n| engine | what | figure | goal |\n| --- | --- | --: | --- |\n");
            for single in &self.once {
                let goal = Self::of_single(single).map(|v| v.short()).unwrap_or_default();
                let _ = writeln!(text, "| {} | {} | {} {} | {goal} |", single.engine, single.what, figure(single.figure), single.unit);
            }
        }
        text.push_str("\n## Start and memory\n\n| engine | missions | side | start to first 200, ms | MiB idle | MiB behind the load | goal |\n| --- | --: | --- | --: | --: | --: | --- |\n");
        for s in &self.standing {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {:.0} | {:.0} | {} |",
                s.engine,
                s.missions,
                s.side,
                figure(s.started_ms),
                s.idle_mib,
                s.loaded_mib,
                if s.side == Side::Ours.name() { short(&self.of_standing(s)) } else { String::new() }
            );
        }
        if !self.profiles.is_empty() {
            let _ = write!(text, "\n## Where the time goes, in percent of the samples\n{}", self.profiles.concat());
        }
        text.push_str("\n## Bulk load\n\n| engine | missions | s |\n| --- | --: | --: |\n");
        for s in &self.seeded {
            let _ = writeln!(text, "| {} | {} | {} |", s.engine, s.missions, figure(s.seconds));
        }
        let all = self.cells.iter().chain(&self.flat).chain(self.storm.iter().flat_map(|s| [&s.alone, &s.beside]));
        let complaints: Vec<String> = all
            .filter_map(|c| {
                Some(format!(
                    "- {} {} {} × {}: {} errors, first: {}",
                    c.engine,
                    c.side,
                    c.work,
                    c.connections,
                    c.errors,
                    c.complaint.as_ref()?
                ))
            })
            .collect();
        if !complaints.is_empty() {
            let _ = write!(text, "\n## Errors\n\n{}\n", complaints.join("\n"));
        }
        text
    }

    /// Writes both files into the folder; the path of the Markdown one.
    pub fn write(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let name = format!("bench-{}", self.date.replace([':', ' '], "-"));
        let mut json = serde_json::to_value(self)?;
        if let Some(fields) = json.as_object_mut() {
            fields.insert("verdicts".to_owned(), serde_json::to_value(self.verdicts())?);
        }
        std::fs::write(folder.join(&name).with_extension("json"), serde_json::to_vec_pretty(&json)?)?;
        let path = folder.join(&name).with_extension("md");
        std::fs::write(&path, self.markdown())?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_rounds_counts() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![3.0, 1.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
