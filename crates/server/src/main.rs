//! The one binary.

fn main() -> std::process::ExitCode {
    tyrian_server::cli::run()
}
