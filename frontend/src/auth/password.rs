//! A new password with its meter.

use leptos::prelude::*;
use tyrian_domain::text::PASSWORD_BYTES;

use crate::ui::{Field, TextInput};

/// How a new password is doing: word of the meter, share of the bar, sentence.
fn judge(password: &str) -> (&'static str, u32, String) {
    let (min, characters) = (*PASSWORD_BYTES.start(), password.chars().count());
    let distinct = password.chars().collect::<std::collections::BTreeSet<_>>().len();
    let share = u32::try_from(characters * 100 / 24).unwrap_or(100).min(100);
    if password.is_empty() {
        ("", 0, t!("At least {min} characters. A sentence is easy to remember and hard to guess."; min))
    } else if password.len() < min {
        ("weak", share, t!("{characters} characters, at least {min} are needed."; characters, min))
    } else if distinct < 6 {
        ("weak", 30, t!("{characters} characters, few different ones: easy to guess."; characters))
    } else if characters < 16 {
        ("fair", share, t!("{characters} characters, fair. At least {min} are needed."; characters, min))
    } else {
        ("strong", share, t!("{characters} characters, strong. At least {min} are needed."; characters, min))
    }
}

/// A new password: how good it is shows while it is typed.
#[component]
pub fn NewPassword(
    /// what is typed
    value: RwSignal<String>,
    /// what is wrong with it
    #[prop(into)]
    error: Signal<Option<String>>,
    /// what it is called
    #[prop(default = t!("Password"))]
    label: &'static str,
) -> impl IntoView {
    let verdict = Memo::new(move |_| judge(&value.read()));
    view! {
        <Field label=label hint=Signal::derive(move || verdict.get().2) error=error>
            <TextInput value=value kind="password" autocomplete="new-password"/>
            <div class="progress progress--task meter" data-strength=move || verdict.get().0 aria-hidden="true">
                <i style:--v=move || verdict.get().1.to_string()></i>
            </div>
        </Field>
    }
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn a_password_is_judged_by_length_and_variety() {
        assert_eq!(judge("short").0, "weak");
        assert_eq!(judge("aaaaaaaaaaaaaaaaaaaa").0, "weak");
        assert_eq!(judge("correct horse").0, "fair");
        assert_eq!(judge("correct horse battery").0, "strong");
    }
}
