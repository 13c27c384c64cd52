//! Parses a bundle and prints how long it took, what it held and how much memory it needed.
//!
//! `cargo run --example parse -- enterprise-attack.json [--stream]`

use std::io::Write;
use std::time::Instant;

use tyrian_attack::stix;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: parse FILE [--stream]")?;
    let streamed = arguments.next().is_some_and(|argument| argument == "--stream");
    let mut out = std::io::stdout().lock();

    let bytes = if streamed { Vec::new() } else { std::fs::read(&path)? };
    let before = peak_kib();
    let start = Instant::now();
    let catalogue = if streamed { stix::parse(std::fs::File::open(&path)?)? } else { stix::parse_slice(&bytes)? };
    let took = start.elapsed();

    writeln!(out, "{} {} ({})", catalogue.name, catalogue.version.as_deref().unwrap_or("no version"), catalogue.domain)?;
    writeln!(
        out,
        "tactics {}, techniques {} ({} live), subtechniques {} ({} live), warnings {}",
        catalogue.tactics.len(),
        catalogue.techniques.len(),
        catalogue.techniques.iter().filter(|technique| technique.is_live()).count(),
        catalogue.subtechniques.len(),
        catalogue.subtechniques.iter().filter(|subtechnique| subtechnique.is_live()).count(),
        catalogue.warnings.len(),
    )?;
    for warning in &catalogue.warnings {
        writeln!(out, "  {warning}")?;
    }
    writeln!(out, "parsed in {:.1} ms", took.as_secs_f64() * 1000.0)?;
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        writeln!(out, "peak memory {after} KiB, {} KiB of it above the input", after.saturating_sub(before))?;
    }
    Ok(())
}

/// The peak of resident memory, where the system says (Linux).
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches("kB").trim().parse().ok()
}
