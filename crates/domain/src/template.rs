//! Words of a test template.

words! {
    /// How likely the test is to be noticed or to do harm.
    pub enum OpsecLevel {
        /// Quiet.
        Low = "low",
        /// Noticeable.
        Medium = "medium",
        /// Loud or risky.
        High = "high",
    }
}

words! {
    /// What runs a test's command.
    pub enum Executor {
        /// A person follows the procedure.
        Manual = "manual",
        /// POSIX shell.
        Sh = "sh",
        /// Bash.
        Bash = "bash",
        /// PowerShell.
        Powershell = "powershell",
        /// Windows command prompt.
        Cmd = "cmd",
        /// Python.
        Python = "python",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Which part of ATT&CK a tag names.
    pub enum TagKind {
        /// A tactic, `TA0002`.
        Tactic = "tactic",
        /// A technique, `T1059`.
        Technique = "technique",
        /// A subtechnique, `T1059.001`.
        Subtechnique = "subtechnique",
    }
}

impl TagKind {
    /// What an id is by its shape, where no catalogue can say it: `TA0002` a tactic, `T1059.001` a subtechnique, all else a
    /// technique.
    pub fn of_id(external_id: &str) -> Self {
        if external_id.starts_with("TA") {
            Self::Tactic
        } else if external_id.contains('.') {
            Self::Subtechnique
        } else {
            Self::Technique
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_kind() {
        assert_eq!(TagKind::of_id("TA0002"), TagKind::Tactic);
        assert_eq!(TagKind::of_id("T1059"), TagKind::Technique);
        assert_eq!(TagKind::of_id("T1059.001"), TagKind::Subtechnique);
    }
}
