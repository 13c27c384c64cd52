//! Filters that stand in the URL: a list can be sent to somebody, back works, a reload keeps it.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

use crate::api::query_string;

/// The parameters of this page's address; a copyable handle.
#[derive(Clone, Copy)]
pub struct UrlFilter {
    names: &'static [&'static str],
    map: Memo<ParamsMap>,
    /// the query, and whether it takes the place of the present entry
    go: Callback<(String, bool)>,
}

/// The filters `names` of this page.
pub fn use_url_filter(names: &'static [&'static str]) -> UrlFilter {
    let path = use_location().pathname;
    let navigate = StoredValue::new_local(use_navigate());
    let here = path.get_untracked();
    let go = Callback::new(move |(query, replace): (String, bool)| {
        // A filter that was typed just before the page was left must not bring it back.
        if path.get_untracked() == here {
            let options = NavigateOptions { replace, scroll: false, ..Default::default() };
            navigate.with_value(|navigate| navigate(&format!("{here}{query}"), options));
        }
    });
    UrlFilter { names, map: use_query_map(), go }
}

impl UrlFilter {
    fn read(self, name: &str) -> String {
        self.map.with(|map| map.get(name).unwrap_or_default())
    }

    /// The value of one filter; empty where it is not set.
    pub fn value(self, name: &'static str) -> Signal<String> {
        Signal::derive(move || self.read(name))
    }

    /// Sets some of them and keeps the others; an empty value takes a filter out. Back takes the change back.
    pub fn set(self, changes: &[(&str, &str)]) {
        self.write(changes, false);
    }

    fn write(self, changes: &[(&str, &str)], replace: bool) {
        let query = untrack(|| {
            query_string(self.names.iter().map(|name| {
                let new = changes.iter().find(|change| change.0 == *name).map(|change| change.1.to_owned());
                (*name, Some(new.unwrap_or_else(|| self.read(name))))
            }))
        });
        self.go.run((query, replace));
    }

    /// Takes all of them out.
    pub fn clear(self) {
        self.go.run((String::new(), false));
    }

    /// How many are set, leaving out those that only order the list.
    pub fn count(self, without: &'static [&'static str]) -> Memo<usize> {
        Memo::new(move |_| self.names.iter().filter(|name| !without.contains(name) && !self.read(name).is_empty()).count())
    }

    /// A signal for a select: follows the URL, and is written to it.
    pub fn choice(self, name: &'static str) -> RwSignal<String> {
        self.bound(name, None)
    }

    /// A signal for a text: follows the URL, and is written to it once the typing pauses.
    pub fn text(self, name: &'static str) -> RwSignal<String> {
        self.bound(name, Some(Duration::from_millis(250)))
    }

    fn bound(self, name: &'static str, delay: Option<Duration>) -> RwSignal<String> {
        let value = RwSignal::new(untrack(|| self.read(name)));
        // What this signal wrote itself comes back through the URL; meanwhile the reader may have typed on.
        let written = StoredValue::new(value.get_untracked());
        let write = move |text: String| {
            if written.try_get_value().is_some_and(|last| last != text) {
                written.set_value(text.clone());
                // what is being typed is no station on the way
                self.write(&[(name, text.trim())], delay.is_some());
            }
        };
        let mut later = delay.map(|delay| debounce(delay, write));
        Effect::new(move |_| {
            let text = value.get();
            match &mut later {
                Some(later) => later(text),
                None => write(text),
            }
        });
        Effect::new(move |_| {
            let url = self.read(name);
            if written.get_value().trim() != url {
                written.set_value(url.clone());
                value.set(url);
            }
        });
        value
    }
}
