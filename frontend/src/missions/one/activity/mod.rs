//! The Activity tab: the mission's log, the newest on top, and what people say of the mission as a whole.

mod changes;
mod words;

use leptos::prelude::*;
use tyrian_api_types::events::MissionEvent;

use super::Here;
use super::talk::MissionComments;
use crate::loaded::Loaded;
use crate::missions::queries;
use crate::missions::url::{Url, use_url};
use crate::ui::{Button, ButtonSize, EmptyState, Icon, Pill, Select, SkeletonRows, Time, TimeFormat, clock, date_time, words as words_of};
use words::{Topic, act, field, object, sentence};

/// The tab.
#[component]
pub fn ActivityTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    view! {
        <div class="cols cols--wide">
            <Log here=here/>
            <MissionComments mission=here.id/>
        </div>
    }
}

#[component]
fn Log(
    /// the mission
    here: Here,
) -> impl IntoView {
    let url = use_url();
    let test = url.param("of");
    let topic = Memo::new(move |_| url.get("kind").and_then(|word| Topic::parse(&word)));
    let log = queries::use_events(here.id, test);
    // The newest event that was there when the page was opened, or was last seen: what is newer is tinted.
    let first = StoredValue::new(None::<i64>);
    let shown = Memo::new(move |_| {
        let topic = topic.get();
        log.query.data.with(|page| {
            let items = page.iter().flat_map(|page| &page.items);
            items.filter(|event| topic.is_none_or(|topic| Topic::of(event.kind) == topic)).cloned().collect::<Vec<_>>()
        })
    });
    let newest = Memo::new(move |_| log.query.data.with(|page| page.as_ref().and_then(|page| page.items.first().map(sentence))));
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<Option<String>>| {
        let now = newest.get();
        if let (Some(Some(before)), Some(now)) = (&before, &now)
            && before != now
        {
            said.set(now.clone());
        }
        now
    });
    let loaded = Memo::new(move |_| log.query.data.with(|page| page.as_ref().map_or(0, |page| page.items.len())));
    view! {
        <section class="card" aria-label=t!("Activity")>
            <div class="card__head">
                <h2>{t!("Activity")}</h2><span class="small muted hide-sm">{t!("the newest first")}</span>
                <span class="push log__of"><OfTest here=here url=url/></span>
            </div>
            <Filters url=url topic=topic/>
            <span class="sr" role="status">{move || said.get()}</span>
            <Loaded query=log.query.there() what=t!("The activity") skeleton=|| view! { <SkeletonRows rows=6/> } let:_ready>
                <ol class="log" aria-label=t!("What happened")>
                    <For each=move || shown.get() key=|event| event.sequence let:event>
                        {
                            if first.get_value().is_none() {
                                first.set_value(shown.with_untracked(|shown| shown.first().map(|event| event.sequence)));
                            }
                            let fresh = first.get_value().is_some_and(|first| event.sequence > first);
                            line(here, &event, fresh)
                        }
                    </For>
                </ol>
                {move || shown.with(Vec::is_empty).then(|| view! {
                    <EmptyState title=t!("Nothing here") text=if topic.get().is_some() { t!("Among what is loaded, nothing is of this kind.") } else { t!("Nothing has happened yet.") } tight=true/>
                })}
                <div class="table-more num">
                    <span role="status">{move || if topic.get().is_some() { t!("{} of the newest {}", shown.with(Vec::len), loaded.get()) } else { t!("{} shown", loaded.get()) }}</span>
                    {move || log.has_more.get().then(|| view! { <Button size=ButtonSize::Small busy=log.busy on_click=move |_| log.more.run(())>{t!("Show older")}</Button> })}
                </div>
            </Loaded>
        </section>
    }
}

#[component]
fn Filters(
    /// the page's URL
    url: Url,
    /// what is shown
    topic: Memo<Option<Topic>>,
) -> impl IntoView {
    view! {
        <div class="log__filters" role="group" aria-label=t!("Kind")>
            <Pill label=t!("All") pressed=Signal::derive(move || topic.get().is_none()) on_click=move |()| url.push(&[("kind", None)])/>
            {Topic::ALL.into_iter().map(|one| view! {
                <Pill label=crate::ui::words(one.code()) icon=one.icon() pressed=Signal::derive(move || topic.get() == Some(one)) on_click=move |()| url.push(&[("kind", Some(one.code().to_owned()))])/>
            }).collect_view()}
        </div>
    }
}

/// One test, or all of them.
#[component]
fn OfTest(
    /// the mission
    here: Here,
    /// the page's URL
    url: Url,
) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    Effect::new(move |_| chosen.set(url.get("of").unwrap_or_default()));
    let tests = Memo::new(move |_| {
        let mut options = vec![(String::new(), t!("All tests").to_owned())];
        let named = here.read(|data| {
            let tests = data.value.scenarios.iter().flat_map(|one| &one.tests);
            tests.map(|test| (test.id.to_string(), test.name.clone())).collect::<Vec<_>>()
        });
        options.extend(named.unwrap_or_default());
        options
    });
    view! { <Select value=chosen label=t!("Test") small=true options=tests on_change=move |id: String| url.push(&[("of", Some(id))])/> }
}

/// A moment of a change: the seconds count.
fn moment(at: chrono::DateTime<chrono::Utc>) -> String {
    let day = date_time(at);
    let day = day.split_once(',').map_or(day.as_str(), |(day, _)| day);
    format!("{day}, {}", clock(at))
}

/// One event.
fn line(here: Here, event: &MissionEvent, fresh: bool) -> impl IntoView + use<> {
    let who = event.actor.as_ref().map_or_else(|| t!("Somebody").to_owned(), |actor| actor.display_name.clone());
    let what = object(event).map(|object| match event.mission_test_id {
        Some(test) => view! { <a href=format!("/missions/{}?test={test}", here.id.get_untracked())>{object}</a> }.into_any(),
        None => view! { <span>{object}</span> }.into_any(),
    });
    let day = date_time(event.at);
    let changes = changes::told(&event.payload, moment, field);
    view! {
        <li class="log__line" data-fresh=fresh.then_some("")>
            <Icon name=Topic::of(event.kind).icon()/>
            <div class="log__text">
                <b>{who}</b>" "{act(event)}" "{what}
                {(!changes.is_empty()).then(|| view! {
                    <ul class="log__changes small" aria-label=t!("Changes")>
                        {changes.into_iter().map(|one| view! {
                            <li>
                                <span class="muted">{words_of(&one.field)}":"</span>" "
                                <span class="log__from">{one.from}</span><span aria-hidden="true">" → "</span><span class="sr">{t!(" became ")}</span><b>{one.to}</b>
                            </li>
                        }).collect_view()}
                    </ul>
                })}
            </div>
            <span class="log__at small muted"><Time at=event.at/><span class="hide-sm faint" aria-hidden="true">{day}</span></span>
            <span class="sr">", "<Time at=event.at format=TimeFormat::Full/></span>
        </li>
    }
}
