#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = tyrian_attack::imports::archive::read(bytes, |_| true);
});
