//! What the pages have read: one entry a key, shared by all that ask for it, kept while it is fetched again.
//!
//! Keys are hierarchical: `key!["missions"]` for the list, `key!["missions", id]` for one of them. After a write, `invalidate(&key!["missions"])`
//! makes every shown query under that prefix fetch again and forgets the rest.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;
pub use crate::paged::{Paged, use_paged};

/// How long an answer counts as fresh: long enough that two parts of one page ask once.
const FRESH_MS: f64 = 2_000.0;
/// Entries that nobody looks at are dropped beyond this many.
const MOST_ENTRIES: usize = 120;

/// A hierarchical key; make it with [`key!`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(pub Vec<String>);

impl Key {
    /// Is this key `prefix` or under it?
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }
}

/// `key!["missions", id]`
#[macro_export]
macro_rules! key {
    ($($part:expr),+ $(,)?) => { $crate::query::Key(vec![$($part.to_string()),+]) };
}

struct Entry<T> {
    data: ArcRwSignal<Option<T>>,
    error: ArcRwSignal<Option<ApiError>>,
    loading: ArcRwSignal<bool>,
    /// which fetch is wanted; every invalidation counts up
    wanted: ArcRwSignal<u64>,
    /// which fetch was started last; an answer of an older one is dropped
    started: AtomicU64,
    fetched_at: Mutex<f64>,
    observers: AtomicUsize,
    abort: Mutex<Option<AbortHandle>>,
}

/// What the store can do with an entry without knowing what is in it.
trait AnyEntry: Any {
    fn is_observed(&self) -> bool;
    fn want_again(&self);
}

impl<T: Send + Sync + 'static> AnyEntry for Entry<T> {
    fn is_observed(&self) -> bool {
        self.observers.load(Relaxed) > 0
    }

    fn want_again(&self) {
        self.wanted.update(|wanted| *wanted += 1);
    }
}

type Stored = (Arc<dyn Any + Send + Sync>, Arc<dyn AnyEntry>);

thread_local! {
    static STORE: RefCell<HashMap<Key, Stored>> = RefCell::new(HashMap::new());
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Entry<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            data: ArcRwSignal::new(None),
            error: ArcRwSignal::new(None),
            loading: ArcRwSignal::new(false),
            wanted: ArcRwSignal::new(1),
            started: AtomicU64::new(0),
            fetched_at: Mutex::new(0.0),
            observers: AtomicUsize::new(0),
            abort: Mutex::new(None),
        })
    }

    /// The entry of a key, made if there is none.
    fn of(key: &Key) -> Arc<Self> {
        STORE.with_borrow_mut(|store| {
            if let Some(entry) = store.get(key).and_then(|(any, _)| any.clone().downcast::<Self>().ok()) {
                return entry;
            }
            if store.len() >= MOST_ENTRIES {
                store.retain(|_, (_, entry)| entry.is_observed());
            }
            let entry = Self::new();
            store.insert(key.clone(), (entry.clone(), entry.clone()));
            entry
        })
    }

    fn attach(key: &Key) -> Arc<Self> {
        let entry = Self::of(key);
        entry.observers.fetch_add(1, Relaxed);
        let age = js_sys::Date::now() - entry.fetched_at.lock().map_or(0.0, |at| *at);
        if age > FRESH_MS && !entry.loading.get_untracked() {
            // Old: show it, and fetch it again.
            entry.started.store(entry.wanted.get_untracked().saturating_sub(1), Relaxed);
        }
        entry
    }

    fn detach(&self) {
        if self.observers.fetch_sub(1, Relaxed) == 1 {
            if let Some(handle) = self.abort.lock().ok().and_then(|mut abort| abort.take()) {
                handle.abort();
            }
            if self.loading.get_untracked() {
                self.loading.set(false);
                self.started.store(self.wanted.get_untracked().saturating_sub(1), Relaxed);
            }
        }
    }

    fn fetch_if_wanted<Fut>(self: &Arc<Self>, wanted: u64, fetch: impl FnOnce() -> Fut)
    where
        Fut: Future<Output = Result<T, ApiError>> + 'static,
    {
        if self.started.load(Relaxed) >= wanted {
            return;
        }
        self.started.store(wanted, Relaxed);
        self.loading.set(true);
        let (answer, handle) = abortable(untrack(fetch));
        if let Some(older) = self.abort.lock().ok().and_then(|mut abort| abort.replace(handle)) {
            older.abort();
        }
        let entry = self.clone();
        spawn_local(async move {
            let Ok(answer) = answer.await else { return };
            if entry.started.load(Relaxed) != wanted {
                return;
            }
            if let Ok(mut at) = entry.fetched_at.lock() {
                *at = js_sys::Date::now();
            }
            match answer {
                Ok(value) => {
                    entry.error.set(None);
                    // An equal answer changes nothing on the page.
                    if entry.data.read_untracked().as_ref() != Some(&value) {
                        entry.data.set(Some(value));
                    }
                }
                Err(error) => entry.error.set(Some(error)),
            }
            entry.loading.set(false);
        });
    }
}

/// What a page reads: data that stays while it is fetched again.
pub struct Query<T: Send + Sync + 'static> {
    /// The last good answer.
    pub data: Signal<Option<T>>,
    /// Why the last fetch failed; the data of an earlier one stays.
    pub error: Signal<Option<ApiError>>,
    /// Is a fetch under way?
    pub loading: Signal<bool>,
    /// Fetches again.
    pub refetch: Callback<()>,
}

impl<T: Send + Sync + 'static> Clone for Query<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Query<T> {}

impl<T: Send + Sync + 'static> Query<T> {
    /// As a query that only tells whether there is data: for `Loaded` around a `For`, whose rows are kept whatever else changes.
    pub fn there(self) -> Query<()> {
        let there = Memo::new(move |_| self.data.with(Option::is_some).then_some(()));
        Query { data: there.into(), error: self.error, loading: self.loading, refetch: self.refetch }
    }
}

/// Reads `key()` by `fetch`, and again whenever the key changes or is invalidated. Signals that `fetch` reads belong into the key.
pub fn use_query<T, Fut>(key: impl Fn() -> Key + 'static, fetch: impl Fn() -> Fut + 'static) -> Query<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = Result<T, ApiError>> + 'static,
{
    let first = untrack(&key);
    let current = RwSignal::new(Entry::<T>::attach(&first));
    Effect::new(move |before: Option<Key>| {
        let now = key();
        if before.as_ref().unwrap_or(&first) != &now {
            current.get_untracked().detach();
            current.set(Entry::attach(&now));
        }
        let entry = current.get_untracked();
        let wanted = entry.wanted.get();
        entry.fetch_if_wanted(wanted, &fetch);
        now
    });
    on_cleanup(move || {
        if let Some(entry) = current.try_get_untracked() {
            entry.detach();
        }
    });
    Query {
        data: Signal::derive(move || current.get().data.get()),
        error: Signal::derive(move || current.get().error.get()),
        loading: Signal::derive(move || current.get().loading.get()),
        refetch: Callback::new(move |()| current.get_untracked().want_again()),
    }
}

/// As [`use_query`], but shows the answer of the last key until that of a new one has come: for lists with filters.
pub fn use_query_keep<T, Fut>(key: impl Fn() -> Key + 'static, fetch: impl Fn() -> Fut + 'static) -> Query<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    Fut: Future<Output = Result<T, ApiError>> + 'static,
{
    let query = use_query(key, fetch);
    let kept = Memo::new(move |before: Option<&Option<T>>| query.data.get().or_else(|| before.cloned().flatten()));
    Query { data: kept.into(), ..query }
}

/// Makes every shown query under `prefix` fetch again, and forgets the others.
pub fn invalidate(prefix: &Key) {
    let again: Vec<Arc<dyn AnyEntry>> = STORE.with_borrow_mut(|store| {
        let again = store
            .iter()
            .filter(|(key, (_, entry))| key.starts_with(prefix) && entry.is_observed())
            .map(|(_, (_, entry))| entry.clone())
            .collect();
        store.retain(|key, (_, entry)| !key.starts_with(prefix) || entry.is_observed());
        again
    });
    for entry in again {
        entry.want_again();
    }
}

/// Makes this one query fetch again if it is shown, and forgets it if not; what lies under it stays.
pub fn invalidate_one(key: &Key) {
    let again = STORE.with_borrow_mut(|store| {
        let entry = store.get(key).map(|(_, entry)| entry.clone())?;
        if entry.is_observed() {
            return Some(entry);
        }
        store.remove(key);
        None
    });
    if let Some(entry) = again {
        entry.want_again();
    }
}

/// What is kept under a key, without reading it.
pub fn peek<T: Clone + PartialEq + Send + Sync + 'static>(key: &Key) -> Option<T> {
    STORE
        .with_borrow(|store| store.get(key).and_then(|(any, _)| any.clone().downcast::<Entry<T>>().ok()))
        .and_then(|entry| entry.data.get_untracked())
}

/// Puts an answer that a write gave in the place of a fetch.
pub fn put<T: Clone + PartialEq + Send + Sync + 'static>(key: &Key, value: T) {
    let entry = Entry::<T>::of(key);
    if let Ok(mut at) = entry.fetched_at.lock() {
        *at = js_sys::Date::now();
    }
    // A fetch under way would bring an older state: its answer is dropped.
    let next = entry.wanted.get_untracked() + 1;
    entry.started.store(next, Relaxed);
    entry.wanted.set(next);
    entry.error.set(None);
    entry.loading.set(false);
    entry.data.set(Some(value));
}

/// Changes what is shown under a key, where there is something: a write's answer told all there is to know of a part of it.
pub fn update<T: Clone + PartialEq + Send + Sync + 'static>(key: &Key, change: impl FnOnce(&mut T)) {
    let entry = STORE.with_borrow(|store| store.get(key).and_then(|(any, _)| any.clone().downcast::<Entry<T>>().ok()));
    let Some(entry) = entry else { return };
    let Some(mut value) = entry.data.get_untracked() else { return };
    change(&mut value);
    if entry.data.read_untracked().as_ref() != Some(&value) {
        entry.data.set(Some(value));
    }
}

/// Forgets everything, at sign-out.
pub fn clear() {
    STORE.with_borrow_mut(HashMap::clear);
}

/// A write: whether it is under way and why it failed.
pub struct Mutation<I: 'static> {
    /// Is it under way? Give it to the button.
    pub busy: Signal<bool>,
    /// Why it failed.
    pub error: RwSignal<Option<ApiError>>,
    /// Does it; does nothing while one is under way.
    pub run: Callback<I>,
}

impl<I: 'static> Clone for Mutation<I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I: 'static> Copy for Mutation<I> {}

/// A write `work`, and what follows when it worked.
pub fn use_mutation<I, O, Fut>(work: impl Fn(I) -> Fut + 'static, then: impl Fn(O) + 'static) -> Mutation<I>
where
    I: 'static,
    O: 'static,
    Fut: Future<Output = Result<O, ApiError>> + 'static,
{
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None);
    let work = StoredValue::new_local(work);
    let then = StoredValue::new_local(std::rc::Rc::new(then));
    let run = Callback::new(move |input: I| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let answer = work.with_value(|work| work(input));
        spawn_local(async move {
            let answer = answer.await;
            // The page may be gone by now: the write was done all the same.
            let Some(then) = then.try_get_value() else { return };
            busy.try_set(false);
            match answer {
                Ok(output) => then(output),
                Err(problem) => {
                    error.try_set(Some(problem));
                }
            }
        });
    });
    Mutation { busy: busy.into(), error, run }
}
