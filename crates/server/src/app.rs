//! All routes on one page, and the server around them.

use std::net::TcpListener;
use std::sync::OnceLock;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpResponse, HttpServer, get, web};
use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use utoipa_swagger_ui::SwaggerUi;

use crate::config::Settings;
use crate::db::{Db, pulse};
use crate::error::{ApiError, ApiResult};
use crate::http::{self, Routes, body, edge, spa};
use crate::state::{AppState, State};
use crate::{
    analytics, api_tokens, audit, auth, backup, catalogue, categories, comments, defence_tools, detection_levels, detections, diag, drift,
    events, evidence, execution, exports, findings, groups, imports, invitations, jobs, live, metrics, missions, notifications, openapi,
    purge, scenario_templates, search, synthesis, test_templates, users,
};

/// Every route of the API.
pub fn routes(api: &mut Routes<'_>) {
    api.most_asked_first(exercise, before_it);
    behind_it(api);
}

fn exercise(api: &mut Routes<'_>) {
    api.configure(missions::configure).configure(execution::configure);
}

fn before_it(api: &mut Routes<'_>) {
    api.configure(diag::configure)
        .configure(auth::configure)
        .configure(api_tokens::configure)
        .configure(users::configure)
        .configure(groups::configure)
        .configure(invitations::configure)
        .configure(catalogue::configure)
        .configure(test_templates::configure)
        .configure(scenario_templates::configure);
}

fn behind_it(api: &mut Routes<'_>) {
    api.configure(detections::configure)
        .configure(evidence::configure)
        .configure(purge::configure)
        .configure(events::configure)
        .configure(comments::configure)
        .configure(categories::configure)
        .configure(findings::configure)
        .configure(synthesis::configure)
        .configure(drift::configure)
        .configure(analytics::configure)
        .configure(audit::configure)
        .configure(imports::configure)
        .configure(notifications::configure)
        .configure(search::configure)
        .configure(defence_tools::configure)
        .configure(detection_levels::configure)
        .configure(exports::configure)
        .configure(jobs::configure)
        .service(openapi_document);
}

/// This document.
///
/// **Permissions**: none.
#[utoipa::path(tag = "diag", responses((status = 200, description = "The OpenAPI document", body = Object)))]
#[get("/openapi.json")]
async fn openapi_document() -> ApiResult<HttpResponse> {
    /// Made when it is first asked for: most servers never are, and making it leaves megabytes behind.
    static DOCUMENT: OnceLock<web::Bytes> = OnceLock::new();
    let document = if let Some(document) = DOCUMENT.get() {
        document.clone()
    } else {
        let made = openapi::document().to_json().map_err(ApiError::internal)?;
        DOCUMENT.get_or_init(|| made.into()).clone()
    };
    Ok(HttpResponse::Ok().content_type("application/json").body(document))
}

/// A server that is bound and ready to run.
pub struct Application {
    /// Where it listens.
    pub address: std::net::SocketAddr,
    /// Where the metrics are, where there are any.
    pub metrics: Option<std::net::SocketAddr>,
    /// What its requests share.
    pub state: State,
    server: Server,
}

impl Application {
    /// Opens the database, migrates it and binds the address.
    pub async fn build(settings: Settings) -> anyhow::Result<Self> {
        let db = Db::connect(&settings).await?;
        db.migrate().await?;
        let listener = TcpListener::bind(settings.listen).with_context(|| format!("listen: {} cannot be bound", settings.listen))?;
        let address = listener.local_addr()?;
        let state = State::new(AppState::new(settings, db)?);
        if state.mailer.is_on() && state.settings.public_url.is_none() {
            let origin = http::own_origin(&state);
            tracing::warn!(%origin, "links in mail to whoever forgot a password begin with where this listens: set TYRIAN_PUBLIC_URL");
        }
        jobs::recover(&state).await?;
        pulse::start(&state);
        live::start(&state);
        evidence::start(&state);
        backup::start(&state.settings);
        let metrics = metrics::start(&state)?;
        let server = serve(listener, state.clone())?;
        Ok(Self { address, metrics, state, server })
    }

    /// Runs until it is told to stop; requests that were accepted finish, live streams end.
    pub async fn run(self) -> std::io::Result<()> {
        // a file that may not grow is an error of the write, as a full disk is, and not the end of the process
        let _too_large = signal(FILE_TOO_LARGE);
        // the server stops by itself at these signals, but would wait for streams that never end
        let state = self.state.clone();
        tokio::spawn(async move {
            stop_signal().await;
            state.live.close();
        });
        self.server.await
    }

    /// A handle that stops it.
    pub fn handle(&self) -> actix_web::dev::ServerHandle {
        self.server.handle()
    }
}

/// SIGXFSZ, on Linux and macOS.
const FILE_TOO_LARGE: SignalKind = SignalKind::from_raw(25);

/// Returns when somebody wants the process to stop.
async fn stop_signal() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn serve(listener: TcpListener, state: State) -> anyhow::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .wrap(Compress::default())
            .wrap(from_fn(edge::edge))
            .app_data(state.clone())
            .app_data(web::PayloadConfig::new(body::MAX_JSON))
            .app_data(web::PathConfig::default().error_handler(|_, _| ApiError::not_found().into()))
            .service(web::scope(http::routes::PREFIX).configure(|config| routes(&mut Routes::server(config))))
            .service(SwaggerUi::new("/api/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/api/v1/openapi.json")))
            .service(web::redirect("/api/docs", "/api/docs/"))
            .default_service(web::to(spa::serve))
    })
    .keep_alive(Duration::from_secs(75))
    .client_request_timeout(Duration::from_secs(5))
    .shutdown_timeout(30)
    .listen(listener)?
    .run();
    Ok(server)
}
