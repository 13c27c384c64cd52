//! Test templates: the list, the editor, and the text for who may only read.

mod editor;
mod fields;
mod form;
mod list;
mod rules;
mod view;

pub use editor::{NewTestPage, TestPage};
pub use list::{NothingMatches, TestsPage};
