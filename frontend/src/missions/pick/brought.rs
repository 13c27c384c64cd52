//! What chosen scenarios bring, tactic by tactic: techniques and tests. `covers` shows it.

use std::collections::{BTreeMap, BTreeSet};

use tyrian_api_types::catalogue::{Matrix, MatrixTechnique};

/// The ATT&CK ids that one test is tagged with: `TA0002`, `T1059`, `T1059.001`.
pub type TestTags = Vec<String>;

/// A square of the small matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Square {
    /// `T1059`
    pub id: String,
    /// its name
    pub name: String,
    /// do the scenarios bring it, or a subtechnique of it?
    pub brought: bool,
    /// how many tests do, where their tags were read
    pub tests: Option<u64>,
    /// the subtechniques that are brought: id and name
    pub subs: Vec<(String, String)>,
}

/// A tactic with its squares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// `TA0002`
    pub id: String,
    /// `execution`
    pub short_name: String,
    /// `Execution`
    pub name: String,
    /// its techniques, brought or not
    pub squares: Vec<Square>,
    /// how many tests stand in it, where their tags were read
    pub tests: Option<u64>,
}

impl Column {
    /// The squares that are brought.
    pub fn brought(&self) -> impl Iterator<Item = &Square> {
        self.squares.iter().filter(|square| square.brought)
    }

    /// How many techniques are brought.
    pub fn techniques(&self) -> u64 {
        self.brought().count() as u64
    }

    /// Does anything stand in it? A test may name the tactic alone.
    pub fn is_touched(&self) -> bool {
        self.techniques() > 0 || self.tests.is_some_and(|tests| tests > 0)
    }
}

/// What the scenarios bring.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brought {
    /// the tactics in the order of the matrix
    pub columns: Vec<Column>,
    /// ids of techniques that the matrix no longer holds
    pub others: Vec<String>,
    /// how many tests stand in no tactic, where their tags were read
    pub loose: Option<u64>,
}

/// The technique of an id: of `T1059.001` it is `T1059`.
fn technique_of(id: &str) -> &str {
    id.split('.').next().unwrap_or(id)
}

/// Tests counted: in each tactic, in each technique, in none.
#[derive(Default)]
struct Counted<'a> {
    by_tactic: BTreeMap<&'a str, u64>,
    by_technique: BTreeMap<&'a str, u64>,
    loose: u64,
}

/// A test in several tactics or techniques counts in each of them, once: as in a mission's synthesis.
fn counted<'a>(matrix: &'a Matrix, tests: &'a [TestTags]) -> Counted<'a> {
    let mut tactics: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for tactic in &matrix.tactics {
        let id = tactic.external_id.as_str();
        tactics.entry(id).or_default().push(id);
        for technique in &tactic.techniques {
            tactics.entry(&technique.external_id).or_default().push(id);
        }
    }
    let mut counted = Counted::default();
    for tags in tests {
        let ids: BTreeSet<&str> = tags.iter().map(|id| technique_of(id)).collect();
        let within: BTreeSet<&str> = ids.iter().filter_map(|id| tactics.get(id)).flatten().copied().collect();
        counted.loose += u64::from(within.is_empty());
        for tactic in within {
            *counted.by_tactic.entry(tactic).or_default() += 1;
        }
        for id in ids {
            *counted.by_technique.entry(id).or_default() += 1;
        }
    }
    counted
}

fn square(technique: &MatrixTechnique, ids: &BTreeSet<String>, counted: Option<&Counted>) -> Square {
    let subs: Vec<_> = technique
        .subtechniques
        .iter()
        .filter(|sub| ids.contains(&sub.external_id))
        .map(|sub| (sub.external_id.clone(), sub.name.clone()))
        .collect();
    Square {
        id: technique.external_id.clone(),
        name: technique.name.clone(),
        brought: !subs.is_empty() || ids.iter().any(|id| technique_of(id) == technique.external_id),
        tests: counted.map(|counted| counted.by_technique.get(technique.external_id.as_str()).copied().unwrap_or_default()),
        subs,
    }
}

/// Lays the techniques `ids` of the scenarios, and their tests where they were read, over the matrix.
pub fn brought(matrix: &Matrix, ids: &BTreeSet<String>, tests: Option<&[TestTags]>) -> Brought {
    let counted = tests.map(|tests| counted(matrix, tests));
    let columns: Vec<_> = matrix
        .tactics
        .iter()
        .map(|tactic| Column {
            id: tactic.external_id.clone(),
            short_name: tactic.short_name.clone(),
            name: tactic.name.clone(),
            squares: tactic.techniques.iter().map(|technique| square(technique, ids, counted.as_ref())).collect(),
            tests: counted.as_ref().map(|counted| counted.by_tactic.get(tactic.external_id.as_str()).copied().unwrap_or_default()),
        })
        .collect();
    let known: BTreeSet<&str> = columns.iter().flat_map(|column| &column.squares).map(|square| square.id.as_str()).collect();
    let others = ids.iter().filter(|id| !known.contains(technique_of(id))).cloned().collect();
    Brought { columns, others, loose: counted.map(|counted| counted.loose) }
}

#[cfg(test)]
mod tests {
    use tyrian_api_types::catalogue::{MatrixSubtechnique, MatrixTactic};

    use super::*;

    fn technique(id: &str, subs: &[&str]) -> MatrixTechnique {
        MatrixTechnique {
            external_id: id.to_owned(),
            name: format!("Name of {id}"),
            subtechniques: subs
                .iter()
                .map(|sub| MatrixSubtechnique { external_id: (*sub).to_owned(), name: format!("Name of {sub}") })
                .collect(),
        }
    }

    fn matrix() -> Matrix {
        let tactic = |id: &str, techniques: Vec<MatrixTechnique>| MatrixTactic {
            external_id: id.to_owned(),
            short_name: id.to_lowercase(),
            name: format!("Tactic {id}"),
            techniques,
        };
        Matrix {
            domain: "enterprise".to_owned(),
            version: None,
            tactics: vec![
                tactic("TA0002", vec![technique("T1053", &[]), technique("T1059", &["T1059.001", "T1059.003"]), technique("T1204", &[])]),
                tactic("TA0003", vec![technique("T1053", &[])]),
                tactic("TA0006", vec![technique("T1003", &["T1003.001"])]),
            ],
        }
    }

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn tests(tests: &[&[&str]]) -> Vec<TestTags> {
        tests.iter().map(|tags| tags.iter().map(|id| (*id).to_owned()).collect()).collect()
    }

    #[test]
    fn a_technique_stands_in_each_of_its_tactics_with_its_subtechniques() {
        let brought = brought(&matrix(), &ids(&["T1053", "T1059.001", "T1059.003"]), None);
        let techniques: Vec<_> = brought.columns.iter().map(Column::techniques).collect();
        assert_eq!(techniques, [2, 1, 0]);
        let powershell = brought.columns.first().unwrap().brought().nth(1).unwrap();
        assert_eq!(powershell.subs.iter().map(|sub| sub.0.as_str()).collect::<Vec<_>>(), ["T1059.001", "T1059.003"]);
        assert_eq!((powershell.tests, brought.loose), (None, None));
    }

    #[test]
    fn a_test_counts_once_in_each_of_its_tactics_and_techniques() {
        let tests = tests(&[&["T1059.001", "T1059.003", "TA0002"], &["T1053"], &["T1059"]]);
        let brought = brought(&matrix(), &ids(&["T1053", "T1059", "T1059.001", "T1059.003"]), Some(&tests));
        assert_eq!(brought.columns.iter().map(|column| column.tests).collect::<Vec<_>>(), [Some(3), Some(1), Some(0)]);
        let of: Vec<_> = brought.columns.first().unwrap().squares.iter().map(|square| square.tests).collect();
        assert_eq!(of, [Some(1), Some(2), Some(0)]);
        assert_eq!(brought.loose, Some(0));
    }

    #[test]
    fn a_tactic_may_be_named_alone() {
        let tests = tests(&[&["TA0006"]]);
        let brought = brought(&matrix(), &ids(&[]), Some(&tests));
        let column = brought.columns.last().unwrap();
        assert_eq!((column.techniques(), column.tests, column.is_touched()), (0, Some(1), true));
        assert!(!brought.columns.first().unwrap().is_touched());
    }

    #[test]
    fn what_the_matrix_does_not_hold_is_told_apart() {
        let tests = tests(&[&["T1064"], &[], &["T1003.001"]]);
        let brought = brought(&matrix(), &ids(&["T1003.001", "T1064"]), Some(&tests));
        assert_eq!(brought.others, ["T1064"]);
        assert_eq!(brought.loose, Some(2));
    }
}
