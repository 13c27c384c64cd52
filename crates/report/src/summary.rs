//! What a report says in numbers: outcomes, the funnel, techniques and tactics, times, and what changed since last time.

use tyrian_domain::compare::{Change, Comparison};
use tyrian_domain::synthesis::{Counts, share};
use tyrian_domain::test::Outcome;

use crate::Result;
use crate::model::{Report, Test};
use crate::section::{Bar, Cell, Column, Paper};
use crate::words::{duration, label, percent};

/// What the tests tell in numbers.
pub fn summary(report: &Report, to: &mut impl Paper) -> Result<()> {
    let s = &report.synthesis;
    to.heading(1, "Summary", "summary")?;
    if let Some(text) = &report.mission.executive_summary {
        to.prose(text)?;
    }
    let coverage = &s.coverage;
    to.facts(&[
        ("Tests", format!("{}, of which {} executed and {} assessed", s.tests, s.funnel.executed, s.funnel.assessed)),
        ("Techniques covered", format!("{} of {} assessed ({})", coverage.covered, coverage.assessed, percent(coverage.ratio))),
        ("Techniques detected", coverage.detected.to_string()),
        ("Techniques prevented", coverage.prevented.to_string()),
        ("Open gaps", s.findings.len().to_string()),
    ])?;
    to.heading(2, "Outcome of the tests", "outcomes")?;
    let bars: Vec<_> =
        s.by_outcome.iter().map(|(o, n)| bar(label(o.as_str()), vec![(*n, Some(*o))], s.tests, share(*n, s.tests), *n, s.tests)).collect();
    to.bars(&bars)?;
    to.heading(2, "From executed to prevented", "funnel")?;
    let funnel = &s.funnel;
    let steps = [
        ("Executed", funnel.executed),
        ("Assessed", funnel.assessed),
        ("Logged", funnel.logged),
        ("Alerted", funnel.alerted),
        ("Responded", funnel.responded),
        ("Prevented", funnel.prevented),
    ];
    let whole = funnel.executed.max(funnel.assessed);
    to.bars(&steps.map(|(name, n)| bar(name.to_owned(), vec![(n, None)], whole, share(n, whole), n, whole)))?;
    to.note("The facts are independent: a test that was prevented need not have been logged.")?;
    let columns = columns(report);
    if !columns.is_empty() {
        to.heading(2, "What was seen, technique by technique", "heat-map")?;
        to.heat_map(&columns)?;
        to.note("A cell shows the worst outcome of its assessed tests. A technique that serves several tactics stands in each.")?;
        to.heading(2, "Coverage by tactic", "tactics")?;
        to.bars(&tactics(report))?;
        to.note("Of the assessed tests, those that raised an alert or were prevented.")?;
    }
    to.heading(2, "Time to detect, alert and respond", "times")?;
    let t = &s.times;
    let shown = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), duration);
    let mut rows = [("Detect", &t.detect), ("Alert", &t.alert), ("Respond", &t.respond)].into_iter().map(|(name, d)| {
        vec![name.to_owned(), shown(d.median_s), shown(d.mean_s), shown(d.p90_s), d.n.to_string(), d.n_without.to_string()]
    });
    to.table(&["Time to", "Median", "Mean", "p90", "Tests", "Without a time"], &[0.2, 0.18, 0.18, 0.18, 0.1, 0.16], &mut rows)?;
    if let Some(c) = &s.compared_with {
        to.heading(2, "Compared with the mission that this one repeats", "comparison")?;
        let other = &c.other;
        to.facts(&[
            ("Mission", other.mission.name.clone()),
            (
                "Coverage then",
                format!("{} of {} assessed ({})", other.coverage.covered, other.coverage.assessed, percent(other.coverage.ratio)),
            ),
            ("Coverage now", format!("{} of {} assessed ({})", s.coverage.covered, s.coverage.assessed, percent(s.coverage.ratio))),
            ("Time to detect then, median", shown(other.times.detect.median_s)),
            ("Time to detect now, median", shown(t.detect.median_s)),
        ])?;
        changes(c, to)?;
    }
    Ok(())
}

/// The techniques that went better or worse, the worse first.
fn changes(c: &Comparison, to: &mut impl Paper) -> Result<()> {
    let mut changed: Vec<_> = c.technique_changes.iter().filter(|t| matches!(t.change, Change::Improved | Change::Worsened)).collect();
    changed.sort_by_key(|t| (t.change != Change::Worsened, &t.external_id));
    if changed.is_empty() {
        to.note("No technique that is in both went better or worse.")?;
    } else {
        let best = |outcome: Option<Outcome>| outcome.map_or_else(|| "–".to_owned(), |o| label(o.as_str()));
        let mut rows = changed.iter().map(|t| {
            vec![
                format!("{} {}", t.external_id, t.name),
                best(t.other_outcome),
                percent(t.other_ratio),
                best(t.outcome),
                percent(t.ratio),
                label(t.change.as_str()),
            ]
        });
        let head = ["Technique", "Best then", "Covered then", "Best now", "Covered now", "Change"];
        to.table(&head, &[0.36, 0.13, 0.14, 0.13, 0.13, 0.11], &mut rows)?;
    }
    Ok(())
}

fn bar(label: String, parts: Vec<(u64, Option<Outcome>)>, whole: u64, part: Option<f64>, n: u64, of: u64) -> Bar {
    Bar { label, parts, whole, told: format!("{}  {n}/{of}", percent(part)) }
}

/// The judged tests of each tactic by outcome: as wide as the share that stands beside it says.
fn tactics(r: &Report) -> Vec<Bar> {
    r.synthesis
        .by_tactic
        .iter()
        .map(|t| {
            let id = t.external_id.as_deref();
            let own: Vec<&Test> = r.tests.iter().filter(|test| stands_in(test, id)).collect();
            let judged = Outcome::ALL.iter().filter(|o| **o != Outcome::NotAssessed);
            let parts = judged.map(|o| (own.iter().filter(|test| test.outcome == *o).count() as u64, Some(*o))).collect();
            let Counts { assessed, covered, .. } = t.counts;
            bar(t.name.clone(), parts, assessed, t.counts.ratio(), covered, assessed)
        })
        .collect()
}

fn stands_in(test: &Test, tactic: Option<&str>) -> bool {
    match tactic {
        Some(id) => test.plan.mitre.iter().flat_map(|tag| &tag.tactics).any(|t| t.external_id == id),
        None => test.plan.mitre.iter().all(|tag| tag.tactics.is_empty()),
    }
}

fn columns(r: &Report) -> Vec<Column> {
    let s = &r.synthesis;
    s.by_tactic
        .iter()
        .map(|tactic| {
            let in_it = s.by_technique.iter().filter(|t| match &tactic.external_id {
                Some(id) => t.tactics.contains(id),
                None => t.tactics.is_empty(),
            });
            let cells = in_it.map(|t| Cell {
                id: t.external_id.clone(),
                name: t.name.clone(),
                outcome: t.worst,
                told: format!("{} of {} assessed tests covered", t.counts.covered, t.counts.assessed),
            });
            Column { name: tactic.name.clone(), cells: cells.collect() }
        })
        .filter(|c| !c.cells.is_empty())
        .collect()
}
