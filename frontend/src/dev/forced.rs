//! Hover, focus and press without a hand: a second stylesheet says of `[data-force~=hover]` what the app's says of `:hover`.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Element;

/// The pseudo-classes, each with the word that stands for it.
const PSEUDO: [(&str, &str); 3] = [(":focus-visible", "focus"), (":hover", "hover"), (":active", "active")];

/// How the page itself is laid out. It stands here and not among the stylesheets, which the released app has too.
const LAYOUT: &str = "
.dev__row { display: flex; flex-wrap: wrap; gap: var(--sp-3) var(--sp-5); align-items: flex-start; }
.dev__state { display: flex; flex-direction: column; gap: var(--sp-1); min-width: 0; }
.menu.dev__menu { position: static; }
";

/// A rule of the app's stylesheet as it says the same of the words; none where it speaks of no such state.
fn twin(rule: &str) -> Option<String> {
    PSEUDO
        .iter()
        .any(|(pseudo, _)| rule.contains(pseudo))
        .then(|| PSEUDO.iter().fold(rule.to_owned(), |rule, (pseudo, word)| rule.replace(pseudo, &format!("[data-force~=\"{word}\"]"))))
}

/// Writes the second stylesheet, and the words onto what stands under `[data-states]`.
pub fn watch() {
    let _ = write_sheet();
    request_animation_frame(|| {
        let Ok(places) = document().query_selector_all("[data-states]:not([data-states=\"\"])") else { return };
        for place in (0..places.length()).filter_map(|n| places.get(n)?.dyn_into::<Element>().ok()) {
            let state = place.get_attribute("data-states").unwrap_or_default();
            let Ok(parts) = place.query_selector_all("*") else { continue };
            for part in (0..parts.length()).filter_map(|n| parts.get(n)?.dyn_into::<Element>().ok()) {
                let _ = part.set_attribute("data-force", &state);
            }
        }
    });
}

fn get(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    js_sys::Reflect::get(of, &name.into())
}

/// What is in a list of the page's styles.
fn listed(list: &JsValue) -> Vec<JsValue> {
    js_sys::Array::from(list).to_vec()
}

fn write_sheet() -> Result<(), JsValue> {
    let document: JsValue = document().into();
    let mut text = LAYOUT.to_owned();
    for sheet in listed(&get(&document, "styleSheets")?) {
        // one of another origin does not let itself be read
        let Ok(rules) = get(&sheet, "cssRules") else { continue };
        for rule in listed(&rules) {
            text.extend(get(&rule, "cssText")?.as_string().as_deref().and_then(twin));
        }
    }
    let make: js_sys::Function = get(&window(), "CSSStyleSheet")?.dyn_into()?;
    let sheet = js_sys::Reflect::construct(&make, &js_sys::Array::new())?;
    let fill: js_sys::Function = get(&sheet, "replaceSync")?.dyn_into()?;
    fill.call1(&sheet, &text.into())?;
    js_sys::Reflect::set(&document, &"adoptedStyleSheets".into(), &js_sys::Array::of1(&sheet))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::twin;

    #[test]
    fn a_rule_has_a_twin_where_it_speaks_of_a_state() {
        assert_eq!(twin(".btn { color: red }"), None);
        assert_eq!(twin(".btn:hover { color: red }").as_deref(), Some(".btn[data-force~=\"hover\"] { color: red }"));
        assert_eq!(twin("a:focus-visible, a:active {}").as_deref(), Some("a[data-force~=\"focus\"], a[data-force~=\"active\"] {}"));
        assert_eq!(twin(".mission:focus-within {}"), None);
    }
}
