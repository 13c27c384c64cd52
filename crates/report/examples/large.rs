//! How long each format takes for a mission of this many tests, and the process's highest memory so far.
//! `cargo run --release -p tyrian-report --example large -- 2000 [folder]`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs, reason = "a tool for us")]

#[path = "../tests/formats/sample.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod sample;

use std::io::{BufWriter, Write as _};
use std::time::Instant;

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}

fn main() {
    let mut args = std::env::args().skip(1);
    let tests = args.next().map_or(2000, |n| n.parse().unwrap());
    let folder = std::path::PathBuf::from(args.next().unwrap_or_else(|| "/tmp".into()));
    let report = sample::report(tests);
    println!("{tests} tests, {} kB before the first", peak());
    type Format = (&'static str, fn(&tyrian_report::Report, &mut BufWriter<std::fs::File>) -> tyrian_report::Result<()>);
    let formats: [Format; 8] = [
        ("csv", |r, to| tyrian_report::csv::write(r, to)),
        ("md", |r, to| tyrian_report::markdown::write(r, to)),
        ("html", |r, to| tyrian_report::html::write(r, to)),
        ("navigator.json", |r, to| {
            tyrian_report::navigator::write(r, tyrian_report::navigator::Metric::Coverage, &tyrian_report::navigator::Before::new(), to)
        }),
        ("flow.json", |r, to| tyrian_report::attack_flow::write(r, to)),
        ("xlsx", |r, to| tyrian_report::xlsx::write(r, to)),
        ("docx", |r, to| tyrian_report::docx::write(r, to)),
        ("pdf", |r, to| tyrian_report::pdf::write(r, to)),
    ];
    for (name, write) in formats {
        let path = folder.join(format!("large.{name}"));
        let start = Instant::now();
        let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
        write(&report, &mut file).unwrap();
        file.flush().unwrap();
        println!("{name}: {} ms, {} kB, peak {} kB", start.elapsed().as_millis(), std::fs::metadata(&path).unwrap().len() / 1024, peak());
    }
}
