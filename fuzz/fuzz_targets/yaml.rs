#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = tyrian_attack::imports::yaml::documents(text);
});
