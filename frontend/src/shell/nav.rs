//! The navigation: a column, a rail where the page needs the width, a bar of five on a small screen. It shows what the reader may use.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use tyrian_domain::permission::Permission;

use super::palette::SearchButton;
use crate::session::{Session, Theme, use_session};
use crate::texts::tr;
use crate::ui::{Avatar, Icon, Logo, Menu, MenuGroup, MenuItem, MenuLink, MenuPlace, MenuSeparator};

struct Entry {
    href: &'static str,
    /// a path under this belongs to the entry; the home page has none
    under: &'static str,
    icon: &'static str,
    label: &'static str,
    /// any of these opens it; none: everybody
    needs: &'static [Permission],
}

const HOME: Entry = Entry { href: "/", under: "", icon: "house", label: mark!("Home"), needs: &[] };
const MISSIONS: Entry =
    Entry { href: "/missions", under: "/missions", icon: "target", label: mark!("Missions"), needs: &[Permission::MissionRead] };
const FINDINGS: Entry =
    Entry { href: "/findings", under: "/findings", icon: "list-checks", label: mark!("Findings"), needs: &[Permission::MissionRead] };
const TESTS: Entry = Entry {
    href: "/templates/tests",
    under: "/templates/tests",
    icon: "flask-conical",
    label: mark!("Test templates"),
    needs: &[Permission::TestTemplateRead],
};
const SCENARIOS: Entry = Entry {
    href: "/templates/scenarios",
    under: "/templates/scenarios",
    icon: "route",
    label: mark!("Scenarios"),
    needs: &[Permission::ScenarioTemplateRead],
};
const ATTACK: Entry = Entry { href: "/attack", under: "/attack", icon: "grid-3x3", label: "ATT&CK", needs: &[] };
const ANALYTICS: Entry =
    Entry { href: "/analytics", under: "/analytics", icon: "chart-line", label: mark!("Analytics"), needs: &[Permission::MissionRead] };

/// The administration pages, first one first.
pub const ADMIN: [(&str, &str, Permission); 5] = [
    ("/admin/users", mark!("Users"), Permission::UserRead),
    ("/admin/groups", mark!("Groups"), Permission::GroupRead),
    ("/admin/invitations", mark!("Invitations"), Permission::InvitationRead),
    ("/admin/detection", mark!("Detection"), Permission::DefenceToolManage),
    ("/admin/audit", mark!("Audit log"), Permission::AuditRead),
];

fn may(session: Session, entry: &Entry) -> bool {
    entry.needs.is_empty() || session.can_any(entry.needs)
}

/// Every page that the reader may open from anywhere: address, icon, name. Tracks the session.
pub fn pages(session: Session) -> Vec<(&'static str, &'static str, &'static str)> {
    let entries = [&HOME, &MISSIONS, &FINDINGS, &TESTS, &SCENARIOS, &ATTACK, &ANALYTICS];
    let own =
        [("/notifications", "bell", t!("Notifications")), ("/profile", "user", t!("Profile")), ("/about", "info", t!("About Tyrian"))];
    let open = entries.into_iter().filter(|entry| may(session, entry)).map(|entry| (entry.href, entry.icon, tr(entry.label)));
    open.chain(ADMIN.into_iter().filter(|page| session.can(page.2)).map(|page| (page.0, "settings", tr(page.1)))).chain(own).collect()
}

/// The first administration page that the reader may open.
fn admin_entry(session: Session) -> Option<&'static str> {
    ADMIN.iter().find(|page| session.can(page.2)).map(|page| page.0)
}

fn is_current(path: &str, under: &str) -> bool {
    if path == "/templates/outdated" {
        return under == TESTS.under;
    }
    if under.is_empty() { path == "/" } else { path.strip_prefix(under).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) }
}

fn item(href: &'static str, under: &'static str, icon: &'static str, label: &'static str, rail: Memo<bool>) -> impl IntoView {
    let path = use_location().pathname;
    view! {
        <a class="nav__item" href=href title=move || rail.get().then_some(label) aria-current=move || is_current(&path.read(), under).then_some("page")>
            <Icon name=icon/>
            <span class="nav__label">{label}</span>
        </a>
    }
}

fn entry(entry: &'static Entry, rail: Memo<bool>) -> impl IntoView {
    let session = use_session();
    move || may(session, entry).then(|| item(entry.href, entry.under, entry.icon, tr(entry.label), rail))
}

/// The column or rail on the left.
#[component]
pub fn Nav(
    /// folded to icons
    rail: Memo<bool>,
) -> impl IntoView {
    let session = use_session();
    view! {
        <nav class="nav" aria-label=t!("Main")>
            <a class="nav__brand" href="/" aria-label=t!("Tyrian, home")><Logo/><span class="nav__label">"Tyrian"</span></a>
            <SearchButton/>
            {entry(&HOME, rail)}
            {entry(&MISSIONS, rail)}
            {entry(&FINDINGS, rail)}
            <div class="nav__sep"></div>
            <div class="nav__group overline">{t!("Library")}</div>
            {entry(&TESTS, rail)}
            {entry(&SCENARIOS, rail)}
            {entry(&ATTACK, rail)}
            {move || may(session, &ANALYTICS).then(|| view! {
                <div class="nav__sep"></div>
                <div class="nav__group overline">{t!("Insight")}</div>
                {item(ANALYTICS.href, ANALYTICS.under, ANALYTICS.icon, tr(ANALYTICS.label), rail)}
            })}
            {move || admin_entry(session).map(|href| view! {
                <div class="nav__sep"></div>
                <div class="nav__group overline">{t!("Instance")}</div>
                {item(href, "/admin", "settings", t!("Administration"), rail)}
            })}
            <div class="nav__foot"><UserMenu/></div>
        </nav>
    }
}

/// Who is signed in, the theme, the keys, the way out.
#[component]
fn UserMenu() -> impl IntoView {
    let session = use_session();
    let theme = session.theme();
    let choice = move |wanted: Theme| Signal::derive(move || theme.get() == wanted);
    view! {
        <Menu
            label=t!("Your account")
            class="nav__me"
            place=MenuPlace::Up
            trigger=move || view! {
                {move || view! { <Avatar name=session.name()/> }}
                <span class="nav__label grow strong trunc">{move || session.name()}</span>
                <span class="nav__label"><Icon name="chevrons-up-down" size=14/></span>
            }
        >
            <div class="menu__group"><span class="strong">{move || session.name()}</span><br/><span class="small muted">{move || session.me().map(|me| me.email)}</span></div>
            <MenuSeparator/>
            <MenuLink icon="user" href="/profile">{t!("Profile")}</MenuLink>
            <MenuSeparator/>
            <MenuGroup label=t!("Theme")/>
            <MenuItem icon="monitor" checked=choice(Theme::System) on_select=move |()| session.set_theme(Theme::System)>{t!("As the system")}</MenuItem>
            <MenuItem icon="sun" checked=choice(Theme::Light) on_select=move |()| session.set_theme(Theme::Light)>{t!("Light")}</MenuItem>
            <MenuItem icon="moon" checked=choice(Theme::Dark) on_select=move |()| session.set_theme(Theme::Dark)>{t!("Dark")}</MenuItem>
            <MenuSeparator/>
            <MenuItem icon="keyboard" on_select=|()| super::keys::show()>{t!("Keys")}</MenuItem>
            <MenuLink icon="info" href="/about">{t!("About Tyrian")}</MenuLink>
            <MenuItem icon="log-out" on_select=move |()| leptos::task::spawn_local(session.sign_out())>{t!("Sign out")}</MenuItem>
        </Menu>
    }
}

/// The bar at the foot of a small screen.
#[component]
pub fn TabBar() -> impl IntoView {
    let session = use_session();
    let path = use_location().pathname;
    let tab = move |entry: &'static Entry, word: &'static str| {
        move || {
            may(session, entry).then(|| view! {
                <a href=entry.href aria-current=move || is_current(&path.read(), entry.under).then_some("page")><Icon name=entry.icon size=20/>{word}</a>
            })
        }
    };
    view! {
        <nav class="tabbar" aria-label=t!("Main, small screen")>
            {tab(&HOME, t!("Home"))}
            {tab(&MISSIONS, t!("Missions"))}
            {tab(&SCENARIOS, t!("Scenarios"))}
            {tab(&ATTACK, "ATT&CK")}
            <Menu
                label=t!("More")
                class="tabbar__more"
                place=MenuPlace::Up
                trigger=|| view! { <Icon name="menu" size=20/>{t!("More")} }
            >
                {move || may(session, &FINDINGS).then(|| view! { <MenuLink icon="list-checks" href="/findings">{t!("Findings")}</MenuLink> })}
                {move || may(session, &ANALYTICS).then(|| view! { <MenuLink icon="chart-line" href="/analytics">{t!("Analytics")}</MenuLink> })}
                {move || may(session, &TESTS).then(|| view! { <MenuLink icon="flask-conical" href="/templates/tests">{t!("Test templates")}</MenuLink> })}
                {move || admin_entry(session).map(|href| view! { <MenuLink icon="settings" href=href>{t!("Administration")}</MenuLink> })}
                <MenuLink icon="user" href="/profile">{t!("Profile")}</MenuLink>
                <MenuLink icon="info" href="/about">{t!("About Tyrian")}</MenuLink>
                <MenuSeparator/>
                <MenuItem icon="sun" on_select=move |()| session.set_theme(Theme::Light)>{t!("Light theme")}</MenuItem>
                <MenuItem icon="moon" on_select=move |()| session.set_theme(Theme::Dark)>{t!("Dark theme")}</MenuItem>
                <MenuItem icon="monitor" on_select=move |()| session.set_theme(Theme::System)>{t!("Theme as the system")}</MenuItem>
                <MenuSeparator/>
                <MenuItem icon="log-out" on_select=move |()| leptos::task::spawn_local(session.sign_out())>{t!("Sign out")}</MenuItem>
            </Menu>
        </nav>
    }
}
