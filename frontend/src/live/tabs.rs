//! Which tab of a browser reads the stream: the one that holds a lock; where there are no locks (a plain http address),
//! the one that was heard leading, or the one with the lower name where two do.

use std::rc::Rc;

use futures_util::future::abortable;

use super::{Hub, Word, stream};

/// How often a leader without a lock says so.
const SAY_MS: u32 = 1_000;
/// After so long a silence another tab leads.
const SILENCE_MS: f64 = 3_500.0;

/// Leads when it is this tab's turn, until the hub is stopped.
pub async fn take_turns(hub: Rc<Hub>) {
    if crate::web::has_locks() {
        let (turn, handle) = abortable(stream::lead(hub.clone()));
        hub.ends.borrow_mut().push(handle);
        let _ = crate::web::with_lock(&hub.name(), turn).await;
    } else {
        elect(hub).await;
    }
}

async fn elect(hub: Rc<Hub>) {
    // A tab that leads already is heard within this time.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 1,000")]
    crate::web::sleep(SAY_MS + 200 + (js_sys::Math::random() * 800.0) as u32).await;
    while hub.is_on() {
        if js_sys::Date::now() - hub.heard_lead.get() < SILENCE_MS {
            crate::web::sleep(SAY_MS).await;
            continue;
        }
        let (turn, handle) = abortable(stream::lead(hub.clone()));
        hub.ends.borrow_mut().push(handle.clone());
        hub.yields.replace(Some(handle));
        leptos::task::spawn_local(async move {
            let _ = turn.await;
        });
        hub.leading.set(true);
        while hub.is_on() && hub.leading.get() {
            hub.post(&Word::Lead { who: hub.me.clone() });
            crate::web::sleep(SAY_MS).await;
        }
    }
}

/// Another tab says that it leads.
pub fn heard_lead(hub: &Hub, who: &str) {
    if hub.leading.get() && *who >= *hub.me {
        return;
    }
    hub.heard_lead.set(js_sys::Date::now());
    if let Some(handle) = hub.yields.take() {
        handle.abort();
        hub.leading.set(false);
    }
}
