//! About what the machine can give: bare handlers that answer as Tyrian does, on Tyrian's own schema, with the same rights
//! checked in the fewest statements, all of them sent at once. The yardstick of docs/performance.md; it serves nobody.
//!
//! `LIMIT_DATABASE` is `postgres://…` or the path of an SQLite file, `LIMIT_SECRET` the secret of the server beside it: a
//! token of that one is good here too.

mod answer;
mod matrix;
mod read;
mod sql;
mod store;
mod token;
mod write;

use actix_web::{App, HttpServer, web};
use anyhow::Context as _;

use self::store::Store;
use self::token::Keys;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What all requests share.
struct State {
    store: Store,
    keys: Keys,
    matrix: matrix::Kept,
    hashing: std::sync::Arc<tokio::sync::Semaphore>,
}

fn setting(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set"))
}

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let state = web::Data::new(State {
        store: Store::open(&setting("LIMIT_DATABASE")?)?,
        keys: Keys::derive(&setting("LIMIT_SECRET")?),
        matrix: matrix::Kept::default(),
        hashing: std::sync::Arc::new(tokio::sync::Semaphore::new(cores)),
    });
    let server = HttpServer::new(move || App::new().app_data(state.clone()).configure(routes)).workers(cores).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("ready: http://{address}");
    }
    server.run().await?;
    Ok(())
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(read::get_bare)
        .service(read::get_ready)
        .service(read::get_list)
        .service(read::get_detail)
        .service(read::get_test)
        .service(read::get_synthesis)
        .service(read::get_search)
        .service(matrix::get_matrix)
        .service(write::post_mission)
        .service(write::patch_test)
        .service(write::post_login);
}
