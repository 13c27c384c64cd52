//! What one wants to be told: a switch a kind of notification.

use leptos::prelude::*;
use tyrian_api_types::auth::{Me, MePatch, PreferencesPatch};
use tyrian_api_types::{ErrorCode, Patch};
use tyrian_domain::notification::NotificationKind;

use super::queries;
use crate::notifications::kind_words;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{Card, CardBody, Switch, use_toasts};

/// When one of a kind comes.
fn explained(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::AddedToMission => t!("When somebody makes you a member"),
        NotificationKind::Mentioned => t!("When somebody writes @ and your name"),
        NotificationKind::Assigned => t!("When you become a test’s operator or assessor"),
        NotificationKind::Executed => t!("When red has run what you assess"),
        NotificationKind::StatusChanged => t!("When a mission of yours starts, ends or is archived"),
    }
}

/// The kinds that are muted after one was switched.
fn switched(muted: &[NotificationKind], kind: NotificationKind, on: bool) -> Vec<NotificationKind> {
    NotificationKind::ALL.iter().copied().filter(|one| if *one == kind { !on } else { muted.contains(one) }).collect()
}

/// The card.
#[component]
pub fn MutedCard() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let muted = Memo::new(move |_| session.me().map(|me| me.preferences.muted_kinds).unwrap_or_default());
    // What is wished; it is saved when what went before has been.
    let wanted = RwSignal::new(muted.get_untracked());
    let save = use_mutation(
        move |kinds: Vec<NotificationKind>| {
            let version = untrack(|| session.me()).map_or(0, |me| me.version);
            let preferences = PreferencesPatch { muted_kinds: Patch::Set(kinds), ..PreferencesPatch::default() };
            async move { queries::update_me(version, MePatch { preferences: Patch::Set(preferences), ..MePatch::default() }).await }
        },
        move |me: Me| session.set_me(me),
    );
    Effect::new(move |_| {
        let (busy, now) = (save.busy.get(), wanted.get());
        if !busy && save.error.with_untracked(Option::is_none) && now != muted.get_untracked() {
            save.run.run(now);
        }
    });
    // Counts the refusals: the switches are drawn anew as they really are.
    let refused = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let Some(error) = save.error.get() else { return };
        let stale = error.is(ErrorCode::PreconditionFailed);
        let why = if stale { t!("Your profile was changed in another place. Switch it again.").to_owned() } else { error.text() };
        toasts.error(t!("Not switched"), Some(why));
        wanted.set(muted.get_untracked());
        save.error.set(None);
        refused.update(|n| *n += 1);
        if stale {
            leptos::task::spawn_local(super::refresh(session));
        }
    });
    view! {
        <Card title=t!("Notifications")>
            <CardBody>
                {move || {
                    refused.track();
                    let switches = NotificationKind::ALL.iter().map(|kind| {
                        let kind = *kind;
                        view! {
                            <div class="told">
                                <Switch
                                    checked=Signal::derive(move || wanted.with(|muted| !muted.contains(&kind)))
                                    on_change=move |on: bool| wanted.update(|muted| *muted = switched(muted, kind, on))
                                >{kind_words(kind)}</Switch>
                                <span class="small muted">{explained(kind)}</span>
                            </div>
                        }
                    });
                    view! { <div class="stack">{switches.collect_view()}</div> }
                }}
            </CardBody>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_muted_and_told_again() {
        let muted = switched(&[], NotificationKind::Executed, false);
        assert_eq!(muted, [NotificationKind::Executed]);
        let both = switched(&muted, NotificationKind::Mentioned, false);
        assert_eq!(both.len(), 2);
        assert_eq!(switched(&both, NotificationKind::Executed, true), [NotificationKind::Mentioned]);
    }
}
