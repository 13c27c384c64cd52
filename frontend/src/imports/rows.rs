//! A report as rows: what becomes of each item and why, what goes wrong first.

use std::collections::{BTreeMap, HashMap};

use tyrian_api_types::imports::{ImportAction, ImportNote, ImportReport, ImportSubject};
use uuid::Uuid;

use crate::ui::Tone;

/// What becomes of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// it cannot be taken
    Refused,
    /// it is here, and stays although the file says something else
    Left,
    /// nothing becomes of it by itself: a word about a part of the file
    Said,
    /// it is not here yet
    New,
    /// it is here, and the file says something else now
    Changed,
    /// it is here with the same content
    Same,
}

impl Fate {
    /// In the order in which they are counted.
    pub const ALL: [Self; 6] = [Self::New, Self::Changed, Self::Same, Self::Left, Self::Refused, Self::Said];

    /// Its word, before the import or after it.
    pub fn word(self, done: bool) -> &'static str {
        match (self, done) {
            (Self::Refused, _) => t!("Refused"),
            (Self::Left, _) => t!("Left alone"),
            (Self::Said, _) => t!("Note"),
            (Self::New, false) => t!("New"),
            (Self::New, true) => t!("Made"),
            (Self::Changed, false) => t!("Changes"),
            (Self::Changed, true) => t!("Changed"),
            (Self::Same, _) => t!("Same"),
        }
    }

    /// Its icon.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Refused => "circle-alert",
            Self::Left => "lock",
            Self::Said => "info",
            Self::New => "plus",
            Self::Changed => "pencil",
            Self::Same => "check",
        }
    }

    /// How it is to be taken.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Refused => Tone::Error,
            Self::Left => Tone::Warn,
            Self::Said | Self::Same => Tone::Plain,
            Self::New => Tone::Ok,
            Self::Changed => Tone::Accent,
        }
    }
}

/// Why, in the server's words, with the line where that is another than the item's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// one sentence
    pub text: String,
    /// its line in the file
    pub line: Option<u64>,
}

/// An item of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// its name or key in the file
    pub name: String,
    /// its line in the file
    pub line: Option<u64>,
    /// what becomes of it
    pub fate: Fate,
    /// what it is, where it can be taken
    pub subject: Option<ImportSubject>,
    /// its id here, once it is written
    pub id: Option<Uuid>,
    /// why
    pub reasons: Vec<Reason>,
    /// codes of what is to be said of it
    pub problems: Vec<String>,
}

impl Row {
    fn of(note: &ImportNote, fate: Fate) -> Self {
        Self { name: note.item.clone(), line: note.line, fate, subject: None, id: None, reasons: Vec::new(), problems: Vec::new() }
    }

    fn say(&mut self, note: &ImportNote) {
        let line = note.line.filter(|_| note.line != self.line);
        self.reasons.push(Reason { text: note.detail.clone(), line });
        if !self.problems.contains(&note.code) {
            self.problems.push(note.code.clone());
        }
    }

    /// Where it can be looked at; `mission` is the one whose tests a log filled.
    pub fn href(&self, mission: &str) -> Option<String> {
        let id = self.id?;
        Some(match self.subject? {
            ImportSubject::TestTemplate => format!("/templates/tests/{id}"),
            ImportSubject::ScenarioTemplate => format!("/templates/scenarios/{id}"),
            ImportSubject::Mission => format!("/missions/{id}"),
            ImportSubject::MissionTest => format!("/missions/{mission}?test={id}"),
        })
    }
}

/// What a skipped item's code means where the server says no more of it.
fn fate(action: ImportAction, code: Option<&str>) -> (Fate, Option<&'static str>) {
    match (action, code) {
        (ImportAction::Created, _) => (Fate::New, None),
        (ImportAction::Updated, _) => (Fate::Changed, None),
        (ImportAction::Skipped, Some("exists")) => (Fate::Same, Some(t!("This mission is here already."))),
        (ImportAction::Skipped, Some("unchanged") | None) => (Fate::Same, Some(t!("Here already, with the same content."))),
        (ImportAction::Skipped, Some(_)) => (Fate::Left, None),
    }
}

/// The rows of a report: refused, left alone and noted ones first, each in the order of the file.
pub fn rows(report: &ImportReport) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(report.items.len() + report.errors.len());
    let mut exact: HashMap<(&str, Option<u64>), usize> = HashMap::new();
    let mut named: HashMap<&str, usize> = HashMap::new();
    for item in &report.items {
        exact.entry((&item.item, item.line)).or_insert(rows.len());
        named.entry(&item.item).or_insert(rows.len());
        let (fate, why) = fate(item.action, item.code.as_deref());
        rows.push(Row {
            name: item.item.clone(),
            line: item.line,
            fate,
            subject: Some(item.kind),
            id: item.id,
            reasons: why.map(|text| Reason { text: text.to_owned(), line: None }).into_iter().collect(),
            problems: Vec::new(),
        });
    }
    let mut refused: HashMap<&str, usize> = HashMap::new();
    for error in &report.errors {
        let place = *refused.entry(&error.item).or_insert_with(|| {
            rows.push(Row::of(error, Fate::Refused));
            rows.len() - 1
        });
        if let Some(row) = rows.get_mut(place) {
            row.say(error);
        }
    }
    for warning in &report.warnings {
        let of_item =
            exact.get(&(&*warning.item, warning.line)).or_else(|| named.get(&*warning.item)).or_else(|| refused.get(&*warning.item));
        let place = of_item.copied().unwrap_or_else(|| {
            rows.push(Row::of(warning, Fate::Said));
            named.insert(&warning.item, rows.len() - 1);
            rows.len() - 1
        });
        if let Some(row) = rows.get_mut(place) {
            row.say(warning);
        }
    }
    rows.sort_by_key(|row| (row.fate.min(Fate::New), row.problems.is_empty()));
    rows
}

/// How many rows there are of each fate.
pub fn tally(rows: &[Row]) -> BTreeMap<Fate, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.fate).or_default() += 1;
    }
    counts
}

/// How many rows have which problem, the most frequent first.
pub fn problems(rows: &[Row]) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for problem in rows.iter().flat_map(|row| &row.problems) {
        *counts.entry(problem).or_default() += 1;
    }
    let mut list: Vec<(String, u64)> = counts.into_iter().map(|(code, n)| (code.to_owned(), n)).collect();
    list.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    list
}

/// What the list shows; unset: all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// only these
    pub fate: Option<Fate>,
    /// only those of which something is to be said
    pub noted: bool,
    /// only those with this problem; empty: any or none
    pub problem: String,
}

impl Filter {
    /// Does it leave this row?
    pub fn fits(&self, row: &Row) -> bool {
        self.fate.is_none_or(|fate| fate == row.fate)
            && (!self.noted || !row.problems.is_empty())
            && (self.problem.is_empty() || row.problems.contains(&self.problem))
    }
}

/// What can be done with a file that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// something would be written, and nothing stands in the way
    Ready,
    /// all of it is here already
    Nothing,
    /// something is bad; the rest can be taken without it
    Parts,
    /// something is bad, and nothing can be taken
    Bad,
}

/// Where a report stands; `parts`: the format can be taken without what is bad.
pub fn standing(report: &ImportReport, parts: bool) -> Standing {
    let written = report.created + report.updated > 0;
    match (report.errors.is_empty(), written) {
        (true, true) => Standing::Ready,
        (true, false) => Standing::Nothing,
        (false, true) if parts => Standing::Parts,
        (false, _) => Standing::Bad,
    }
}

/// How many items become what: “12 tests and 1 scenario”. Those with one of these actions.
pub fn counted(report: &ImportReport, actions: &[ImportAction]) -> String {
    let count = |kinds: &[ImportSubject], one: &str, many: &str| {
        let n = report.items.iter().filter(|item| actions.contains(&item.action) && kinds.contains(&item.kind)).count();
        (n > 0).then(|| format!("{n} {}", if n == 1 { one } else { many }))
    };
    let parts = [
        count(&[ImportSubject::TestTemplate, ImportSubject::MissionTest], "test", "tests"),
        count(&[ImportSubject::ScenarioTemplate], "scenario", "scenarios"),
        count(&[ImportSubject::Mission], "mission", "missions"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(t!(" and ")) }
}

/// What is written of a report's items.
pub const WRITTEN: [ImportAction; 2] = [ImportAction::Created, ImportAction::Updated];

/// What an import did, or is about to do: “12 tests made, 3 tests changed”.
pub fn in_words(report: &ImportReport) -> String {
    let of = |action: ImportAction, n: u64, word: &str| (n > 0).then(|| format!("{} {word}", counted(report, &[action])));
    let parts = [of(ImportAction::Created, report.created, "made"), of(ImportAction::Updated, report.updated, "changed")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { t!("nothing changed").to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tyrian_api_types::imports::ImportItem;

    fn item(name: &str, line: u64, action: ImportAction, code: Option<&str>) -> ImportItem {
        let code = code.map(str::to_owned);
        ImportItem { item: name.to_owned(), line: Some(line), action, code, kind: ImportSubject::TestTemplate, id: None }
    }

    fn note(name: &str, line: u64, code: &str) -> ImportNote {
        ImportNote { item: name.to_owned(), line: Some(line), code: code.to_owned(), detail: format!("{name} is {code}.") }
    }

    fn report() -> ImportReport {
        use ImportAction as A;
        let items = vec![
            item("a", 1, A::Created, None),
            item("b", 2, A::Skipped, Some("unchanged")),
            item("c", 3, A::Skipped, Some("edited")),
            item("d", 4, A::Updated, None),
        ];
        let errors = vec![note("e", 5, "executor"), note("e", 7, "name"), note("f", 9, "name")];
        let warnings = vec![note("c", 3, "edited"), note("d", 4, "unknown_technique"), note("elsewhere", 11, "unknown_technique")];
        ImportReport { created: 1, updated: 1, skipped: 2, errors, warnings, items, applied: false }
    }

    #[test]
    fn what_goes_wrong_stands_first_and_an_item_has_one_row() {
        let rows = rows(&report());
        let shown: Vec<(&str, Fate)> = rows.iter().map(|row| (row.name.as_str(), row.fate)).collect();
        use Fate as F;
        let expected = [
            ("e", F::Refused),
            ("f", F::Refused),
            ("c", F::Left),
            ("elsewhere", F::Said),
            ("d", F::Changed),
            ("a", F::New),
            ("b", F::Same),
        ];
        assert_eq!(shown, expected);
        assert_eq!(
            rows[0].reasons.iter().map(|r| (r.text.as_str(), r.line)).collect::<Vec<_>>(),
            [("e is executor.", None), ("e is name.", Some(7))]
        );
        assert_eq!(rows[6].reasons[0].text, "Here already, with the same content.");
        assert_eq!(tally(&rows)[&Fate::Refused], 2);
        assert_eq!(problems(&rows)[..2], [("name".to_owned(), 2), ("unknown_technique".to_owned(), 2)]);
    }

    #[test]
    fn a_filter_leaves_what_it_names() {
        let rows = rows(&report());
        let left = |filter: Filter| rows.iter().filter(|row| filter.fits(row)).map(|row| row.name.as_str()).collect::<String>();
        assert_eq!(left(Filter { fate: Some(Fate::Refused), ..Filter::default() }), "ef");
        assert_eq!(left(Filter { noted: true, ..Filter::default() }), "efcelsewhered");
        assert_eq!(left(Filter { problem: "unknown_technique".to_owned(), ..Filter::default() }), "elsewhered");
        assert_eq!(left(Filter { problem: "edited".to_owned(), fate: Some(Fate::Refused), ..Filter::default() }), "");
    }

    #[test]
    fn a_file_can_be_taken_whole_in_parts_or_not_at_all() {
        let mut report = report();
        assert_eq!((standing(&report, true), standing(&report, false)), (Standing::Parts, Standing::Bad));
        assert_eq!(in_words(&report), "1 test made, 1 test changed");
        report.items[0].kind = ImportSubject::ScenarioTemplate;
        assert_eq!(counted(&report, &WRITTEN), "1 test and 1 scenario");
        report.errors.clear();
        assert_eq!(standing(&report, false), Standing::Ready);
        (report.created, report.updated) = (0, 0);
        assert_eq!((standing(&report, true), in_words(&report).as_str()), (Standing::Nothing, "nothing changed"));
    }

    #[test]
    fn what_was_written_can_be_opened() {
        let mut row = rows(&report()).remove(5);
        assert_eq!(row.href(""), None, "nothing was written");
        row.id = Some(Uuid::nil());
        assert!(row.href("").unwrap().starts_with("/templates/tests/0000"));
        row.subject = Some(ImportSubject::MissionTest);
        assert_eq!(row.href("m"), Some(format!("/missions/m?test={}", Uuid::nil())));
    }
}
