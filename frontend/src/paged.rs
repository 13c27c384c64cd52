//! A list that is read page by page.

use std::future::Future;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tyrian_api_types::Page;

use crate::api::ApiError;
use crate::query::{Key, Query, use_query_keep};

/// The rows of one page. A copy costs nothing, and two are the same where they were read at once.
pub struct Part<T>(Arc<Vec<T>>);

impl<T> Part<T> {
    /// Of these rows.
    pub fn new(rows: Vec<T>) -> Self {
        Self(Arc::new(rows))
    }

    /// Its rows.
    pub fn rows(&self) -> &[T] {
        &self.0
    }
}

impl<T> Clone for Part<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Part<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A list that is read page by page.
pub struct Paged<T: Send + Sync + 'static> {
    /// What has been read so far, page by page; empty until the first page has come.
    pub parts: Signal<Vec<Part<T>>>,
    /// The same as one list: for lists that stay short.
    pub items: Signal<Vec<T>>,
    /// How many rows have been read.
    pub shown: Signal<usize>,
    /// How many there are.
    pub total: Signal<Option<u64>>,
    /// Is there a next page?
    pub has_more: Signal<bool>,
    /// Is the next page on its way?
    pub loading_more: Signal<bool>,
    /// Why the next page did not come.
    pub more_error: Signal<Option<ApiError>>,
    /// Reads the next page.
    pub load_more: Callback<()>,
    /// The first page: its data, error and refetch are the list's.
    pub first: Query<Page<T>>,
}

impl<T: Send + Sync + 'static> Clone for Paged<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Paged<T> {}

/// Reads a list page by page; `fetch` gets the cursor. A new key or an invalidation begins anew.
pub fn use_paged<T, Fut>(key: impl Fn() -> Key + 'static, fetch: impl Fn(Option<String>) -> Fut + 'static) -> Paged<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = Result<Page<T>, ApiError>> + 'static,
{
    let fetch = StoredValue::new_local(fetch);
    let call = move |cursor| fetch.with_value(|fetch| fetch(cursor));
    let first = use_query_keep(key, move || call(None));
    let more = RwSignal::new(Vec::<Part<T>>::new());
    let cursor = RwSignal::new(None::<String>);
    let loading = RwSignal::new(false);
    let error = RwSignal::new(None);
    // counts the lists: a next page of an earlier one is dropped
    let list = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let next = first.data.with(|page| page.as_ref().and_then(|page| page.next_cursor.clone()));
        more.set(Vec::new());
        error.set(None);
        loading.set(false);
        cursor.set(next);
        list.update(|list| *list += 1);
    });
    let load_more = Callback::new(move |()| {
        if loading.get_untracked() {
            return;
        }
        let Some(from) = cursor.get_untracked() else { return };
        let this = list.get_untracked();
        loading.set(true);
        let answer = call(Some(from));
        spawn_local(async move {
            let answer = answer.await;
            if list.try_get_untracked() != Some(this) {
                return;
            }
            match answer {
                Ok(page) => {
                    error.set(None);
                    cursor.set(page.next_cursor);
                    more.update(|more| more.push(Part::new(page.items)));
                }
                Err(problem) => error.set(Some(problem)),
            }
            loading.set(false);
        });
    });
    let head = Memo::new(move |_| first.data.with(|page| page.as_ref().map(|page| Part::new(page.items.clone()))));
    let parts = Memo::new(move |_| head.get().into_iter().chain(more.get()).collect::<Vec<_>>());
    Paged {
        parts: parts.into(),
        items: Signal::derive(move || parts.with(|parts| parts.iter().flat_map(Part::rows).cloned().collect())),
        shown: Memo::new(move |_| parts.with(|parts| parts.iter().map(|part| part.rows().len()).sum())).into(),
        total: Signal::derive(move || first.data.with(|page| page.as_ref().and_then(|page| page.total))),
        has_more: Signal::derive(move || cursor.read().is_some()),
        loading_more: loading.into(),
        more_error: error.into(),
        load_more,
        first,
    }
}
