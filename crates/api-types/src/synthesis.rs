//! What a mission tells, as it travels: the values that `domain` counts are what is sent.

pub use tyrian_domain::compare::{Change, Compared, Comparison, MissionName, TechniqueChange, TestChange};
pub use tyrian_domain::synthesis::{
    CategoryCount, Counts, Coverage, Funnel, Gap, Synthesis, TacticCount, TechniqueCount, TimeSpread, Times,
};
