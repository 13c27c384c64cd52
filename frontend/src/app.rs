//! The root: what all pages share, and every route.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::not_found::NotFound;
use crate::parts::{self, page};
use crate::session::Session;
use crate::shell::Shell;
use crate::ui::{ToastRegion, Toasts};

/// When the parts that no page needed so far are fetched: the first page has what it reads by then.
const FETCH_THE_REST_MS: u32 = 2_500;

/// The app.
#[component]
pub fn App() -> impl IntoView {
    Toasts::provide();
    let session = Session::provide();
    leptos::task::spawn_local(session.start());
    leptos::task::spawn_local(async {
        crate::web::sleep(FETCH_THE_REST_MS).await;
        parts::fetch_the_rest().await;
    });
    view! {
        <Router>
            <Routes fallback=elsewhere>
                <Route path=path!("/setup") view=page(&parts::SETUP)/>
                <Route path=path!("/login") view=page(&parts::LOGIN)/>
                <Route path=path!("/invite/:token") view=page(&parts::INVITE)/>
                <Route path=path!("/forgot") view=page(&parts::FORGOT)/>
                <Route path=path!("/reset/:token") view=page(&parts::RESET)/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=page(&parts::HOME)/>
                    <Route path=path!("/about") view=page(&parts::ABOUT)/>
                    <Route path=path!("/attack") view=page(&parts::ATTACK)/>
                    <Route path=path!("/missions") view=page(&parts::MISSIONS)/>
                    <Route path=path!("/missions/new") view=page(&parts::NEW_MISSION)/>
                    <Route path=path!("/missions/:id/compare") view=page(&parts::COMPARE)/>
                    <Route path=path!("/missions/:id/drift") view=page(&parts::DRIFT)/>
                    <Route path=path!("/missions/:id/:tab?") view=page(&parts::MISSION)/>
                    <Route path=path!("/templates/outdated") view=page(&parts::OUTDATED)/>
                    <Route path=path!("/templates/tests") view=page(&parts::TESTS)/>
                    <Route path=path!("/templates/tests/new") view=page(&parts::NEW_TEST)/>
                    <Route path=path!("/templates/tests/:id") view=page(&parts::TEST)/>
                    <Route path=path!("/templates/scenarios") view=page(&parts::SCENARIOS)/>
                    <Route path=path!("/templates/scenarios/new") view=page(&parts::NEW_SCENARIO)/>
                    <Route path=path!("/templates/scenarios/:id") view=page(&parts::SCENARIO)/>
                    <Route path=path!("/analytics") view=page(&parts::ANALYTICS)/>
                    <Route path=path!("/analytics/techniques/:id") view=page(&parts::TECHNIQUE)/>
                    <Route path=path!("/findings") view=page(&parts::FINDINGS)/>
                    <Route path=path!("/notifications") view=page(&parts::NOTIFICATIONS)/>
                    <Route path=path!("/profile") view=page(&parts::PROFILE)/>
                    <Route path=path!("/admin/users") view=page(&parts::USERS)/>
                    <Route path=path!("/admin/groups") view=page(&parts::GROUPS)/>
                    <Route path=path!("/admin/invitations") view=page(&parts::INVITATIONS)/>
                    <Route path=path!("/admin/detection") view=page(&parts::DETECTION)/>
                    <Route path=path!("/admin/audit") view=page(&parts::AUDIT)/>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion/>
    }
}

/// An address that no route has: in development builds the page of the components, else nowhere.
fn elsewhere() -> AnyView {
    #[cfg(debug_assertions)]
    if leptos_router::hooks::use_location().pathname.get_untracked() == crate::dev::PATH {
        return view! { <crate::dev::UiPage/> }.into_any();
    }
    view! { <NotFound/> }.into_any()
}
