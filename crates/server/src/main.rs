//! The one binary.

/// Quicker at many short-lived pieces than the C library's, and it gives back what threads let go (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    tyrian_server::cli::run()
}
