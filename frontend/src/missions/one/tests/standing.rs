//! Whether what is written is saved: the line in the head of each side, and what came back from an earlier visit.

use leptos::prelude::*;
use tyrian_domain::execution::TestField;
use tyrian_domain::test::Side;

use super::form::{Standing, TestForm};
use super::values::{Part, label};
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonSize, Icon, clock};

/// The state of saving of a part, spoken when it changes.
#[component]
pub fn SaveState(
    /// the opened test
    form: TestForm,
    /// the part
    part: Part,
) -> impl IntoView {
    let standing = Memo::new(move |_| form.standing(part));
    let comparing = form.comparing();
    let shown = move || {
        let (icon, word, tone): (&'static str, String, &'static str) = match standing.get() {
            Standing::Saved(None) => return ().into_any(),
            Standing::Saved(Some(at)) => ("check", t!("Saved {}", clock(at).get(..5).unwrap_or_default()), "ok"),
            Standing::Waiting => ("pencil", t!("Not saved yet").to_owned(), "wait"),
            Standing::Saving => ("loader-circle", t!("Saving").to_owned(), "wait"),
            Standing::Offline => ("wifi-off", t!("Not saved: no connection, trying again").to_owned(), "bad"),
            Standing::Restored => ("history", t!("Restored, not saved").to_owned(), "bad"),
            Standing::Refused => ("circle-alert", t!("Not saved: see below").to_owned(), "bad"),
            Standing::Conflict => ("git-compare", t!("Not saved: changed by somebody else").to_owned(), "bad"),
        };
        view! { <span class="savebar__is" data-tone=tone><Icon name=icon size=14/>{word}</span> }.into_any()
    };
    let act = {
        move || match standing.get() {
            Standing::Conflict => {
                let comparing = comparing.clone();
                Some(view! { <Button size=ButtonSize::Small on_click=move |_| comparing.set(true)>{t!("Compare")}</Button> }.into_any())
            }
            Standing::Refused | Standing::Offline | Standing::Restored | Standing::Waiting => Some(
                view! { <Button size=ButtonSize::Small title=t!("Ctrl + Enter") on_click=move |_| form.save()>{t!("Save now")}</Button> }
                    .into_any(),
            ),
            Standing::Saved(_) | Standing::Saving => None,
        }
    };
    view! { <span class="push savebar" data-part=move || format!("{part:?}").to_lowercase()><span role="status">{shown}</span>{act}</span> }
}

/// The head of a side: whose it is, and whether it is saved or why it cannot be written.
#[component]
pub fn SideHead(
    /// the opened test
    form: TestForm,
    /// the side
    side: Side,
) -> impl IntoView {
    let (icon, word, mine, theirs, field, part) = match side {
        Side::Red => ("crosshair", t!("Red "), t!("what we did"), t!("what they did"), TestField::RedNotes, Part::Red),
        Side::Blue => ("radar", t!("Blue "), t!("what we saw"), t!("what they saw"), TestField::Logged, Part::Blue),
    };
    let writes = Memo::new(move |_| form.hands.get().on(side));
    let both = Memo::new(move |_| form.hands.get().red == form.hands.get().blue);
    let why = Memo::new(move |_| form.refusal(field));
    let about = move || match (both.get(), side, writes.get()) {
        (true, Side::Red, _) => t!("what was done"),
        (true, Side::Blue, _) => t!("what was seen"),
        (false, _, true) => mine,
        (false, _, false) => theirs,
    };
    let standing = Memo::new(move |_| form.standing(part));
    view! {
        <div class="side__head">
            <Icon name=icon/>{word}<span class="small">{about}</span>
            {move || match (why.get(), standing.get()) {
                (Some(text), Standing::Saved(_)) => {
                    let text = if writes.get() { text } else { t!("{} writes this", word.trim()) };
                    view! { <span class="push savebar savebar--locked"><Icon name="lock" size=14/>{text}</span> }.into_any()
                }
                _ => view! { <SaveState form=form part=part/> }.into_any(),
            }}
        </div>
    }
}

/// What came back from an earlier visit, with the way to keep it or not.
#[component]
pub fn Restored(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let fields = Memo::new(move |_| form.restored().into_iter().map(label).collect::<Vec<_>>());
    move || {
        let fields = fields.get();
        (!fields.is_empty()).then(|| {
            let list = fields.join(", ");
            view! {
                <div role="status">
                    <Banner kind=BannerKind::Info icon="history">
                        <span><b>{t!("What you had not saved is back: ")}</b>{list}"."</span>
                        <span class="push row row--1">
                            <Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| form.discard_restored()>{t!("Discard")}</Button>
                            <Button size=ButtonSize::Small on_click=move |_| form.save()>{t!("Save now")}</Button>
                        </span>
                    </Banner>
                </div>
            }
        })
    }
}
