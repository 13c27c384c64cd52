//! What the administration pages share: their frame with tabs and the page of who lacks the right, searches in the URL,
//! the messages of refused changes.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::query_signal_with_options;
use tyrian_api_types::{ErrorCode, Page as ListPage};
use tyrian_domain::permission::{self, Permission, Permissions};

use crate::api::ApiError;
use crate::query::{Paged, Query};
use crate::rights::{self, Forbidden};
use crate::session::{Session, use_session};
use crate::shell::{ADMIN, Page, crumb};
use crate::texts::tr;
use crate::ui::{Banner, BannerKind, Button, ButtonSize, Icon, LoadMore, Tab, Tabs};

/// Shorter than this between two keys counts as one search.
const TYPING_MS: u32 = 250;

/// An administration page: title, tabs, and what the right `permission` lets one see.
#[component]
pub fn AdminPage(
    /// the `h1`
    title: &'static str,
    /// the tab's word
    tab: &'static str,
    /// what cannot be shown without the right: “The users”
    what: &'static str,
    /// the right to read it
    permission: Permission,
    /// the page's acts
    #[prop(optional, into)]
    actions: ViewFn,
    /// what the right lets one see
    children: ChildrenFn,
) -> impl IntoView {
    let session = use_session();
    let allowed = Memo::new(move |_| session.can(permission));
    let tabs = Signal::derive(move || {
        ADMIN.iter().filter(|page| session.can(page.2)).map(|page| Tab::new(page.1, tr(page.1), page.0)).collect::<Vec<_>>()
    });
    let crumbs = Signal::derive(move || {
        tabs.read().first().map(|first| crumb(t!("Administration"), first.href.clone())).into_iter().collect::<Vec<_>>()
    });
    let children = StoredValue::new(children);
    let actions = StoredValue::new(actions);
    view! {
        <Page
            title=title
            crumbs=crumbs
            actions=move || view! { {move || allowed.get().then(|| actions.with_value(ViewFn::run))} }
        >
            {move || (!tabs.read().is_empty()).then(|| view! { <Tabs label=t!("Administration") tabs=tabs current=tab/> })}
            {move || if allowed.get() {
                children.with_value(|children| children()).into_any()
            } else {
                view! { <Forbidden what=what permission=Some(permission.to_string())/> }.into_any()
            }}
        </Page>
    }
}

/// What the reader holds and may therefore give.
pub fn held(session: Session) -> Permissions {
    match session.me() {
        Some(me) if me.is_admin => permission::all(),
        Some(me) => me.permissions.into_iter().collect(),
        None => Permissions::new(),
    }
}

/// A list's query that tells only whether anything is in it: the rows draw themselves, so the table stays while they change.
pub fn is_filled<T: Clone + PartialEq + Send + Sync + 'static>(query: Query<ListPage<T>>) -> Query<bool> {
    let filled = Memo::new(move |_| query.data.with(|page| page.as_ref().map(|page| !page.items.is_empty())));
    Query { data: filled.into(), error: query.error, loading: query.loading, refetch: query.refetch }
}

/// A search that stands in the URL as `key`: what is typed, and what is searched a moment later.
pub fn use_url_search(key: &'static str) -> (RwSignal<String>, Memo<String>) {
    let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
    let (in_url, set) = query_signal_with_options::<String>(key, options);
    let value = Memo::new(move |_| in_url.get().unwrap_or_default());
    let typed = RwSignal::new(value.get_untracked());
    // What this page put there itself: anything else comes from Back or a link and is taken over.
    let own = StoredValue::new(value.get_untracked());
    Effect::new(move |_| {
        let now = value.get();
        if own.get_value() != now {
            own.set_value(now.clone());
            typed.set(now);
        }
    });
    Effect::new(move |_| {
        let text = typed.read().trim().to_owned();
        if own.get_value() == text {
            return;
        }
        leptos::task::spawn_local(async move {
            crate::web::sleep(TYPING_MS).await;
            if typed.try_with_untracked(|typed| typed.trim() == text) == Some(true) {
                own.set_value(text.clone());
                set.set((!text.is_empty()).then_some(text));
            }
        });
    });
    (typed, value)
}

/// A column's heading that sorts by it; pressed again it turns the order.
#[component]
pub fn SortHead(
    /// its word
    label: &'static str,
    /// the field's name in the API
    field: &'static str,
    /// the order in force: `field` or `-field`
    #[prop(into)]
    sort: Signal<String>,
    /// takes the new order
    #[prop(into)]
    on_sort: Callback<String>,
    /// further classes of the cell
    #[prop(default = "")]
    class: &'static str,
) -> impl IntoView {
    let state = Memo::new(move |_| match sort.get().strip_prefix('-') {
        Some(down) if down == field => Some("descending"),
        None if sort.get() == field => Some("ascending"),
        _ => None,
    });
    view! {
        <th class=class scope="col" aria-sort=move || state.get()>
            <button
                class="sort"
                type="button"
                data-on=move || state.get().map(|_| "")
                on:click=move |_| on_sort.run(if state.get_untracked() == Some("ascending") { format!("-{field}") } else { field.to_owned() })
            >
                {label}
                {move || view! { <Icon name=if state.get() == Some("descending") { "arrow-down" } else { "arrow-up" } size=12/> }}
            </button>
        </th>
    }
}

/// Why a change was refused, in plain words. `who` is the person or thing that it was about.
pub fn explain(error: &ApiError, who: &str) -> String {
    match error {
        ApiError::Problem(problem) => match problem.code {
            ErrorCode::LastAdmin => {
                t!("{who} is the last active administrator, and there has to be one. Make another person an administrator first."; who)
            }
            ErrorCode::Forbidden => match problem.permission.as_deref().and_then(Permission::parse) {
                Some(lacking) => {
                    t!("This needs {}. An administrator can give it to one of your groups.", rights::in_words(&[lacking]))
                }
                None => error.text(),
            },
            ErrorCode::PreconditionFailed => t!("{who} was changed meanwhile. Close this, look again, then repeat it."; who),
            ErrorCode::NotFound => t!("{who} is no longer there. Somebody else has deleted it meanwhile."; who),
            _ => error.text(),
        },
        _ => error.text(),
    }
}

/// Why a form was not taken, unless its fields or [`Stale`] say so. What exists already is told at its field by the form.
#[component]
pub fn Refused(
    /// of the write
    error: RwSignal<Option<ApiError>>,
    /// the person or thing it was about
    #[prop(into)]
    who: Signal<String>,
) -> impl IntoView {
    let text = move || {
        let elsewhere = |error: &ApiError| error.is(ErrorCode::PreconditionFailed) || error.is(ErrorCode::AlreadyExists);
        let error = error.get().filter(|error| error.fields().is_empty() && !elsewhere(error))?;
        Some(explain(&error, &who.read()))
    };
    move || text().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })
}

/// Somebody else changed it since the form was opened: take theirs, or send one's own over it.
#[component]
pub fn Stale(
    /// of the write
    error: RwSignal<Option<ApiError>>,
    /// the person or thing it was about
    #[prop(into)]
    who: Signal<String>,
    /// fills the form with what is there now
    #[prop(into)]
    on_load: Callback<()>,
    /// sends the form over what is there now
    #[prop(into)]
    on_keep: Callback<()>,
) -> impl IntoView {
    let stale = Memo::new(move |_| error.with(|error| error.as_ref().is_some_and(|error| error.is(ErrorCode::PreconditionFailed))));
    move || {
        stale.get().then(|| {
            view! {
                <Banner kind=BannerKind::Warn>
                    <div class="stack stack--2">
                        <span>{move || who.get()}{t!(" was changed by somebody else while this was open. Nothing of yours is saved yet.")}</span>
                        <span class="row row--wrap">
                            <Button size=ButtonSize::Small icon="refresh-cw" on_click=move |_| on_load.run(())>{t!("Load the new version")}</Button>
                            <Button size=ButtonSize::Small on_click=move |_| on_keep.run(())>{t!("Keep mine and save")}</Button>
                        </span>
                    </div>
                </Banner>
            }
        })
    }
}

/// The signal of a dialog that stands in the page only while it is wanted; `on_close` takes it out.
pub fn opened(on_close: Callback<()>) -> RwSignal<bool> {
    let open = RwSignal::new(true);
    Effect::new(move |_| {
        if !open.get() {
            on_close.run(());
        }
    });
    open
}

/// `1 person`, `11 people`.
pub fn people(count: usize) -> String {
    crate::ui::count(count as u64, "person", "people")
}

/// The end of a list: how much of it is shown, the next page, and why that did not come.
#[component]
pub fn ListEnd<T: Clone + PartialEq + Send + Sync + 'static>(
    /// the list
    list: Paged<T>,
    /// how many rows are shown
    #[prop(into)]
    shown: Signal<usize>,
) -> impl IntoView {
    view! {
        {move || list.more_error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>{t!("The next ones could not be read. ")}{error.text()}</span></Banner> })}
        <LoadMore shown=shown total=list.total has_more=list.has_more busy=list.loading_more on_more=list.load_more/>
    }
}
