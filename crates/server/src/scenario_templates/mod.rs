//! Scenario templates: test templates in an order.
//!
//! Not here: the tests themselves, the copies that missions make, imports.

mod routes;
mod service;
mod store;

pub(crate) use service::search_text;

use crate::http::Routes;

/// The routes of this feature.
pub fn configure(api: &mut Routes<'_>) {
    api.service(routes::list_scenario_templates)
        .service(routes::create_scenario_template)
        // before the one by id, which would take "export" for one
        .service(routes::export_scenario_templates)
        .service(routes::get_scenario_template)
        .service(routes::update_scenario_template)
        .service(routes::delete_scenario_template)
        .service(routes::set_scenario_tests);
}
