//! Who is signed in, what they may do, and the reader's theme.

use leptos::prelude::*;
use tyrian_api_types::auth::{LoginAnswer, Me, SetupStatus};
use tyrian_domain::permission::Permission;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::BroadcastChannel;

use crate::api::{self, ApiError};

/// How far the app knows its reader.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// It asks.
    Starting,
    /// No user exists yet.
    SetUp(SetupStatus),
    /// Somebody has to sign in.
    SignedOut,
    /// This one is signed in.
    SignedIn(Box<Me>),
    /// The server was not reached.
    Unreachable(ApiError),
}

/// Light, dark, or what the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// what the system says
    System,
    /// light
    Light,
    /// dark
    Dark,
}

const THEME_KEY: &str = "tyrian.theme";

impl Theme {
    fn read() -> Self {
        match crate::web::stored(THEME_KEY).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The session; a copyable handle.
#[derive(Clone, Copy)]
pub struct Session {
    phase: RwSignal<Phase>,
    expired: RwSignal<bool>,
    theme: RwSignal<Theme>,
}

/// What tells the other tabs of this browser that somebody has signed in.
const CHANNEL: &str = "tyrian-session";

thread_local! {
    /// The one session, for the API client, which runs outside of the reactive tree.
    static EXPIRED: std::cell::Cell<Option<RwSignal<bool>>> = const { std::cell::Cell::new(None) };
    /// Open as long as the page is.
    static TABS: Option<BroadcastChannel> = BroadcastChannel::new(CHANNEL).ok();
}

/// The session of this app.
pub fn use_session() -> Session {
    expect_context()
}

impl Session {
    /// Makes the session; call it once, at the root.
    pub fn provide() -> Self {
        let session = Self { phase: RwSignal::new(Phase::Starting), expired: RwSignal::new(false), theme: RwSignal::new(Theme::read()) };
        EXPIRED.set(Some(session.expired));
        api::on_expired(|| {
            if let Some(expired) = EXPIRED.get() {
                expired.set(true);
            }
        });
        provide_context(session);
        let heard = Closure::<dyn FnMut()>::new(move || {
            if session.expired.try_get_untracked() == Some(true) {
                leptos::task::spawn_local(session.rejoin());
            }
        });
        TABS.with(|tabs| {
            if let Some(tabs) = tabs {
                tabs.set_onmessage(Some(heard.as_ref().unchecked_ref()));
            }
        });
        // it listens as long as the page lives
        heard.forget();
        session
    }

    /// The session had ended here too, and in another tab somebody has signed in: what waits goes on. Else the dialog stays, and
    /// with it the stream that all tabs hear when it is this one that reads it.
    async fn rejoin(self) {
        if let Ok(Some(answer)) = api::renew(api::token()).await {
            self.take(answer);
        }
    }

    /// Finds out who is there: set-up needed, a session to renew, or nobody.
    pub async fn start(self) {
        self.phase.set(Phase::Starting);
        let phase = match api::Request::new(gloo_net::http::Method::GET, "/setup").anonymous().send::<SetupStatus>().await {
            Err(error) => Phase::Unreachable(error),
            Ok(status) if status.needed => Phase::SetUp(status),
            Ok(_) => match api::renew(None).await {
                Ok(Some(answer)) => {
                    api::set_reader(Some(answer.user.id));
                    Phase::SignedIn(Box::new(answer.user))
                }
                Err(error @ (ApiError::Network(_) | ApiError::Decode(_))) => Phase::Unreachable(error),
                Ok(None) | Err(ApiError::Problem(_)) => Phase::SignedOut,
            },
        };
        self.phase.set(phase);
    }

    /// How far the app knows its reader.
    pub fn phase(self) -> Signal<Phase> {
        self.phase.into()
    }

    /// Who is signed in.
    pub fn me(self) -> Option<Me> {
        self.phase.with(|phase| match phase {
            Phase::SignedIn(me) => Some((**me).clone()),
            _ => None,
        })
    }

    /// The name of who is signed in.
    pub fn name(self) -> String {
        self.phase.with(|phase| match phase {
            Phase::SignedIn(me) => me.display_name.clone(),
            _ => String::new(),
        })
    }

    /// Are they an administrator?
    pub fn is_admin(self) -> bool {
        self.phase.with(|phase| matches!(phase, Phase::SignedIn(me) if me.is_admin))
    }

    /// May they do this? Tracks the session; the server asks again.
    pub fn can(self, permission: Permission) -> bool {
        self.phase.with(|phase| matches!(phase, Phase::SignedIn(me) if me.is_admin || me.permissions.contains(&permission)))
    }

    /// May they do any of these?
    pub fn can_any(self, permissions: &[Permission]) -> bool {
        permissions.iter().any(|permission| self.can(*permission))
    }

    /// Takes a sign-in. Where another person signs in over an expired session, the page starts anew: nothing of the first one's may stay.
    pub fn sign_in(self, answer: LoginAnswer) {
        let other = self.phase.with_untracked(|phase| matches!(phase, Phase::SignedIn(me) if me.id != answer.user.id));
        api::set_token(Some(answer.access_token.clone()));
        if other {
            let _ = window().location().reload();
            return;
        }
        self.take(answer);
        TABS.with(|tabs| tabs.as_ref().map(|tabs| tabs.post_message(&"signed in".into())));
    }

    fn take(self, answer: LoginAnswer) {
        api::set_reader(Some(answer.user.id));
        self.phase.set(Phase::SignedIn(Box::new(answer.user)));
        self.expired.set(false);
        api::resume();
    }

    /// Takes a changed profile.
    pub fn set_me(self, me: Me) {
        self.phase.set(Phase::SignedIn(Box::new(me)));
    }

    /// Set-up is done: the new admin signs in.
    pub fn set_up_done(self) {
        self.phase.set(Phase::SignedOut);
    }

    /// Signs out here and on the server, and forgets what was read.
    pub async fn sign_out(self) {
        // Signed out here even where the server is not reached: the token is gone with the page.
        let _ = api::Request::new(gloo_net::http::Method::POST, "/auth/logout").send_without_renewal().await;
        api::set_token(None);
        api::set_reader(None);
        api::give_up_waiting();
        crate::query::clear();
        self.expired.set(false);
        self.phase.set(Phase::SignedOut);
    }

    /// Has the session ended while a page is open?
    pub fn expired(self) -> RwSignal<bool> {
        self.expired
    }

    /// The reader's theme.
    pub fn theme(self) -> Signal<Theme> {
        self.theme.into()
    }

    /// Chooses a theme and keeps it on this device.
    pub fn set_theme(self, theme: Theme) {
        self.theme.set(theme);
        crate::web::store(THEME_KEY, theme.word());
        if let Some(root) = document().document_element() {
            let _ = match theme.word() {
                Some(word) => root.set_attribute("data-theme", word),
                None => root.remove_attribute("data-theme"),
            };
        }
    }
}
