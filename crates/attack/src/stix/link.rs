//! From the kept objects to a catalogue: the order of the tactics, the parents, the ends of the revocations.

use std::collections::{HashMap, HashSet};

use super::bundle::{Collector, Common, Matrix, Pattern, Relation, TacticObject};
use super::error::StixError;
use super::limits;
use super::model::{Catalogue, Domain, Subtechnique, Tactic, Technique};

/// Links what was kept, or says why it is no ATT&CK bundle.
pub(super) fn catalogue(kept: Collector) -> Result<Catalogue, StixError> {
    let Collector { collection, matrices, tactics, patterns, relations, .. } = kept;
    let mut warnings = Warnings::default();
    let domain = domain_of(&matrices)?;
    if tactics.is_empty() {
        return Err(StixError::NoAttackObjects { missing: "tactic" });
    }
    if patterns.is_empty() {
        return Err(StixError::NoAttackObjects { missing: "technique" });
    }
    let (version, name) = collection.map_or((None, None), |collection| (collection.version, collection.name));
    let name = name.or_else(|| matrices.first().map(|matrix| matrix.name.clone())).unwrap_or_default();
    let tactics = order_tactics(tactics, &matrices, &mut warnings);
    let (techniques, subtechniques) = Linker::new(domain, &tactics, &patterns, &relations, &mut warnings).link(&mut warnings);
    Ok(Catalogue { domain, version, name, tactics, techniques, subtechniques, warnings: warnings.spell_out() })
}

/// Warnings, as many as anybody reads.
#[derive(Default)]
struct Warnings {
    kept: Vec<String>,
    more: usize,
}

impl Warnings {
    fn add(&mut self, warning: String) {
        if self.kept.len() < limits::WARNINGS {
            self.kept.push(warning);
        } else {
            self.more += 1;
        }
    }

    fn spell_out(mut self) -> Vec<String> {
        if self.more > 0 {
            self.kept.push(format!("And {} more oddities.", self.more));
        }
        self.kept
    }
}

fn domain_of(matrices: &[Matrix]) -> Result<Domain, StixError> {
    let mut found: Option<Domain> = None;
    for matrix in matrices {
        let domain = Domain::ALL.into_iter().find(|domain| domain.attack_name() == matrix.external_id);
        let Some(domain) = domain else {
            return Err(StixError::UnknownDomain { object: matrix.stix_id.clone(), found: matrix.external_id.clone() });
        };
        match found {
            Some(first) if first != domain => {
                return Err(StixError::MixedDomains { first: first.attack_name(), second: domain.attack_name() });
            }
            _ => found = Some(domain),
        }
    }
    found.ok_or(StixError::NoAttackObjects { missing: "matrix in force" })
}

/// The live matrices' columns first, in their order; the others after them, by external id.
fn order_tactics(objects: Vec<TacticObject>, matrices: &[Matrix], warnings: &mut Warnings) -> Vec<Tactic> {
    let mut columns: HashMap<&str, usize> = HashMap::new();
    for reference in matrices.iter().flat_map(|matrix| &matrix.tactic_refs) {
        let next = columns.len();
        columns.entry(reference).or_insert(next);
    }
    let mut ranked: Vec<(Option<usize>, TacticObject)> =
        objects.into_iter().map(|tactic| (columns.remove(tactic.common.stix_id.as_str()), tactic)).collect();
    let mut lost: Vec<_> = columns.into_iter().collect();
    lost.sort_by_key(|&(_, column)| column);
    for (reference, _) in lost {
        warnings.add(format!("The matrix names the tactic {reference}, which the bundle lacks."));
    }
    ranked.sort_by(|(a, x), (b, y)| {
        let outside = a.is_none().cmp(&b.is_none());
        outside.then_with(|| a.cmp(b)).then_with(|| x.common.external_id.cmp(&y.common.external_id))
    });
    let mut short_names = HashSet::new();
    let mut tactics = Vec::with_capacity(ranked.len());
    for (position, (column, TacticObject { common, short_name })) in ranked.into_iter().enumerate() {
        if column.is_some() && !short_names.insert(short_name.clone()) {
            warnings.add(format!("Two tactics of the matrix have the short name {short_name}: techniques count for the first."));
        }
        tactics.push(Tactic {
            url: common.url.unwrap_or_else(|| format!("https://attack.mitre.org/tactics/{}", common.external_id)),
            stix_id: common.stix_id,
            external_id: common.external_id,
            short_name,
            name: common.name,
            description: common.description,
            position,
            in_matrix: column.is_some(),
            is_deprecated: common.is_deprecated,
            is_revoked: common.is_revoked,
        });
    }
    tactics
}

/// What it takes to link one pattern, looked up in constant time: a hostile bundle may hold 500,000 of them.
struct Linker<'a> {
    domain: Domain,
    patterns: &'a [Pattern],
    /// Position by short name.
    tactics: HashMap<&'a str, usize>,
    by_stix_id: HashMap<&'a str, &'a Pattern>,
    /// Techniques only, the live one where an ATT&CK id is used twice.
    by_external_id: HashMap<&'a str, &'a Pattern>,
    successors: HashMap<&'a str, &'a str>,
    parents: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Linker<'a> {
    fn new(domain: Domain, tactics: &'a [Tactic], patterns: &'a [Pattern], relations: &'a [Relation], warnings: &mut Warnings) -> Self {
        let mut linker = Self {
            domain,
            patterns,
            tactics: HashMap::new(),
            by_stix_id: HashMap::new(),
            by_external_id: HashMap::new(),
            successors: HashMap::new(),
            parents: HashMap::new(),
        };
        for tactic in tactics {
            linker.tactics.entry(&tactic.short_name).or_insert(tactic.position);
        }
        let mut live_ids = HashSet::new();
        for pattern in patterns {
            let common = &pattern.common;
            linker.by_stix_id.insert(&common.stix_id, pattern);
            if is_live(common) && !live_ids.insert(common.external_id.as_str()) {
                warnings.add(format!("{} is the ATT&CK id of two live objects, one of them {}.", common.external_id, common.stix_id));
            }
            if !pattern.is_subtechnique {
                let held = linker.by_external_id.entry(&common.external_id).or_insert(pattern);
                if !is_live(&held.common) && is_live(common) {
                    *held = pattern;
                }
            }
        }
        for relation in relations {
            if relation.is_revocation {
                linker.successors.entry(&relation.source).or_insert(&relation.target);
            } else {
                linker.parents.entry(&relation.source).or_default().push(&relation.target);
            }
        }
        linker
    }

    fn link(&self, warnings: &mut Warnings) -> (Vec<Technique>, Vec<Subtechnique>) {
        let mut techniques = Vec::new();
        let mut subtechniques = Vec::new();
        for pattern in self.patterns {
            let technique = self.technique(pattern, warnings);
            if pattern.is_subtechnique {
                let parent_stix_id = self.parent(&pattern.common, warnings);
                subtechniques.push(subtechnique(technique, parent_stix_id));
            } else {
                techniques.push(technique);
            }
        }
        (techniques, subtechniques)
    }

    fn technique(&self, pattern: &Pattern, warnings: &mut Warnings) -> Technique {
        let common = &pattern.common;
        Technique {
            stix_id: common.stix_id.clone(),
            external_id: common.external_id.clone(),
            name: common.name.clone(),
            description: common.description.clone(),
            url: common.url.clone().unwrap_or_else(|| technique_url(&common.external_id)),
            platforms: pattern.platforms.clone(),
            is_deprecated: common.is_deprecated,
            is_revoked: common.is_revoked,
            revoked_by_external_id: if common.is_revoked { self.successor(common, warnings) } else { None },
            tactics: self.tactics_of(pattern, warnings),
        }
    }

    /// The phases of this domain's kill chain that are tactics of the bundle, in the tactics' order.
    fn tactics_of(&self, pattern: &Pattern, warnings: &mut Warnings) -> Vec<String> {
        let mut found = Vec::new();
        for (_, phase) in pattern.phases.iter().filter(|(chain, _)| chain == self.domain.kill_chain()) {
            match self.tactics.get(phase.as_str()) {
                Some(&position) => found.push((position, phase)),
                None if is_live(&pattern.common) => {
                    warnings.add(format!("{} names the tactic \"{phase}\", which the bundle lacks.", pattern.common.external_id));
                }
                None => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|(_, phase)| phase.clone()).collect()
    }

    /// The end of the chain of revocations: T1150 → T1547.011 → T1647 gives T1647.
    fn successor(&self, start: &Common, warnings: &mut Warnings) -> Option<String> {
        let mut at = start;
        for _ in 0..limits::CHAIN {
            // A revoked object without a successor, or one whose successor is not here, ends the chain as well.
            let next = self.successors.get(at.stix_id.as_str()).and_then(|target| self.by_stix_id.get(target));
            let end = match next {
                Some(next) if next.common.is_revoked => {
                    at = &next.common;
                    continue;
                }
                Some(next) => &next.common,
                None => at,
            };
            return (end.stix_id != start.stix_id).then(|| end.external_id.clone());
        }
        warnings.add(format!("The revocations of {} run in a circle: its successor is unknown.", start.external_id));
        None
    }

    /// By relationship, or else by id: T1003.001 belongs to T1003.
    fn parent(&self, common: &Common, warnings: &mut Warnings) -> Option<String> {
        let prefix = common.external_id.split_once('.').map(|(prefix, _)| prefix);
        let related = self.parents.get(common.stix_id.as_str()).into_iter().flatten();
        let mut candidates = related.filter_map(|target| self.by_stix_id.get(target)).filter(|parent| !parent.is_subtechnique).peekable();
        let first = candidates.peek().copied();
        let by_relation = candidates.find(|parent| Some(parent.common.external_id.as_str()) == prefix).or(first);
        if let Some(parent) = by_relation {
            return Some(parent.common.stix_id.clone());
        }
        let by_id = prefix.and_then(|prefix| self.by_external_id.get(prefix));
        if by_id.is_none() {
            warnings.add(format!("The subtechnique {} has no parent in the bundle.", common.external_id));
        } else if is_live(common) {
            warnings.add(format!("The bundle does not say whose subtechnique {} is: taken from its id.", common.external_id));
        }
        by_id.map(|parent| parent.common.stix_id.clone())
    }
}

const fn is_live(common: &Common) -> bool {
    !common.is_revoked && !common.is_deprecated
}

/// `T1059.001` is at `…/techniques/T1059/001`.
fn technique_url(external_id: &str) -> String {
    format!("https://attack.mitre.org/techniques/{}", external_id.replacen('.', "/", 1))
}

fn subtechnique(technique: Technique, parent_stix_id: Option<String>) -> Subtechnique {
    let Technique { stix_id, external_id, name, description, url, platforms, is_deprecated, is_revoked, revoked_by_external_id, tactics } =
        technique;
    Subtechnique {
        stix_id,
        external_id,
        name,
        description,
        url,
        platforms,
        is_deprecated,
        is_revoked,
        revoked_by_external_id,
        tactics,
        parent_stix_id,
    }
}
