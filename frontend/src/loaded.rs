//! A query on the page: skeleton, error with retry, or the data.

use leptos::prelude::*;

use crate::query::Query;
use crate::ui::{Banner, BannerKind, Button, ButtonSize, ErrorState, Skeleton};

/// Shows a query. The children draw the data; they are drawn anew only when it has changed.
///
/// ```ignore
/// <Loaded query=mission what="The mission" let:mission><h2>{mission.head.name}</h2></Loaded>
/// ```
#[component]
pub fn Loaded<T, F, V>(
    /// what is read
    query: Query<T>,
    /// what it is, for the error: “The missions”
    #[prop(into)]
    what: String,
    /// the shape of what is coming; three lines if left out
    #[prop(optional, into)]
    skeleton: Option<ViewFn>,
    /// draws the data
    children: F,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn(T) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    #[derive(PartialEq, Clone, Copy)]
    enum Show {
        Data,
        Error,
        Skeleton,
    }
    let show = Memo::new(move |_| match (query.data.read().is_some(), query.error.read().is_some()) {
        (true, _) => Show::Data,
        (false, true) => Show::Error,
        (false, false) => Show::Skeleton,
    });
    let title = StoredValue::new(format!("{what} could not be read"));
    let stale = Memo::new(move |_| query.data.read().is_some() && query.error.read().is_some());
    move || match show.get() {
        Show::Skeleton => match &skeleton {
            Some(skeleton) => skeleton.run(),
            None => view! { <Skeleton/> }.into_any(),
        },
        Show::Error => view! { {move || query.error.get().map(|error| error_state(&title.get_value(), &error, query.refetch))} }.into_any(),
        Show::Data => view! {
            {move || stale.get().then(|| view! {
                <Banner kind=BannerKind::Warn>
                    <span>{title.get_value()}" again. What you see may be out of date."</span>
                    <span class="push"><Button size=ButtonSize::Small busy=query.loading on_click=move |_| query.refetch.run(())>"Try again"</Button></span>
                </Banner>
            })}
            {let data = query.data; let children = &children; data.get().map(children)}
        }
        .into_any(),
    }
}

/// An error in the place of what could not be read.
pub fn error_state(title: &str, error: &crate::api::ApiError, retry: Callback<()>) -> AnyView {
    let (title, text) = (title.to_owned(), error.text());
    match error.request_id() {
        Some(id) => view! { <ErrorState title=title text=text request_id=id on_retry=retry/> }.into_any(),
        None => view! { <ErrorState title=title text=text on_retry=retry/> }.into_any(),
    }
}
