//! The Leptos app of Tyrian, compiled to WASM and served by the same binary as the API.
//!
//! Where things are (more in `docs/frontend.md`):
//! - [`ui`]: the design system: buttons, fields, dialogs, badges, states. Knows nothing of missions or the API.
//! - [`shell`]: navigation, footer, keys, and [`shell::Page`], which every page is made with.
//! - [`api`], [`upload`]: the one client. [`query`]: what was read, by key, with invalidation, [`paged`], [`grown`], [`long`]: lists that grow, and long ones on the page. [`form`]: errors at their fields.
//!   [`loaded`]: a query on the page. [`session`]: who is signed in and what they may do. [`web`]: small browser helpers.
//!   [`matrix`]: the ATT&CK matrix as a picture. [`live`]: what others do appears by itself. [`rights`]: permissions in people's words. [`texts`]: what the app says, in the reader's language.
//! - [`parts`]: which pages are fetched together, and when.
//! - a folder a feature: [`auth`], [`home`], [`missions`], [`findings`], [`analytics`], [`notifications`], [`templates`], [`imports`], [`attack`], [`admin`], [`profile`]; in each `queries.rs` talks to the API,
//!   and nothing else in the folder does.

// Leptos hands props over by value.
#![allow(clippy::needless_pass_by_value)]
// The lines of a view are as long as its markup.
#![recursion_limit = "256"]

#[macro_use]
mod texts;

mod about;
mod admin;
mod analytics;
mod api;
mod app;
mod attack;
mod auth;
#[cfg(debug_assertions)]
mod dev;
mod findings;
mod form;
mod grown;
mod home;
mod html;
mod imports;
mod live;
mod loaded;
mod long;
mod matrix;
mod missions;
mod not_found;
mod notifications;
mod paged;
mod parts;
mod profile;
mod query;
mod rights;
mod session;
mod shell;
mod status;
mod templates;
mod ui;
mod upload;
mod web;

fn main() {
    console_error_panic_hook::set_once();
    if let Some(boot) = leptos::prelude::document().get_element_by_id("boot") {
        boot.remove();
    }
    leptos::mount::mount_to_body(app::App);
}
