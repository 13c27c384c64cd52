//! The one client of the API: typed, with the session's token, silent renewal, versions and problems.
//!
//! Pages do not call it from components: a feature's `queries.rs` does. Reading: [`get`], [`get_versioned`]. Writing: [`post`], [`patch`],
//! [`put`], [`delete`]. Anything else (headers, long work): [`Request`]. A dropped future ends its request.

use std::cell::{Cell, RefCell};

use gloo_net::http::{Headers, Method, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use tyrian_api_types::auth::{LoginAnswer, RefreshRequest};
use tyrian_api_types::{ErrorCode, FieldError, Problem};
use uuid::Uuid;
use wasm_bindgen_futures::JsFuture;

use crate::texts::spoken;

/// Where the API stands.
pub const BASE: &str = "/api/v1";

/// A request without an answer ends after this long.
const TIMEOUT_MS: u32 = 60_000;

thread_local! {
    /// The access token: in memory only, so that no script of another page and no copy of a disk has it.
    static TOKEN: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Who reads this page, once it is known.
    static READER: Cell<Option<Uuid>> = const { Cell::new(None) };
    /// Says that the session has ended for good; the app then asks for the password over the page.
    static ON_EXPIRED: Cell<Option<fn()>> = const { Cell::new(None) };
    /// How far the server's clock is ahead of this one, in milliseconds, as its last answer told.
    static AHEAD_MS: Cell<Option<f64>> = const { Cell::new(None) };
    /// Requests that wait for the reader to sign in again.
    static WAITING: RefCell<Vec<js_sys::Function>> = const { RefCell::new(Vec::new()) };
}

/// Why a request gave no answer that can be used.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// The server refused, and said why.
    Problem(Box<Problem>),
    /// The server was not reached.
    Network(String),
    /// The answer was not what this app expects: server and app differ in version.
    Decode(String),
}

impl ApiError {
    /// The stable code, where the server gave one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// Is it this one?
    pub fn is(&self, code: ErrorCode) -> bool {
        self.code() == Some(code)
    }

    /// The id to give when asking for help.
    pub fn request_id(&self) -> Option<String> {
        match self {
            Self::Problem(problem) if !problem.request_id.is_empty() => Some(problem.request_id.clone()),
            _ => None,
        }
    }

    /// What is wrong with single fields.
    pub fn fields(&self) -> &[FieldError] {
        match self {
            Self::Problem(problem) => &problem.errors,
            _ => &[],
        }
    }

    /// What happened and what to do next, for people.
    pub fn text(&self) -> String {
        match self {
            Self::Problem(problem) if problem.status >= 500 && problem.code != ErrorCode::Unavailable => {
                t!("The server made a mistake. Nothing was lost. Try again, and give the request id to your administrator if it stays.")
                    .to_owned()
            }
            Self::Problem(problem) if problem.detail.is_empty() => format!("{}.", spoken(problem.title.clone())),
            Self::Problem(problem) => spoken(problem.detail.clone()),
            Self::Network(_) => t!("The server did not answer. Check the connection, then try again. Nothing was lost.").to_owned(),
            Self::Decode(_) => t!("The server's answer does not fit this page. Reload it to get the newest version of the app.").to_owned(),
        }
    }
}

/// A value with the version that an edit of it has to name.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// Its ETag; give it as `If-Match`.
    pub etag: Option<String>,
}

/// Remembers the token of a session, or forgets it.
pub fn set_token(token: Option<String>) {
    TOKEN.set(token);
}

/// Remembers who reads this page, or that nobody does.
pub fn set_reader(user: Option<Uuid>) {
    READER.set(user);
}

/// The token in use.
pub fn token() -> Option<String> {
    TOKEN.with_borrow(Clone::clone)
}

/// The value of the `Authorization` header, for what does not go through [`Request`].
pub fn bearer() -> Option<String> {
    token().map(|token| format!("Bearer {token}"))
}

/// The server's time in microseconds, rounded down to the second before; none before its first answer.
pub fn server_time_us() -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    AHEAD_MS.get().map(|ahead| (js_sys::Date::now() + ahead) as i64 * 1_000)
}

fn note_server_time(answer: &Response) {
    let said = answer.headers().get("Date").map_or(f64::NAN, |date| js_sys::Date::parse(&date));
    if said.is_finite() {
        AHEAD_MS.set(Some(said - js_sys::Date::now()));
    }
}

/// Names who is told that the session has ended.
pub fn on_expired(tell: fn()) {
    ON_EXPIRED.set(Some(tell));
}

/// Lets the requests go on that waited for the reader to sign in again.
pub fn resume() {
    for resolve in WAITING.take() {
        let _ = resolve.call0(&wasm_bindgen::JsValue::UNDEFINED);
    }
}

/// Gives up the requests that wait, at sign-out: another person's session must not send them.
pub fn give_up_waiting() {
    WAITING.take();
}

/// Tells that the session has ended, then waits until the reader has signed in again.
async fn wait_for_sign_in() {
    let promise = js_sys::Promise::new(&mut |resolve, _| WAITING.with_borrow_mut(|waiting| waiting.push(resolve)));
    if let Some(tell) = ON_EXPIRED.get() {
        tell();
    }
    let _ = JsFuture::from(promise).await;
}

/// Ends the request when the future that waits for it is dropped.
struct AbortOnDrop(web_sys::AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One request, built step by step; [`Request::send`] sends it.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    path: String,
    body: Option<String>,
    headers: Vec<(&'static str, String)>,
    /// sign-in and set-up go without a token and never renew one
    anonymous: bool,
}

impl Request {
    /// A request for a path under [`BASE`]: `/missions`.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, headers: Vec::new(), anonymous: false }
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_string(body).ok();
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Only if the object still has this version. `etag` is an ETag, or the `version` of a list row.
    #[must_use]
    pub fn if_match(self, etag: impl ToString) -> Self {
        let etag = etag.to_string();
        let quoted = if etag.starts_with('"') || etag == "*" { etag } else { format!("\"{etag}\"") };
        self.header("If-Match", quoted)
    }

    /// Sent twice, it creates once. Make the key when the form is opened, so that a retry has the same one.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// Long work: the answer is a job to follow.
    #[must_use]
    pub fn respond_async(self) -> Self {
        self.header("Prefer", "respond-async")
    }

    /// Without a session.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Sends it and reads the answer; an empty one is `()`.
    pub async fn send<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        Ok(self.send_versioned().await?.value)
    }

    /// Sends it and reads the answer with its version.
    pub async fn send_versioned<T: DeserializeOwned>(self) -> Result<Versioned<T>, ApiError> {
        let answer = self.send_raw().await?;
        let etag = answer.header("ETag");
        Ok(Versioned { value: decode(&answer.response).await?, etag })
    }

    /// Sends it; renews the session once where it has run out, then asks the reader to sign in.
    pub async fn send_raw(self) -> Result<Answer, ApiError> {
        let request_id = Uuid::now_v7().simple().to_string();
        let mut renewed = false;
        loop {
            let used = token();
            let answer = self.send_once(&request_id, used.as_deref()).await?;
            if answer.response.ok() {
                return Ok(answer);
            }
            let problem = read_problem(&answer.response, &request_id).await;
            if self.anonymous || !problem.is(ErrorCode::Unauthenticated) {
                return Err(problem);
            }
            if !renewed && renew(used).await.is_ok() {
                renewed = true;
                continue;
            }
            wait_for_sign_in().await;
            renewed = false;
        }
    }

    async fn send_once(&self, request_id: &str, token: Option<&str>) -> Result<Answer, ApiError> {
        let network = |error: gloo_net::Error| ApiError::Network(error.to_string());
        let headers = Headers::new();
        headers.set("Accept", "application/json");
        headers.set("X-Request-Id", request_id);
        if let (Some(token), false) = (token, self.anonymous) {
            headers.set("Authorization", &format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            headers.set(name, value);
        }
        if self.body.is_some() {
            headers.set("Content-Type", "application/json");
        }
        let guard = web_sys::AbortController::new().ok().map(AbortOnDrop);
        let signal = guard.as_ref().map(|guard| guard.0.signal());
        let timeout = guard.as_ref().map(|guard| {
            let controller = guard.0.clone();
            gloo_timers::callback::Timeout::new(TIMEOUT_MS, move || controller.abort())
        });
        let builder =
            RequestBuilder::new(&format!("{BASE}{}", self.path)).method(self.method.clone()).headers(headers).abort_signal(signal.as_ref());
        let request = match &self.body {
            Some(body) => builder.body(body.as_str()),
            None => builder.build(),
        };
        let answer = request.map_err(network)?.send().await.map_err(network);
        drop(timeout);
        if let Ok(answer) = &answer {
            note_server_time(answer);
        }
        // The body is still to be read: the guard lives as long as the answer.
        Ok(Answer { response: answer?, _guard: guard })
    }
}

/// An answer whose body is still to be read; dropped before, it ends the transfer.
pub struct Answer {
    response: Response,
    _guard: Option<AbortOnDrop>,
}

impl Answer {
    /// One of its headers.
    pub fn header(&self, name: &str) -> Option<String> {
        self.response.headers().get(name)
    }

    /// Its body as it comes.
    pub fn body(&self) -> Option<web_sys::ReadableStream> {
        self.response.body()
    }
}

async fn decode<T: DeserializeOwned>(answer: &Response) -> Result<T, ApiError> {
    let text = answer.text().await.map_err(|error| ApiError::Network(error.to_string()))?;
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).map_err(|error| ApiError::Decode(error.to_string()))
}

/// What a refusal says. A proxy between may answer without a problem document.
async fn read_problem(answer: &Response, request_id: &str) -> ApiError {
    let status = answer.status();
    let text = answer.text().await.unwrap_or_default();
    problem_from(status, &text, request_id)
}

/// A refusal from its status and body.
pub fn problem_from(status: u16, body: &str, request_id: &str) -> ApiError {
    if let Ok(problem) = serde_json::from_str::<Problem>(body) {
        return ApiError::Problem(Box::new(problem));
    }
    let code = match status {
        401 => ErrorCode::Unauthenticated,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        413 => ErrorCode::PayloadTooLarge,
        429 => ErrorCode::RateLimited,
        502..=504 => return ApiError::Network(format!("status {status}")),
        _ => ErrorCode::Internal,
    };
    let mut problem = Problem::new(code, "");
    problem.status = status;
    request_id.clone_into(&mut problem.request_id);
    ApiError::Problem(Box::new(problem))
}

/// Gets a new access token by the refresh cookie. One tab at a time does so; a tab that waited takes its turn only if it still has to.
/// The cookie is that of all tabs: where somebody else has signed in since, this page starts anew instead of acting for them.
pub async fn renew(used: Option<String>) -> Result<Option<LoginAnswer>, ApiError> {
    let turn = async move {
        if token().is_some() && token() != used {
            return Ok(None);
        }
        let answer: LoginAnswer =
            Request::new(Method::POST, "/auth/refresh").json(&RefreshRequest { refresh_token: None }).anonymous().send_plain().await?;
        if READER.get().is_some_and(|reader| reader != answer.user.id) {
            let _ = leptos::prelude::window().location().reload();
            return std::future::pending().await;
        }
        set_token(Some(answer.access_token.clone()));
        Ok(Some(answer))
    };
    crate::web::with_lock("tyrian-refresh", turn).await.unwrap_or_else(|| Err(ApiError::Network("the lock was lost".to_owned())))
}

impl Request {
    /// Sends it once with the token there is: for signing out, where a refusal needs no answer.
    pub async fn send_without_renewal(self) -> Result<(), ApiError> {
        let request_id = Uuid::now_v7().simple().to_string();
        let answer = self.send_once(&request_id, token().as_deref()).await?;
        if answer.response.ok() { Ok(()) } else { Err(read_problem(&answer.response, &request_id).await) }
    }

    /// As `send`, without the way through renewal: what renewal itself uses.
    async fn send_plain<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let request_id = Uuid::now_v7().simple().to_string();
        let answer = self.send_once(&request_id, None).await?;
        if answer.response.ok() { decode(&answer.response).await } else { Err(read_problem(&answer.response, &request_id).await) }
    }
}

/// Reads.
pub async fn get<T: DeserializeOwned>(path: impl Into<String>) -> Result<T, ApiError> {
    Request::new(Method::GET, path).send().await
}

/// Reads with the version.
pub async fn get_versioned<T: DeserializeOwned>(path: impl Into<String>) -> Result<Versioned<T>, ApiError> {
    Request::new(Method::GET, path).send_versioned().await
}

/// Creates or acts.
pub async fn post<T: DeserializeOwned>(path: impl Into<String>, body: &impl Serialize) -> Result<T, ApiError> {
    Request::new(Method::POST, path).json(body).send().await
}

/// Says something while the page goes away: nobody waits for an answer, and the browser sends it all the same.
pub fn post_and_go(path: &str, body: &impl Serialize) {
    let (Some(token), Ok(body)) = (bearer(), serde_json::to_string(body)) else { return };
    let Ok(headers) = web_sys::Headers::new() else { return };
    let _ = headers.set("Authorization", &token);
    let _ = headers.set("Content-Type", "application/json");
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&body.into());
    let _ = js_sys::Reflect::set(&init, &"keepalive".into(), &true.into());
    let sent = leptos::prelude::window().fetch_with_str_and_init(&format!("{BASE}{path}"), &init);
    // A failure must not be told as one that nobody handled.
    wasm_bindgen_futures::spawn_local(async move {
        let _ = JsFuture::from(sent).await;
    });
}

/// Changes fields of the version `etag` (an ETag, or the `version` of a list row).
pub async fn patch<T: DeserializeOwned>(path: impl Into<String>, etag: impl ToString, body: &impl Serialize) -> Result<T, ApiError> {
    Request::new(Method::PATCH, path).if_match(etag).json(body).send().await
}

/// Deletes the version `etag`.
pub async fn delete(path: impl Into<String>, etag: impl ToString) -> Result<(), ApiError> {
    Request::new(Method::DELETE, path).if_match(etag).send().await
}

/// Deletes what has no version.
pub async fn delete_unversioned(path: impl Into<String>) -> Result<(), ApiError> {
    Request::new(Method::DELETE, path).send().await
}

/// A new Idempotency-Key.
pub fn new_idempotency_key() -> String {
    Uuid::now_v7().to_string()
}

/// `?a=1&b=2` out of what is set; empty values are left out.
pub fn query_string<'a>(parts: impl IntoIterator<Item = (&'a str, Option<String>)>) -> String {
    let mut out = String::new();
    for (name, value) in parts {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(name);
        out.push('=');
        out.push_str(&crate::web::encoded(&value));
    }
    out
}

/// Reads a file with the session's token. The browser holds it, on disk where it is large.
pub async fn blob(path: impl Into<String>) -> Result<web_sys::Blob, ApiError> {
    blob_as(path, "*/*").await
}

async fn blob_as(path: impl Into<String>, accept: &str) -> Result<web_sys::Blob, ApiError> {
    use wasm_bindgen::JsCast;
    let answer = Request::new(Method::GET, path).header("Accept", accept).send_raw().await?;
    let broken = |error: wasm_bindgen::JsValue| ApiError::Network(format!("{error:?}"));
    // the guard of the answer lives on until the file is here
    let response: web_sys::Response = answer.response.into();
    let blob = JsFuture::from(response.blob().map_err(broken)?).await.map_err(broken)?;
    blob.dyn_into().map_err(|_| ApiError::Decode("no blob".to_owned()))
}

/// Reads a file with the session's token and gives it to the reader as a download.
pub async fn download(path: impl Into<String>, file_name: &str) -> Result<(), ApiError> {
    download_as(path, "*/*", file_name).await
}

/// The same, of a certain type where an address has several.
pub async fn download_as(path: impl Into<String>, accept: &str, file_name: &str) -> Result<(), ApiError> {
    let blob = blob_as(path, accept).await?;
    let decode = |_| ApiError::Decode("no blob".to_owned());
    let url = web_sys::Url::create_object_url_with_blob(&blob).map_err(decode)?;
    let opened = open_file(&url, file_name);
    let _ = web_sys::Url::revoke_object_url(&url);
    opened
}

/// Lets the browser save what is at `url`.
pub fn open_file(url: &str, file_name: &str) -> Result<(), ApiError> {
    use wasm_bindgen::JsCast;
    let link = leptos::prelude::document().create_element("a").map_err(|_| ApiError::Decode("no link".to_owned()))?;
    if let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>() {
        link.set_href(url);
        link.set_download(file_name);
        link.click();
    }
    Ok(())
}
