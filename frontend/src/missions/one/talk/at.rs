//! Completing a name behind an `@` while it is typed.

/// The byte behind so many UTF-16 units, which is how a browser counts.
pub fn byte_of(text: &str, units: u32) -> usize {
    let mut left = units;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(u32::try_from(c.len_utf16()).unwrap_or(1));
    }
    text.len()
}

/// As many UTF-16 units as stand before this byte.
pub fn units_of(text: &str, byte: usize) -> u32 {
    u32::try_from(text.get(..byte).unwrap_or(text).encode_utf16().count()).unwrap_or(0)
}

/// A name that is being typed: where its `@` stands, and what stands behind it up to the caret.
pub fn typed(text: &str, caret: usize) -> Option<(usize, &str)> {
    let before = text.get(..caret)?;
    let at = before.rfind('@')?;
    let name = before.get(at + 1..)?;
    let starts = before.get(..at)?.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    // two words are a whole name; a line break ends it
    let fits = name.chars().count() <= 40 && !name.contains('\n') && name.matches(' ').count() <= 2 && !name.starts_with(' ');
    (starts && fits).then_some((at, name))
}

/// Does this name or address fit what was typed: from the start of any of its words?
pub fn fits(name: &str, email: &str, typed: &str) -> bool {
    let typed = typed.to_lowercase();
    let name = name.to_lowercase();
    name.starts_with(&typed) || name.split_whitespace().any(|word| word.starts_with(&typed)) || email.to_lowercase().starts_with(&typed)
}

/// The text with the name in place of what was typed, and the byte where the caret goes.
pub fn complete(text: &str, at: usize, caret: usize, name: &str) -> (String, usize) {
    let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(caret..).unwrap_or_default());
    let space = if behind.starts_with(' ') { "" } else { " " };
    let head = format!("{before}@{name}{space}");
    let place = head.len() + usize::from(space.is_empty());
    (format!("{head}{behind}"), place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_begins_at_the_start_of_a_word() {
        assert_eq!(typed("look @Ad", 8), Some((5, "Ad")));
        assert_eq!(typed("(@", 2), Some((1, "")));
        assert_eq!(typed("@Ada Lov", 8), Some((0, "Ada Lov")));
        for none in ["ada@ex", "@Ada said\nso", "no", "@ spaced", "@one two three four"] {
            assert_eq!(typed(none, none.len()), None, "{none}");
        }
        assert_eq!(typed("@Ad and more", 3), Some((0, "Ad")));
    }

    #[test]
    fn any_word_of_a_name_and_the_address_fit() {
        assert!(fits("Ada Lovelace", "al@example.org", "lov") && fits("Ada Lovelace", "al@example.org", "AL@"));
        assert!(fits("Ada Lovelace", "al@example.org", "ada l") && fits("Zoë", "z@example.org", ""));
        assert!(!fits("Ada Lovelace", "al@example.org", "ovel"));
    }

    #[test]
    fn the_name_replaces_what_was_typed_and_the_caret_stands_behind_it() {
        assert_eq!(complete("see @Zo, then", 4, 7, "Zoë"), ("see @Zoë , then".to_owned(), 10));
        let (text, caret) = complete("@Ad rest", 0, 3, "Ada");
        assert_eq!((text.as_str(), text.get(caret..)), ("@Ada rest", Some("rest")));
    }

    #[test]
    fn units_of_the_browser_are_bytes_of_the_text() {
        let text = "a😀é@x";
        for (units, byte) in [(0, 0), (1, 1), (3, 5), (4, 7), (6, 9), (99, 9)] {
            assert_eq!(byte_of(text, units), byte, "{units}");
        }
        assert_eq!(units_of(text, 7), 4);
    }
}
