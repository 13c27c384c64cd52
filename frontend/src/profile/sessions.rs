//! Where one is signed in, and ending it there.

use leptos::prelude::*;
use tyrian_api_types::ErrorCode;
use tyrian_api_types::auth::Session as SignIn;
use uuid::Uuid;

use super::{agent, queries};
use crate::key;
use crate::loaded::Loaded;
use crate::query::{invalidate, use_mutation};
use crate::session::use_session;
use crate::ui::{Badge, Button, ButtonSize, Card, ConfirmDialog, SkeletonRows, Table, Time, Tone, use_toasts};

/// Ends sign-ins one after the other; one that has ended already is no error.
async fn end_all(families: Vec<Uuid>) -> Result<(), crate::api::ApiError> {
    for family in families {
        match queries::end_session(family).await {
            Err(error) if error.is(ErrorCode::NotFound) => {}
            answer => answer?,
        }
    }
    Ok(())
}

/// What is about to end: the families, the question, what happens, the button.
#[derive(Clone)]
struct Ending {
    families: Vec<Uuid>,
    title: String,
    text: String,
    confirm: String,
}

/// The list.
#[component]
pub fn SessionsCard() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let sessions = queries::use_sessions();
    let open = RwSignal::new(false);
    let ending = RwSignal::new(None::<Ending>);
    let others = Memo::new(move |_| {
        sessions.data.with(|list| {
            list.iter().flat_map(|list| &list.items).filter(|session| !session.current).map(|session| session.family).collect::<Vec<_>>()
        })
    });
    let end = use_mutation(end_all, move |()| {
        open.set(false);
        invalidate(&key!["sessions"]);
        toasts.success(t!("Signed out there"));
    });
    let ask = Callback::new(move |what: Ending| {
        end.error.set(None);
        ending.set(Some(what));
        open.set(true);
    });
    let ask_all = move |_| {
        let families = others.get_untracked();
        ask.run(Ending {
            title: t!("End the {} other sessions?", families.len()),
            text: t!("Every browser and program but this one has to sign in again with your password.").to_owned(),
            confirm: t!("End them").to_owned(),
            families,
        });
    };
    let part = move |part: fn(&Ending) -> &String| {
        Signal::derive(move || ending.with(|ending| ending.as_ref().map(|ending| part(ending).clone()).unwrap_or_default()))
    };
    view! {
        <Card
            title=t!("Sessions")
            count=Signal::derive(move || sessions.data.with(|list| list.as_ref().map(|list| list.items.len() as u64)))
            head=move || view! {
                {move || (others.read().len() > 1).then(|| view! { <Button size=ButtonSize::Small icon="log-out" on_click=ask_all>{t!("End all others")}</Button> })}
            }
        >
            <Loaded query=sessions what=t!("The sessions") skeleton=|| view! { <SkeletonRows rows=2/> } let:list>
                <Table label=t!("Where you are signed in")>
                    <thead>
                        <tr>
                            <th scope="col">{t!("Where")}</th>
                            <th scope="col" class="hide-sm">{t!("Address")}</th>
                            <th scope="col" class="hide-sm">{t!("Signed in")}</th>
                            <th scope="col">{t!("Last used")}</th>
                            <th scope="col"><span class="sr">{t!("Actions")}</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        {list.items.into_iter().map(|item| view! {
                            <Row item=item on_end=ask on_leave=move |()| leptos::task::spawn_local(session.sign_out())/>
                        }).collect_view()}
                    </tbody>
                </Table>
            </Loaded>
        </Card>
        <ConfirmDialog
            open=open
            title=part(|ending| &ending.title)
            text=part(|ending| &ending.text)
            confirm=part(|ending| &ending.confirm)
            keep=t!("Keep it signed in")
            harmless=true
            busy=end.busy
            error=Signal::derive(move || end.error.get().map(|error| error.text()))
            on_confirm=move |()| if let Some(ending) = ending.get_untracked() { end.run.run(ending.families) }
        />
    }
}

/// One sign-in.
#[component]
fn Row(
    /// which one
    item: SignIn,
    /// asks whether to end it
    on_end: Callback<Ending>,
    /// signs out here
    #[prop(into)]
    on_leave: Callback<()>,
) -> impl IntoView {
    let name = agent::name(item.user_agent.as_deref());
    let (family, asked) = (item.family, name.clone());
    let ask = move |_| {
        on_end.run(Ending {
            families: vec![family],
            title: t!("End the session of {asked}?"; asked),
            text: t!("{asked} has to sign in again with your password. What was being typed there is lost."; asked),
            confirm: t!("End session").to_owned(),
        });
    };
    view! {
        <tr>
            <td>
                <span class="row row--wrap" title=item.user_agent>
                    <span class="strong">{name.clone()}</span>
                    {item.current.then(|| view! { <Badge tone=Tone::Ok icon="circle-check">{t!("This one")}</Badge> })}
                </span>
            </td>
            <td class="hide-sm mono muted">{item.ip.unwrap_or_else(|| "–".to_owned())}</td>
            <td class="hide-sm muted nowrap"><Time at=item.created_at/></td>
            <td class="muted nowrap"><Time at=item.last_used_at/></td>
            <td class="acts">
                {if item.current {
                    view! { <Button size=ButtonSize::Small on_click=move |_| on_leave.run(())>{t!("Sign out")}</Button> }.into_any()
                } else {
                    view! { <Button size=ButtonSize::Small on_click=ask>{t!("End")}<span class="sr">{t!(" the session of ")}{name}</span></Button> }.into_any()
                }}
            </td>
        </tr>
    }
}
