//! Icons and glyphs out of the sprite that stands in the page (`frontend/icons.svg`).

use leptos::prelude::*;

/// A lucide icon by its name without prefix: `<Icon name="plus"/>`. Always beside a word, or in a button that has a name.
#[component]
pub fn Icon(
    /// the part after `i-` in the sprite
    #[prop(into)]
    name: Signal<&'static str>,
    /// 12, 14, 16 or 20 px
    #[prop(default = 16)]
    size: u8,
) -> impl IntoView {
    let class = match size {
        12 => "i i--12",
        14 => "i i--14",
        20 => "i i--20",
        _ => "i",
    };
    view! { <svg class=class aria-hidden="true"><use href=move || format!("#i-{}", name.get())></use></svg> }
}

/// One of Tyrian's own glyphs by its whole name: `<Glyph name="st-draft"/>` (levels `lv-*`, status `st-*`, states `ts-*`, severity `sev-*`).
#[component]
pub fn Glyph(
    /// the part after `g-` in the sprite
    #[prop(into)]
    name: Signal<String>,
    /// 12, 14 or 16 px
    #[prop(default = 14)]
    size: u8,
) -> impl IntoView {
    let class = match size {
        12 => "g g--12",
        16 => "g g--16",
        _ => "g",
    };
    view! { <svg class=class aria-hidden="true"><use href=move || format!("#g-{}", name.get())></use></svg> }
}

/// The mark. Its word stands beside it.
#[component]
pub fn Logo() -> impl IntoView {
    view! { <svg viewBox="0 0 32 32" aria-hidden="true"><use href="#logo"></use></svg> }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn sources(folder: &Path, into: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, into);
            } else if path.extension().is_some_and(|end| end == "rs") {
                into.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }

    #[test]
    fn every_icon_named_in_the_sources_is_in_the_sprite() {
        let sprite = include_str!("../../icons.svg");
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
        let mut missing = Vec::new();
        for (before, prefix) in [("<Icon name=\"", "i-"), (" icon=\"", "i-"), ("icon: \"", "i-"), ("<Glyph name=\"", "g-")] {
            for part in text.split(before).skip(1) {
                let name = part.split('"').next().unwrap();
                if !name.contains(['{', '\\']) && !sprite.contains(&format!("id=\"{prefix}{name}\"")) {
                    missing.push(name);
                }
            }
        }
        assert!(missing.is_empty(), "not in frontend/icons.svg: {missing:?}");
    }
}
