//! Figures for whoever watches the server, in the text format of Prometheus, on an address of their own.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, get, web};
use anyhow::Context as _;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::db::Db;
use crate::state::{AppState, State};

/// Upper ends of the classes of a request's time, in seconds.
const CLASSES: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    method: String,
    /// The path as the OpenAPI document has it, never with ids in it.
    path: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: String,
    path: String,
    status: u16,
}

/// The counters of a process.
pub struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    seconds: Family<Operation, Histogram, fn() -> Histogram>,
    statements: Gauge,
    connections: Gauge,
    idle: Gauge,
    streams: Gauge,
}

impl Metrics {
    /// Nothing counted yet but the statements of this database.
    pub fn new(db: &Db) -> Self {
        let mut registry = Registry::with_prefix("tyrian");
        let answers = Family::default();
        let seconds = Family::<Operation, Histogram, fn() -> Histogram>::new_with_constructor(|| Histogram::new(CLASSES));
        let (statements, connections, idle, streams) = (Gauge::default(), Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("requests", "Answers by operation and status", answers.clone());
        registry.register("request_seconds", "Time from a request's head to the head of its answer", seconds.clone());
        registry.register("database_statements", "Statements sent since the start", statements.clone());
        registry.register("database_statement_seconds", "Time of a statement, without the wait for a connection", db.watch().seconds());
        registry.register("database_connections", "Connections to the database", connections.clone());
        registry.register("database_idle_connections", "Connections that nobody uses", idle.clone());
        registry.register("live_streams", "Streams of events that are open", streams.clone());
        Self { registry, answers, seconds, statements, connections, idle, streams }
    }

    /// Counts an answer. `path` is the route's pattern.
    pub fn answered(&self, method: &str, path: &str, status: u16, time: Duration) {
        let (method, path) = (method.to_owned(), path.to_owned());
        self.answers.get_or_create(&Answer { method: method.clone(), path: path.clone(), status }).inc();
        self.seconds.get_or_create(&Operation { method, path }).observe(time.as_secs_f64());
    }

    /// Everything as text.
    pub fn text(&self, state: &AppState) -> anyhow::Result<String> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.statements.set(number(state.db.statements()));
        let (all, idle) = state.db.connections();
        self.connections.set(number(all));
        self.idle.set(number(idle));
        self.streams.set(number(state.live.listeners() as u64));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[get("/metrics")]
async fn metrics(state: State) -> HttpResponse {
    match state.metrics.text(&state) {
        Ok(text) => HttpResponse::Ok().content_type("application/openmetrics-text; version=1.0.0; charset=utf-8").body(text),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Serves `GET /metrics` where the settings say so; it asks nobody who they are, so that address is not for everybody.
pub fn start(state: &State) -> anyhow::Result<Option<std::net::SocketAddr>> {
    let Some(address) = state.settings.metrics_listen else { return Ok(None) };
    let listener = TcpListener::bind(address).with_context(|| format!("metrics_listen: {address} cannot be bound"))?;
    let address = listener.local_addr()?;
    let state: web::Data<AppState> = state.clone();
    let server =
        HttpServer::new(move || App::new().app_data(state.clone()).service(metrics)).workers(1).disable_signals().listen(listener)?.run();
    actix_web::rt::spawn(server);
    Ok(Some(address))
}
