//! The one stream of a browser: read with fetch, resumed where it was cut, with growing pauses while the server is away.

use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_net::http::Method;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;

use super::frames::{Frames, Heard};
use super::{Hub, Mark, Word};
use crate::api::{ApiError, Request};

/// The server says every 15 seconds that it is there; silence for longer than this is a dead line.
const SILENCE_MS: u32 = 40_000;
/// A stream that held for this long was a good one: the next attempt comes soon.
const GOOD_MS: f64 = 5_000.0;

/// How long to wait before the next attempt, after so many in a row that failed. `chance` is from 0 to 1: a server that
/// comes back is not asked by all at once.
pub fn pause_ms(failures: u32, chance: f64) -> u32 {
    let base = match failures {
        0 => return 300,
        n => 1_000_u32.saturating_mul(1 << (n - 1).min(5)).min(20_000),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a fifth of at most 20,000")]
    let more = (f64::from(base) * 0.25 * chance.clamp(0.0, 1.0)) as u32;
    base + more
}

/// Reads as long as this tab leads.
pub async fn lead(hub: Rc<Hub>) {
    hub.leading.set(true);
    let mut failures = 0_u32;
    loop {
        let began = js_sys::Date::now();
        let opened = read(&hub).await.is_ok();
        failures = if opened && js_sys::Date::now() - began > GOOD_MS { 0 } else { failures + 1 };
        // A server that is started anew cuts the stream and is back at once: nobody needs to hear of that.
        if failures > 1 || !opened {
            hub.set_mark(Mark::Offline);
        }
        hub.nap(pause_ms(failures.saturating_sub(1), js_sys::Math::random())).await;
    }
}

/// Reads until the line is cut; an error where it was never there.
async fn read(hub: &Rc<Hub>) -> Result<(), ApiError> {
    let broken = || ApiError::Network("no stream".to_owned());
    let mut request = Request::new(Method::GET, "/stream").header("Accept", "text/event-stream");
    if let Some(last) = hub.last.get() {
        request = request.header("Last-Event-ID", last.to_string());
    }
    let answer = request.send_raw().await?;
    let reader: ReadableStreamDefaultReader = answer.body().ok_or_else(broken)?.get_reader().dyn_into().map_err(|_| broken())?;
    hub.set_mark(Mark::Live);
    let mut frames = Frames::default();
    loop {
        let chunk = Box::pin(JsFuture::from(reader.read()));
        let Either::Left((Ok(chunk), _)) = select(chunk, Box::pin(hub.nap(SILENCE_MS))).await else { return Ok(()) };
        let done = js_sys::Reflect::get(&chunk, &"done".into()).is_ok_and(|done| done.is_truthy());
        let bytes = js_sys::Reflect::get(&chunk, &"value".into()).ok().and_then(|value| value.dyn_into::<js_sys::Uint8Array>().ok());
        let Some(bytes) = bytes.filter(|_| !done) else { return Ok(()) };
        for heard in frames.push(&bytes.to_vec()) {
            hub.spread(match heard {
                Heard::Frame(frame) => Word::Frame { name: frame.name, id: frame.id, data: frame.data },
                Heard::Beat => Word::Beat,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pause_ms;

    #[test]
    fn pauses_grow_and_have_an_end() {
        let pauses: Vec<u32> = (0..8).map(|n| pause_ms(n, 0.0)).collect();
        assert_eq!(pauses, [300, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
        assert_eq!(pause_ms(50, 1.0), 25_000);
    }
}
