//! Limits of texts and lists, and what makes a text acceptable. Used by the server to refuse and by the app to warn.

/// A name of anything: one line.
pub const NAME: usize = 200;
/// A short line: client, threat actor, host, title.
pub const LINE: usize = 200;
/// An email address (RFC 5321).
pub const EMAIL: usize = 254;
/// A long text: Markdown, command, output, notes.
pub const LONG: usize = 100_000;
/// One label of a list of strings.
pub const LABEL: usize = 100;
/// Labels on one object.
pub const LABELS: usize = 100;
/// The name of a file that somebody uploads: what file systems allow.
pub const FILE_NAME: usize = 255;
/// What a piece of evidence shows, in a few words.
pub const CAPTION: usize = 1_000;
/// ATT&CK tags on one test.
pub const MITRE_TAGS: usize = 100;
/// Tests in one scenario.
pub const SCENARIO_TESTS: usize = 10_000;
/// Scenarios that one request adds to a mission.
pub const MISSION_SCENARIOS: usize = 200;
/// Tests that one request copies into a mission.
pub const MISSION_TESTS: usize = 20_000;
/// Members of a mission.
pub const MEMBERS: usize = 500;
/// A password, in bytes: at least and at most.
pub const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 12..=1024;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFault {
    /// Nothing but white space where something is needed.
    Empty,
    /// More characters than the limit, which is given.
    TooLong(usize),
    /// A NUL character, which PostgreSQL cannot store.
    Nul,
    /// A line break or another control character in a one-line text.
    Control,
}

impl TextFault {
    /// A stable code for clients.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong(_) => "too_long",
            Self::Nul => "nul",
            Self::Control => "control_character",
        }
    }

    /// The rule and the way out, in a sentence.
    pub fn detail(self) -> String {
        match self {
            Self::Empty => "This is needed.".into(),
            Self::TooLong(max) => format!("At most {max} characters."),
            Self::Nul => "A NUL character cannot be stored: remove it.".into(),
            Self::Control => "One line without control characters.".into(),
        }
    }
}

/// Why a new password is easy to guess. Who finds out is the server: the app would carry the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guessable {
    /// Made of its owner's name or address, or the product's name.
    Own,
    /// A few characters again and again.
    Repeats,
    /// abc, 123.
    Sequence,
    /// Keys that lie side by side.
    Keys,
    /// A date or a year.
    Date,
    /// In a list, or close to what is.
    Common,
}

impl Guessable {
    /// A stable code for clients.
    pub const CODE: &str = "password_guessable";

    /// The reason and the way out.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Own => {
                "Easy to guess: it is made of your name, your address or the name of Tyrian. Take a few words that do not belong together."
            }
            Self::Repeats => "Easy to guess: it repeats itself. Take a few words that do not belong together.",
            Self::Sequence => "Easy to guess: it is a sequence such as abc or 123. Take a few words that do not belong together.",
            Self::Keys => "Easy to guess: it is a row of keys. Take a few words that do not belong together.",
            Self::Date => "Easy to guess: it is a date. Take a few words that do not belong together.",
            Self::Common => {
                "Easy to guess: it is a common password or word, or close to one. Take a few words that do not belong together."
            }
        }
    }
}

/// Checks a one-line text that must not be empty.
pub fn check_line(text: &str, max: usize) -> Result<(), TextFault> {
    if text.trim().is_empty() {
        return Err(TextFault::Empty);
    }
    if text.contains('\0') {
        return Err(TextFault::Nul);
    }
    if text.chars().any(char::is_control) {
        return Err(TextFault::Control);
    }
    check_length(text, max)
}

/// Checks a text of any lines, which may be empty.
pub fn check_text(text: &str, max: usize) -> Result<(), TextFault> {
    if text.contains('\0') {
        return Err(TextFault::Nul);
    }
    check_length(text, max)
}

fn check_length(text: &str, max: usize) -> Result<(), TextFault> {
    // a char is at least a byte, so most texts need no counting
    if text.len() > max && text.chars().count() > max { Err(TextFault::TooLong(max)) } else { Ok(()) }
}

/// The key by which texts are compared, sorted and searched: lower case by Unicode's rules, the same on every engine.
pub fn key(text: &str) -> String {
    text.to_lowercase()
}

/// A path of the app, else its beginning: a sign-in must not be the way to another site.
pub fn path_in_app(next: Option<String>) -> String {
    next.filter(|next| next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.chars().any(char::is_control))
        .unwrap_or_else(|| "/".to_owned())
}

/// An email address as it is stored and compared: trimmed, lower case.
pub fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A plausible email address: something, one @, something, no spaces. Who can read mail there is not known anyway.
pub fn is_email(email: &str) -> bool {
    let mut parts = email.split('@');
    let (Some(local), Some(host), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    !local.is_empty()
        && !host.is_empty()
        && !host.starts_with('.')
        && !host.ends_with('.')
        && email.len() <= EMAIL
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// A word of ours as people read it: `in_progress` → “In progress”.
pub fn words(code: &str) -> String {
    let mut text = code.replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// A time in a sentence, to the second, as forms show it.
pub fn moment(time: chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A number with its word: `1 test`, `3 tests`.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_to_the_second() {
        let time = chrono::DateTime::from_timestamp_millis(1_795_971_668_021).unwrap();
        assert_eq!(moment(time), "2026-11-29 17:01:08 UTC");
    }

    #[test]
    fn a_number_takes_the_word_that_fits() {
        assert_eq!(count(1, "test", "tests"), "1 test");
        assert_eq!(count(0, "test", "tests"), "0 tests");
        assert_eq!(count(12, "person", "people"), "12 people");
    }

    #[test]
    fn lines_refuse_what_cannot_be_a_line() {
        assert_eq!(check_line("  ", 10), Err(TextFault::Empty));
        assert_eq!(check_line("a\0b", 10), Err(TextFault::Nul));
        assert_eq!(check_line("a\nb", 10), Err(TextFault::Control));
        assert_eq!(check_line("abcdef", 5), Err(TextFault::TooLong(5)));
        assert_eq!(check_line("ééééé", 5), Ok(()));
        assert_eq!(check_line("مرحبا 🦑 <script>", 40), Ok(()));
    }

    #[test]
    fn emails_are_plausible() {
        for good in ["a@b", "admin@example.test", "o'neil+x@a.b.c"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@.b"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
