//! Small ATT&CK bundles, made by the tests that need them.

use serde_json::{Value, json};

/// A technique, or with a dot in its id a subtechnique.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// What its STIX id is made of: it stays when the ATT&CK id changes.
    pub key: &'static str,
    pub external_id: &'static str,
    pub name: &'static str,
    pub tactics: Vec<&'static str>,
    pub is_revoked: bool,
    pub is_deprecated: bool,
}

/// What a test says of a bundle; the rest is filled in.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub version: &'static str,
    /// ATT&CK id, short name and name, in the matrix's order.
    pub tactics: Vec<(&'static str, &'static str, &'static str)>,
    pub patterns: Vec<Pattern>,
    /// Keys of patterns: the old one and what replaced it.
    pub revoked_by: Vec<(&'static str, &'static str)>,
}

pub fn pattern(external_id: &'static str, name: &'static str, tactics: &[&'static str]) -> Pattern {
    Pattern { key: external_id, external_id, name, tactics: tactics.to_vec(), is_revoked: false, is_deprecated: false }
}

impl Bundle {
    /// Three tactics, not in the order of their ids; three live techniques, two subtechniques, a revoked and a deprecated one.
    pub fn small() -> Self {
        Self {
            version: "1.0",
            tactics: vec![
                ("TA0006", "credential-access", "Credential Access"),
                ("TA0002", "execution", "Execution"),
                ("TA0005", "defense-evasion", "Defense Evasion"),
            ],
            patterns: vec![
                pattern("T1059", "Command and Scripting Interpreter", &["execution"]),
                pattern("T1059.001", "PowerShell", &["execution"]),
                pattern("T1003", "OS Credential Dumping", &["credential-access"]),
                pattern("T1003.001", "LSASS Memory", &["credential-access"]),
                pattern("T1562", "Impair Defenses", &["defense-evasion", "execution"]),
                Pattern { is_revoked: true, ..pattern("T1086", "PowerShell", &["execution"]) },
                Pattern { is_deprecated: true, ..pattern("T1064", "Scripting", &["execution"]) },
            ],
            revoked_by: vec![("T1086", "T1059.001")],
        }
    }

    /// The pattern of this key, to change it.
    pub fn of(&mut self, key: &str) -> &mut Pattern {
        self.patterns.iter_mut().find(|p| p.key == key).unwrap()
    }

    /// As the bundle's file.
    pub fn bytes(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }

    /// As JSON, to be spoilt.
    pub fn json(&self) -> Value {
        let stix_id = |key: &str| format!("attack-pattern--{key}");
        let tactic_id = |external_id: &str| format!("x-mitre-tactic--{external_id}");
        let reference = |external_id: &str| json!([{"source_name": "mitre-attack", "external_id": external_id, "url": format!("https://attack.mitre.org/{external_id}")}]);
        let mut objects = vec![
            json!({"type": "x-mitre-collection", "id": "x-mitre-collection--1", "name": "Enterprise ATT&CK", "x_mitre_version": self.version}),
            json!({"type": "x-mitre-matrix", "id": "x-mitre-matrix--1", "name": "Enterprise ATT&CK", "external_references": reference("enterprise-attack"),
                "tactic_refs": self.tactics.iter().map(|(id, ..)| tactic_id(id)).collect::<Vec<_>>()}),
        ];
        for (id, short_name, name) in &self.tactics {
            objects.push(json!({"type": "x-mitre-tactic", "id": tactic_id(id), "name": name, "x_mitre_shortname": short_name, "external_references": reference(id)}));
        }
        for p in &self.patterns {
            let phases: Vec<Value> = p.tactics.iter().map(|t| json!({"kill_chain_name": "mitre-attack", "phase_name": t})).collect();
            objects.push(
                json!({"type": "attack-pattern", "id": stix_id(p.key), "name": p.name, "description": format!("About {}.", p.name),
                "external_references": reference(p.external_id), "kill_chain_phases": phases, "x_mitre_platforms": ["Windows"],
                "x_mitre_is_subtechnique": p.external_id.contains('.'), "revoked": p.is_revoked, "x_mitre_deprecated": p.is_deprecated}),
            );
        }
        for (old, new) in &self.revoked_by {
            objects.push(json!({"type": "relationship", "id": format!("relationship--{old}"), "relationship_type": "revoked-by", "source_ref": stix_id(old), "target_ref": stix_id(new)}));
        }
        json!({"type": "bundle", "id": "bundle--1", "objects": objects})
    }
}
