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
    // 1.8 MiB of relocations, all of which the loader reads at each start, become some tens of KiB. The C library reads them so
    // packed since 2.36, and says so at the start of a binary that it cannot read.
    if std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu") && glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    // A release binary holds the app's files; a development build reads them from the folder at run time.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../../dist");
    }
}

/// The version of this machine's C library: `glibc 2.36`.
fn glibc() -> Option<(u32, u32)> {
    let out = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let (major, minor) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn git(arguments: &[&str]) -> Option<String> {
    let out = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    (out.status.success() && !text.is_empty()).then_some(text)
}
