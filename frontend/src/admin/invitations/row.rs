//! The table of invitations.

use leptos::prelude::*;
use tyrian_api_types::invitations::{Invitation, InvitationStatus};
use tyrian_domain::permission::Permission;

use crate::session::use_session;
use crate::ui::{Badge, Button, ButtonKind, ButtonSize, Chip, Table, Time, TimeFormat, Tone};

/// Invitations as rows.
#[component]
pub fn InvitationTable(
    /// what is shown
    rows: Memo<Vec<Invitation>>,
    /// takes the one to be taken back
    #[prop(into)]
    on_revoke: Callback<Invitation>,
) -> impl IntoView {
    view! {
        <Table label=t!("Invitations")>
            <thead>
                <tr>
                    <th scope="col">{t!("Email")}</th>
                    <th scope="col" class="at-900">{t!("Groups")}</th>
                    <th scope="col">{t!("Status")}</th>
                    <th scope="col" class="at-1100">{t!("Invited by")}</th>
                    <th scope="col" class="hide-sm">{t!("Invited")}</th>
                    <th scope="col" class="at-1100">{t!("Open until")}</th>
                    <th scope="col"><span class="sr">{t!("Actions")}</span></th>
                </tr>
            </thead>
            <tbody>
                <For each=move || rows.get() key=|row| (row.id, row.status, row.groups.len()) let:invitation>
                    <Row invitation=invitation on_revoke=on_revoke/>
                </For>
            </tbody>
        </Table>
    }
}

/// What became of it, as a badge.
fn badge(status: InvitationStatus) -> AnyView {
    match status {
        InvitationStatus::Pending => view! { <Badge tone=Tone::Accent icon="clock">{t!("Open")}</Badge> }.into_any(),
        InvitationStatus::Accepted => view! { <Badge tone=Tone::Ok icon="circle-check">{t!("Accepted")}</Badge> }.into_any(),
        InvitationStatus::Revoked => view! { <Badge icon="x">{t!("Taken back")}</Badge> }.into_any(),
        InvitationStatus::Expired => view! { <Badge tone=Tone::Warn icon="history">{t!("Expired")}</Badge> }.into_any(),
    }
}

/// One invitation.
#[component]
fn Row(
    /// which one
    invitation: Invitation,
    /// takes it to be taken back
    on_revoke: Callback<Invitation>,
) -> impl IntoView {
    let session = use_session();
    let pending = invitation.status == InvitationStatus::Pending;
    let names: Vec<String> = invitation.groups.iter().map(|group| group.name.clone()).collect();
    let by = invitation.invited_by.as_ref().map(|author| author.display_name.clone());
    let (email, created, expires) = (invitation.email.clone(), invitation.created_at, invitation.expires_at);
    view! {
        <tr data-off=(!pending).then_some("")>
            <td><span class="strong trunc email" title=email.clone()>{email.clone()}</span></td>
            <td class="at-900">
                <div class="row row--1 row--wrap">
                    {names.is_empty().then(|| view! { <span class="faint">{t!("no group")}</span> })}
                    {names.into_iter().map(|name| view! { <Chip name=name/> }).collect_view()}
                </div>
            </td>
            <td>{badge(invitation.status)}</td>
            <td class="at-1100 muted">{by.unwrap_or_else(|| t!("a deleted user").to_owned())}</td>
            <td class="hide-sm muted nowrap"><Time at=created/></td>
            <td class="at-1100 muted nowrap">{pending.then(|| view! { <Time at=expires format=TimeFormat::Full/> })}</td>
            <td class="acts">
                {move || (pending && session.can(Permission::InvitationRevoke)).then(|| {
                    let invitation = invitation.clone();
                    let email = invitation.email.clone();
                    view! {
                        <Button kind=ButtonKind::DangerQuiet size=ButtonSize::Small on_click=move |_| on_revoke.run(invitation.clone())>
                            {t!("Take back")}<span class="sr">{t!(" the invitation of ")}{email}</span>
                        </Button>
                    }
                })}
            </td>
        </tr>
    }
}
