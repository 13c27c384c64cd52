//! ATT&CK Navigator layer 4.5: a technique's score by one metric, one row for each tactic that it stood in.
//!
//! Source: `layers/spec/v4.5/layerformat.md` of attack-navigator. A technique that stood in no tactic of its day has no
//! row, since a row needs one; the layer's metadata say how many those are.

use std::collections::HashMap;
use std::io::Write;

use serde_json::{Value, json};
use tyrian_domain::synthesis::{TechniqueCount, share};
use tyrian_domain::test::Outcome;

use crate::Result;
use crate::model::Report;
use crate::words::{label, percent};

/// What a technique's score tells, 0 to 100; what has none is unscored, which is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Metric {
    /// Of its judged tests, the share that alerted.
    #[default]
    Detection,
    /// Of its judged tests, the share that was prevented.
    Prevention,
    /// Of its judged tests, the share that alerted or was prevented.
    Coverage,
    /// Coverage less that of the mission that this one repeats, −100 to 100.
    Delta,
}

impl Metric {
    /// By its name in a query.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "detection" => Self::Detection,
            "prevention" => Self::Prevention,
            "coverage" => Self::Coverage,
            "delta" => Self::Delta,
            _ => return None,
        })
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Detection => "detection",
            Self::Prevention => "prevention",
            Self::Coverage => "coverage",
            Self::Delta => "delta",
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Detection => "Score: of the assessed tests of a technique, the percentage that raised an alert.",
            Self::Prevention => "Score: of the assessed tests of a technique, the percentage that was prevented.",
            Self::Coverage => "Score: of the assessed tests of a technique, the percentage that raised an alert or was prevented.",
            Self::Delta => "Score: percentage points of coverage gained since the mission that this one repeats.",
        }
    }
}

/// Shares of a technique in the mission that this one repeats, by ATT&CK id: what [`Metric::Delta`] is taken against.
pub type Before = HashMap<String, Option<f64>>;

/// Writes the layer. `before` is only needed for [`Metric::Delta`]: without it no technique has a score.
pub fn write(report: &Report, metric: Metric, before: &Before, to: impl Write) -> Result<()> {
    let s = &report.synthesis;
    let short: HashMap<&str, &str> =
        s.by_tactic.iter().filter_map(|t| Some((t.external_id.as_deref()?, t.short_name.as_deref()?))).collect();
    let mut rows = Vec::new();
    let mut without = 0;
    for technique in &s.by_technique {
        let tactics: Vec<&str> = technique.tactics.iter().filter_map(|id| short.get(id.as_str()).copied()).collect();
        without += usize::from(tactics.is_empty());
        rows.extend(tactics.into_iter().map(|tactic| row(report, technique, tactic, score(metric, technique, before))));
    }
    let m = &report.mission;
    let (colors, min) = match metric {
        Metric::Delta => (json!(["#ba4d04", "#f7f5f7", "#05747d"]), -100),
        _ => (json!(["#ba4d04", "#f5a843", "#e3efb7", "#83cec8", "#05747d"]), 0),
    };
    let attack = m.attack_version.as_deref().and_then(|v| v.split('.').next()).unwrap_or("18");
    let mut metadata = vec![
        json!({"name": "client", "value": m.client}),
        json!({"name": "status", "value": label(m.status.as_str())}),
        json!({"name": "tests", "value": s.tests.to_string()}),
        json!({"name": "coverage of assessed techniques", "value": percent(s.coverage.ratio)}),
    ];
    if without > 0 {
        metadata.push(json!({"name": "techniques without a tactic, not shown", "value": without.to_string()}));
    }
    let layer = json!({
        "name": format!("{} – {}", m.name, metric.as_str()),
        "versions": {"attack": attack, "navigator": "5.1.0", "layer": "4.5"},
        "domain": domain(report),
        "description": metric.describe(),
        "sorting": 0,
        "layout": {"layout": "side", "showID": true, "showName": true, "showAggregateScores": false, "countUnscored": false, "aggregateFunction": "average", "expandedSubtechniques": "annotated"},
        "hideDisabled": false,
        "techniques": rows,
        "gradient": {"colors": colors, "minValue": min, "maxValue": 100},
        "legendItems": [],
        "metadata": metadata,
        "links": [],
        "showTacticRowBackground": false,
        "tacticRowBackground": "#dddddd",
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
        "selectVisibleTechniques": false,
    });
    serde_json::to_writer_pretty(to, &layer)?;
    Ok(())
}

/// The share of a metric that a delta is taken of.
pub fn covered(technique: &TechniqueCount) -> Option<f64> {
    share(technique.counts.covered, technique.counts.assessed)
}

fn score(metric: Metric, technique: &TechniqueCount, before: &Before) -> Option<f64> {
    let c = &technique.counts;
    let share = match metric {
        Metric::Detection => share(c.alerted, c.assessed),
        Metric::Prevention => share(c.prevented, c.assessed),
        Metric::Coverage => covered(technique),
        Metric::Delta => covered(technique).zip(before.get(&technique.external_id).copied().flatten()).map(|(now, then)| now - then),
    };
    share.map(|s| (s * 100.0).round())
}

fn row(report: &Report, technique: &TechniqueCount, tactic: &str, score: Option<f64>) -> Value {
    let c = &technique.counts;
    let mut row = json!({
        "techniqueID": technique.external_id,
        "tactic": tactic,
        "comment": format!("{} of {} tests assessed: {} alerted, {} prevented, {} logged.", c.assessed, c.tests, c.alerted, c.prevented, c.logged),
        "enabled": true,
        "showSubtechniques": technique.parent_external_id.is_some(),
        "metadata": [
            {"name": "best outcome", "value": outcome(technique.best)},
            {"name": "worst outcome", "value": outcome(technique.worst)},
            {"name": "best detection level", "value": technique.detection_level.as_deref().map_or("–", |code| report.level_name(code))},
        ],
        "links": [],
    });
    // absent: unscored
    if let (Some(score), Some(row)) = (score, row.as_object_mut()) {
        row.insert("score".into(), json!(score));
    }
    row
}

fn outcome(outcome: Outcome) -> String {
    label(outcome.as_str())
}

/// The matrix that most of the techniques are of, told by their tactics' ids: TA0001–, TA01xx ICS, TA0027– mobile.
fn domain(report: &Report) -> &'static str {
    let (mut mobile, mut ics, mut enterprise) = (0, 0, 0);
    for tactic in &report.synthesis.by_tactic {
        let Some(number) = tactic.external_id.as_deref().and_then(|id| id.strip_prefix("TA")).and_then(|n| n.parse::<u32>().ok()) else {
            continue;
        };
        match number {
            27..=39 | 41 => mobile += tactic.counts.tests,
            100..=199 => ics += tactic.counts.tests,
            _ => enterprise += tactic.counts.tests,
        }
    }
    match () {
        () if ics > enterprise.max(mobile) => "ics-attack",
        () if mobile > enterprise => "mobile-attack",
        () => "enterprise-attack",
    }
}
