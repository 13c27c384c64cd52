//! Lists: a page with the way to the next one, and a whole short list.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows, in the order that was asked for.
    pub items: Vec<T>,
    /// Give it as `cursor` for the next page; null at the end.
    pub next_cursor: Option<String>,
    /// How many rows there are in all; on the first page only.
    pub total: Option<u64>,
}

/// A whole list that is short by nature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Items<T> {
    /// All of them.
    pub items: Vec<T>,
}
