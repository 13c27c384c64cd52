//! The registry of formats: each with its parser, the name that its items are known by, and what it may create.

use tyrian_attack::imports::{Parsed, Source, atomic, attire, emulation, ghostwriter, library, navigator, purpleops, sigma, vectr};
use tyrian_domain::permission::Permission;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportKind {
    /// Atomic Red Team, YAML or zip.
    Atomic,
    /// ATT&CK Navigator layers.
    Navigator,
    /// An adversary emulation plan of the CTID.
    EmulationPlan,
    /// PurpleOps, JSON or CSV.
    Purpleops,
    /// VECTR's CSV.
    Vectr,
    /// An ATTiRe log.
    Attire,
    /// Ghostwriter's operation log, CSV.
    Ghostwriter,
    /// Sigma rules, YAML or zip.
    Sigma,
    /// Our own scenario templates.
    Scenario,
    /// Our own test templates.
    Templates,
}

impl ImportKind {
    /// The word that stands for it in the URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Atomic => "atomic",
            Self::Navigator => "navigator",
            Self::EmulationPlan => "emulation-plan",
            Self::Purpleops => "purpleops",
            Self::Vectr => "vectr",
            Self::Attire => "attire",
            Self::Ghostwriter => "ghostwriter",
            Self::Sigma => "sigma",
            Self::Scenario => "scenario",
            Self::Templates => "templates",
        }
    }

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
            // PurpleOps: which one, the file says; logs: those of the mission, as for who writes red's side
            Self::Purpleops | Self::Attire | Self::Ghostwriter => &[],
        }
    }
}
