//! Parts of the app that the browser fetches when a page of theirs is opened: each is a WASM file of its own, cut out of
//! the one that cargo builds by `wasm-split` (`scripts/build-app.sh`). What several parts use is in files that they share.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use crate::shell::set_title;
use crate::ui::{ErrorState, SkeletonRows, use_toasts};

/// Draws a page.
type Draw = fn() -> AnyView;

/// A part could not be fetched: no connection, or the server has a newer app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFetched;

impl From<SplitLoaderError> for NotFetched {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

type Fetching = Pin<Box<dyn Future<Output = Result<Draw, NotFetched>>>>;

/// A page of a part.
pub struct Later {
    fetch: fn() -> Fetching,
    draw: OnceLock<Draw>,
}

impl Later {
    const fn new(fetch: fn() -> Fetching) -> Self {
        Self { fetch, draw: OnceLock::new() }
    }

    async fn fetched(&self) -> Result<Draw, NotFetched> {
        let draw = (self.fetch)().await?;
        Ok(*self.draw.get_or_init(|| draw))
    }
}

/// `pages! { part { Name => view } }`: the pages of each part. A page's constant goes to [`page`].
macro_rules! pages {
    ($($part:ident { $($name:ident => $page:path),+ $(,)? })+) => {
        $($(
            #[doc = concat!("The page `", stringify!($page), "`.")]
            pub static $name: Later = {
                #[wasm_split($part, wasm_split_path = ::leptos::wasm_split, fallible)]
                #[allow(non_snake_case, improper_ctypes_definitions, reason = "named after the page; never called from outside")]
                fn $name() -> Result<Draw, NotFetched> {
                    Ok(|| $page().into_any())
                }
                Later::new(|| Box::pin($name()))
            };
        )+)+
        const ALL: &[&Later] = &[$($(&$name),+),+];
    };
}

pages! {
    door {
        LOGIN => crate::auth::LoginPage,
        SETUP => crate::auth::SetupPage,
        INVITE => crate::auth::InvitePage,
        FORGOT => crate::auth::ForgotPage,
        RESET => crate::auth::ResetPage,
    }
    home {
        HOME => crate::home::HomePage,
    }
    missions {
        MISSIONS => crate::missions::MissionsPage,
        NEW_MISSION => crate::missions::NewMissionPage,
    }
    mission {
        MISSION => crate::missions::MissionPage,
        COMPARE => crate::missions::ComparePage,
        DRIFT => crate::missions::DriftPage,
    }
    library {
        TESTS => crate::templates::TestsPage,
        NEW_TEST => crate::templates::NewTestPage,
        TEST => crate::templates::TestPage,
        SCENARIOS => crate::templates::ScenariosPage,
        NEW_SCENARIO => crate::templates::NewScenarioPage,
        SCENARIO => crate::templates::ScenarioPage,
        OUTDATED => crate::templates::OutdatedPage,
    }
    imports {
        IMPORT => crate::imports::ImportDialog,
    }
    palette {
        PALETTE => crate::shell::palette::PaletteDialog,
    }
    attack {
        ATTACK => crate::attack::AttackPage,
    }
    insight {
        ANALYTICS => crate::analytics::AnalyticsPage,
        TECHNIQUE => crate::analytics::TechniquePage,
    }
    desk {
        FINDINGS => crate::findings::FindingsPage,
        NOTIFICATIONS => crate::notifications::NotificationsPage,
        PROFILE => crate::profile::ProfilePage,
        ABOUT => crate::about::AboutPage,
    }
    admin {
        USERS => crate::admin::UsersPage,
        GROUPS => crate::admin::GroupsPage,
        INVITATIONS => crate::admin::InvitationsPage,
        DETECTION => crate::admin::DetectionPage,
        AUDIT => crate::admin::AuditPage,
    }
}

/// The page, as soon as it is there; at once where its part was fetched before.
pub fn page(later: &'static Later) -> impl Fn() -> AnyView + Clone + Send + 'static {
    move || view! { <Fetched later=later/> }.into_any()
}

/// The part as far as it is: at once where it was fetched before.
fn fetching(later: &'static Later) -> RwSignal<Option<Result<Draw, NotFetched>>> {
    let state = RwSignal::new(later.draw.get().map(|draw| Ok(*draw)));
    if state.with_untracked(Option::is_none) {
        leptos::task::spawn_local(async move {
            state.try_set(Some(later.fetched().await));
        });
    }
    state
}

/// Something of a page that is fetched when it is wanted, such as a dialog. It gets what it has to know by context.
#[component]
pub fn Piece(
    /// what is fetched
    later: &'static Later,
    /// runs where it does not come, after the reader was told
    #[prop(into)]
    on_failed: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let state = fetching(later);
    Effect::new(move |_| {
        if matches!(state.get(), Some(Err(NotFetched))) {
            toasts.error(
                t!("This could not be loaded"),
                Some(t!("The server cannot be reached, or it has a newer version of Tyrian by now. Reload the page.").to_owned()),
            );
            on_failed.run(());
        }
    });
    move || state.get().and_then(Result::ok).map(|draw| draw())
}

#[component]
fn Fetched(later: &'static Later) -> impl IntoView {
    let state = fetching(later);
    move || match state.get() {
        Some(Ok(draw)) => draw(),
        None => view! { <main id="main" class="page" aria-busy="true"><SkeletonRows/></main> }.into_any(),
        Some(Err(NotFetched)) => {
            set_title(t!("Page not loaded"));
            // A newer app has other files: only the page itself knows their names.
            let retry = Callback::new(|()| drop(window().location().reload()));
            view! {
                <main id="main" class="page">
                    <h1 class="sr">{t!("Page not loaded")}</h1>
                    <ErrorState
                        title=t!("This page could not be loaded")
                        text=t!("The server cannot be reached, or it has a newer version of Tyrian by now.")
                        on_retry=retry
                    />
                </main>
            }
            .into_any()
        }
    }
}

/// Fetches the parts that nobody asked for yet, one after the other, so that pages open at once later.
pub async fn fetch_the_rest() {
    for later in ALL {
        if later.draw.get().is_none() && later.fetched().await.is_err() {
            return;
        }
    }
}
