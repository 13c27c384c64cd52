//! Where Tyrian's time goes: `perf` samples its stacks while it works, and what comes of it is folded stacks and two tables.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::load;
use crate::server::run;
use crate::site::Site;
use crate::work::Work;

/// Connections that ask meanwhile.
const CONNECTIONS: usize = 16;
/// Samples a second and core: no round number, or what happens every millisecond is always seen or never.
const FREQUENCY: &str = "397";
/// Rows of a table.
const ROWS: usize = 15;

/// Whose a function is, by what stands in its name. The innermost frame that is somebody's decides.
const AREAS: [(&str, &[&str]); 9] = [
    ("password hash", &["argon2", "blake2"]),
    ("SQLite", &["sqlite3"]),
    ("sqlx", &["sqlx"]),
    ("SeaORM", &["sea_orm", "sea_query"]),
    ("JSON", &["serde"]),
    ("token, hashes", &["jsonwebtoken", "hmac", "sha2", "sha1"]),
    ("actix", &["actix"]),
    ("tokio", &["tokio", "mio::"]),
    ("Tyrian itself", &["tyrian"]),
];

struct Frame {
    name: String,
    is_kernel: bool,
}

/// The stacks of a recording, each from the inside to the outside.
fn stacks(script: &str) -> Vec<Vec<Frame>> {
    let frame = |line: &str| {
        let (_, rest) = line.trim().split_once(' ')?;
        let (name, place) = rest.rsplit_once(" (")?;
        Some(Frame { name: plain(name), is_kernel: place.starts_with("[kernel") || place.starts_with("[guest.kernel") })
    };
    let stack = |sample: &str| sample.lines().filter(|l| l.starts_with([' ', '\t'])).filter_map(frame).collect::<Vec<_>>();
    script.split("\n\n").map(stack).filter(|stack| !stack.is_empty()).collect()
}

/// A function's name without its hash and its place in it.
fn plain(name: &str) -> String {
    let name = name.split_once("+0x").map_or(name, |(name, _)| name);
    match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.chars().all(|c| c.is_ascii_hexdigit()) => name.to_owned(),
        _ => name.to_owned(),
    }
}

fn area(stack: &[Frame]) -> &'static str {
    if stack.first().is_some_and(|f| f.is_kernel) {
        return "kernel";
    }
    let of = |frame: &Frame| AREAS.iter().find(|(_, words)| words.iter().any(|word| frame.name.contains(word))).map(|(name, _)| *name);
    stack.iter().find_map(of).unwrap_or("the rest")
}

fn table<K: Ord + std::fmt::Display>(text: &mut String, head: &str, counts: BTreeMap<K, usize>, all: usize, rows: usize) {
    let mut sorted: Vec<(K, usize)> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let _ = writeln!(text, "\n| {head} | % |\n| --- | --: |");
    for (name, n) in sorted.into_iter().take(rows) {
        let _ = writeln!(text, "| {name} | {:.1} |", n as f64 * 100.0 / all.max(1) as f64);
    }
}

fn told(title: &str, stacks: &[Vec<Frame>]) -> String {
    let (mut areas, mut own, mut whole) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for stack in stacks {
        *areas.entry(area(stack)).or_default() += 1;
        if let Some(leaf) = stack.first() {
            *own.entry(format!("`{}`", leaf.name)).or_default() += 1;
        }
        let mut seen = HashSet::new();
        // what is everybody's caller tells nothing
        let worth = |f: &&Frame| !f.is_kernel && AREAS.iter().any(|(_, words)| words.iter().any(|word| f.name.contains(word)));
        for frame in stack.iter().filter(worth) {
            if seen.insert(&frame.name) {
                *whole.entry(format!("`{}`", frame.name)).or_default() += 1;
            }
        }
    }
    let mut text = format!("\n### {title} ({} samples)\n", stacks.len());
    table(&mut text, "whose", areas, stacks.len(), ROWS);
    table(&mut text, "in the function itself", own, stacks.len(), ROWS);
    table(&mut text, "in it and what it calls", whole, stacks.len(), ROWS * 2);
    text
}

fn folded(stacks: &[Vec<Frame>]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for stack in stacks {
        let names: Vec<&str> = stack.iter().rev().map(|f| f.name.as_str()).collect();
        *counts.entry(names.join(";")).or_default() += 1;
    }
    let mut text = String::new();
    for (stack, n) in counts {
        let _ = writeln!(text, "{stack} {n}");
    }
    text
}

/// Records a work on a site. Writes the folded stacks beside the results and gives the tables.
pub async fn record(site: &Site, engine: &str, work: Work, seconds: f64, results: &Path) -> anyhow::Result<String> {
    let target = site.ours().await?;
    let data: PathBuf = site.folder().join("perf.data");
    let mut command = Command::new("perf");
    command.args([
        "record",
        "-q",
        "-e",
        "cpu-clock",
        "-F",
        FREQUENCY,
        "--call-graph",
        "dwarf,16384",
        "-p",
        &site.server().pid().to_string(),
    ]);
    command.arg("-o").arg(&data).args(["--", "sleep", &seconds.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut recording = command.spawn().context("perf cannot be run")?;
    let sample = load::run(work, &target, CONNECTIONS, seconds).await;
    recording.wait()?;
    let mut command = Command::new("perf");
    command.args(["script", "--no-inline", "-F", "comm,ip,sym,dso", "-i"]).arg(&data);
    let stacks = stacks(&run(command)?);
    std::fs::remove_file(&data)?;
    std::fs::create_dir_all(results)?;
    std::fs::write(results.join(format!("profile-{engine}-{}.folded", work.name())), folded(&stacks))?;
    Ok(told(&format!("{engine}, {} × {CONNECTIONS}: {:.0}/s while sampled", work.name(), sample.rate), &stacks))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "tyrian\n\t55d0a1 serde_json::ser::to_vec::h0123456789abcdef (/bin/tyrian)\n\t55d0a2 tyrian_server::list (/bin/tyrian)\n\n\
         tyrian\n\tffffff81 do_syscall_64 ([kernel.kallsyms])\n\t55d0a3 tokio::run (/bin/tyrian)\n\n";

    #[test]
    fn stacks_are_read_and_folded() {
        let stacks = stacks(SCRIPT);
        assert_eq!(stacks.iter().map(|s| area(s)).collect::<Vec<_>>(), ["JSON", "kernel"]);
        assert_eq!(folded(&stacks), "tokio::run;do_syscall_64 1\ntyrian_server::list;serde_json::ser::to_vec 1\n");
    }
}
