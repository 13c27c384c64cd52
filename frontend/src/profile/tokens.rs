//! API tokens: what scripts sign in with.

use std::collections::BTreeSet;

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::api_tokens::{ApiToken, ApiTokenCreate, ApiTokenCreated};
use tyrian_domain::permission::Permission;

use super::queries;
use crate::admin::held;
use crate::form::FormErrors;
use crate::key;
use crate::loaded::Loaded;
use crate::query::{invalidate, use_mutation};
use crate::rights::{AREAS, label};
use crate::session::use_session;
use crate::texts::tr;
use crate::ui::{
    Button, ButtonSize, Card, ConfirmDialog, EmptyState, Field, FormDialog, Select, ShownOnce, SkeletonRows, Table, TextInput, Time, count,
    use_toasts,
};

/// The list, and the ways to a new one and to the end of one.
#[component]
pub fn TokensCard() -> impl IntoView {
    let toasts = use_toasts();
    let tokens = queries::use_tokens();
    let making = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let chosen = RwSignal::new(None::<ApiToken>);
    let revoke = use_mutation(
        |id| async move {
            match queries::revoke_token(id).await {
                // It is gone all the same.
                Err(error) if error.is(ErrorCode::NotFound) => Ok(()),
                answer => answer,
            }
        },
        move |()| {
            asking.set(false);
            invalidate(&key!["api-tokens"]);
            toasts.success(t!("The token is revoked"));
        },
    );
    let ask = Callback::new(move |token: ApiToken| {
        revoke.error.set(None);
        chosen.set(Some(token));
        asking.set(true);
    });
    let name = move || chosen.with(|token| token.as_ref().map(|token| token.name.clone()).unwrap_or_default());
    view! {
        <Card
            title=t!("API tokens")
            count=Signal::derive(move || tokens.data.with(|list| list.as_ref().map(|list| list.items.len() as u64).filter(|n| *n > 0)))
            head=move || view! { <Button size=ButtonSize::Small icon="plus" on_click=move |_| making.set(true)>{t!("New token")}</Button> }
        >
            <Loaded query=tokens what=t!("The tokens") skeleton=|| view! { <SkeletonRows rows=2/> } let:list>
                {if list.items.is_empty() {
                    view! { <EmptyState tight=true title=t!("No tokens") text=t!("A script signs in with a token instead of your password: it does what you choose, and you can take it back at any time.")/> }.into_any()
                } else {
                    view! {
                        <Table label=t!("Your tokens")>
                            <thead>
                                <tr>
                                    <th scope="col">{t!("Name")}</th>
                                    <th scope="col" class="hide-sm">{t!("May")}</th>
                                    <th scope="col">{t!("Last used")}</th>
                                    <th scope="col" class="hide-sm">{t!("Ends")}</th>
                                    <th scope="col"><span class="sr">{t!("Actions")}</span></th>
                                </tr>
                            </thead>
                            <tbody>{list.items.into_iter().map(|token| view! { <Row token=token on_revoke=ask/> }).collect_view()}</tbody>
                        </Table>
                    }.into_any()
                }}
            </Loaded>
        </Card>
        <NewToken open=making/>
        <ConfirmDialog
            open=asking
            title=Signal::derive(move || t!("Revoke the token {}?", name()))
            text=t!("Scripts that use it are refused at once. This cannot be undone: make a new one instead.")
            confirm=t!("Revoke token")
            busy=revoke.busy
            error=Signal::derive(move || revoke.error.get().map(|error| error.text()))
            on_confirm=move |()| if let Some(token) = chosen.get_untracked() { revoke.run.run(token.id) }
        />
    }
}

/// One token.
#[component]
fn Row(
    /// which one
    token: ApiToken,
    /// asks whether to revoke it
    on_revoke: Callback<ApiToken>,
) -> impl IntoView {
    let (name, last_used_at, expires_at) = (token.name.clone(), token.last_used_at, token.expires_at);
    let codes = token.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let may = count(token.scopes.len() as u64, "right", "rights");
    view! {
        <tr>
            <td class="strong">{name.clone()}</td>
            <td class="hide-sm muted" title=codes>{may}</td>
            <td class="muted nowrap">{match last_used_at { Some(at) => view! { <Time at=at/> }.into_any(), None => t!("Never").into_any() }}</td>
            <td class="hide-sm muted nowrap">{match expires_at { Some(at) => view! { <Time at=at/> }.into_any(), None => t!("Never").into_any() }}</td>
            <td class="acts"><Button size=ButtonSize::Small on_click=move |_| on_revoke.run(token.clone())>{t!("Revoke")}<span class="sr">{t!(" the token ")}{name}</span></Button></td>
        </tr>
    }
}

/// A set of rights that scripts often want.
fn reading(held: &BTreeSet<Permission>) -> BTreeSet<Permission> {
    held.iter().copied().filter(|code| matches!(code.as_str().rsplit_once('.'), Some((_, "read" | "read_all")))).collect()
}

/// The form, then the token.
#[component]
fn NewToken(
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let days = RwSignal::new("90".to_owned());
    let scopes = RwSignal::new(BTreeSet::<Permission>::new());
    let errors = FormErrors::new();
    let made = RwSignal::new(None::<ApiTokenCreated>);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            scopes.set(BTreeSet::new());
            made.set(None);
            errors.clear();
        }
    });
    let save = use_mutation(queries::create_token, move |created: ApiTokenCreated| {
        made.set(Some(created));
        invalidate(&key!["api-tokens"]);
    });
    Effect::new(move |_| {
        if let Some(error) = save.error.get() {
            errors.take(&error);
        }
    });
    let submit = move || {
        let request = ApiTokenCreate {
            name: name.get_untracked().trim().to_owned(),
            scopes: scopes.get_untracked().into_iter().collect(),
            expires_in_days: days.with_untracked(|days| days.parse().ok()),
        };
        if errors.check(&request) {
            save.run.run(request);
        }
    };
    let lives = [("30", "30 days"), ("90", "90 days"), ("365", t!("A year")), ("", t!("No end"))];
    let lives = StoredValue::new(lives.map(|(code, word)| (code.to_owned(), word.to_owned())).to_vec());
    let title = Signal::derive(move || {
        made.with(|made| made.as_ref().map_or(t!("New token").to_owned(), |made| t!("{} is made", made.api_token.name)))
    });
    view! {
        <FormDialog
            open=open
            title=title
            act=t!("Make the token")
            busy=save.busy
            error=errors.general()
            on_submit=move |()| submit()
            made=Signal::derive(move || made.read().is_some())
            once=move || made.get().map(|created| view! {
                <ShownOnce warning=t!("Copy the token now: it is not shown again. Who has it can do what it may.") secrets=vec![(t!("Token"), created.token)]>
                    <p class="small muted">{t!("Scripts send it as the header Authorization: Bearer and the token.")}</p>
                </ShownOnce>
            })
        >
            <Field label=t!("Name") hint=t!("What it is for") error=errors.field("/name") required=true>
                <TextInput value=name autocomplete="off" autofocus=true placeholder=t!("Nightly export")/>
            </Field>
            <Field label=t!("Ends after") error=errors.field("/expires_in_days")>
                <Select value=days options=lives.get_value()/>
            </Field>
            <Scopes scopes=scopes/>
        </FormDialog>
    }
}

/// The rights to choose from: those that one holds.
#[component]
fn Scopes(
    /// what is ticked
    scopes: RwSignal<BTreeSet<Permission>>,
) -> impl IntoView {
    let held = held(use_session());
    let (all, read) = (held.clone(), reading(&held));
    let area = move |(area, codes): &(&'static str, &'static [Permission])| {
        let codes: Vec<Permission> = codes.iter().copied().filter(|code| held.contains(code)).collect();
        (!codes.is_empty()).then(|| {
            view! {
                <fieldset class="fieldset stack stack--1">
                    <legend class="small strong">{tr(area)}</legend>
                    <ul class="choices">
                        {codes.into_iter().map(|code| view! {
                            <li>
                                <label class="pick">
                                    <span class="check">
                                        <input
                                            type="checkbox"
                                            prop:checked=move || scopes.read().contains(&code)
                                            on:change:target=move |event| scopes.update(|scopes| {
                                                if event.target().checked() { scopes.insert(code); } else { scopes.remove(&code); }
                                            })
                                        />
                                    </span>
                                    <span>{label(code)}</span>
                                    <span class="pick__meta mono">{code.as_str()}</span>
                                </label>
                            </li>
                        }).collect_view()}
                    </ul>
                </fieldset>
            }
        })
    };
    view! {
        <fieldset class="fieldset stack stack--2">
            <legend class="field__label">{t!("What it may do")}</legend>
            <div class="row row--wrap">
                <Button size=ButtonSize::Small on_click=move |_| scopes.set(read.clone())>{t!("Only read")}</Button>
                <Button size=ButtonSize::Small on_click=move |_| scopes.set(all.clone())>{t!("All that I may")}</Button>
                <Button size=ButtonSize::Small on_click=move |_| scopes.set(BTreeSet::new())>{t!("Nothing")}</Button>
                <span class="small muted" role="status">{move || count(scopes.read().len() as u64, "right", "rights")}</span>
            </div>
            <div class="box scopes" tabindex="0" role="region" aria-label=t!("Rights")>{AREAS.iter().map(area).collect_view()}</div>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_reading_changes_nothing() {
        let read = reading(&tyrian_domain::permission::all());
        assert!(
            read.contains(&Permission::MissionRead) && read.contains(&Permission::MissionReadAll) && read.contains(&Permission::AuditRead)
        );
        assert!(read.iter().all(|code| code.as_str().contains(".read")), "{read:?}");
    }
}
