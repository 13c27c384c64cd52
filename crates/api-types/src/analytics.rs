//! What missions tell together, as it travels: the values that `domain` counts are what is sent.

pub use tyrian_domain::analytics::{
    ClientOutcome, CoverageAnswer, HistoryTest, MissionDay, Period, TechniqueCoverage, TechniqueHistory, TechniqueInMission, Trend,
    TrendPoint,
};
