//! The session has ended while a page is open: sign in over it, and what was typed is still there.

use leptos::prelude::*;

use super::login::SignIn;
use crate::session::use_session;
use crate::ui::{Button, ButtonKind, Dialog};

/// The dialog; stands once in the shell. Requests that were refused go on after it.
#[component]
pub fn ExpiredDialog() -> impl IntoView {
    let session = use_session();
    view! {
        <Dialog
            open=session.expired()
            title=t!("Sign in again")
            icon="lock"
            locked=true
            closable=false
            foot=move || view! {
                <Button kind=ButtonKind::Ghost on_click=move |_| leptos::task::spawn_local(session.sign_out())>{t!("Sign out and lose what is open")}</Button>
            }
        >
            <div class="stack">
                <p class="muted">{t!("Your session has ended. The page below stays as it is, and what you were saving is sent once you are back.")}</p>
                <SignIn email=session.me().map(|me| me.email).unwrap_or_default() on_done=Callback::new(move |answer| session.sign_in(answer))/>
            </div>
        </Dialog>
    }
}
