//! Comments: who is mentioned in one.

/// Somebody who can be mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mentionable<'a, I> {
    /// Who.
    pub id: I,
    /// `@Ada Admin` mentions them, whatever the case.
    pub name: &'a str,
    /// So does `@ada@example.org`.
    pub email: &'a str,
}

/// A mention in a text: the bytes that it covers, the `@` included, and whom it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention<I> {
    /// First byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
    /// Whom.
    pub id: I,
}

/// How many `@` of a text are looked at: each is compared with everybody who can be mentioned.
pub const MENTIONS: usize = 500;

/// The mentions in `body`, in their order. An `@` counts at the start of a word; the longest name that fits and is
/// not the beginning of a longer word wins.
pub fn mentions<I: Copy>(body: &str, people: &[Mentionable<'_, I>]) -> Vec<Mention<I>> {
    let mut found = Vec::new();
    let (mut from, mut looked_at) = (0, 0);
    while let Some(at) = body.get(from..).and_then(|rest| rest.find('@')).map(|i| from + i) {
        from = at + 1;
        let (before, rest) = (body.get(..at).unwrap_or_default(), body.get(from..).unwrap_or_default());
        if before.chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        looked_at += 1;
        if looked_at > MENTIONS {
            break;
        }
        let best = people
            .iter()
            .flat_map(|p| [(p.id, p.email), (p.id, p.name)])
            .filter_map(|(id, word)| starts_with_word(rest, word).map(|length| (length, id)))
            .max_by_key(|(length, _)| *length);
        if let Some((length, id)) = best {
            found.push(Mention { start: at, end: from + length, id });
            from += length;
        }
    }
    found
}

/// Bytes of `text` that spell `word`, whatever the case, where no longer word goes on behind it.
fn starts_with_word(text: &str, word: &str) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let mut rest = text.char_indices();
    for wanted in word.chars() {
        let (_, c) = rest.next()?;
        if !(c == wanted || c.to_lowercase().eq(wanted.to_lowercase())) {
            return None;
        }
    }
    let length = rest.offset();
    let mut behind = rest.map(|(_, c)| c);
    match behind.next() {
        Some(c) if c.is_alphanumeric() => None,
        // `@ada@example.org.uk` is not `@ada@example.org`, and `@ada.` at the end of a sentence is
        Some('.' | '-' | '@') if behind.next().is_some_and(char::is_alphanumeric) => None,
        _ => Some(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEOPLE: [Mentionable<'_, u8>; 3] = [
        Mentionable { id: 1, name: "Ada", email: "ada@example.org" },
        Mentionable { id: 2, name: "Ada Lovelace", email: "al@example.org" },
        Mentionable { id: 3, name: "Zoë", email: "zoe@example.org" },
    ];

    fn ids(body: &str) -> Vec<u8> {
        mentions(body, &PEOPLE).into_iter().map(|m| m.id).collect()
    }

    #[test]
    fn names_and_addresses_mention() {
        assert_eq!(ids("@Ada look, @zoë! and @AL@example.org."), [1, 3, 2]);
        assert_eq!(ids("@ada lovelace: yes"), [2]);
        assert_eq!(ids("(@Ada)"), [1]);
    }

    #[test]
    fn parts_of_words_do_not() {
        assert_eq!(ids("@Adam, mail ada@example.org, @ada@example.org.uk, @, @@"), [0u8; 0]);
    }

    #[test]
    fn a_text_of_nothing_but_mentions_ends() {
        assert_eq!(ids(&"@Ada ".repeat(MENTIONS + 9)).len(), MENTIONS);
    }

    #[test]
    fn the_place_of_a_mention_covers_it() {
        let body = "hé @Zoë!";
        let found = mentions(body, &PEOPLE);
        assert_eq!(&body[found[0].start..found[0].end], "@Zoë");
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_searched(body in ".*") {
            for m in mentions(&body, &PEOPLE) {
                proptest::prop_assert!(body.get(m.start..m.end).is_some());
            }
        }
    }
}
