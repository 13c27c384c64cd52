//! What a bundle would change in the catalogue that is held: values in, values out.

use std::collections::{BTreeSet, HashMap, HashSet};

use tyrian_api_types::catalogue::{CatalogueChange, CatalogueCounts};
use tyrian_attack::stix::Catalogue;
use uuid::Uuid;

/// Which of the three tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A column of the matrix.
    Tactic,
    /// A technique.
    Technique,
    /// A subtechnique.
    Subtechnique,
}

impl Kind {
    /// As it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tactic => "tactic",
            Self::Technique => "technique",
            Self::Subtechnique => "subtechnique",
        }
    }
}

/// A row of one of the three tables, as it is held or as the bundle wants it. What a kind lacks is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its table.
    pub kind: Kind,
    /// Our id: stable over syncs.
    pub id: Uuid,
    /// The key by which a bundle's object is found again.
    pub stix_id: String,
    /// `T1059`.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Markdown.
    pub description: String,
    /// Its page at MITRE.
    pub url: String,
    /// A tactic's.
    pub short_name: String,
    /// A tactic's place in the matrix.
    pub position: i32,
    /// Not a tactic's.
    pub platforms: Vec<String>,
    /// MITRE no longer maintains it, or it left the bundle.
    pub is_deprecated: bool,
    /// MITRE replaced it.
    pub is_revoked: bool,
    /// By what, at the end of the chain.
    pub revoked_by: Option<String>,
    /// A subtechnique's technique.
    pub parent: Option<Uuid>,
    /// A technique's tactics.
    pub tactics: BTreeSet<Uuid>,
}

impl Row {
    /// Neither revoked nor deprecated.
    pub const fn is_live(&self) -> bool {
        !self.is_revoked && !self.is_deprecated
    }
}

/// The rows of one domain.
#[derive(Debug, Default)]
pub struct Held {
    rows: HashMap<(Kind, String), Row>,
}

impl Held {
    /// From the rows of all three tables.
    pub fn new(rows: impl IntoIterator<Item = Row>) -> Self {
        Self { rows: rows.into_iter().map(|row| ((row.kind, row.stix_id.clone()), row)).collect() }
    }

    fn get(&self, kind: Kind, stix_id: &str) -> Option<&Row> {
        self.rows.get(&(kind, stix_id.to_owned()))
    }

    fn id(&self, kind: Kind, stix_id: &str) -> Uuid {
        self.get(kind, stix_id).map_or_else(Uuid::now_v7, |row| row.id)
    }

    /// The rows that a bundle lacks.
    pub fn gone(&self, wanted: &[Row]) -> Vec<&Row> {
        let here: HashSet<(Kind, &str)> = wanted.iter().map(|row| (row.kind, row.stix_id.as_str())).collect();
        let mut gone: Vec<&Row> = self.rows.values().filter(|row| !here.contains(&(row.kind, row.stix_id.as_str()))).collect();
        gone.sort_by(|a, b| a.external_id.cmp(&b.external_id).then(a.id.cmp(&b.id)));
        gone
    }
}

/// The rows that a bundle wants, with the ids that are held; a warning for each object that cannot be kept.
pub fn rows_of(catalogue: Catalogue, held: &Held) -> (Vec<Row>, Vec<String>) {
    let mut warnings = catalogue.warnings;
    let mut rows = Vec::with_capacity(catalogue.tactics.len() + catalogue.techniques.len() + catalogue.subtechniques.len());
    let mut tactics: HashMap<String, Uuid> = HashMap::new();
    for tactic in catalogue.tactics {
        let id = held.id(Kind::Tactic, &tactic.stix_id);
        tactics.entry(tactic.short_name.clone()).or_insert(id);
        rows.push(Row {
            kind: Kind::Tactic,
            id,
            stix_id: tactic.stix_id,
            external_id: tactic.external_id,
            name: tactic.name,
            description: tactic.description,
            url: tactic.url,
            short_name: tactic.short_name,
            position: i32::try_from(tactic.position).unwrap_or(i32::MAX),
            platforms: Vec::new(),
            // what stands in no live matrix is no column that anybody could choose
            is_deprecated: tactic.is_deprecated || !tactic.in_matrix,
            is_revoked: tactic.is_revoked,
            revoked_by: None,
            parent: None,
            tactics: BTreeSet::new(),
        });
    }
    let mut techniques: HashMap<String, Uuid> = HashMap::new();
    for technique in catalogue.techniques {
        let id = held.id(Kind::Technique, &technique.stix_id);
        techniques.insert(technique.stix_id.clone(), id);
        rows.push(Row {
            kind: Kind::Technique,
            id,
            stix_id: technique.stix_id,
            external_id: technique.external_id,
            name: technique.name,
            description: technique.description,
            url: technique.url,
            short_name: String::new(),
            position: 0,
            platforms: technique.platforms,
            is_deprecated: technique.is_deprecated,
            is_revoked: technique.is_revoked,
            revoked_by: technique.revoked_by_external_id,
            parent: None,
            tactics: technique.tactics.iter().filter_map(|name| tactics.get(name)).copied().collect(),
        });
    }
    for sub in catalogue.subtechniques {
        let Some(parent) = sub.parent_stix_id.as_ref().and_then(|id| techniques.get(id)) else {
            warnings.push(format!("The subtechnique {} is left out, since it belongs to no technique.", sub.external_id));
            continue;
        };
        rows.push(Row {
            kind: Kind::Subtechnique,
            id: held.id(Kind::Subtechnique, &sub.stix_id),
            stix_id: sub.stix_id,
            external_id: sub.external_id,
            name: sub.name,
            description: sub.description,
            url: sub.url,
            short_name: String::new(),
            position: 0,
            platforms: sub.platforms,
            is_deprecated: sub.is_deprecated,
            is_revoked: sub.is_revoked,
            revoked_by: sub.revoked_by_external_id,
            parent: Some(*parent),
            tactics: BTreeSet::new(),
        });
    }
    (rows, warnings)
}

/// What is to be written, and what there is to say about it.
#[derive(Debug, Default)]
pub struct Diff {
    /// New rows.
    pub new: Vec<Row>,
    /// Rows that are held and get other values.
    pub changed: Vec<Row>,
    /// Techniques whose tactics are others, or were none.
    pub moved: Vec<Uuid>,
    /// Gone from the bundle, but a template is tagged with them: to be marked.
    pub mark: Vec<(Kind, Uuid)>,
    /// Gone from the bundle: to be deleted.
    pub delete: Vec<(Kind, Uuid)>,
    /// What was live and no longer will be: our id and ATT&CK's.
    pub retired: Vec<(Uuid, String)>,
    /// In words: what is new.
    pub created_list: Vec<CatalogueChange>,
    /// In words: what has another name, place or state.
    pub changed_list: Vec<CatalogueChange>,
    /// In words: what is revoked, deprecated or gone.
    pub retired_list: Vec<CatalogueChange>,
    /// How many only have another text.
    pub text_only: u64,
    /// How many stay.
    pub unchanged: u64,
    /// Live objects afterwards.
    pub counts: Counts,
}

/// Live objects.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    tactics: u64,
    techniques: u64,
    subtechniques: u64,
}

impl From<Counts> for CatalogueCounts {
    fn from(c: Counts) -> Self {
        Self { tactics: c.tactics, techniques: c.techniques, subtechniques: c.subtechniques }
    }
}

impl Diff {
    /// How many objects the bundle has.
    pub fn objects(&self) -> u64 {
        (self.new.len() + self.changed.len()) as u64 + self.unchanged
    }

    /// How many rows get other values, retired ones not counted.
    pub fn updated(&self) -> u64 {
        self.changed_list.len() as u64 + self.text_only
    }
}

/// Compares. `tagged` are those of the gone rows that a template is tagged with.
pub fn compare(held: &Held, wanted: Vec<Row>, tagged: &HashSet<Uuid>) -> Diff {
    let mut diff = Diff::default();
    let mut tactic_names: HashMap<Uuid, String> =
        held.rows.values().filter(|row| row.kind == Kind::Tactic).map(|row| (row.id, row.name.clone())).collect();
    tactic_names.extend(wanted.iter().filter(|row| row.kind == Kind::Tactic).map(|row| (row.id, row.name.clone())));

    retire_gone(&mut diff, held, &wanted, tagged);
    for row in wanted {
        if row.is_live() {
            match row.kind {
                Kind::Tactic => diff.counts.tactics += 1,
                Kind::Technique => diff.counts.techniques += 1,
                Kind::Subtechnique => diff.counts.subtechniques += 1,
            }
        }
        match held.get(row.kind, &row.stix_id) {
            None => {
                let detail = if row.is_live() { "new".into() } else { format!("new, but {}", state(&row)) };
                diff.created_list.push(change(&row, detail, row.is_live()));
                if !row.tactics.is_empty() {
                    diff.moved.push(row.id);
                }
                diff.new.push(row);
            }
            Some(old) if *old == row => diff.unchanged += 1,
            Some(old) => {
                if old.is_live() && !row.is_live() {
                    diff.retired.push((row.id, row.external_id.clone()));
                    diff.retired_list.push(change(&row, state(&row), false));
                } else {
                    match differences(old, &row, &tactic_names) {
                        Some(detail) => diff.changed_list.push(change(&row, detail, row.is_live())),
                        None => diff.text_only += 1,
                    }
                }
                if old.tactics != row.tactics {
                    diff.moved.push(row.id);
                }
                diff.changed.push(row);
            }
        }
    }
    diff
}

/// What the bundle lacks: deleted, or marked where a template is tagged with it or with what hangs on it.
fn retire_gone(diff: &mut Diff, held: &Held, wanted: &[Row], tagged: &HashSet<Uuid>) {
    let gone = held.gone(wanted);
    let kept_parents: HashSet<Uuid> = gone.iter().filter(|row| tagged.contains(&row.id)).filter_map(|row| row.parent).collect();
    for row in gone {
        if row.is_live() {
            diff.retired.push((row.id, row.external_id.clone()));
            diff.retired_list.push(change(row, "gone from the bundle".into(), false));
        }
        if !tagged.contains(&row.id) && !kept_parents.contains(&row.id) {
            diff.delete.push((row.kind, row.id));
        } else if row.is_live() {
            diff.mark.push((row.kind, row.id));
        }
    }
}

fn change(row: &Row, detail: String, in_force: bool) -> CatalogueChange {
    CatalogueChange {
        kind: row.kind.as_str().to_owned(),
        external_id: row.external_id.clone(),
        name: row.name.clone(),
        detail,
        in_force,
        revoked_by: row.revoked_by.clone(),
    }
}

fn state(row: &Row) -> String {
    match (&row.revoked_by, row.is_revoked) {
        (Some(by), true) => format!("revoked, replaced by {by}"),
        (None, true) => "revoked".into(),
        _ => "deprecated".into(),
    }
}

/// What a person would notice, in words; none where only texts differ.
fn differences(old: &Row, new: &Row, tactic_names: &HashMap<Uuid, String>) -> Option<String> {
    let mut said = Vec::new();
    if old.name != new.name {
        said.push(format!("was named {}", old.name));
    }
    if old.external_id != new.external_id {
        said.push(format!("was {}", old.external_id));
    }
    if old.short_name != new.short_name {
        said.push(format!("short name was {}", old.short_name));
    }
    if !old.is_live() && new.is_live() {
        said.push("in force again".into());
    } else if old.is_live() != new.is_live() || old.is_revoked != new.is_revoked || old.revoked_by != new.revoked_by {
        said.push(state(new));
    }
    if old.parent != new.parent {
        said.push("belongs to another technique".into());
    }
    let names = |ids: Vec<&Uuid>| {
        let mut names: Vec<&str> = ids.into_iter().filter_map(|id| tactic_names.get(id)).map(String::as_str).collect();
        names.sort_unstable();
        names.join(", ")
    };
    let (left, joined) = (names(old.tactics.difference(&new.tactics).collect()), names(new.tactics.difference(&old.tactics).collect()));
    if !joined.is_empty() {
        said.push(format!("joins {joined}"));
    }
    if !left.is_empty() {
        said.push(format!("leaves {left}"));
    }
    (!said.is_empty()).then(|| said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind, stix_id: &str, name: &str) -> Row {
        Row {
            kind,
            id: Uuid::now_v7(),
            stix_id: stix_id.into(),
            external_id: stix_id.into(),
            name: name.into(),
            description: String::new(),
            url: String::new(),
            short_name: String::new(),
            position: 0,
            platforms: vec![],
            is_deprecated: false,
            is_revoked: false,
            revoked_by: None,
            parent: None,
            tactics: BTreeSet::new(),
        }
    }

    #[test]
    fn a_tagged_subtechnique_that_is_gone_keeps_its_technique() {
        let technique = row(Kind::Technique, "T1", "One");
        let sub = Row { parent: Some(technique.id), ..row(Kind::Subtechnique, "T1.001", "Sub") };
        let other = row(Kind::Technique, "T2", "Two");
        let tagged = HashSet::from([sub.id]);
        let held = Held::new([technique.clone(), sub.clone(), other.clone()]);
        let diff = compare(&held, vec![], &tagged);
        assert_eq!(diff.delete, [(Kind::Technique, other.id)]);
        assert_eq!(diff.mark, [(Kind::Technique, technique.id), (Kind::Subtechnique, sub.id)]);
        assert_eq!(diff.retired_list.len(), 3);
    }

    #[test]
    fn a_change_is_said_in_words() {
        let (left, joined) = (Uuid::now_v7(), Uuid::now_v7());
        let names = HashMap::from([(left, "Defense Evasion".to_owned()), (joined, "Stealth".to_owned())]);
        let old = Row { tactics: BTreeSet::from([left]), ..row(Kind::Technique, "T1", "Bash History") };
        let new = Row { name: "Shell History".into(), tactics: BTreeSet::from([joined]), ..old.clone() };
        assert_eq!(differences(&old, &new, &names).unwrap(), "was named Bash History; joins Stealth; leaves Defense Evasion");
        let text = Row { description: "other".into(), ..old.clone() };
        assert_eq!(differences(&old, &text, &names), None);
        let back = Row { is_deprecated: true, ..old.clone() };
        assert_eq!(differences(&back, &old, &names).unwrap(), "in force again");
    }
}
