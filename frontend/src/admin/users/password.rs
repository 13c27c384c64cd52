//! Passwords that the app makes for others.

use leptos::prelude::*;

/// Letters and figures that nobody mistakes for each other when read aloud or typed from paper.
const ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Characters without the dashes: 20 of 31 are 99 bits.
const LENGTH: usize = 20;

/// A password out of the browser's random source: `k7mfp-2xq9h-wc4tn-8rjya`. None where the browser gives no randomness.
pub fn generate() -> Option<String> {
    let crypto = window().crypto().ok()?;
    let mut characters = Vec::with_capacity(LENGTH);
    while characters.len() < LENGTH {
        let mut bytes = [0_u8; 64];
        crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
        characters.extend(spell(&bytes).take(LENGTH - characters.len()));
    }
    Some(dashed(&characters))
}

/// Five bits of each byte as a character; a byte that hits none is dropped, so that all are equally likely.
fn spell(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31))).map(|letter| char::from(*letter))
}

fn dashed(characters: &[char]) -> String {
    characters.chunks(5).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::{dashed, spell};

    #[test]
    fn random_bytes_become_characters_in_groups_of_five() {
        let characters: Vec<char> = spell(&[0, 1, 31, 32, 30, 255, 2]).collect();
        assert_eq!(characters, ['a', 'b', 'a', '9', 'c']);
        assert_eq!(dashed(&"abcdefgh".chars().collect::<Vec<_>>()), "abcde-fgh");
    }
}
