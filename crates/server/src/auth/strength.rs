//! Is a new password easy to guess? Not those in use: who has one may sign in with it.

use tyrian_domain::text::{self, Guessable};
use zxcvbn::feedback::{Feedback, Warning};
use zxcvbn::{Score, zxcvbn};

/// Guesses after which a password is found: a million, the words of leaked lists with what people add to them.
const FEWEST: Score = Score::Two;

/// Why the password is easy to guess, if it is, for somebody who knows this about its owner: address and name. The first 100
/// characters count.
pub fn fault(password: &str, about: &[&str]) -> Option<Guessable> {
    let own = words(about);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let found = zxcvbn(password, &own);
    if found.score() >= FEWEST {
        return None;
    }
    let longest = found.sequence().iter().max_by_key(|part| part.token.len());
    if longest.is_some_and(|part| own.contains(&text::key(&part.token).as_str())) {
        return Some(Guessable::Own);
    }
    Some(match found.feedback().and_then(Feedback::warning) {
        Some(Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => Guessable::Repeats,
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => Guessable::Sequence,
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => Guessable::Keys,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => Guessable::Date,
        _ => Guessable::Common,
    })
}

/// The words that somebody's address and name are made of, and these as a whole.
fn words(about: &[&str]) -> Vec<String> {
    let mut words = vec!["tyrian".to_owned()];
    for text in about.iter().map(|text| text::key(text)) {
        let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 2);
        words.extend(parts.map(str::to_owned));
        words.extend(text.split('@').map(str::to_owned));
        words.push(text.chars().filter(|c| c.is_alphanumeric()).collect());
        words.push(text);
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const ABOUT: &[&str] = &["grace.hopper@navy.example", "Grace Hopper"];

    #[test]
    fn common_passwords_are_refused_with_the_reason() {
        for (password, why) in [
            ("password1234", Guessable::Common),
            ("P@ssw0rd1234", Guessable::Common),
            ("Welcome12345", Guessable::Common),
            ("qwertyuiop123", Guessable::Common),
            ("administrator", Guessable::Common),
            ("1q2w3e4r5t6y", Guessable::Common),
            ("aaaaaaaaaaaaaaa", Guessable::Repeats),
            ("passwordpassword", Guessable::Repeats),
            ("abcdefghijklm", Guessable::Sequence),
            ("grace.hopper@navy.example", Guessable::Own),
            ("GraceHopper1", Guessable::Own),
            ("gracehopper2026", Guessable::Own),
            ("navy.example", Guessable::Own),
        ] {
            assert_eq!(fault(password, ABOUT), Some(why), "{password}");
        }
    }

    #[test]
    fn others_are_taken() {
        for password in [
            "correct horse battery staple",
            "a long enough password",
            "another good password",
            "tyrian-demo-2026",
            "kX9#vq2LmT7!",
            "Grace likes 7 green boats",
            "пароль для грейс 7",
            "私の長い合言葉は秘密です",
        ] {
            assert_eq!(fault(password, ABOUT), None, "{password}");
        }
    }

    #[test]
    fn the_longest_password_and_name_are_judged_in_a_moment() {
        let long = "a4@8(63!1|0$5+7%2".repeat(61);
        let name = "ab1 cd2 ".repeat(25);
        for password in
            [long.as_str(), &"a".repeat(1024), &"ab12".repeat(256), &"4@".repeat(512), &"passw0rd".repeat(128), &"é🦑".repeat(170)]
        {
            let begun = Instant::now();
            fault(password, &[&name, "o'neil+x@a.b.c"]);
            assert!(begun.elapsed() < Duration::from_secs(5), "{} took {:?}", &password[..8], begun.elapsed());
        }
    }
}
