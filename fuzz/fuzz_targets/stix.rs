#![no_main]

// in one piece and as it streams in, a bundle says the same
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let whole = tyrian_attack::stix::parse_slice(bytes);
    let streamed = tyrian_attack::stix::parse(bytes);
    assert_eq!(whole.is_ok(), streamed.is_ok());
});
