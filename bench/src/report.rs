//! What was measured, as one Markdown file and one JSON file.

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
    /// One test by id while 50 sign in again and again.
    pub storm: Vec<Cell>,
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

impl Report {
    fn find(&self, engine: &str, work: &str, connections: usize, side: Side) -> Option<&Cell> {
        self.cells.iter().find(|c| c.engine == engine && c.work == work && c.connections == connections && c.side == side.name())
    }

    fn judged(&self, ours: &Cell) -> String {
        let judge = |(goal, against): &(f64, Against)| {
            let at = |work: &str, connections, side| self.find(ours.engine, work, connections, side).map(|c| ours.ratio(c));
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
            let ratio = ratio?;
            let verdict = if ratio >= *goal { "met" } else { "**missed**" };
            Some(format!("≥ {goal} × {words}: {} {verdict}", figure(ratio)))
        };
        goals(ours.work, ours.connections).iter().filter_map(judge).collect::<Vec<_>>().join("; ")
    }

    fn table(&self, text: &mut String, engine: &'static str) {
        let missions = self.cells.iter().find(|c| c.engine == engine).map_or(0, |c| c.missions);
        let _ = write!(
            text,
            "\n## {engine}, {missions} missions\n\n\
             | work | conn. | tyrian/s | p50 ms | p99 ms | errors | MiB | limit/s | p50 ms | p99 ms | peer/s | p50 ms | p99 ms | ÷ peer | ÷ limit | goal |\n\
             | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |\n"
        );
        let mut seen = Vec::new();
        for cell in self.cells.iter().filter(|c| c.engine == engine) {
            let key = (cell.work, cell.connections);
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let [ours, limit, peer] =
                [Side::Ours, Side::Limit, Side::Peer].map(|side| self.find(engine, cell.work, cell.connections, side));
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
                ours.map(|c| self.judged(c)).unwrap_or_default()
            );
        }
    }

    fn flat_table(&self, text: &mut String, engine: &'static str) {
        let sizes: std::collections::BTreeSet<u64> = self.flat.iter().filter(|c| c.engine == engine).map(|c| c.missions).collect();
        let (Some(small), Some(large)) = (sizes.first(), sizes.last()) else { return };
        if small == large {
            return;
        }
        let _ = write!(
            text,
            "\n## {engine}: flat from {small} to {large} missions (p50 in ms, one connection)\n\n\
             | work | tyrian at {small} | at {large} | grows | limit at {small} | at {large} | grows | goal |\n| --- | --: | --: | --: | --: | --: | --: | --- |\n"
        );
        for work in Work::FLAT {
            let at = |size: u64, side: Side| {
                let found =
                    self.flat.iter().find(|c| c.engine == engine && c.missions == size && c.work == work.name() && c.side == side.name());
                found.map_or(f64::NAN, |c| c.p50_ms)
            };
            let [a, b, c, d] = [at(*small, Side::Ours), at(*large, Side::Ours), at(*small, Side::Limit), at(*large, Side::Limit)];
            if a.is_nan() || b.is_nan() {
                continue;
            }
            let verdict = if b / a <= 1.5 { "met" } else { "**missed**" };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} × | {} | {} | {} × | ≤ 1.5 × {verdict} |",
                work.name(),
                figure(a),
                figure(b),
                figure(b / a),
                figure(c),
                figure(d),
                figure(d / c)
            );
        }
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
        let mut engines: Vec<&'static str> = self.standing.iter().map(|s| s.engine).collect();
        engines.dedup();
        for engine in &engines {
            if self.cells.iter().any(|c| c.engine == *engine) {
                self.table(&mut text, engine);
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
            text.push_str("\n## One test by id beside 50 sign-ins\n\n| engine | side | p50 ms | p99 ms | p99 alone | grows |\n| --- | --- | --: | --: | --: | --: |\n");
            for cell in &self.storm {
                let alone =
                    self.cells.iter().find(|c| c.engine == cell.engine && c.work == "test" && c.connections == 1 && c.side == cell.side);
                let alone = alone.map_or(f64::NAN, |c| c.p99_ms);
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {} | {} | {} × |",
                    cell.engine,
                    cell.side,
                    figure(cell.p50_ms),
                    figure(cell.p99_ms),
                    figure(alone),
                    figure(cell.p99_ms / alone)
                );
            }
        }
        text.push_str("\n## Start and memory\n\n| engine | missions | side | start to first 200, ms | MiB idle | MiB behind the load |\n| --- | --: | --- | --: | --: | --: |\n");
        for s in &self.standing {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {:.0} | {:.0} |",
                s.engine,
                s.missions,
                s.side,
                figure(s.started_ms),
                s.idle_mib,
                s.loaded_mib
            );
        }
        text.push_str("\n## Bulk load\n\n| engine | missions | s |\n| --- | --: | --: |\n");
        for s in &self.seeded {
            let _ = writeln!(text, "| {} | {} | {} |", s.engine, s.missions, figure(s.seconds));
        }
        let all = self.cells.iter().chain(&self.flat).chain(&self.storm);
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
        std::fs::write(folder.join(&name).with_extension("json"), serde_json::to_vec_pretty(self)?)?;
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
