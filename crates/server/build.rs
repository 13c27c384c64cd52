//! Tells the binary which commit it was built from, and cargo when to build it anew.

use std::process::Command;

fn main() {
    // A development binary reads the app from this folder when it is asked for it, if the folder was there when it was compiled.
    let _ = std::fs::create_dir_all("../../dist");
    let commit = std::env::var("TYRIAN_COMMIT").ok().filter(|c| !c.is_empty()).or_else(|| git(&["rev-parse", "--short=7", "HEAD"]));
    println!("cargo:rustc-env=TYRIAN_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
    println!("cargo:rerun-if-env-changed=TYRIAN_COMMIT");
    println!("cargo:rerun-if-changed=build.rs");
    // A path that is not there would make every build a new one. The reflog changes with each commit and checkout.
    let head = ["logs/HEAD", "HEAD"].into_iter().filter_map(|name| git(&["rev-parse", "--git-path", name]));
    if let Some(path) = head.into_iter().find(|path| std::path::Path::new(path).exists()) {
        println!("cargo:rerun-if-changed={path}");
    }
    // A release binary holds the app's files; a development build reads them from the folder at run time.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../../dist");
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let out = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    (out.status.success() && !text.is_empty()).then_some(text)
}
