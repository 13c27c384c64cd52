//! Where a bundle comes from: addresses that are read and those that are not, sizes, and one sync at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::bundles::Bundle;
use crate::db_test;
use crate::harness::{Answer, Client, Engine, TestApp, block_on};

/// A web server on this machine, of the few answers that a sync may meet. It stops with the test.
struct Source {
    port: u16,
    connections: Arc<AtomicUsize>,
    /// Bytes that went out over `/endless`.
    sent: Arc<AtomicU64>,
    /// `/held` answers when this is told.
    release: Arc<Notify>,
}

impl Source {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let source = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            sent: Arc::default(),
            release: Arc::default(),
        };
        let (connections, sent, release) = (source.connections.clone(), source.sent.clone(), source.release.clone());
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (sent, release) = (sent.clone(), release.clone());
                actix_web::rt::spawn(async move { drop(answer(&stream, &sent, &release).await) });
            }
        });
        source
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

async fn answer(stream: &TcpStream, sent: &AtomicU64, release: &Notify) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        stream.readable().await?;
        let mut buffer = [0; 4096];
        match stream.try_read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => request.extend_from_slice(&buffer[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    let text = String::from_utf8_lossy(&request).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default();
    let bundle = Bundle::small().bytes();
    let head = |status: &str, more: &str| format!("HTTP/1.1 {status}\r\nConnection: close\r\n{more}\r\n").into_bytes();
    let whole = || [head("200 OK", &format!("Content-Length: {}\r\n", bundle.len())), bundle.clone()].concat();
    let redirect = |to: &str| head("302 Found", &format!("Location: {to}\r\nContent-Length: 0\r\n"));
    match path {
        "/bundle" => write(stream, &whole()).await,
        "/held" => {
            release.notified().await;
            write(stream, &whole()).await
        }
        "/hop1" => write(stream, &redirect("/bundle")).await,
        "/hop2" => write(stream, &redirect("/hop1")).await,
        "/hop3" => write(stream, &redirect("/hop2")).await,
        "/hop4" => write(stream, &redirect("/hop3")).await,
        "/file" => write(stream, &redirect("file:///etc/passwd")).await,
        "/secret" => write(stream, &redirect("http://user:word@127.0.0.1/")).await,
        "/nowhere" => write(stream, &head("302 Found", "Content-Length: 0\r\n")).await,
        "/cut" => write(stream, &whole()[..600]).await,
        "/broken" => write(stream, &head("500 Oh no", "Content-Length: 0\r\n")).await,
        "/large" => write(stream, &head("200 OK", &format!("Content-Length: {}\r\n", 200u64 << 20))).await,
        "/endless" => {
            write(stream, &head("200 OK", "")).await?;
            let piece = vec![b' '; 1 << 20];
            loop {
                write(stream, &piece).await?;
                sent.fetch_add(1 << 20, Ordering::SeqCst);
            }
        }
        _ => write(stream, &head("404 Not Found", "Content-Length: 0\r\n")).await,
    }
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> std::io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

async fn sync_from(c: &Client, source: &str) -> Answer {
    c.post("/mitre/sync", json!({"source": source, "allow_unverified": true})).await
}

/// Addresses of this machine, of private networks and of what else is not the internet's, in the spellings that have fooled others.
fn spellings(port: u16) -> Vec<String> {
    let hosts = [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0x0.0x0.0x1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.0x1",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[2001:db8::1]",
    ];
    hosts.iter().map(|host| format!("https://{host}:{port}/bundle")).collect()
}

/// SQLite only, since no row is touched. Every spelling is refused although its host is on the list of those that may be read: the list is no way round the check of addresses.
async fn private_addresses() {
    let hosts =
        "localhost,127.0.0.1,0.0.0.0,[::1],[::ffff:7f00:1],[::7f00:1],[64:ff9b::7f00:1],10.0.0.1,169.254.169.254,192.168.0.1,172.16.0.1";
    let app = TestApp::spawn_with(Engine::Sqlite, |o| {
        o.outbound_allow_private = Some("false".into());
        o.outbound_hosts = Some(hosts.into());
    })
    .await;
    let (admin, source) = (app.admin().await, Source::start().await);
    let mut bad = spellings(source.port);
    bad.extend([
        source.url("/bundle"),
        format!("https://user:word@localhost:{}/bundle", source.port),
        format!("https://localhost@127.0.0.1:{}/bundle", source.port),
        "https://raw.githubusercontent.com/x".into(),
        "https://evil.example/?localhost".into(),
        "ftp://localhost/bundle".into(),
        "file:///etc/passwd".into(),
        "data:application/json,{}".into(),
        "gopher://localhost/".into(),
        "//localhost/bundle".into(),
        "no address".into(),
    ]);
    assert!(bad.len() >= 40);
    for url in bad {
        let answer = sync_from(&admin, &url).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["code"], &answer.json["errors"][0]["pointer"]),
            (422, &json!("source_refused"), &json!("/source")),
            "{url}: {}",
            answer.text
        );
        admin.post("/mitre/sync/preview", json!({"source": url})).await.problem(422, "source_refused");
    }
    assert_eq!(source.connections.load(Ordering::SeqCst), 0, "nothing was connected to");
    // the same listener is reached where the server allows it, so the count would have seen a connection
    drop(tokio::net::TcpStream::connect(("127.0.0.1", source.port)).await.unwrap());
    tokio::time::timeout(Duration::from_secs(10), async {
        while source.connections.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(app.count("SELECT count(*) FROM catalogue_syncs WHERE source LIKE '%word%'").await, 0, "no password is kept");
    assert_eq!(admin.get("/mitre/tactics").await.items().len(), 0);
}

#[test]
fn private_addresses_are_refused_in_every_spelling() {
    block_on(private_addresses());
}

db_test! {
    async fn a_bundle_by_address_is_synced(app: TestApp) {
        let (admin, source) = (app.admin().await, Source::start().await);
        assert_eq!(sync_from(&admin, &source.url("/hop3")).await.expect(200).json["created"], 10);
        assert_eq!(admin.get("/mitre/status").await.json["source_url"], source.url("/hop3"));
        let before = admin.get("/mitre/matrix").await.etag();
        for (path, code) in [("/hop4", "source_unreachable"), ("/file", "source_refused"), ("/secret", "source_refused"), ("/nowhere", "source_unreachable"), ("/cut", "source_unreachable"),
                             ("/broken", "source_unreachable"), ("/missing", "source_unreachable"), ("/large", "invalid_bundle")] {
            let refused = sync_from(&admin, &source.url(path)).await;
            assert_eq!((refused.status.as_u16(), &refused.json["code"]), (422, &json!(code)), "{path}: {}", refused.text);
        }
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        sync_from(&admin, &format!("http://127.0.0.1:{closed}/")).await.problem(422, "source_unreachable");
        admin.post("/mitre/sync", json!({"source": source.url("/bundle")})).await.problem(422, "hash_required");
        admin.post("/mitre/sync", json!({"source": source.url("/bundle"), "version": "18.1"})).await.problem(422, "validation_failed");
        assert_eq!(admin.get("/mitre/matrix").await.etag(), before, "what failed changed nothing");
    }
}

db_test! {
    async fn one_sync_runs_at_a_time(app: TestApp) {
        let (admin, source) = (app.admin().await, Source::start().await);
        let first = sync_from(&admin, &source.url("/held")).await_while(async {
            while source.connections.load(Ordering::SeqCst) == 0 { tokio::time::sleep(Duration::from_millis(5)).await }
            admin.upload("/mitre/sync", "b.json", Bundle::small().bytes(), &[("allow_unverified", "true")]).await.problem(409, "sync_in_progress");
            admin.upload("/mitre/sync/preview", "b.json", Bundle::small().bytes(), &[]).await.problem(409, "sync_in_progress");
            sync_from(&admin, &source.url("/bundle")).await.problem(409, "sync_in_progress");
            source.release.notify_one();
        }).await;
        assert_eq!(first.expect(200).json["created"], 10);
        sync_from(&admin, &source.url("/bundle")).await.expect(200);
    }
}

db_test! {
    async fn a_sync_in_the_background_is_watched_and_cancelled(app: TestApp) {
        let (admin, source) = (app.admin().await, Source::start().await);
        let begin = |path: &'static str| { let (admin, url) = (admin.clone(), source.url(path)); async move {
            let begun = admin.send(Method::POST, "/mitre/sync", Some(json!({"source": url, "allow_unverified": true})), &[("Prefer", "respond-async")]).await.expect(202);
            assert_eq!(begun.header("location"), format!("/api/v1/jobs/{}", begun.json["job_id"].as_str().unwrap()));
            format!("/jobs/{}", begun.json["job_id"].as_str().unwrap())
        } };
        let ended = |job: String| { let admin = admin.clone(); async move {
            tokio::time::timeout(Duration::from_secs(20), async { loop {
                let seen = admin.get(&job).await.expect(200).json;
                if seen["state"] != "running" { break seen }
                tokio::time::sleep(Duration::from_millis(5)).await;
            } }).await.unwrap()
        } };
        let done = ended(begin("/bundle").await).await;
        assert_eq!((&done["state"], &done["result"]["created"]), (&json!("succeeded"), &json!(10)));
        let failed = ended(begin("/broken").await).await;
        assert_eq!((&failed["state"], &failed["result"]["code"]), (&json!("failed"), &json!("source_unreachable")));
        let connections = source.connections.load(Ordering::SeqCst);
        let job = begin("/held").await;
        while source.connections.load(Ordering::SeqCst) == connections { tokio::time::sleep(Duration::from_millis(5)).await }
        let syncs = app.count("SELECT count(*) FROM catalogue_syncs WHERE outcome = 'succeeded'").await;
        admin.send(Method::DELETE, &job, None, &[]).await.expect(204);
        source.release.notify_one();
        // the turn is free once the cancelled one has noticed
        tokio::time::timeout(Duration::from_secs(20), async {
            while app.state.sync_lock.try_lock().is_err() { tokio::time::sleep(Duration::from_millis(5)).await }
        }).await.unwrap();
        assert_eq!(admin.get(&job).await.json["state"], "cancelled");
        assert_eq!(app.count("SELECT count(*) FROM catalogue_syncs WHERE outcome = 'succeeded'").await, syncs);
    }
}

/// Two futures to their ends together, for the value of the first.
trait While: Future + Sized {
    async fn await_while(self, other: impl Future<Output = ()>) -> Self::Output {
        futures_util::future::join(self, other).await.0
    }
}

impl<F: Future> While for F {}

/// The most memory that this process had, and what it has, in MiB.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of = |name: &str| {
        status.lines().find_map(|l| l.strip_prefix(name)).unwrap().trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
    };
    (of("VmHWM:"), of("VmRSS:"))
}

/// A body of so many MiB, a piece at a time.
fn pieces(mib: usize) -> impl stream::Stream<Item = Result<Bytes, std::io::Error>> {
    let piece = Bytes::from(vec![b' '; 1 << 20]);
    stream::iter((0..mib).map(move |_| Ok(piece.clone())))
}

/// SQLite only, since no row is touched. In a process of its own: what other tests hold is none of its.
#[test]
fn a_bundle_that_is_too_large_is_refused_in_little_memory() {
    const ALONE: &str = "TYRIAN_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "catalogue_sources::a_bundle_that_is_too_large_is_refused_in_little_memory";
        let alone = std::process::Command::new(std::env::current_exe().unwrap()).args([name, "--exact"]).env(ALONE, "1").output().unwrap();
        assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stdout));
        return;
    }
    block_on(async {
        let app = TestApp::spawn(Engine::Sqlite).await;
        let (admin, source) = (app.admin().await, Source::start().await);
        let upload = async |body: reqwest::Body, length: Option<u64>| {
            let part = match length {
                Some(length) => reqwest::multipart::Part::stream_with_length(body, length),
                None => reqwest::multipart::Part::stream(body),
            };
            let form = reqwest::multipart::Form::new().part("file", part.file_name("b.json"));
            let request = admin.http.post(format!("{}/mitre/sync", admin.base)).bearer_auth(admin.token.as_ref().unwrap()).multipart(form);
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].clone())
        };
        let (_, before) = memory();
        assert_eq!(upload(reqwest::Body::wrap_stream(pieces(200)), None).await, (413, json!("payload_too_large")), "without a length");
        assert_eq!(
            upload(reqwest::Body::wrap_stream(pieces(130)), Some(130 << 20)).await,
            (413, json!("payload_too_large")),
            "with its length"
        );
        sync_from(&admin, &source.url("/endless")).await.problem(422, "invalid_bundle");
        let sent = source.sent.load(Ordering::SeqCst) >> 20;
        assert!((128..160).contains(&sent), "read to the limit and no further: {sent} MiB");
        let (peak, _) = memory();
        assert!(peak < before + 48, "{before} MiB before, {peak} MiB at most");
        let left: Vec<_> = std::fs::read_dir(app.dir.path().join("tmp")).unwrap().collect();
        assert!(left.is_empty(), "nothing is left behind: {left:?}");
    });
}
