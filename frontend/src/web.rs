//! Small helpers around the browser: focus, clipboard, storage, zone, locks. No Tyrian words in here.

use std::future::Future;

use leptos::{ev, prelude::*};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Element, EventTarget, HtmlElement, Node};

/// Lets the browser ask before the page is closed or loaded anew while there is something that would be lost. It holds as
/// long as the caller's owner.
pub fn ask_before_unload(unsaved: impl Fn() -> bool + 'static) {
    let listener = window_event_listener(ev::beforeunload, move |event| {
        if unsaved() {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

/// A text as a part of an address.
pub fn encoded(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// The element that has the focus.
pub fn focused() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

/// Focuses the first element in `root` that matches; returns whether there was one.
pub fn focus_first(root: &Element, selector: &str) -> bool {
    let Some(element) = root.query_selector(selector).ok().flatten() else { return false };
    element.dyn_into::<HtmlElement>().is_ok_and(|element| element.focus().is_ok())
}

/// Focuses this element; a part of a drawing too, whose type has no name here.
pub fn focus_element(element: &Element) {
    if let Some(focus) = js_sys::Reflect::get(element, &"focus".into()).ok().and_then(|focus| focus.dyn_into::<js_sys::Function>().ok()) {
        let _ = focus.call0(element);
    }
}

/// Focuses the first element of the page that matches, once what is being drawn stands; selects the text of an input.
pub fn focus_soon(selector: impl Into<String>) {
    let selector = selector.into();
    request_animation_frame(move || {
        if let Some(element) = document().query_selector(&selector).ok().flatten() {
            if let Some(input) = element.dyn_ref::<web_sys::HtmlInputElement>() {
                input.select();
            }
            if let Ok(element) = element.dyn_into::<HtmlElement>() {
                let _ = element.focus();
            }
        }
    });
}

/// Focuses the first element of the page that matches, once what is being drawn stands, where nothing has the focus: what had
/// it was drawn anew.
pub fn focus_if_lost(selector: String) {
    request_animation_frame(move || {
        if focused().is_none_or(|element| element.tag_name() == "BODY") {
            focus_soon(selector);
        }
    });
}

/// Presses the first element in `root` that matches.
pub fn click_first(root: &Element, selector: &str) {
    if let Some(element) = root.query_selector(selector).ok().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Moves the focus to the next or previous link or button beside the focused one, round the ends.
pub fn focus_sibling(event: &web_sys::KeyboardEvent, forward: bool) {
    let Some(container) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Ok(nodes) = container.query_selector_all("a[href], button:not([disabled])") else { return };
    let elements: Vec<HtmlElement> =
        (0..nodes.length()).filter_map(|index| nodes.get(index)).filter_map(|node| node.dyn_into().ok()).collect();
    let Some(now) = focused().and_then(|element| elements.iter().position(|other| *other == element)) else { return };
    let count = elements.len();
    let next = if forward { (now + 1) % count } else { (now + count - 1) % count };
    if let Some(element) = elements.get(next) {
        event.prevent_default();
        let _ = element.focus();
    }
}

/// Does `target` lie in `root`?
pub fn is_within(root: Option<&impl AsRef<Node>>, target: Option<EventTarget>) -> bool {
    let node = target.and_then(|target| target.dyn_into::<Node>().ok());
    root.is_some_and(|root| root.as_ref().contains(node.as_ref()))
}

/// Is the reader typing somewhere? Then single keys belong to that place.
pub fn is_typing(target: Option<EventTarget>) -> bool {
    target
        .and_then(|target| target.dyn_into::<HtmlElement>().ok())
        .is_some_and(|element| element.is_content_editable() || matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Puts a text on the clipboard; false where the browser does not allow it.
pub async fn copy_text(text: &str) -> bool {
    // Outside a secure context `navigator.clipboard` is undefined.
    let Ok(clipboard) = js_sys::Reflect::get(&window().navigator(), &"clipboard".into()) else { return false };
    let Ok(clipboard) = clipboard.dyn_into::<web_sys::Clipboard>() else { return false };
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Reads what this device keeps under `key`.
pub fn stored(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps a value on this device, or forgets it. A full or closed storage is no error: what is kept is a convenience.
pub fn store(key: &str, value: Option<&str>) {
    if let Some(storage) = storage() {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

fn tab_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Reads what this tab keeps under `key`; it survives a reload, not the tab.
pub fn stored_in_tab(key: &str) -> Option<String> {
    tab_storage()?.get_item(key).ok().flatten()
}

/// Keeps a value in this tab, or forgets it.
pub fn store_in_tab(key: &str, value: Option<&str>) {
    if let Some(storage) = tab_storage() {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// The reader's day.
pub fn today() -> Option<chrono::NaiveDate> {
    let now = js_sys::Date::new_0();
    chrono::NaiveDate::from_ymd_opt(i32::try_from(now.get_full_year()).ok()?, now.get_month() + 1, now.get_date())
}

/// Is the window as narrow as a phone? The same width as in the stylesheets.
pub fn is_small() -> bool {
    window().match_media("(max-width: 760px)").ok().flatten().is_some_and(|query| query.matches())
}

/// The reader's time zone: `Europe/Berlin`.
pub fn time_zone() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// Does this browser have locks that all its tabs share? Not outside a secure context.
pub fn has_locks() -> bool {
    js_sys::Reflect::get(&window().navigator(), &"locks".into()).is_ok_and(|locks| locks.is_object())
}

/// Runs `work` while holding a lock that all tabs of this browser share. Where the browser has no locks it simply runs.
pub async fn with_lock<T: 'static>(name: &str, work: impl Future<Output = T> + 'static) -> Option<T> {
    // Outside a secure context, and in old browsers, `navigator.locks` is undefined.
    let locks = js_sys::Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object);
    let request = locks.as_ref().and_then(|locks| js_sys::Reflect::get(locks, &"request".into()).ok()?.dyn_into::<js_sys::Function>().ok());
    let (Some(locks), Some(request)) = (locks, request) else { return Some(work.await) };
    let slot = std::rc::Rc::new(std::cell::RefCell::new(None));
    let filled = slot.clone();
    let held = Closure::once(move |_lock: JsValue| {
        future_to_promise(async move {
            let answer = work.await;
            filled.replace(Some(answer));
            Ok(JsValue::UNDEFINED)
        })
    });
    if let Ok(promise) = request.call2(&locks, &name.into(), held.as_ref().unchecked_ref()) {
        let _ = JsFuture::from(js_sys::Promise::resolve(&promise)).await;
    }
    slot.take()
}

/// Waits.
pub async fn sleep(ms: u32) {
    gloo_timers::future::TimeoutFuture::new(ms).await;
}

/// Tells whether an element is in the window or near it, for as long as this is kept.
pub struct Near {
    observer: JsValue,
    _hear: Closure<dyn FnMut(js_sys::Array)>,
}

impl Near {
    /// Tells `on` at once and at each change; `margin` is how far beyond the window still counts, as in CSS. None in a
    /// browser that cannot tell: there everything is near.
    pub fn watch(element: &Element, margin: &str, mut on: impl FnMut(bool) + 'static) -> Option<Self> {
        let Some(make) =
            js_sys::Reflect::get(&window(), &"IntersectionObserver".into()).ok().and_then(|make| make.dyn_into::<js_sys::Function>().ok())
        else {
            on(true);
            return None;
        };
        let hear = Closure::new(move |entries: js_sys::Array| {
            let near = js_sys::Reflect::get(&entries.pop(), &"isIntersecting".into()).is_ok_and(|near| near.is_truthy());
            on(near);
        });
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"rootMargin".into(), &margin.into()).ok()?;
        let arguments = js_sys::Array::of2(hear.as_ref(), &options);
        let observer = js_sys::Reflect::construct(&make, &arguments).ok()?;
        let near = Self { observer, _hear: hear };
        near.call("observe", &[element.as_ref()]);
        Some(near)
    }

    fn call(&self, name: &str, arguments: &[&JsValue]) {
        let method = js_sys::Reflect::get(&self.observer, &name.into()).ok().and_then(|method| method.dyn_into::<js_sys::Function>().ok());
        if let Some(method) = method {
            let _ = method.apply(&self.observer, &arguments.iter().copied().collect());
        }
    }
}

impl Drop for Near {
    fn drop(&mut self) {
        self.call("disconnect", &[]);
    }
}
