//! What stands in the URL of these pages: filters, steps, what is opened.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

use crate::api::query_string;

/// How long a pause ends a word that is being typed.
const PAUSE_MS: u32 = 250;

type Change = (&'static str, Option<String>);

/// The path of this page with its parameters; a copyable handle.
#[derive(Clone, Copy)]
pub struct Url {
    path: Memo<String>,
    query: Memo<ParamsMap>,
    navigate: Callback<(String, NavigateOptions)>,
}

/// The URL of the page.
pub fn use_url() -> Url {
    let navigate = StoredValue::new_local(use_navigate());
    Url {
        path: use_location().pathname,
        query: use_query_map(),
        navigate: Callback::new(move |(to, options): (String, NavigateOptions)| navigate.with_value(|navigate| navigate(&to, options))),
    }
}

impl Url {
    /// A parameter; an empty one counts as none.
    pub fn get(self, name: &str) -> Option<String> {
        self.query.with(|query| query.get(name)).filter(|value| !value.is_empty())
    }

    /// The parameter as a signal of its own, which changes only when its value does.
    pub fn param(self, name: &'static str) -> Memo<Option<String>> {
        Memo::new(move |_| self.get(name))
    }

    /// This page with other parameters; `None` takes one out.
    pub fn href(self, changes: &[Change]) -> String {
        let query = self.query.get_untracked();
        let kept: Vec<(String, String)> = query.into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
        let kept = kept
            .iter()
            .filter(|(name, _)| changes.iter().all(|change| change.0 != name))
            .map(|(name, value)| (name.as_str(), Some(value.clone())));
        let changed = changes.iter().map(|(name, value)| (*name, value.clone()));
        format!("{}{}", self.path.get_untracked(), query_string(kept.chain(changed)))
    }

    /// Goes there; Back comes back.
    pub fn push(self, changes: &[Change]) {
        self.navigate.run((self.href(changes), NavigateOptions { scroll: false, ..Default::default() }));
    }

    /// Goes there in the place of the present entry: what is being typed is no station on the way.
    pub fn replace(self, changes: &[Change]) {
        self.navigate.run((self.href(changes), NavigateOptions { scroll: false, replace: true, ..Default::default() }));
    }

    /// Goes to another page of the app.
    pub fn go(self, to: impl Into<String>) {
        self.navigate.run((to.into(), NavigateOptions::default()));
    }

    /// A text that is typed and stands in the URL after a pause; Back brings the earlier one into the field.
    pub fn typed(self, name: &'static str) -> RwSignal<String> {
        let param = self.param(name);
        let text = RwSignal::new(param.get_untracked().unwrap_or_default());
        // what this field put there itself must not overwrite what was typed since
        let own = StoredValue::new(text.get_untracked());
        let timer = StoredValue::new_local(None::<Timeout>);
        Effect::new(move |before: Option<String>| {
            let now = text.get();
            let wanted = now.trim().to_owned();
            if before.is_some() && wanted != param.get_untracked().unwrap_or_default() {
                timer.set_value(Some(Timeout::new(PAUSE_MS, move || {
                    own.try_set_value(wanted.clone());
                    self.replace(&[(name, Some(wanted))]);
                })));
            }
            now
        });
        Effect::new(move |_| {
            let value = param.get().unwrap_or_default();
            if value != own.get_value() {
                own.set_value(value.clone());
                timer.set_value(None);
                text.set(value);
            }
        });
        text
    }
}

/// A text that follows another one after a pause in typing.
pub fn after_pause(text: RwSignal<String>) -> Signal<String> {
    let calm = RwSignal::new(text.get_untracked());
    let timer = StoredValue::new_local(None::<Timeout>);
    Effect::new(move |_| {
        let now = text.get().trim().to_owned();
        if now != calm.get_untracked() {
            timer.set_value(Some(Timeout::new(PAUSE_MS, move || {
                calm.try_set(now);
            })));
        }
    });
    calm.into()
}
