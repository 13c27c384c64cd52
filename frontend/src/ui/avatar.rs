//! People, as initials in a ring of their side's colour.

use leptos::prelude::*;

/// The first letters of the first and the last word of a name.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.last().and_then(|word| word.chars().next());
    let text: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    if text.is_empty() { "?".to_owned() } else { text }
}

/// One person. `side` is a role in a mission: `red`, `blue`, `purple` or `observer`.
#[component]
pub fn Avatar(
    /// whole name
    #[prop(into)]
    name: String,
    /// role in the mission, where there is one
    #[prop(optional, into)]
    side: Option<String>,
    /// 20 px
    #[prop(optional)]
    small: bool,
    /// 32 px
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let label = side.as_ref().map_or_else(|| name.clone(), |side| format!("{name}, {side}"));
    let class = match (small, large) {
        (true, _) => "avatar avatar--sm",
        (_, true) => "avatar avatar--lg",
        _ => "avatar",
    };
    view! { <span class=class data-side=side title=label.clone() role="img" aria-label=label>{initials(&name)}</span> }
}

/// A few people; more than `most` end in a number. Each is name and side.
#[component]
pub fn Avatars(
    /// name and side
    people: Vec<(String, Option<String>)>,
    /// how many are drawn
    #[prop(default = 3)]
    most: usize,
) -> impl IntoView {
    let rest = people.len().saturating_sub(most);
    view! {
        <span class="avatars">
            {people
                .into_iter()
                .take(most)
                .map(|(name, side)| match side {
                    Some(side) => view! { <Avatar name=name side=side/> }.into_any(),
                    None => view! { <Avatar name=name/> }.into_any(),
                })
                .collect_view()}
            {(rest > 0).then(|| view! { <span class="avatar avatar--more"><span aria-hidden="true">"+"{rest}</span><span class="sr">{rest}{t!(" more")}</span></span> })}
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_take_first_and_last_word() {
        assert_eq!(initials("Ines Marchetti"), "IM");
        assert_eq!(initials("élodie de la Tour"), "ÉT");
        assert_eq!(initials("root"), "R");
        assert_eq!(initials("  "), "?");
    }
}
