//! What the app says, in the reader's language.
//!
//! The English text is the key: [`t!`] looks it up, and where there is no other language, or a text has not been translated
//! yet, says it as it stands in the code. `scripts/texts.mjs` gathers all of them into `frontend/texts/en.json`, the one
//! catalogue; another language is one more file there with the same keys (docs/frontend.md). `boot.js` chooses the language
//! and fetches its file before the app starts, so that nothing here waits.
//!
//! A text with parts has places for them, `{}` in the order of the arguments, `{name}` by name; a translation may use `{1}`,
//! counted from 0, to put them in another order. A number with its word goes through [`count`], since languages have more
//! forms than one and many.

mod written;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fmt::{Display, Write};

use wasm_bindgen::{JsCast, JsValue};

pub use written::{Shape, day, days, local, number, tenths, utc};

/// A text in the reader's language: `t!("Sign in")` is a `&'static str`, `t!("{} of {} tests", n, all)` and
/// `t!("Delete {name}?"; name)` are `String`s.
macro_rules! t {
    ($text:literal) => {
        $crate::texts::tr($text)
    };
    ($text:literal; $($name:ident),+ $(,)?) => {
        $crate::texts::fill($crate::texts::tr($text), &[$((stringify!($name), &$name as &dyn std::fmt::Display)),+])
    };
    ($text:literal, $($value:expr),+ $(,)?) => {
        $crate::texts::fill($crate::texts::tr($text), &[$(("", &$value as &dyn std::fmt::Display)),+])
    };
}

/// Marks a text of a constant for the catalogue; where it is shown it goes through [`tr`].
macro_rules! mark {
    ($text:literal) => {
        $text
    };
}

/// Another language than English.
struct Language {
    texts: HashMap<&'static str, &'static str>,
    /// the forms of a counted word, by CLDR's category: `one`, `few`, `other`
    counted: HashMap<&'static str, Vec<(String, &'static str)>>,
    rules: js_sys::Intl::PluralRules,
}

thread_local! {
    static LANGUAGE: OnceCell<Option<Language>> = const { OnceCell::new() };
}

/// Texts of the catalogue live as long as the app.
fn kept(text: JsValue) -> Option<&'static str> {
    text.as_string().map(|text| &*text.leak())
}

impl Language {
    /// What `boot.js` fetched, if the reader's language is not English.
    fn fetched() -> Option<Self> {
        // Native tests have no JavaScript to ask.
        if cfg!(not(target_arch = "wasm32")) {
            return None;
        }
        let texts = js_sys::Reflect::get(&js_sys::global(), &"tyrianTexts".into()).ok()?.dyn_into::<js_sys::Object>().ok()?;
        let mut language = Self {
            texts: HashMap::new(),
            counted: HashMap::new(),
            rules: js_sys::Intl::PluralRules::new(&js_sys::Array::of1(&locale().into()), &js_sys::Object::new()),
        };
        for (key, said) in entries(&texts) {
            let Some(key) = kept(key) else { continue };
            if let Some(forms) = said.dyn_ref::<js_sys::Object>().filter(|_| !said.is_string()) {
                let forms = entries(forms).filter_map(|(category, form)| Some((category.as_string()?, kept(form)?))).collect();
                language.counted.insert(key, forms);
            } else if let Some(said) = kept(said) {
                language.texts.insert(key, said);
            }
        }
        Some(language)
    }
}

fn entries(object: &js_sys::Object) -> impl Iterator<Item = (JsValue, JsValue)> {
    js_sys::Object::entries(object).into_iter().map(|pair| {
        let pair = js_sys::Array::from(&pair);
        (pair.get(0), pair.get(1))
    })
}

fn with_language<T>(ask: impl FnOnce(&Language) -> Option<T>) -> Option<T> {
    LANGUAGE.with(|language| language.get_or_init(Language::fetched).as_ref().and_then(ask))
}

/// The locale by which dates and numbers are written: the reader's own where it is of the app's language, else the app's
/// language. Both are on the page: `boot.js` writes the one into `<html lang>`, the browser knows the other.
pub fn locale() -> String {
    let language = language();
    let own = leptos::prelude::window().navigator().language();
    match own {
        Some(own) if own.split('-').next() == language.split('-').next() => own,
        _ => language,
    }
}

/// Where the reader's choice of a language is kept; `boot.js` reads it.
const CHOSEN: &str = "tyrian.language";

/// The languages that the app can be read in, each with its name in itself: `("fr", "français")`.
pub fn languages() -> Vec<(String, String)> {
    let there = js_sys::Reflect::get(&js_sys::global(), &"tyrianLanguages".into()).ok();
    let there = there.and_then(|there| there.dyn_into::<js_sys::Array>().ok()).unwrap_or_default();
    there
        .iter()
        .filter_map(|pair| {
            let pair = js_sys::Array::from(&pair);
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

/// The language that is spoken now.
pub fn language() -> String {
    leptos::prelude::document().document_element().and_then(|html| html.get_attribute("lang")).unwrap_or_else(|| "en".to_owned())
}

/// Speaks another language from now on, in this browser. The page is loaded anew: texts are no signals.
pub fn choose_language(code: &str) {
    crate::web::store(CHOSEN, Some(code));
    let _ = leptos::prelude::window().location().reload();
}

/// `text` in the reader's language. For what [`mark!`] has marked; elsewhere [`t!`] says the same shorter.
#[inline(never)] // two thousand callers
pub fn tr(text: &'static str) -> &'static str {
    with_language(|language| language.texts.get(text).copied()).unwrap_or(text)
}

/// `template` with its places filled.
#[inline(never)]
pub fn fill(template: &str, parts: &[(&str, &dyn Display)]) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut next = 0;
    let mut rest = template;
    while let Some((before, place)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = place.split_once('}') else {
            rest = place;
            break;
        };
        let part = if name.is_empty() {
            next += 1;
            parts.get(next - 1)
        } else if let Ok(index) = name.parse::<usize>() {
            parts.get(index)
        } else {
            parts.iter().find(|(of, _)| *of == name)
        };
        if let Some((_, part)) = part {
            let _ = write!(out, "{part}");
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A number with its word: `1 test`, `3 tests`. Both words go into the catalogue as one entry, `1 test|{n} tests`, whose value
/// in another language is an object of CLDR's categories: `{"one": "{n} essai", "other": "{n} essais"}`.
#[inline(never)]
pub fn count(n: u64, one: &str, many: &str) -> String {
    with_language(|language| {
        let forms = language.counted.get(format!("1 {one}|{{n}} {many}").as_str())?;
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let category = language.rules.select(n as f64).as_string()?;
        let form = forms.iter().find(|(of, _)| *of == category).or_else(|| forms.iter().find(|(of, _)| of == "other"))?;
        Some(fill(form.1, &[("n", &number(n))]))
    })
    .unwrap_or_else(|| format!("{} {}", number(n), if n == 1 { one } else { many }))
}

/// A word of the API as people read it: `in_progress` → “In progress”.
pub fn words(code: &str) -> String {
    let english = tyrian_domain::text::words(code);
    with_language(|language| language.texts.get(english.as_str()).map(|said| (*said).to_owned())).unwrap_or(english)
}

/// An English text that comes from elsewhere, in the reader's language where the catalogue has it: the words of a code, what a
/// shared rule says of a fault. A text whose places are filled already is known by what stands around them.
pub fn spoken(english: String) -> String {
    with_language(|language| {
        if let Some(said) = language.texts.get(english.as_str()) {
            return Some((*said).to_owned());
        }
        let fitting = language.texts.iter().filter_map(|(template, said)| Some((template.len(), said, parts_of(template, &english)?)));
        let (_, said, parts) = fitting.max_by_key(|(length, ..)| *length)?;
        let parts: Vec<(&str, &dyn Display)> = parts.iter().map(|(name, part)| (*name, part as &dyn Display)).collect();
        Some(fill(said, &parts))
    })
    .unwrap_or(english)
}

/// What fills the places of `template` in `text`, if it is made of it. A template of nothing but places fits nothing.
fn parts_of<'a>(template: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let (before, mut places) = template.split_once('{')?;
    let mut rest = text.strip_prefix(before)?;
    let mut parts = Vec::new();
    let mut fixed = before.len();
    loop {
        let (name, after) = places.split_once('}')?;
        let (until, next) = after.split_once('{').map_or((after, None), |(until, next)| (until, Some(next)));
        fixed += until.len();
        let (part, behind) = match next {
            None => (rest.strip_suffix(until)?, ""),
            Some(_) => rest.split_once(until).filter(|_| !until.is_empty())?,
        };
        parts.push((name, part));
        rest = behind;
        match next {
            Some(next) => places = next,
            None => return (fixed > 3).then_some(parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_order_by_number_and_by_name() {
        assert_eq!(fill("{} of {} tests", &[("", &3), ("", &"ten")]), "3 of ten tests");
        assert_eq!(fill("{1}: {0}", &[("", &3), ("", &"ten")]), "ten: 3");
        assert_eq!(fill("Delete {name}?", &[("name", &"{n}")]), "Delete {n}?");
        assert_eq!(fill("{none} is {left", &[("name", &1)]), " is left");
        assert_eq!(fill("plain", &[]), "plain");
    }

    #[test]
    fn a_text_is_known_by_what_stands_around_its_places() {
        assert_eq!(parts_of("At most {} characters.", "At most 200 characters."), Some(vec![("", "200")]));
        assert_eq!(parts_of("The {side} side writes this.", "The red side writes this."), Some(vec![("side", "red")]));
        assert_eq!(parts_of("Between {} and {} characters.", "Between 12 and 1024 characters."), Some(vec![("", "12"), ("", "1024")]));
        assert_eq!(parts_of("At most {}.", "At least 3."), None);
        assert_eq!(parts_of("{} {}", "Quiet Ledger"), None, "nothing to know it by");
        assert_eq!(parts_of("No places.", "No places."), None);
    }

    #[test]
    fn english_is_said_as_it_stands() {
        let name = "Night Ferry";
        assert_eq!(t!("Sign in"), "Sign in");
        assert_eq!(t!("Delete {name}?"; name), "Delete Night Ferry?");
        assert_eq!(t!("{} of {}", 1, "2"), "1 of 2");
        assert_eq!(count(1, "test", "tests"), "1 test");
        assert_eq!(words("in_progress"), "In progress");
    }
}
