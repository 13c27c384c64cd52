//! What became of each test and each technique: one table, filtered by the change in the URL.

use std::collections::BTreeMap;

use leptos::prelude::*;
use tyrian_api_types::synthesis::{Change, Comparison, TechniqueChange, TestChange};
use tyrian_domain::synthesis::percent;
use tyrian_domain::test::Outcome;
use uuid::Uuid;

use crate::missions::url::Url;
use crate::ui::{Badge, Button, ButtonSize, Card, Chip, EmptyState, LoadMore, OutcomeBadge, Pill, Seg, Table, Tone, words};

/// Rows drawn before somebody asks for more, and each time more.
const STEP: usize = 100;

/// The value of `show` for techniques; tests are shown without one.
const TECHNIQUES: &str = "techniques";

/// The same change seen from the other mission.
pub fn mirrored(change: Change) -> Change {
    match change {
        Change::Improved => Change::Worsened,
        Change::Worsened => Change::Improved,
        Change::New => Change::Gone,
        Change::Gone => Change::New,
        same => same,
    }
}

fn badge(change: Change) -> impl IntoView {
    let (tone, icon) = match change {
        Change::Improved => (Tone::Ok, "arrow-up"),
        Change::Worsened => (Tone::Error, "arrow-down"),
        Change::Same => (Tone::Plain, "minus"),
        Change::New => (Tone::Plain, "plus"),
        Change::Gone => (Tone::Plain, "x"),
        Change::NotAssessed => (Tone::Plain, "clock"),
    };
    view! { <Badge tone=tone icon=icon>{words(change.as_str())}</Badge> }
}

/// The two missions: id and name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Side {
    id: Uuid,
    name: String,
}

/// The outcome of a test in one of the missions, which leads to it.
fn outcome_link(side: &Side, test: Option<Uuid>, outcome: Option<Outcome>, name: &str) -> AnyView {
    let Some((test, outcome)) = test.zip(outcome) else { return absent() };
    let label = t!("{}: {} in {}", words(outcome.as_str()), name, side.name);
    view! { <a class="plain" href=format!("/missions/{}?test={test}", side.id) aria-label=label title=t!("Open it in {}", side.name)><OutcomeBadge outcome=outcome/></a> }
        .into_any()
}

/// The best outcome of a technique, and the share of its judged tests that are covered.
fn outcome_share(outcome: Option<Outcome>, ratio: Option<f64>) -> AnyView {
    let Some(outcome) = outcome else { return absent() };
    view! { <span class="row"><OutcomeBadge outcome=outcome/>{ratio.map(|ratio| view! { <span class="small muted nowrap">{percent(Some(ratio))}{t!(" covered")}</span> })}</span> }.into_any()
}

fn absent() -> AnyView {
    view! { <span class="faint">"–"<span class="sr">{t!("not in this mission")}</span></span> }.into_any()
}

fn test_row(one: &TestChange, before: &Side, now: &Side) -> AnyView {
    let (side, test) = match (one.mission_test_id, one.other_test_id) {
        (Some(test), _) => (now, Some(test)),
        (None, test) => (before, test),
    };
    let href = test.map(|test| format!("/missions/{}?test={test}", side.id));
    view! {
        <tr>
            <td>{badge(one.change)}</td>
            <th scope="row" class="compare__what">
                <a class="plain ink" href=href>{one.name.clone()}</a>
                <span class="small muted">{one.scenario_name.clone()}</span>
            </th>
            <td data-side-word=t!("Before")>{outcome_link(before, one.other_test_id, one.other_outcome, &one.name)}</td>
            <td data-side-word=t!("Now")>{outcome_link(now, one.mission_test_id, one.outcome, &one.name)}</td>
        </tr>
    }
    .into_any()
}

fn technique_row(one: &TechniqueChange) -> AnyView {
    view! {
        <tr>
            <td>{badge(one.change)}</td>
            <th scope="row" class="compare__what">
                <span class="row"><Chip code=one.external_id.clone()/><a class="plain ink" href=format!("/attack?technique={}", one.external_id)>{one.name.clone()}</a></span>
            </th>
            <td data-side-word=t!("Before")>{outcome_share(one.other_outcome, one.other_ratio)}</td>
            <td data-side-word=t!("Now")>{outcome_share(one.outcome, one.ratio)}</td>
        </tr>
    }
    .into_any()
}

/// The choice between tests and techniques, as the URL says it.
#[component]
fn Which(
    /// the page's URL
    url: Url,
    /// are techniques shown
    techniques: Memo<bool>,
) -> impl IntoView {
    let value = RwSignal::new(String::new());
    Effect::new(move |_| value.set(if techniques.get() { TECHNIQUES } else { "" }.to_owned()));
    view! {
        <Seg
            value=value
            label=t!("What is compared")
            options=vec![(String::new(), t!("Tests").to_owned()), (TECHNIQUES.to_owned(), t!("Techniques").to_owned())]
            on_change=move |to: String| url.push(&[("show", Some(to))])
        />
    }
}

/// The changes as filters, each with its number.
#[component]
fn Filters(
    /// the page's URL
    url: Url,
    /// the one in force
    change: Memo<Option<Change>>,
    /// how many there are of each
    counts: Memo<BTreeMap<Change, u64>>,
) -> impl IntoView {
    let put = move |to: Option<Change>| url.push(&[("change", to.map(|to| to.as_str().to_owned()))]);
    view! {
        <div class="toolbar scroll-x" role="group" aria-label=t!("What became of them")>
            <Pill
                label=t!("All")
                pressed=Signal::derive(move || change.read().is_none())
                count=Signal::derive(move || Some(counts.read().values().sum()))
                on_click=move |()| put(None)
            />
            {Change::ALL.iter().map(|one| {
                let one = *one;
                view! {
                    <Pill
                        label=words(one.as_str())
                        pressed=Signal::derive(move || change.get() == Some(one))
                        count=Signal::derive(move || Some(counts.read().get(&one).copied().unwrap_or(0)))
                        on_click=move |()| put((change.get_untracked() != Some(one)).then_some(one))
                    />
                }
            }).collect_view()}
        </div>
    }
}

/// The card.
#[component]
pub fn ChangesCard(
    /// the comparison
    comparison: Comparison,
    /// the page's URL
    url: Url,
) -> impl IntoView {
    let side = |one: &tyrian_api_types::synthesis::Compared| Side { id: one.mission.id, name: one.mission.name.clone() };
    let (now, before) = (side(&comparison.mission), side(&comparison.other));
    let comparison = StoredValue::new(comparison);
    let (show, change) = (url.param("show"), url.param("change"));
    let techniques = Memo::new(move |_| show.with(|show| show.as_deref() == Some(TECHNIQUES)));
    let change = Memo::new(move |_| change.with(|word| word.as_deref().and_then(Change::parse)));
    let counts = Memo::new(move |_| comparison.with_value(|all| if techniques.get() { all.techniques.clone() } else { all.tests.clone() }));
    let total = Memo::new(move |_| {
        counts.with(|counts| change.get().map_or_else(|| counts.values().sum(), |one| counts.get(&one).copied().unwrap_or(0)))
    });
    let most = RwSignal::new(STEP);
    Effect::new(move |_| {
        techniques.track();
        change.track();
        most.set(STEP);
    });
    let title = Signal::derive(move || if techniques.get() { t!("Technique by technique") } else { t!("Test by test") }.to_owned());
    let names = StoredValue::new((before.name.clone(), now.name.clone()));
    let rows = StoredValue::new(move || {
        let wanted = |one: Change| change.get().is_none_or(|change| change == one);
        comparison.with_value(|all| {
            if techniques.get() {
                all.technique_changes.iter().filter(|one| wanted(one.change)).take(most.get()).map(technique_row).collect_view()
            } else {
                all.test_changes
                    .iter()
                    .filter(|one| wanted(one.change))
                    .take(most.get())
                    .map(|one| test_row(one, &before, &now))
                    .collect_view()
            }
        })
    });
    let shown = Signal::derive(move || most.get().min(usize::try_from(total.get()).unwrap_or(usize::MAX)));
    let has_more = Signal::derive(move || (shown.get() as u64) < total.get());
    view! {
        <Card title=title count=Signal::derive(move || Some(total.get())) head=move || view! { <Which url=url techniques=techniques/> }>
            <div class="card__body card__body--tight"><Filters url=url change=change counts=counts/></div>
            <Show when=move || { total.get() > 0 } fallback=move || nothing(url, change)>
                <div class="compare__changes"><Table label=t!("What became of each")>
                    <thead><tr>
                        <th scope="col">{t!("Change")}</th>
                        <th scope="col">{move || if techniques.get() { t!("Technique") } else { t!("Test") }}</th>
                        <th scope="col" class="compare__side"><span class="trunc" title=names.with_value(|names| names.0.clone())>{t!("Before")}</span></th>
                        <th scope="col" class="compare__side"><span class="trunc" title=names.with_value(|names| names.1.clone())>{t!("Now")}</span></th>
                    </tr></thead>
                    <tbody>{move || rows.with_value(|rows| rows())}</tbody>
                </Table></div>
            </Show>
            {move || has_more.get().then(|| view! {
                <LoadMore shown=shown total=Signal::derive(move || Some(total.get())) has_more=has_more busy=Signal::stored(false) on_more=move |()| most.update(|most| *most += STEP)/>
            })}
        </Card>
    }
}

fn nothing(url: Url, change: Memo<Option<Change>>) -> AnyView {
    match change.get() {
        Some(one) => view! {
            <EmptyState title=t!("Nothing is “{}”", words(one.as_str()).to_lowercase()) text=t!("The filter leaves nothing of these two missions.") tight=true>
                <Button size=ButtonSize::Small on_click=move |_| url.push(&[("change", None)])>{t!("Show all")}</Button>
            </EmptyState>
        }
        .into_any(),
        None => view! { <EmptyState title=t!("Nothing to compare") text=t!("Neither mission has any that you may see.") tight=true/> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seen_from_the_other_side_and_back_it_is_the_same() {
        for change in Change::ALL {
            assert_eq!(mirrored(mirrored(*change)), *change);
        }
        assert_eq!(mirrored(Change::New), Change::Gone);
        assert_eq!(mirrored(Change::Improved), Change::Worsened);
        assert_eq!(mirrored(Change::NotAssessed), Change::NotAssessed);
    }
}
