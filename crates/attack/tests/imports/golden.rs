//! Files that we wrote, one or two a format: what each becomes, to the last field.

use tyrian_attack::imports::{Parsed, Source, atomic, attire, emulation, ghostwriter, navigator, purpleops, sigma, vectr};

use crate::parse;

/// Each file under its name, as the parser reads it.
fn read(of: fn(Source<'_>) -> Parsed, files: &[(&str, &[u8])]) -> Vec<Parsed> {
    files.iter().map(|(name, bytes)| parse(of, name, bytes)).collect()
}

macro_rules! golden {
    ($($test:ident: $of:path, [$($file:literal),+];)+) => { $(
        #[test]
        fn $test() {
            let parsed = read($of, &[$(($file, include_bytes!(concat!("golden/", $file)))),+]);
            insta::assert_debug_snapshot!(parsed);
        }
    )+ };
}

golden! {
    atomic_tests: atomic::parse, ["T1053.005.yaml"];
    vectr_export: vectr::parse, ["vectr.csv"];
    navigator_layers: navigator::parse, ["layer-4.5.json", "layer-2.1.json"];
    emulation_plan: emulation::parse, ["plan.yaml"];
    purpleops_assessment: purpleops::parse, ["purpleops.json"];
    sigma_rules: sigma::parse, ["sigma.yml"];
    attire_log: attire::parse, ["attire.json"];
    ghostwriter_log: ghostwriter::parse, ["ghostwriter.csv"];
}
