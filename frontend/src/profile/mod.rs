//! `/profile`: one's own name, theme, password, second factor, sessions and API tokens.

mod agent;
mod muted;
mod password;
mod queries;
mod second_factor;
mod sessions;
mod tokens;

use leptos::prelude::*;
use tyrian_api_types::auth::{Me, MePatch};
use tyrian_api_types::{ErrorCode, Patch};

use crate::admin::Stale;
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::{Session, Theme, use_session};
use crate::shell::Page;
use crate::texts;
use crate::ui::{
    Avatar, Badge, Banner, BannerKind, Button, ButtonKind, ButtonLink, Card, CardBody, Chip, Field, Seg, Select, TextInput, Tone,
    use_toasts,
};
use muted::MutedCard;
use password::PasswordCard;
use second_factor::SecondFactorCard;
use sessions::SessionsCard;
use tokens::TokensCard;

/// Reads one's own profile again: name, groups and rights may have changed. An answer that does not come changes nothing.
pub async fn refresh(session: Session) {
    if let Ok(me) = queries::me().await
        && untrack(|| session.me()).is_some_and(|before| before.id == me.id && before != me)
    {
        session.set_me(me);
    }
}

/// The page.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let session = use_session();
    leptos::task::spawn_local(refresh(session));
    let has_password = Memo::new(move |_| session.me().is_none_or(|me| me.has_password));
    view! {
        <Page title=t!("Profile")>
            <div class="cols cols--2">
                <div class="stack">
                    <YouCard/>
                    <ThemeCard/>
                    <LanguageCard/>
                    <MutedCard/>
                </div>
                <div class="stack">
                    {move || if has_password.get() {
                        view! { <PasswordCard/><SecondFactorCard/> }.into_any()
                    } else {
                        view! { <Card title=t!("Password")><CardBody><p class="muted">{t!("You sign in by single sign-on and have no password here. An administrator can make a link to set one.")}</p></CardBody></Card> }.into_any()
                    }}
                    <ConnectCard/>
                </div>
            </div>
            <SessionsCard/>
            <TokensCard/>
        </Page>
    }
}

/// Connecting the account with the organisation's sign-in, where there is one.
#[component]
fn ConnectCard() -> impl IntoView {
    let session = use_session();
    // whoever has no password came that way
    let has_password = Memo::new(move |_| session.me().is_some_and(|me| me.has_password));
    let ways = crate::auth::use_ways();
    let name = Memo::new(move |_| ways.data.with(|ways| ways.as_ref().and_then(|ways| ways.sso.clone())));
    move || {
        name.get().filter(|_| has_password.get()).map(|name| {
            view! {
                <Card title=t!("Single sign-on")>
                    <CardBody>
                        <div class="stack">
                            <p class="muted">{t!("Connect this account with “{name}”: that way leads here too from then on."; name)}</p>
                            <div><ButtonLink href="/api/v1/auth/oidc/login?connect=true&next=/profile" icon="link" external=true>{t!("Connect")}</ButtonLink></div>
                        </div>
                    </CardBody>
                </Card>
            }
        })
    }
}

/// Name, and what others have set: address, groups.
#[component]
fn YouCard() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let me = Memo::new(move |_| session.me());
    let name = RwSignal::new(untrack(|| session.name()));
    let errors = FormErrors::new();
    let version = move || me.with_untracked(|me| me.as_ref().map_or(0, |me| me.version));
    let save = use_mutation(
        |(version, patch): (i64, MePatch)| queries::update_me(version, patch),
        move |saved: Me| {
            name.set(saved.display_name.clone());
            session.set_me(saved);
            for key in [crate::key!["users"], crate::key!["groups"], crate::key!["roster"]] {
                crate::query::invalidate(&key);
            }
            toasts.success(t!("Your name is saved"));
        },
    );
    Effect::new(move |_| {
        if let Some(error) = save.error.get().filter(|error| !error.is(ErrorCode::PreconditionFailed)) {
            errors.take(&error);
        }
    });
    let unchanged = Signal::derive(move || name.read().trim() == session.name());
    let submit = move || {
        let patch = MePatch { display_name: Patch::Set(name.get_untracked().trim().to_owned()), ..MePatch::default() };
        if errors.check(&patch) {
            save.run.run((version(), patch));
        }
    };
    let latest = use_mutation(
        |keep: bool| async move { Ok((keep, queries::me().await?)) },
        move |(keep, now): (bool, Me)| {
            save.error.set(None);
            if !keep {
                name.set(now.display_name.clone());
            }
            session.set_me(now);
            if keep {
                submit();
            }
        },
    );
    view! {
        <Card title=t!("You")>
            <CardBody>
                <form class="stack" novalidate on:submit=move |event| { event.prevent_default(); if !unchanged.get_untracked() { submit(); } }>
                    {move || errors.general().get().map(|text| view! { <Banner kind=BannerKind::Error><span>{text}</span></Banner> })}
                    <Stale error=save.error who=t!("Your profile") on_load=move |()| latest.run.run(false) on_keep=move |()| latest.run.run(true)/>
                    <div class="row you">
                        {move || view! { <Avatar name=session.name() large=true/> }}
                        <div class="grow">
                            <Field label=t!("Name") hint=t!("As the others see it") error=errors.field("/display_name") required=true>
                                <TextInput value=name autocomplete="name"/>
                            </Field>
                        </div>
                    </div>
                    {move || me.get().map(|me| view! {
                        <dl class="kv">
                            <dt>{t!("Email")}</dt>
                            <dd>{me.email}<div class="small faint">{t!("You sign in with it; an administrator changes it.")}</div></dd>
                            <dt>{t!("Groups")}</dt>
                            <dd>
                                <span class="row row--1 row--wrap">
                                    {me.is_admin.then(|| view! { <Badge tone=Tone::Accent icon="shield-check">{t!("Administrator")}</Badge> })}
                                    {(me.groups.is_empty() && !me.is_admin).then(|| view! { <span class="muted">{t!("None yet. Ask an administrator to add you to one.")}</span> })}
                                    {me.groups.into_iter().map(|group| view! { <Chip name=group.name/> }).collect_view()}
                                </span>
                            </dd>
                        </dl>
                    })}
                    <div><Button kind=ButtonKind::Primary submit=true busy=save.busy why_not=Signal::derive(move || unchanged.get().then(|| t!("It is saved like this already").to_owned()))>{t!("Save name")}</Button></div>
                </form>
            </CardBody>
        </Card>
    }
}

fn word(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

/// The app's language, where there is more than one.
#[component]
fn LanguageCard() -> impl IntoView {
    let languages = texts::languages();
    (languages.len() > 1).then(|| {
        let value = RwSignal::new(texts::language());
        view! {
            <Card title=t!("Language")>
                <CardBody>
                    <div class="stack stack--2">
                        <Select value=value options=Signal::stored(languages) label=t!("Language") on_change=|code: String| texts::choose_language(&code)/>
                        <span class="small faint">{t!("Kept in this browser.")}</span>
                    </div>
                </CardBody>
            </Card>
        }
    })
}

/// Light, dark, or what the system says; at once, in this browser.
#[component]
fn ThemeCard() -> impl IntoView {
    let session = use_session();
    let theme = session.theme();
    let value = RwSignal::new(word(theme.get_untracked()).to_owned());
    // The menu of the navigation chooses it too.
    Effect::new(move |_| value.set(word(theme.get()).to_owned()));
    let options = [("system", t!("As the system")), ("light", t!("Light")), ("dark", t!("Dark"))]
        .map(|(code, word)| (code.to_owned(), word.to_owned()))
        .to_vec();
    let choose = move |code: String| {
        session.set_theme(match code.as_str() {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::System,
        });
    };
    view! {
        <Card title=t!("Theme")>
            <CardBody>
                <div class="stack stack--2">
                    <Seg value=value options=options label=t!("Theme") on_change=choose/>
                    <span class="small faint">{t!("Kept in this browser.")}</span>
                </div>
            </CardBody>
        </Card>
    }
}
