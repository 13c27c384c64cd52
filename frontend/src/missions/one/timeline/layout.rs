//! Where things stand on the time axis: rows, marks, gaps and ticks from the times of tests. No browser in here.

use chrono::{DateTime, NaiveDate, Utc};
use tyrian_api_types::detections::Detection;
use tyrian_api_types::missions::MissionTestSummary;
use tyrian_domain::synthesis::seconds_between;
use tyrian_domain::test::{DetectionKind, DetectionResult, Outcome, TestState};
use uuid::Uuid;

use crate::texts::{self, Shape};
use crate::ui::duration;

/// What red and blue did in one test, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// the test
    pub id: Uuid,
    /// its technique
    pub code: Option<String>,
    /// its name
    pub name: String,
    /// where it stands
    pub state: TestState,
    /// what is shown for its facts
    pub outcome: Outcome,
    /// red
    pub started: DateTime<Utc>,
    /// red
    pub ended: Option<DateTime<Utc>>,
    /// blue, or the first tool that saw or stopped it
    pub detected: Option<DateTime<Utc>>,
    /// blue
    pub alerted: Option<DateTime<Utc>>,
    /// blue
    pub responded: Option<DateTime<Utc>>,
    /// the tool that was first
    pub tool: Option<String>,
}

/// Did this row see or stop it, and when?
fn seen_at(row: &Detection) -> Option<DateTime<Utc>> {
    matches!(row.result, DetectionResult::Yes | DetectionResult::Partial).then_some(row.occurred_at).flatten()
}

impl Span {
    /// A test that was started. `rows` are its detections, where they were read.
    pub fn of(test: &MissionTestSummary, code: Option<String>, rows: Option<&[Detection]>) -> Option<Self> {
        let started = test.started_at?;
        let first = |alert: bool| {
            let fits = |row: &&Detection| !alert || row.kind == DetectionKind::Alerted;
            rows.into_iter().flatten().filter(fits).filter_map(|row| Some((seen_at(row)?, row))).min_by_key(|(at, _)| *at)
        };
        Some(Self {
            id: test.id,
            code,
            name: test.name.clone(),
            state: test.state,
            outcome: test.outcome,
            started,
            ended: test.ended_at,
            detected: test.detected_at.or_else(|| first(false).map(|(at, _)| at)),
            alerted: test.alerted_at.or_else(|| first(true).map(|(at, _)| at)),
            responded: test.responded_at,
            tool: first(false).map(|(_, row)| row.defence_tool_name.clone()),
        })
    }

    /// From the start to then, in words.
    pub fn gap(&self, to: Option<DateTime<Utc>>) -> Option<String> {
        to.filter(|to| *to >= self.started).map(|to| duration(seconds_between(self.started, to)))
    }

    /// How it ended for blue.
    pub fn end(&self) -> End {
        match (self.detected.or(self.alerted).or(self.responded), self.outcome, self.state) {
            (Some(_), _, _) => End::Seen,
            (None, Outcome::Prevented, _) => End::Stopped,
            (None, Outcome::Missed, _) => End::Missed,
            (None, _, TestState::Running) => End::Running,
            (None, _, TestState::Executed) => End::Waits,
            (None, _, _) => End::NoTime,
        }
    }

    /// The gaps from the start: to detect, to alert, to respond.
    pub fn gaps(&self) -> Vec<(&'static str, String)> {
        [("detected", self.detected), ("alerted", self.alerted), ("responded", self.responded)]
            .into_iter()
            .filter_map(|(word, at)| Some((word, self.gap(at)?)))
            .collect()
    }

    fn last(&self) -> DateTime<Utc> {
        [self.ended, self.detected, self.alerted, self.responded].into_iter().flatten().fold(self.started, DateTime::max)
    }
}

/// How a test ended for blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was seen, at a known time.
    Seen,
    /// It was stopped, and nobody noted a time.
    Stopped,
    /// Nobody saw it.
    Missed,
    /// Red is at it.
    Running,
    /// Blue has not assessed it.
    Waits,
    /// It was assessed, without times.
    NoTime,
}

impl End {
    /// In words, where no time tells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Seen => "",
            Self::Stopped => "stopped",
            Self::Missed => t!("not seen"),
            Self::Running => "running",
            Self::Waits => t!("waits for blue"),
            Self::NoTime => t!("no time noted"),
        }
    }
}

/// The day of a moment where the reader is. `offset` is minutes east of UTC at that moment.
pub fn day_of(at: DateTime<Utc>, offset: i64) -> NaiveDate {
    (at + chrono::TimeDelta::minutes(offset)).date_naive()
}

/// A mark on the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// place
    pub x: f64,
    /// `09:30`
    pub label: String,
}

/// One test in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// which of the spans
    pub span: usize,
    /// from above, from 0
    pub row: usize,
    /// begin and end of what red did
    pub bar: (f64, f64),
    /// detected, alerted, responded; none also where it lies beyond the axis
    pub marks: [Option<f64>; 3],
    /// something lies beyond the axis
    pub beyond: bool,
    /// what is written at it ends where it begins: at the right edge there is no room behind it
    pub flipped: bool,
    /// where blue's line ends
    pub reach: f64,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// of the drawing
    pub width: f64,
    /// of the drawing
    pub height: f64,
    /// how many rows each side has
    pub rows: usize,
    /// the axis
    pub ticks: Vec<Tick>,
    /// the tests
    pub items: Vec<Item>,
}

/// The axis stands above.
pub const TOP: f64 = 46.0;
/// The names of the sides stand left.
pub const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
/// Height of a row on red's side.
pub const RED_ROW: f64 = 36.0;
/// Height of a row on blue's side.
pub const BLUE_ROW: f64 = 43.0;
/// Between the sides.
pub const SEAM: f64 = 10.0;
/// Width of a letter, on the safe side.
const LETTER: f64 = 6.3;
const MONO: f64 = 6.5;
/// A response days later must not squeeze the day: the axis ends this long after red's last act.
const TAIL_MS: i64 = 4 * 3_600_000;

const STEPS_MIN: [i64; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880];

#[expect(clippy::cast_precision_loss, reason = "milliseconds of some days, and letters")]
fn float(n: i64) -> f64 {
    n as f64
}

fn letters(text: &str) -> f64 {
    float(i64::try_from(text.chars().count()).unwrap_or(0))
}

/// The text on blue's line after the first gap.
pub fn more_gaps(span: &Span) -> String {
    let mut text = String::new();
    if let Some(tool) = &span.tool {
        text += " · ";
        text += tool;
    }
    for (word, gap) in span.gaps().into_iter().skip(1) {
        text += &[" · ", word, " ", &gap].concat();
    }
    text
}

/// Width of what stands at a test: the wider of red's label and blue's.
fn label_width(span: &Span) -> f64 {
    let red = span.code.as_deref().map_or(0.0, |code| letters(code) * MONO + 5.0) + letters(&span.name) * LETTER;
    let blue = match span.end() {
        End::Seen => {
            let first = span.gaps().first().map_or(0.0, |(word, gap)| letters(gap) + letters(word) + 1.0);
            (first + letters(&more_gaps(span))) * LETTER
        }
        end => 96.0 + letters(end.word()) * LETTER,
    };
    red.max(blue)
}

/// Puts `spans`, which are in the order of their start, on an axis that is `width` wide at zoom 1. `offset` is minutes east of UTC.
pub fn layout(spans: &[Span], width: f64, zoom: f64, offset: i64) -> Layout {
    let width = width.max(480.0) * zoom.max(1.0);
    let ms = |at: DateTime<Utc>| at.timestamp_millis();
    let Some(first) = spans.iter().map(|span| ms(span.started)).min() else {
        return Layout { width, height: TOP, rows: 0, ticks: Vec::new(), items: Vec::new() };
    };
    let acts = spans.iter().map(|span| ms(span.ended.unwrap_or(span.started))).max().unwrap_or(first);
    let last = spans.iter().map(|span| ms(span.last())).max().unwrap_or(first).min(acts + TAIL_MS);
    // a little air on both sides, and never less than ten minutes
    let air = ((last - first) / 40).max(60_000);
    let (from, mut to) = (first - air, last + air);
    to = to.max(from + 600_000);
    let scale = (width - LEFT - RIGHT) / float(to - from);
    let x = |at: DateTime<Utc>| LEFT + float(ms(at) - from) * scale;
    let inside = |at: Option<DateTime<Utc>>| at.filter(|at| ms(*at) <= to).map(x);

    let mut ends: Vec<f64> = Vec::new();
    let items: Vec<Item> = spans
        .iter()
        .enumerate()
        .map(|(index, span)| {
            let begin = x(span.started);
            let end = inside(span.ended).unwrap_or(begin).max(begin + 4.0);
            let marks = [inside(span.detected), inside(span.alerted), inside(span.responded)];
            let beyond = [span.detected, span.alerted, span.responded].into_iter().flatten().any(|at| ms(at) > to);
            let furthest = marks.into_iter().flatten().fold(begin, f64::max);
            let reach = if beyond { width - RIGHT } else { furthest };
            let label = label_width(span) + 12.0;
            let flipped = begin + label > width - 4.0 && end - label > LEFT;
            let (left, right) = if flipped { (begin - label, end + 8.0) } else { (begin, begin + label) };
            let taken = right.max(end + 8.0).max(reach + 16.0);
            let row = ends.iter().position(|end| *end <= left).unwrap_or(ends.len());
            match ends.get_mut(row) {
                Some(end) => *end = taken,
                None => ends.push(taken),
            }
            Item { span: index, row, bar: (begin, end), marks, beyond, flipped, reach }
        })
        .collect();
    let rows = ends.len();
    let count = float(i64::try_from(rows).unwrap_or(0));
    Layout { width, height: TOP + count * (RED_ROW + BLUE_ROW) + SEAM + 16.0, rows, ticks: ticks(from, to, scale, offset), items }
}

fn ticks(from: i64, to: i64, scale: f64, offset: i64) -> Vec<Tick> {
    let step = STEPS_MIN.into_iter().map(|minutes| minutes * 60_000).find(|step| float(*step) * scale >= 84.0).unwrap_or(5_760 * 60_000);
    let shift = offset * 60_000;
    let mut at = (from + shift).div_euclid(step) * step + step;
    let mut ticks = Vec::new();
    while at - shift <= to {
        let minutes = at.div_euclid(60_000).rem_euclid(1_440);
        // midnight is another day
        let label = if minutes == 0 {
            DateTime::from_timestamp_millis(at).map_or_else(String::new, |day| texts::utc(day, Shape::ShortDay))
        } else {
            DateTime::from_timestamp_millis(at).map_or_else(String::new, |time| texts::utc(time, Shape::HourAndMinute))
        };
        ticks.push(Tick { x: LEFT + float(at - shift - from) * scale, label });
        at += step;
    }
    ticks
}

/// Where a row's bar stands on red's side.
pub fn red_y(row: usize) -> f64 {
    TOP + float(i64::try_from(row).unwrap_or(0)) * RED_ROW + 18.0
}

/// Where a row's line stands on blue's side.
pub fn blue_y(rows: usize, row: usize) -> f64 {
    let float = |n: usize| float(i64::try_from(n).unwrap_or(0));
    TOP + float(rows) * RED_ROW + SEAM + float(row) * BLUE_ROW + 28.0
}

/// The middle one of the times to detect, in words, with how many there are.
pub fn median_gap(spans: &[Span]) -> Option<String> {
    let mut gaps: Vec<i64> =
        spans.iter().filter_map(|span| Some(seconds_between(span.started, span.detected?))).filter(|s| *s >= 0).collect();
    gaps.sort_unstable();
    let middle = gaps.len().checked_sub(1)? / 2;
    let value = if gaps.len().is_multiple_of(2) { (gaps.get(middle)? + gaps.get(middle + 1)?) / 2 } else { *gaps.get(middle)? };
    Some(duration(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_773_300_000 + minutes * 60, 0).unwrap()
    }

    fn span(start: i64, detected: Option<i64>) -> Span {
        Span {
            id: Uuid::from_u128(start.unsigned_abs().into()),
            code: Some("T1059.001".to_owned()),
            name: "Download cradle".to_owned(),
            state: TestState::Assessed,
            outcome: if detected.is_some() { Outcome::Logged } else { Outcome::Missed },
            started: at(start),
            ended: Some(at(start + 3)),
            detected: detected.map(at),
            alerted: None,
            responded: None,
            tool: None,
        }
    }

    #[test]
    fn everything_lies_on_the_axis_and_in_order() {
        let spans: Vec<Span> = (0..12).map(|n| span(n * 20, (n % 3 != 0).then_some(n * 20 + 7))).collect();
        for zoom in [1.0, 2.0, 8.0] {
            let drawn = layout(&spans, 1_160.0, zoom, 60);
            assert!(drawn.width >= 1_160.0 * zoom);
            for item in &drawn.items {
                assert!(item.bar.0 >= LEFT && item.bar.1 <= drawn.width && item.bar.0 < item.bar.1);
                assert!(item.marks.iter().flatten().all(|mark| *mark >= item.bar.0 && *mark <= drawn.width));
            }
            assert!(drawn.items.is_sorted_by(|a, b| a.bar.0 <= b.bar.0));
        }
    }

    #[test]
    fn no_label_lies_on_another_one_of_its_row() {
        let spans: Vec<Span> = (0..40).map(|n| span(n * 2, Some(n * 2 + 30))).collect();
        let drawn = layout(&spans, 900.0, 1.0, 0);
        let room = |item: &Item| {
            let label = label_width(&spans[item.span]);
            if item.flipped { (item.bar.0 - label, item.bar.1) } else { (item.bar.0, item.bar.0 + label) }
        };
        for a in &drawn.items {
            assert!(room(a).0 >= 0.0 && room(a).1 <= drawn.width, "{a:?} is cut off");
            for b in drawn.items.iter().filter(|b| b.row == a.row && b.span > a.span) {
                assert!(room(a).1 <= room(b).0, "{} and {}", a.span, b.span);
            }
        }
        assert!(layout(&spans, 900.0, 8.0, 0).rows < drawn.rows, "zoom makes room");
    }

    #[test]
    fn ticks_are_round_times_of_the_reader() {
        let spans = [span(0, Some(240))];
        let drawn = layout(&spans, 1_000.0, 1.0, 330);
        assert!(drawn.ticks.len() >= 4);
        assert!(drawn.ticks.iter().all(|tick| tick.label.ends_with(":00") || tick.label.ends_with(":30")), "{:?}", drawn.ticks);
        assert!(drawn.ticks.windows(2).all(|two| two[1].x - two[0].x >= 84.0));
    }

    #[test]
    fn midnight_is_told_by_its_day() {
        let spans = [span(0, None), span(3 * 1_440, None)];
        let drawn = layout(&spans, 1_000.0, 1.0, 60);
        assert!(drawn.ticks.iter().any(|tick| tick.label == "13 Mar"), "{:?}", drawn.ticks);
        assert!(drawn.ticks.iter().all(|tick| tick.label != "00:00"));
    }

    #[test]
    fn a_response_days_later_does_not_squeeze_the_day() {
        let mut late = span(0, Some(5));
        late.responded = Some(at(3 * 1_440));
        let spans = [late, span(30, None)];
        let drawn = layout(&spans, 1_000.0, 1.0, 0);
        let first = &drawn.items[0];
        assert!(first.beyond && first.marks[2].is_none());
        assert!(drawn.items[1].bar.0 - first.bar.0 > 80.0);
        assert_eq!(spans[0].gaps(), [("detected", "5 min".to_owned()), ("responded", "3 d".to_owned())]);
    }

    #[test]
    fn what_has_no_time_says_why() {
        assert_eq!(span(0, None).end(), End::Missed);
        assert_eq!(span(0, Some(1)).end(), End::Seen);
        let with = |outcome, state| Span { outcome, state, ..span(0, None) }.end();
        assert_eq!(with(Outcome::Prevented, TestState::Assessed), End::Stopped);
        assert_eq!(with(Outcome::NotAssessed, TestState::Running), End::Running);
        assert_eq!(with(Outcome::NotAssessed, TestState::Executed), End::Waits);
        assert_eq!(with(Outcome::Logged, TestState::Assessed), End::NoTime);
    }

    #[test]
    fn nothing_and_one_moment_are_drawn_too() {
        assert_eq!(layout(&[], 800.0, 1.0, 0).items, []);
        let one = layout(&[span(0, None)], 800.0, 1.0, 0);
        assert!(one.ticks.len() > 1 && one.items[0].bar.0.is_finite());
    }

    #[test]
    fn days_are_those_of_the_reader_and_medians_those_of_the_seen() {
        let evening = DateTime::parse_from_rfc3339("2026-03-12T23:30:00Z").unwrap().to_utc();
        assert_eq!(day_of(evening, 60).to_string(), "2026-03-13");
        assert_eq!(day_of(evening, -300).to_string(), "2026-03-12");
        assert_eq!(median_gap(&[span(0, Some(2)), span(5, Some(9)), span(9, None)]).as_deref(), Some("3 min"));
        assert_eq!(median_gap(&[span(0, None)]), None);
    }
}
