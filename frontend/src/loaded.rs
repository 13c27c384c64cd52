//! A query on the page: skeleton, error with retry, or the data.

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;

use crate::api::ApiError;
use crate::query::Query;
use crate::rights::Forbidden;
use crate::ui::{Banner, BannerKind, Button, ButtonLink, ButtonSize, EmptyState, ErrorState, Skeleton};

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
    let what = StoredValue::new(what);
    let stale = Memo::new(move |_| query.data.read().is_some() && query.error.read().is_some());
    move || {
        match show.get() {
        Show::Skeleton => match &skeleton {
            Some(skeleton) => skeleton.run(),
            None => view! { <Skeleton/> }.into_any(),
        },
        Show::Error => view! { {move || query.error.get().map(|error| error_state(&what.get_value(), &error, query.refetch))} }.into_any(),
        Show::Data => view! {
            {move || stale.get().then(|| view! {
                <Banner kind=BannerKind::Warn>
                    <span>{what.get_value()}{t!(" could not be read again. What you see may be out of date.")}</span>
                    <span class="push"><Button size=ButtonSize::Small busy=query.loading on_click=move |_| query.refetch.run(())>{t!("Try again")}</Button></span>
                </Banner>
            })}
            {let data = query.data; let children = &children; data.get().map(children)}
        }
        .into_any(),
    }
    }
}

/// What stands in the place of `what` (“The missions”) when it could not be read.
pub fn error_state(what: &str, error: &ApiError, retry: Callback<()>) -> AnyView {
    if error.is(ErrorCode::NotFound) {
        let title = t!("{what} cannot be found"; what);
        return view! {
            <EmptyState title=title text=t!("It was deleted, or you are not among the people who may see it.") tight=true>
                <ButtonLink href="/">{t!("Go to the home page")}</ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    if error.is(ErrorCode::Forbidden) {
        let permission = match error {
            ApiError::Problem(problem) => problem.permission.clone(),
            _ => None,
        };
        return view! { <Forbidden what=what.to_owned() permission=permission/> }.into_any();
    }
    let (title, text) = (t!("{what} could not be read"; what), error.text());
    let request_id = error.request_id().unwrap_or_default();
    view! { <ErrorState title=title text=text request_id=request_id on_retry=retry/> }.into_any()
}
