//! What is measured on its own, on a database of its own, and of Tyrian alone: an edit that a thousand streams hear, a sync of
//! the real catalogue, an import of real tests, a report. Where the real files are absent what needs them is left out.

use std::cell::RefCell;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use http_body_util::BodyExt as _;
use tyrian_attack::stix;

use crate::client::{Answer, Connection, Request};
use crate::data::open_tests;
use crate::load::histogram;
use crate::report::Single;
use crate::site::Site;
use crate::work::{Target, mission_path, test_path};

/// Streams that are open at once.
const STREAMS: usize = 1000;
/// Streams that are opened at once.
const OPENING: usize = 50;
/// Edits, one a second.
const EDITS: usize = 10;
/// How long a stream may take to hear an edit before it counts as one that did not.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of a time that is measured once, so many are measured, and the middle one counts.
const TIMES: usize = 3;

/// Everything, on one engine.
pub async fn all(site: &Site, engine: &'static str, data: &Path) -> anyhow::Result<Vec<Single>> {
    let ours = site.ours().await?;
    let mut found = Vec::new();
    fan_out(site, &ours, engine, &mut found).await?;
    report(site, &ours, engine, &mut found).await?;
    let admin = site.administrator().await?;
    match bundle(data) {
        Some(bundle) => sync(&admin, engine, &bundle, &mut found).await?,
        None => eprintln!("no sync is measured: the bundle is not in {}", data.display()),
    }
    match tests(data)? {
        Some(zip) => import(site, &admin, engine, &zip, &mut found).await?,
        None => eprintln!("no import is measured: the tests are not in {}", data.display()),
    }
    Ok(found)
}

async fn ask(target: &Target, request: Request) -> anyhow::Result<Answer> {
    let (method, path) = (request.method, request.path.clone());
    let answer = Connection::new(target.address).send(&request.bearer(&target.token)).await?;
    let text = || String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
    ensure!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, text());
    Ok(answer)
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// When an event came, by its number.
type Heard = Rc<RefCell<Vec<(u64, Instant)>>>;

/// Opens a stream and hears it in the background. Done when its first bytes are there.
async fn listen(target: &Target, heard: Heard) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let mut connection = Connection::new(target.address);
    let request = Request::get(format!("{}/stream", mission_path(1))).bearer(&target.token);
    let response = connection.begin(&request).await?;
    ensure!(response.status() == 200, "a stream answers {}", response.status());
    let mut body = response.into_body();
    body.frame().await.context("a stream ended at once")??;
    Ok(tokio::task::spawn_local(async move {
        // the connection lives as long as its stream
        let _connection = connection;
        let mut rest = String::new();
        while let Some(Ok(frame)) = body.frame().await {
            let now = Instant::now();
            let Some(bytes) = frame.data_ref() else { continue };
            rest.push_str(&String::from_utf8_lossy(bytes));
            while let Some(end) = rest.find("\n\n") {
                let number = rest[..end].lines().find_map(|line| line.strip_prefix("id: ")?.parse().ok());
                if let Some(number) = number {
                    heard.borrow_mut().push((number, now));
                }
                rest.drain(..end + 2);
            }
        }
    }))
}

/// A thousand people look at a mission, and one edits it.
async fn fan_out(site: &Site, target: &Target, engine: &'static str, found: &mut Vec<Single>) -> anyhow::Result<()> {
    let heard = Heard::default();
    let before = site.mib(target.side);
    let mut tasks = Vec::new();
    for _ in 0..STREAMS / OPENING {
        tasks.extend(try_join_all((0..OPENING).map(|_| listen(target, heard.clone()))).await?);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let kib = (site.mib(target.side) - before) * 1024.0 / STREAMS as f64;

    let (s, p) = open_tests().first().copied().unwrap_or_default();
    let path = test_path(1, s, p);
    let mut etag = ask(target, Request::get(&path)).await?.etag.context("a test has a version")?;
    let mut sent = Vec::new();
    for n in 0..EDITS {
        tokio::time::sleep(Duration::from_secs(1)).await;
        sent.push(Instant::now());
        let edit = Request::json("PATCH", &path, format!(r#"{{"source_host":"heard-{n}"}}"#)).header("if-match", &etag);
        etag = ask(target, edit).await?.etag.context("a changed test has a version")?;
    }
    let all = Instant::now() + PATIENCE;
    while heard.borrow().len() < STREAMS * EDITS && Instant::now() < all {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for task in tasks {
        task.abort();
    }
    let heard = heard.borrow();
    let first = heard.iter().map(|(number, _)| *number).min().context("no stream heard anything")?;
    let mut times = histogram();
    for (number, at) in heard.iter() {
        let edit = usize::try_from(number - first).ok().and_then(|n| sent.get(n)).context("a stream heard what nobody did")?;
        let _ = times.record(u64::try_from((*at - *edit).as_micros()).unwrap_or(u64::MAX).max(1));
    }
    let at = |quantile| times.value_at_quantile(quantile) as f64 / 1000.0;
    let missed = STREAMS * EDITS - heard.len().min(STREAMS * EDITS);
    found.push(Single::new(engine, format!("an edit, sent until {STREAMS} open streams have it: p99"), at(0.99), "ms").at_most(100.0));
    found.push(Single::new(engine, "the same: half of them".to_owned(), at(0.5), "ms"));
    found.push(Single::new(engine, format!("edits that a stream did not hear, of {}", STREAMS * EDITS), missed as f64, "").at_most(0.0));
    found.push(Single::new(engine, "memory of an open stream".to_owned(), kib, "KiB").at_most(30.0));
    Ok(())
}

/// The PDF of a mission of 200 tests.
async fn report(site: &Site, target: &Target, engine: &'static str, found: &mut Vec<Single>) -> anyhow::Result<()> {
    site.server().forget_peak()?;
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..TIMES {
        let begun = Instant::now();
        let answer = ask(target, Request::get(format!("{}/export/pdf", mission_path(2)))).await?;
        times.push(ms(begun));
        ensure!(answer.body.starts_with(b"%PDF"), "the report is no PDF");
        bytes = answer.body.len();
    }
    let what = format!("PDF of a mission of 200 tests ({} kB)", bytes / 1000);
    found.push(Single::new(engine, what, middle(times), "ms").at_most(2000.0));
    found.push(Single::new(engine, "the server's memory at most meanwhile".to_owned(), site.server().peak_mib(), "MiB").at_most(200.0));
    Ok(())
}

/// The real catalogue, unpacked.
fn bundle(data: &Path) -> Option<Vec<u8>> {
    let packed = std::fs::read(data.join("stix/enterprise-attack-18.1.json.gz")).ok()?;
    let mut bundle = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bundle).ok()?;
    Some(bundle)
}

/// A sync by upload beside the bare parse of the same bytes.
async fn sync(target: &Target, engine: &'static str, bundle: &[u8], found: &mut Vec<Single>) -> anyhow::Result<()> {
    let mut parses = Vec::new();
    let mut live = 0;
    for _ in 0..TIMES {
        let begun = Instant::now();
        let catalogue = stix::parse_slice(bundle).map_err(|e| anyhow::anyhow!("{e}"))?;
        parses.push(ms(begun));
        live = catalogue.techniques.iter().filter(|t| t.is_live()).count();
    }
    let parse = middle(parses);
    let form = || Request::form("/api/v1/mitre/sync", &[("allow_unverified", "true")], "bundle.json", bundle);
    let begun = Instant::now();
    let answer = ask(target, form()).await?.json()?;
    let first = ms(begun);
    ensure!(answer["counts"]["techniques"] == live, "a sync of {live} techniques says {}", answer["counts"]);
    let begun = Instant::now();
    ask(target, form()).await?;
    let again = ms(begun);
    let goal = if engine == "sqlite" { 10.0 } else { 15.0 };
    let megabytes = bundle.len() / 1_000_000;
    found.push(Single::new(engine, format!("the typed parse of ATT&CK 18.1, {megabytes} MB"), parse, "ms"));
    found.push(Single::new(engine, "its sync, from the upload's first byte to the answer".to_owned(), first, "ms"));
    found.push(Single::new(engine, "sync ÷ parse".to_owned(), first / parse, "×").at_most(goal));
    found.push(Single::new(engine, "the same bundle once more (hashed, not parsed)".to_owned(), again, "ms"));
    Ok(())
}

/// The real tests of Atomic Red Team as one archive.
fn tests(data: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    let Ok(folder) = std::fs::read_dir(data.join("atomics/yaml")) else { return Ok(None) };
    let mut files = folder.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.sort();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for file in files {
        zip.start_file(file.file_name().unwrap_or_default().to_string_lossy(), stored)?;
        zip.write_all(&std::fs::read(&file)?)?;
    }
    Ok(Some(zip.finish()?.into_inner()))
}

/// All tests that are there, into the library, and the same once more.
async fn import(site: &Site, target: &Target, engine: &'static str, zip: &[u8], found: &mut Vec<Single>) -> anyhow::Result<()> {
    let form = || Request::form("/api/v1/imports/atomic?partial=true", &[], "atomics.zip", zip);
    let before = site.statements().await?;
    let begun = Instant::now();
    let report = ask(target, form()).await?.json()?;
    let took = ms(begun);
    let statements = site.statements().await? - before;
    let made = report["created"].as_u64().filter(|n| *n > 0).context("an import that makes nothing")?;
    let begun = Instant::now();
    let again = ask(target, form()).await?.json()?;
    let second = ms(begun);
    ensure!(again["created"] == 0, "a second import makes {}", again["created"]);
    // the goal is for 900 tests
    found.push(Single::new(engine, format!("import of {made} Atomic tests"), took, "ms").at_most((1500.0 * made as f64 / 900.0).round()));
    found.push(Single::new(engine, "its statements, for 100 tests".to_owned(), statements * 100.0 / made as f64, "").at_most(20.0));
    found.push(Single::new(engine, "the same file once more".to_owned(), second, "ms"));
    Ok(())
}
