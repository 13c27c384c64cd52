//! A list that grows downwards and stays whole: what was loaded is read again as one when something of it changes, so
//! that nothing that somebody scrolled to falls shut under them.

use std::future::Future;

use leptos::prelude::*;
use tyrian_api_types::Page;

use crate::api::ApiError;
use crate::query::{Key, Query, use_query_keep};

/// Rows that are asked for at once; the most that the server gives.
const MOST: u32 = 200;

/// A list that grows; a copyable handle.
pub struct Grown<T: Send + Sync + 'static> {
    /// What has been read: data, error and refetch.
    pub query: Query<Page<T>>,
    /// Is there more?
    pub has_more: Signal<bool>,
    /// Is more on its way?
    pub busy: Signal<bool>,
    /// Reads more.
    pub more: Callback<()>,
}

impl<T: Send + Sync + 'static> Clone for Grown<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Grown<T> {}

/// How many rows each request asks for until `wanted` are there.
fn next_limit(wanted: usize, have: usize) -> Option<u32> {
    let left = wanted.saturating_sub(have);
    (left > 0).then(|| u32::try_from(left).unwrap_or(MOST).min(MOST))
}

/// Reads the first `step` rows of a list, and `step` more each time; `fetch` gets cursor and limit. A new key begins anew.
pub fn use_grown<T, Fut>(
    step: usize,
    key: impl Fn() -> Key + Copy + Send + Sync + 'static,
    fetch: impl Fn(Option<String>, u32) -> Fut + Clone + 'static,
) -> Grown<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = Result<Page<T>, ApiError>> + 'static,
{
    let wanted = RwSignal::new(step);
    let list = Memo::new(move |_| key().0);
    Effect::new(move |before: Option<Vec<String>>| {
        let now = list.get();
        if before.is_some_and(|before| before != now) {
            wanted.set(step);
        }
        now
    });
    let keyed = move || {
        let mut parts = list.get();
        parts.push(wanted.get().to_string());
        Key(parts)
    };
    let query = use_query_keep(keyed, move || {
        let (fetch, wanted) = (fetch.clone(), wanted.get_untracked());
        async move {
            let mut all: Page<T> = fetch(None, next_limit(wanted, 0).unwrap_or(MOST)).await?;
            while let (Some(limit), Some(cursor)) = (next_limit(wanted, all.items.len()), all.next_cursor.clone()) {
                let next = fetch(Some(cursor), limit).await?;
                all.items.extend(next.items);
                all.next_cursor = next.next_cursor;
            }
            Ok(all)
        }
    });
    let shown = Memo::new(move |_| query.data.with(|page| page.as_ref().map_or(0, |page| page.items.len())));
    Grown {
        query,
        has_more: Signal::derive(move || query.data.with(|page| page.as_ref().is_some_and(|page| page.next_cursor.is_some()))),
        busy: Signal::derive(move || query.loading.get() && wanted.get() > shown.get()),
        more: Callback::new(move |()| wanted.set(shown.get_untracked() + step)),
    }
}

#[cfg(test)]
mod tests {
    use super::next_limit;

    #[test]
    fn rows_are_asked_for_in_the_largest_parts_that_the_server_gives() {
        assert_eq!(next_limit(50, 0), Some(50));
        assert_eq!(next_limit(450, 0), Some(200));
        assert_eq!(next_limit(450, 400), Some(50));
        assert_eq!(next_limit(450, 450), None);
    }
}
