//! The root: what all pages share, and every route.

use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::auth::{InvitePage, LoginPage, SetupPage};
use crate::not_found::NotFound;
use crate::session::Session;
use crate::shell::Shell;
use crate::ui::{ToastRegion, Toasts};
use crate::{about, admin, attack, findings, home, missions, notifications, profile, templates};

/// The app.
#[component]
pub fn App() -> impl IntoView {
    Toasts::provide();
    let session = Session::provide();
    leptos::task::spawn_local(session.start());
    view! {
        <Router>
            <Routes fallback=|| view! { <NotFound/> }>
                <Route path=path!("/setup") view=SetupPage/>
                <Route path=path!("/login") view=LoginPage/>
                <Route path=path!("/invite/:token") view=InvitePage/>
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("/") view=home::HomePage/>
                    <Route path=path!("/about") view=about::AboutPage/>
                    <Route path=path!("/attack") view=attack::AttackPage/>
                    <Route path=path!("/missions") view=missions::MissionsPage/>
                    <Route path=path!("/missions/new") view=missions::NewMissionPage/>
                    <Route path=path!("/missions/:id/:tab?") view=missions::MissionPage/>
                    <Route path=path!("/templates/tests") view=templates::TestsPage/>
                    <Route path=path!("/templates/tests/new") view=templates::NewTestPage/>
                    <Route path=path!("/templates/tests/:id") view=templates::TestPage/>
                    <Route path=path!("/templates/scenarios") view=templates::ScenariosPage/>
                    <Route path=path!("/templates/scenarios/new") view=templates::NewScenarioPage/>
                    <Route path=path!("/templates/scenarios/:id") view=templates::ScenarioPage/>
                    <Route path=path!("/findings") view=findings::FindingsPage/>
                    <Route path=path!("/notifications") view=notifications::NotificationsPage/>
                    <Route path=path!("/profile") view=profile::ProfilePage/>
                    <Route path=path!("/admin/users") view=admin::UsersPage/>
                    <Route path=path!("/admin/groups") view=admin::GroupsPage/>
                    <Route path=path!("/admin/invitations") view=admin::InvitationsPage/>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion/>
    }
}
