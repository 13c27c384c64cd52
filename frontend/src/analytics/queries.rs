//! What analytics asks the API.

use leptos::prelude::*;
use tyrian_api_types::analytics::{CoverageAnswer, Period, TechniqueHistory, Trend};

use super::filter::Filter;
use crate::api;
use crate::key;
use crate::query::{Query, use_query, use_query_keep};

/// The numbers over time.
pub fn use_trend(filter: Memo<Filter>, by: Memo<Period>) -> Query<Trend> {
    let asked = move || filter.with(|filter| filter.asked(Some(("by", by.get().as_str().to_owned()))));
    use_query_keep(
        move || key!["analytics", "trend", asked()],
        move || {
            let path = format!("/analytics/trend{}", asked());
            async move { api::get::<Trend>(path).await }
        },
    )
}

/// The techniques by their last outcome.
pub fn use_coverage(filter: Memo<Filter>) -> Query<CoverageAnswer> {
    let asked = move || filter.with(|filter| filter.asked(None));
    use_query_keep(
        move || key!["analytics", "coverage", asked()],
        move || {
            let path = format!("/analytics/coverage{}", asked());
            async move { api::get::<CoverageAnswer>(path).await }
        },
    )
}

/// The share of the techniques that were covered with these filters; without filters nothing is asked.
pub fn use_ratio(filter: Memo<Option<Filter>>) -> Query<Option<f64>> {
    let asked = move || filter.with(|filter| filter.as_ref().map(|filter| filter.asked(None)));
    use_query(
        move || key!["analytics", "ratio", asked().unwrap_or_default()],
        move || {
            let asked = asked();
            async move {
                let Some(asked) = asked else { return Ok(None) };
                Ok(api::get::<CoverageAnswer>(format!("/analytics/coverage{asked}")).await?.coverage.ratio)
            }
        },
    )
}

/// A technique over the missions.
pub fn use_history(external_id: String, filter: Memo<Filter>) -> Query<TechniqueHistory> {
    let id = StoredValue::new(crate::web::encoded(&external_id));
    let asked = move || format!("{}{}", id.get_value(), filter.with(|filter| filter.asked(None)));
    use_query_keep(
        move || key!["analytics", "technique", asked()],
        move || {
            let path = format!("/analytics/techniques/{}", asked());
            async move { api::get::<TechniqueHistory>(path).await }
        },
    )
}
