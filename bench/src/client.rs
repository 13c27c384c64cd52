//! One keep-alive connection of HTTP/1.1.

use std::net::SocketAddr;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, ETAG, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// What parts the parts of a form.
const BOUNDARY: &str = "one-part-ends-here-and-the-next-begins";

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET` if empty.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// A body.
    pub body: Option<Bytes>,
    /// What the body is; JSON where nothing is said.
    pub content_type: Option<String>,
}

impl Request {
    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), ..Self::default() }
    }

    /// A request that sends JSON.
    pub fn json(method: &'static str, path: impl Into<String>, body: String) -> Self {
        Self { method, path: path.into(), body: Some(body.into()), ..Self::default() }
    }

    /// A form of short fields and a file behind them.
    pub fn form(path: impl Into<String>, fields: &[(&str, &str)], name: &str, file: &[u8]) -> Self {
        let mut body = Vec::with_capacity(file.len() + 1024);
        for (field, value) in fields {
            let part = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let content_type = Some(format!("multipart/form-data; boundary={BOUNDARY}"));
        Self { method: "POST", path: path.into(), body: Some(body.into()), content_type, ..Self::default() }
    }

    /// With the token of the caller.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The version of what came.
    pub etag: Option<String>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{}: {}", self.status, String::from_utf8_lossy(&self.body)))
    }
}

/// A connection, opened when it is needed: some servers close it behind each answer.
pub struct Connection {
    address: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// To this address.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, sender: None }
    }

    /// Asks and reads the answer to its end. Where the server closed the connection meanwhile, once more on a new one.
    pub async fn send(&mut self, request: &Request) -> anyhow::Result<Answer> {
        let fresh = self.sender.is_none();
        match self.attempt(request).await {
            Err(e)
                if !fresh
                    && e.downcast_ref::<hyper::Error>().is_some_and(|e| e.is_canceled() || e.is_closed() || e.is_incomplete_message()) =>
            {
                self.sender = None;
                self.attempt(request).await
            }
            other => other,
        }
    }

    async fn attempt(&mut self, request: &Request) -> anyhow::Result<Answer> {
        let response = self.begin(request).await?;
        let status = response.status().as_u16();
        let etag = response.headers().get(ETAG).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let body = response.into_body().collect().await.inspect_err(|_| self.sender = None)?.to_bytes();
        Ok(Answer { status, etag, body })
    }

    /// Asks; what comes back is read by who asked. Until then nothing else can be asked here.
    pub async fn begin(&mut self, request: &Request) -> anyhow::Result<hyper::Response<Incoming>> {
        if self.sender.as_ref().is_some_and(SendRequest::is_closed) {
            self.sender = None;
        }
        let mut sender = match self.sender.take() {
            Some(sender) => sender,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await?;
                tokio::task::spawn_local(connection);
                sender
            }
        };
        sender.ready().await?;
        let mut http = hyper::Request::builder().method(request.method).uri(&request.path).header(HOST, "localhost");
        for (name, value) in &request.headers {
            http = http.header(*name, value);
        }
        if request.body.is_some() {
            http = http.header(CONTENT_TYPE, request.content_type.as_deref().unwrap_or("application/json"));
        }
        let response = sender.send_request(http.body(Full::new(request.body.clone().unwrap_or_default()))?).await?;
        self.sender = Some(sender);
        Ok(response)
    }
}
