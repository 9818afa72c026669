#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rendezvous_tests::fuzz::descriptions::run(data));
