//! What a report says and in which order, told once to whatever it is written on: Markdown, HTML, DOCX and PDF are
//! [`Paper`]s, so that all of them hold the same numbers and every test exactly once.

use tyrian_domain::synthesis::{CategoryCount, share};
use tyrian_domain::test::{Fact, Outcome, Side, TestState};
use tyrian_domain::text::count;

use crate::Result;
use crate::model::{Evidence, Report, Test};
use crate::summary::summary;
use crate::words::{bytes, days, duration, label, percent, time, yes_no};

/// What a report is written on. Every text is plain and belongs to nobody's markup, but for [`Paper::prose`].
pub trait Paper {
    /// The first page: the mission's head.
    fn cover(&mut self, report: &Report, facts: &[(&str, String)]) -> Result<()>;
    /// A heading, `level` from 1 to 3. `anchor` is unique, `[a-z0-9-]`.
    fn heading(&mut self, level: u8, text: &str, anchor: &str) -> Result<()>;
    /// Labels with what belongs to them.
    fn facts(&mut self, rows: &[(&str, String)]) -> Result<()>;
    /// A label above what follows.
    fn label(&mut self, text: &str) -> Result<()>;
    /// Markdown that people wrote.
    fn prose(&mut self, markdown: &str) -> Result<()>;
    /// A sentence of ours.
    fn note(&mut self, text: &str) -> Result<()>;
    /// Lines as they are.
    fn code(&mut self, text: &str) -> Result<()>;
    /// A table; `widths` are shares of the page.
    fn table(&mut self, head: &[&str], widths: &[f32], rows: &mut dyn Iterator<Item = Vec<String>>) -> Result<()>;
    /// The techniques under their tactics.
    fn heat_map(&mut self, columns: &[Column]) -> Result<()>;
    /// Bars, each of parts that are counted.
    fn bars(&mut self, bars: &[Bar]) -> Result<()>;
    /// Files: their pictures where they have one.
    fn evidence(&mut self, files: &[&Evidence]) -> Result<()>;
}

/// A tactic's column of the heat map.
#[derive(Debug, Clone)]
pub struct Column {
    /// The tactic's name.
    pub name: String,
    /// Its techniques by id.
    pub cells: Vec<Cell>,
}

/// A technique in a column.
#[derive(Debug, Clone)]
pub struct Cell {
    /// `T1059.001`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The worst outcome of its assessed tests.
    pub outcome: Outcome,
    /// `2 of 3 covered`.
    pub told: String,
}

/// A bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// Its parts: how many, and how they look; none: in the accent's colour.
    pub parts: Vec<(u64, Option<Outcome>)>,
    /// What the whole width stands for.
    pub whole: u64,
    /// What stands behind it.
    pub told: String,
}

/// A number of the first page.
#[derive(Debug, Clone)]
pub struct Stat {
    /// What it is.
    pub label: &'static str,
    /// The number, with its unit.
    pub value: String,
    /// What it is of.
    pub told: String,
}

/// The line under the mission's name: whom it was for, when, and what it repeats.
pub fn headline(r: &Report) -> String {
    let m = &r.mission;
    let repeats = r.synthesis.compared_with.as_ref().map(|c| format!("retest of {}", c.other.mission.name));
    [Some(m.client.clone()), days(m.start_date, m.end_date), repeats].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The four numbers that a reader wants first.
pub fn stats(r: &Report) -> [Stat; 4] {
    let s = &r.synthesis;
    let before = s.compared_with.as_ref().map(|c| &c.other);
    let than = |before: Option<String>, told: String| before.map_or_else(|| told.clone(), |b| format!("{told}, {b} last time"));
    let (funnel, detect) = (&s.funnel, &s.times.detect);
    let missed = |by: &std::collections::BTreeMap<Outcome, u64>| by.get(&Outcome::Missed).copied().unwrap_or_default();
    let detected = |alerted, assessed| percent(share(alerted, assessed));
    let of = format!("of {} assessed", count(funnel.assessed, "test", "tests"));
    [
        Stat {
            label: "Detected",
            value: detected(funnel.alerted, funnel.assessed),
            told: than(before.map(|b| detected(b.funnel.alerted, b.funnel.assessed)), format!("{} {of}", funnel.alerted)),
        },
        Stat {
            label: "Prevented",
            value: funnel.prevented.to_string(),
            told: than(before.map(|b| b.funnel.prevented.to_string()), of.clone()),
        },
        Stat {
            label: "Median time to detect",
            value: detect.median_s.map_or_else(|| "–".to_owned(), duration),
            told: match (detect.mean_s, detect.p90_s) {
                (Some(mean), Some(p90)) => format!("mean {}, p90 {}, n = {}", duration(mean), duration(p90), detect.n),
                _ => "no test has a time".to_owned(),
            },
        },
        Stat {
            label: "Nothing seen",
            value: missed(&s.by_outcome).to_string(),
            told: than(before.map(|b| missed(&b.by_outcome).to_string()), of),
        },
    ]
}

/// Tells the whole report.
pub fn tell(r: &Report, to: &mut impl Paper) -> Result<()> {
    to.cover(r, &cover_facts(r))?;
    scope(r, to)?;
    to.heading(1, "Participants", "participants")?;
    if r.participants.is_empty() {
        to.note("Nobody is named.")?;
    } else {
        let mut rows = r.participants.iter().map(|p| vec![p.name.clone(), label(p.role.as_str())]);
        to.table(&["Name", "Side"], &[0.7, 0.3], &mut rows)?;
    }
    summary(r, to)?;
    gaps(r, to)?;
    categories(r, to)?;
    to.heading(1, "Tests", "tests")?;
    for (place, scenario) in r.scenarios.iter().enumerate() {
        to.heading(2, &scenario.name, &format!("scenario-{}", place + 1))?;
        if let Some(actor) = &scenario.threat_actor {
            to.facts(&[("Imitates", actor.clone())])?;
        }
        if let Some(description) = &scenario.description {
            to.prose(description)?;
        }
        for test in r.tests.iter().filter(|t| t.scenario == place) {
            one(r, test, to)?;
        }
    }
    appendix(r, to)
}

fn cover_facts(r: &Report) -> Vec<(&'static str, String)> {
    let m = &r.mission;
    let mut facts = vec![("Client", m.client.clone())];
    facts.extend(days(m.start_date, m.end_date).map(|d| ("Dates", d)));
    facts.push(("Status", label(m.status.as_str())));
    facts.extend(m.attack_version.clone().map(|v| ("ATT&CK", format!("version {v}"))));
    facts.push(("Tests", r.synthesis.tests.to_string()));
    if !r.selection.is_empty() {
        let states: Vec<_> = r.selection.iter().map(|s| label(s.as_str()).to_lowercase()).collect();
        facts.push(("Selection", format!("only tests that are {}", states.join(" or "))));
    }
    facts.extend(r.company.clone().map(|c| ("Prepared by", c)));
    facts.extend(r.classification.clone().map(|c| ("Classification", c)));
    facts.push(("Written", time(r.generated_at)));
    facts
}

fn scope(r: &Report, to: &mut impl Paper) -> Result<()> {
    let m = &r.mission;
    to.heading(1, "Scope", "scope")?;
    let parts = [
        ("What it is about", &m.description),
        ("Objectives", &m.objectives),
        ("In and out of scope", &m.scope),
        ("Threat model", &m.threat_model),
    ];
    if parts.iter().all(|(_, text)| text.is_none()) {
        to.note("No scope was written down.")?;
    }
    for ((title, text), anchor) in parts.into_iter().zip(["about", "objectives", "in-scope", "threat-model"]) {
        if let Some(text) = text {
            to.heading(2, title, anchor)?;
            to.prose(text)?;
        }
    }
    Ok(())
}

fn gaps(r: &Report, to: &mut impl Paper) -> Result<()> {
    to.heading(1, "Open gaps", "gaps")?;
    if r.synthesis.findings.is_empty() {
        return to.note("There is no open gap.");
    }
    let mut rows = r.synthesis.findings.iter().map(|g| {
        vec![
            label(g.priority.as_str()),
            label(g.severity.as_str()),
            g.test_name.clone(),
            g.techniques.join(", "),
            g.status.map_or_else(|| "No finding yet".to_owned(), |s| label(s.as_str())),
            g.owner_name.clone().unwrap_or_default(),
            g.due.map(|d| d.to_string()).unwrap_or_default(),
        ]
    });
    let head = ["Priority", "Severity", "Test", "Techniques", "Status", "Owner", "Due"];
    to.table(&head, &[0.1, 0.1, 0.3, 0.14, 0.13, 0.13, 0.1], &mut rows)
}

fn categories(r: &Report, to: &mut impl Paper) -> Result<()> {
    to.heading(1, "Findings by category", "categories")?;
    if r.tests.is_empty() {
        return to.note("There are no tests.");
    }
    for (place, category) in r.synthesis.by_category.iter().enumerate() {
        to.heading(2, &category.name, &format!("category-{}", place + 1))?;
        if let Some(text) = &category.summary {
            to.prose(text)?;
        }
        let CategoryCount { counts, by_outcome, .. } = category;
        let told: Vec<_> =
            by_outcome.iter().filter(|(_, n)| **n > 0).map(|(o, n)| format!("{n} {}", label(o.as_str()).to_lowercase())).collect();
        to.facts(&[
            ("Tests", if told.is_empty() { "none".to_owned() } else { format!("{}: {}", counts.tests, told.join(", ")) }),
            ("Covered", format!("{} of {} assessed ({})", counts.covered, counts.assessed, percent(counts.ratio()))),
        ])?;
        let mut with: Vec<&Test> =
            r.tests_under(category.id).filter(|t| t.blue.finding_status.is_some() || t.blue.recommendation.is_some()).collect();
        with.sort_by_key(|t| (std::cmp::Reverse(t.blue.priority), std::cmp::Reverse(t.blue.severity), t.number));
        for t in with {
            to.label(&format!("{}. {}", t.number, t.plan.name))?;
            to.facts(&finding_facts(t))?;
            if let Some(text) = &t.blue.recommendation {
                to.prose(text)?;
            }
        }
    }
    Ok(())
}

fn finding_facts(t: &Test) -> Vec<(&'static str, String)> {
    let b = &t.blue;
    let mut facts =
        vec![("Outcome", label(t.outcome.as_str())), ("Severity", label(b.severity.as_str())), ("Priority", label(b.priority.as_str()))];
    facts.extend(b.finding_status.map(|s| ("Finding", label(s.as_str()))));
    facts.extend(b.finding_owner.clone().map(|o| ("Owner", o)));
    facts.extend(b.finding_due.map(|d| ("Due", d.to_string())));
    facts.extend(b.finding_reference.clone().map(|d| ("Ticket", d)));
    facts
}

/// A test with everything that was planned, done and seen.
fn one(r: &Report, t: &Test, to: &mut impl Paper) -> Result<()> {
    to.heading(3, &format!("{}. {}", t.number, t.plan.name), &format!("test-{}", t.number))?;
    let techniques: Vec<_> = t.plan.mitre.iter().map(|m| format!("{} {}", m.external_id, m.name)).collect();
    let mut facts = vec![("State", label(t.state.as_str())), ("Outcome", label(t.outcome.as_str()))];
    let some = |facts: &mut Vec<_>, name: &'static str, value: Option<String>| facts.extend(value.map(|v| (name, v)));
    some(&mut facts, "ATT&CK", (!techniques.is_empty()).then(|| techniques.join(", ")));
    some(&mut facts, "Category", r.category_name(t).map(str::to_owned));
    some(&mut facts, "Platforms", (!t.plan.platforms.is_empty()).then(|| t.plan.platforms.join(", ")));
    if !t.disclosed {
        facts.push(("Disclosed", "no: hidden from the blue side".to_owned()));
    }
    to.facts(&facts)?;
    plan(t, to)?;
    red(t, to)?;
    blue(r, t, to)?;
    let files: Vec<&Evidence> = t.evidence.iter().collect();
    if !files.is_empty() {
        to.label("Evidence")?;
        to.evidence(&files)?;
    }
    for c in &t.comments {
        to.label(&format!("{}, {}", c.author.as_deref().unwrap_or("Somebody"), time(c.at)))?;
        to.prose(&c.body)?;
    }
    Ok(())
}

fn texts(parts: &[(&str, &Option<String>)], to: &mut impl Paper) -> Result<()> {
    for (name, text) in parts {
        if let Some(text) = text {
            to.label(name)?;
            to.prose(text)?;
        }
    }
    Ok(())
}

fn lines(name: &str, text: Option<&String>, to: &mut impl Paper) -> Result<()> {
    if let Some(text) = text {
        to.label(name)?;
        to.code(text)?;
    }
    Ok(())
}

fn plan(t: &Test, to: &mut impl Paper) -> Result<()> {
    let p = &t.plan;
    texts(&[("Objective", &p.objective), ("Prerequisites", &p.prerequisites), ("Procedure", &p.procedure)], to)?;
    if t.red.command_run.is_none() {
        lines("Command", t.filled_command().as_ref(), to)?;
    }
    texts(&[("Expected detection", &p.expected_detection)], to)
}

fn red(t: &Test, to: &mut impl Paper) -> Result<()> {
    let red = &t.red;
    let mut facts = Vec::new();
    facts.extend(red.operator.clone().map(|v| ("Operator", v)));
    facts.extend(red.source_host.clone().map(|v| ("From", v)));
    facts.extend(red.target_host.clone().map(|v| ("Against", v)));
    facts.extend(red.started_at.map(|v| ("Began", time(v))));
    facts.extend(red.ended_at.map(|v| ("Ended", time(v))));
    if facts.is_empty() && red.command_run.is_none() && red.output.is_none() && red.notes.is_none() {
        return Ok(());
    }
    to.label("What red did")?;
    if !facts.is_empty() {
        to.facts(&facts)?;
    }
    lines("Command that was run", red.command_run.as_ref(), to)?;
    lines("Output", red.output.as_ref(), to)?;
    texts(&[("Notes of red", &red.notes)], to)
}

fn blue(r: &Report, t: &Test, to: &mut impl Paper) -> Result<()> {
    let b = &t.blue;
    let mut facts = Vec::new();
    // of a test that nobody has judged, that nothing is known goes without saying
    if t.state == TestState::Assessed || [b.logged, b.alerted, b.prevented].iter().any(|fact| *fact != Fact::Unknown) {
        let told = [("Logged", b.logged), ("Alerted", b.alerted), ("Prevented", b.prevented)];
        facts.extend(told.map(|(name, fact)| (name, label(fact.as_str()))));
    }
    facts.extend(b.level.as_deref().map(|l| ("Detection level", r.level_name(l).to_owned())));
    facts.extend(b.assessor.clone().map(|v| ("Assessor", v)));
    facts.extend(b.detected_at.map(|v| ("Detected", time(v))));
    facts.extend(t.seconds_to_detect().and_then(|s| u64::try_from(s).ok()).map(|s| ("Time to detect", duration(s))));
    facts.extend(b.alerted_at.map(|v| ("Alert came", time(v))));
    facts.extend(b.responded_at.map(|v| ("Response", time(v))));
    if b.is_delayed {
        facts.push(("Delayed", yes_no(true).to_owned()));
    }
    if b.needed_config_change {
        facts.push(("Configuration was changed", yes_no(true).to_owned()));
    }
    if !facts.is_empty() || !b.detections.is_empty() || b.notes.is_some() {
        to.label("What blue saw")?;
    }
    if !facts.is_empty() {
        to.facts(&facts)?;
    }
    if !b.detections.is_empty() {
        let mut rows = b.detections.iter().map(|d| {
            let more: Vec<&str> = [&d.reference, &d.rule, &d.notes].into_iter().flatten().map(String::as_str).collect();
            vec![d.tool.clone(), label(d.kind.as_str()), label(d.result.as_str()), d.at.map(time).unwrap_or_default(), more.join("\n")]
        });
        to.table(&["Tool", "Kind", "Result", "When", "More"], &[0.2, 0.11, 0.1, 0.25, 0.34], &mut rows)?;
    }
    texts(&[("Notes of blue", &b.notes), ("Recommendation", &b.recommendation)], to)?;
    if b.finding_status.is_some() {
        to.label("Finding")?;
        to.facts(&finding_facts(t))?;
    }
    Ok(())
}

fn appendix(r: &Report, to: &mut impl Paper) -> Result<()> {
    to.heading(1, "Appendix", "appendix")?;
    if !r.comments.is_empty() {
        to.heading(2, "Comments on the mission", "comments")?;
        for c in &r.comments {
            to.label(&format!("{}, {}", c.author.as_deref().unwrap_or("Somebody"), time(c.at)))?;
            to.prose(&c.body)?;
        }
    }
    if !r.levels.is_empty() {
        to.heading(2, "Detection levels", "levels")?;
        let mut rows = r.levels.iter().map(|l| vec![l.name.clone(), l.description.clone().unwrap_or_default()]);
        to.table(&["Level", "Meaning"], &[0.25, 0.75], &mut rows)?;
    }
    to.heading(2, "Evidence", "evidence")?;
    let mut files = r.tests.iter().flat_map(|t| t.evidence.iter().map(move |e| (t, e))).peekable();
    if files.peek().is_none() {
        to.note("There is no evidence.")?;
    } else {
        let side = |s: Side| label(s.as_str());
        let mut rows =
            files.map(|(t, e)| vec![t.number.to_string(), side(e.side), e.file_name.clone(), bytes(e.size_bytes), e.sha256.clone()]);
        to.table(&["Test", "Side", "File", "Size", "SHA-256"], &[0.07, 0.08, 0.3, 0.1, 0.45], &mut rows)?;
    }
    to.heading(2, "How it is counted", "definitions")?;
    for text in [
        "A fact (logged, alerted, prevented) counts once its test is assessed, and holds when it is “yes” or “partial”.",
        "A test is covered when it raised an alert or was prevented. A log line that nobody was told of covers nothing.",
        "A technique is covered when one of its assessed tests is. A technique and its subtechniques are counted each for itself.",
        "Times begin when red began. A test that ought to have a time and has none, or one before its start, is counted as “without a time”.",
        "Median and 90th percentile (p90) are interpolated between the two nearest values.",
    ] {
        to.note(text)?;
    }
    to.note(&format!("Written by Tyrian at {}.", time(r.generated_at)))
}
