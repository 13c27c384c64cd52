#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tyrian_fuzz::import(tyrian_attack::imports::navigator::parse, bytes));
