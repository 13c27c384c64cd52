//! Server-sent events: one mission's, or all that concern the caller.
//!
//! A listener takes events from the process's channel and reads from the database what it missed: when it starts, when
//! it was too slow, and at each heartbeat. Numbers tell what was sent already, so nothing is missed and nothing doubled.
//!
//! What asks the database is boxed: a thousand listeners wait, and the room for a question is needed by who asks only.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Interval, MissedTickBehavior, interval_at};
use tyrian_api_types::ErrorCode;
use tyrian_domain::visibility::View;
use uuid::Uuid;

use super::store;
use crate::error::ApiResult;
use crate::http::Caller;
use crate::live::{LiveEvent, Message};
use crate::missions::MissionScope;
use crate::state::State;

/// How often a silent stream says that it is there, and looks whether its caller may still listen.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How much earlier than its last event a resumed stream of everything starts: events of several missions have no
/// common order, so it may repeat some.
const OVERLAP: TimeDelta = TimeDelta::seconds(10);

/// May the stream go on?
#[derive(PartialEq, Eq)]
enum Go {
    On,
    End,
}

/// What a listener and its caller share.
struct Line {
    state: State,
    caller: Caller,
    receiver: Receiver<Message>,
    heartbeat: Interval,
    ready: VecDeque<Bytes>,
}

impl Line {
    fn new(state: State, caller: Caller, receiver: Receiver<Message>) -> Self {
        let mut heartbeat = interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // the first bytes tell the client, and proxies on the way, that the stream is open
        Self { state, caller, receiver, heartbeat, ready: VecDeque::from([Bytes::from_static(b"retry: 2000\n\n")]) }
    }

    /// The next message; none: the heartbeat.
    async fn next(&mut self) -> Result<Option<Message>, RecvError> {
        tokio::select! {
            message = self.receiver.recv() => message.map(Some),
            _ = self.heartbeat.tick() => Ok(None),
        }
    }

    /// Looks again whether the caller is still signed in, with the rights of now.
    async fn still_signed_in(&mut self) -> Go {
        match self.caller.again(self.state.db.reader()).await {
            Ok(caller) => {
                self.caller = caller;
                Go::On
            }
            Err(e) => ends(e.code()),
        }
    }

    fn beat(&mut self) {
        self.ready.push_back(Bytes::from_static(b": here\n\n"));
    }

    fn named(&mut self, name: &str, data: &serde_json::Value) {
        self.ready.push_back(Bytes::from(format!("event: {name}\ndata: {data}\n\n")));
    }
}

/// A database that is away does not end a stream; lost rights do.
fn ends(code: ErrorCode) -> Go {
    if matches!(code, ErrorCode::Unauthenticated | ErrorCode::NotFound | ErrorCode::Forbidden) { Go::End } else { Go::On }
}

fn respond(stream: impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        // a compressor would hold events back until it has enough of them
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream)
}

/// The events of one mission behind number `after`; none: from now on.
pub(super) fn mission(state: State, caller: Caller, receiver: Receiver<Message>, scope: &MissionScope, after: Option<i64>) -> HttpResponse {
    let newest = scope.mission().event_sequence;
    let last = after.unwrap_or(newest);
    let one = One { line: Line::new(state, caller, receiver), mission: scope.id(), view: scope.view(), behind: last < newest, last };
    respond(futures_util::stream::unfold(one, |mut one| async move { one.next().await.map(|bytes| (Ok(bytes), one)) }))
}

/// Not the whole scope: a thousand of these wait, and texts and counters of the mission would wait with each.
struct One {
    line: Line,
    mission: Uuid,
    /// Which tests the caller sees.
    view: View,
    /// The number of the last event that was sent, or left out.
    last: i64,
    /// Are there events in the database that were not sent?
    behind: bool,
}

impl One {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.line.ready.pop_front() {
                return Some(bytes);
            }
            if self.line.state.live.is_closing() {
                return None;
            }
            if self.behind && Box::pin(self.catch_up()).await.is_ok() {
                continue;
            }
            match self.line.next().await {
                Ok(Some(Message::Event(event))) if event.mission == self.mission => {
                    if event.sequence > self.last && event.changes_members && Box::pin(self.look_again()).await == Go::End {
                        return None;
                    }
                    match event.sequence {
                        n if n <= self.last => {}
                        n if n == self.last + 1 && !self.behind => self.take(&event),
                        _ => self.behind = true,
                    }
                }
                Ok(Some(Message::Rights(user))) if user.is_none_or(|u| u == self.line.caller.id) => {
                    if Box::pin(self.look_again()).await == Go::End {
                        return None;
                    }
                }
                Ok(Some(Message::Presence(mission))) if mission == self.mission => {
                    self.line.named("presence", &json!({ "mission_id": mission }));
                }
                Ok(Some(Message::Closing)) | Err(RecvError::Closed) => return None,
                Ok(Some(_)) => {}
                Ok(None) => {
                    if Box::pin(self.look_again()).await == Go::End {
                        return None;
                    }
                    self.line.beat();
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
            }
        }
    }

    /// Reads on from the database.
    async fn catch_up(&mut self) -> ApiResult<()> {
        let events = store::live_after(self.line.state.db.reader(), self.mission, self.last).await?;
        self.behind = u64::try_from(events.len()).is_ok_and(|n| n >= store::STREAM_PAGE);
        for event in events {
            self.take(&event);
        }
        Ok(())
    }

    fn take(&mut self, event: &LiveEvent) {
        self.last = event.sequence;
        if event.disclosed || self.view == View::All {
            self.line.ready.push_back(Bytes::from(format!("id: {}\ndata: {}\n\n", event.sequence, event.json)));
        }
    }

    /// Looks again whether the caller may see the mission, and how far it has come.
    async fn look_again(&mut self) -> Go {
        if self.line.still_signed_in().await == Go::End {
            return Go::End;
        }
        match MissionScope::read(&self.line.state, &self.line.caller, self.mission).await {
            Ok(scope) => {
                self.behind |= scope.mission().event_sequence > self.last;
                self.view = scope.view();
                Go::On
            }
            Err(e) => ends(e.code()),
        }
    }
}

/// The events of all missions that the caller sees, and their notifications; `since` is when the last one happened.
pub(super) async fn all(
    state: State,
    caller: Caller,
    receiver: Receiver<Message>,
    since: Option<DateTime<Utc>>,
) -> ApiResult<HttpResponse> {
    let mut many = Many { line: Line::new(state, caller, receiver), views: HashMap::new() };
    if let Some(since) = since {
        let missed = store::recent(many.line.state.db.reader(), &many.line.caller, since - OVERLAP).await?;
        if u64::try_from(missed.len()).is_ok_and(|n| n >= store::STREAM_PAGE) {
            many.line.named("resync", &json!({}));
        } else {
            for event in &missed {
                many.take(event);
            }
        }
        // what came meanwhile is not numbered over all missions
        many.line.named("notifications", &json!({}));
    }
    Ok(respond(futures_util::stream::unfold(many, |mut many| async move { many.next().await.map(|bytes| (Ok(bytes), many)) })))
}

struct Many {
    line: Line,
    /// What the caller sees of a mission, as far as it was asked; none: nothing.
    views: HashMap<Uuid, Option<View>>,
}

impl Many {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.line.ready.pop_front() {
                return Some(bytes);
            }
            if self.line.state.live.is_closing() {
                return None;
            }
            match self.line.next().await {
                Ok(Some(Message::Event(event))) => {
                    if event.changes_members {
                        self.views.remove(&event.mission);
                    }
                    match Box::pin(self.view(event.mission)).await {
                        Some(View::All) => self.take(&event),
                        Some(View::Disclosed) if event.disclosed => self.take(&event),
                        _ => {}
                    }
                }
                Ok(Some(Message::Notified(user))) if user == self.line.caller.id => self.line.named("notifications", &json!({})),
                Ok(Some(Message::Presence(mission))) => {
                    if Box::pin(self.view(mission)).await.is_some() {
                        self.line.named("presence", &json!({ "mission_id": mission }));
                    }
                }
                Ok(Some(Message::Rights(user))) if user.is_none_or(|u| u == self.line.caller.id) => {
                    self.views.clear();
                    if Box::pin(self.line.still_signed_in()).await == Go::End {
                        return None;
                    }
                }
                Ok(Some(Message::Closing)) | Err(RecvError::Closed) => return None,
                Ok(Some(_)) => {}
                Ok(None) => {
                    self.views.clear();
                    if Box::pin(self.line.still_signed_in()).await == Go::End {
                        return None;
                    }
                    self.line.beat();
                }
                // too slow: the client reads anew what it shows
                Err(RecvError::Lagged(_)) => self.line.named("resync", &json!({})),
            }
        }
    }

    async fn view(&mut self, mission: Uuid) -> Option<View> {
        if let Some(view) = self.views.get(&mission) {
            return *view;
        }
        match MissionScope::read(&self.line.state, &self.line.caller, mission).await {
            Ok(scope) => *self.views.entry(mission).or_insert(Some(scope.view())),
            Err(e) if ends(e.code()) == Go::End => *self.views.entry(mission).or_insert(None),
            Err(_) => None,
        }
    }

    fn take(&mut self, event: &LiveEvent) {
        self.line.ready.push_back(Bytes::from(format!("id: {}\ndata: {}\n\n", event.at.timestamp_micros(), event.json)));
    }
}
