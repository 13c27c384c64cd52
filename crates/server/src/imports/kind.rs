//! The registry of formats: each with its parser, the name that its items are known by, and what it may create.

#![expect(unexpected_cfgs, reason = "the schema that `words!` offers is for wire types")]

use tyrian_attack::imports::{Parsed, Source, atomic, attire, emulation, ghostwriter, library, navigator, purpleops, sigma, vectr};
use tyrian_domain::permission::Permission;

tyrian_domain::words! {
    /// What a file is.
    pub enum ImportKind {
        /// Atomic Red Team, YAML or zip.
        Atomic = "atomic",
        /// ATT&CK Navigator layers.
        Navigator = "navigator",
        /// An adversary emulation plan of the CTID.
        EmulationPlan = "emulation-plan",
        /// PurpleOps, JSON or CSV.
        Purpleops = "purpleops",
        /// VECTR's CSV.
        Vectr = "vectr",
        /// An ATTiRe log.
        Attire = "attire",
        /// Ghostwriter's operation log, CSV.
        Ghostwriter = "ghostwriter",
        /// Sigma rules, YAML or zip.
        Sigma = "sigma",
        /// Our own scenario templates.
        Scenario = "scenario",
        /// Our own test templates.
        Templates = "templates",
    }
}

impl ImportKind {
    /// Reads a file of it.
    pub fn parse_file(self, source: Source<'_>) -> Parsed {
        match self {
            Self::Atomic => atomic::parse(source),
            Self::Navigator => navigator::parse(source),
            Self::EmulationPlan => emulation::parse(source),
            Self::Purpleops => purpleops::parse(source),
            Self::Vectr => vectr::parse(source),
            Self::Attire => attire::parse(source),
            Self::Ghostwriter => ghostwriter::parse(source),
            Self::Sigma => sigma::parse(source),
            Self::Scenario => library::scenarios(source),
            Self::Templates => library::templates(source),
        }
    }

    /// The `source_kind` of what it brings. Our own two formats share one: a scenario's tests are the library's tests.
    pub const fn source_kind(self) -> &'static str {
        match self {
            Self::Scenario | Self::Templates => "tyrian",
            other => other.as_str(),
        }
    }

    /// Rights that are needed beside import.run whatever the file holds.
    pub const fn creates(self) -> &'static [Permission] {
        match self {
            Self::Atomic | Self::Sigma | Self::Templates => &[Permission::TestTemplateCreate],
            Self::Navigator | Self::EmulationPlan | Self::Scenario => &[Permission::TestTemplateCreate, Permission::ScenarioTemplateCreate],
            Self::Vectr => &[Permission::MissionCreate],
            // which one, the file says
            Self::Purpleops => &[],
            // those of the mission: who writes red's side
            Self::Attire | Self::Ghostwriter => &[],
        }
    }
}
