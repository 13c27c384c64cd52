//! The Timeline tab: what red and blue did, on one time axis, with what lies between them. A day at a time, or all of them.

mod chart;
mod layout;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use leptos::{ev, html, prelude::*};
use tyrian_api_types::detections::Detection;
use uuid::Uuid;

use super::Here;
use super::tests::list::attack_id;
use super::tests::queries::use_all_detections;
use crate::missions::url::{Url, use_url};
use crate::shell::use_page_keys;
use crate::texts::{self, Shape};
use crate::ui::{Button, ButtonSize, EmptyState, Glyph, Icon, IconButton, Pill, Select, Table, Time, TimeFormat, dialog_is_open};
use chart::{Chart, Legend};
use layout::{End, Span, day_of, layout, median_gap};

/// Keys of the timeline, for the help.
const KEYS: [(&[&str], &str); 3] = [
    (&["←", "→"], mark!("From test to test, once one has the focus")),
    (&["+", "−"], mark!("Zoom in, zoom out")),
    (&["0"], mark!("Fit the day into the width")),
];

/// The steps of the zoom.
const ZOOMS: [u32; 5] = [1, 2, 4, 8, 16];
/// A last day with fewer tests than this is shown with all the others.
const ENOUGH: u64 = 4;
/// What `?day=` says for all of them.
const ALL: &str = "all";

/// Minutes east of UTC where the reader is, at that moment.
fn offset(at: chrono::DateTime<chrono::Utc>) -> i64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970")]
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.timestamp_millis() as f64));
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a zone")]
    let minutes = date.get_timezone_offset() as i64;
    -minutes
}

/// The tab.
#[component]
pub fn TimelineTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let url = use_url();
    let scenario = url.param("scenario");
    let rows = use_all_detections(here.id);
    let by_test = Memo::new(move |_| {
        let mut by_test = HashMap::<Uuid, Vec<Detection>>::new();
        rows.data.with(|rows| {
            rows.iter().flat_map(|rows| &rows.items).for_each(|row| by_test.entry(row.mission_test_id).or_default().push(row.clone()));
        });
        by_test
    });
    let all = Memo::new(move |_| {
        let wanted = scenario.get();
        let mut spans: Vec<Span> = here
            .read(|data| {
                let scenarios =
                    data.value.scenarios.iter().filter(|one| wanted.as_ref().is_none_or(|wanted| one.id.to_string() == *wanted));
                scenarios
                    .flat_map(|scenario| &scenario.tests)
                    .filter_map(|test| by_test.with(|rows| Span::of(test, attack_id(test), rows.get(&test.id).map(Vec::as_slice))))
                    .collect()
            })
            .unwrap_or_default();
        spans.sort_by_key(|span| (span.started, span.id));
        spans
    });
    let days = Memo::new(move |_| {
        let mut days = BTreeMap::<NaiveDate, u64>::new();
        all.with(|all| all.iter().for_each(|span| *days.entry(day_of(span.started, offset(span.started))).or_default() += 1));
        days
    });
    // The last day is what people come for, if there is enough of it.
    let day = Memo::new(move |_| match url.get("day").as_deref() {
        Some(ALL) => None,
        said => said
            .and_then(|day| day.parse::<NaiveDate>().ok())
            .filter(|day| days.with(|days| days.contains_key(day)))
            .or_else(|| days.with(|days| days.iter().next_back().filter(|(_, n)| **n >= ENOUGH || days.len() == 1).map(|(day, _)| *day))),
    });
    let shown = Memo::new(move |_| {
        let day = day.get();
        all.with(|all| {
            all.iter().filter(|span| day.is_none_or(|day| day_of(span.started, offset(span.started)) == day)).cloned().collect::<Vec<_>>()
        })
    });
    let nothing = Memo::new(move |_| all.with(Vec::is_empty) && scenario.get().is_none());
    move || {
        if nothing.get() {
            view! {
                <section class="card">
                    <EmptyState title=t!("Nothing has run yet") text=t!("The timeline lays red’s and blue’s times side by side. It begins when red starts the first test.")/>
                </section>
            }
            .into_any()
        } else {
            view! {
                <Tools here=here url=url days=days day=day/>
                <Drawing here=here url=url spans=shown day=day/>
                <AsTable here=here spans=shown many=Signal::derive(move || day.get().is_none())/>
            }
            .into_any()
        }
    }
}

#[component]
fn Tools(
    /// the mission
    here: Here,
    /// the page's URL
    url: Url,
    /// days with tests, and how many
    days: Memo<BTreeMap<NaiveDate, u64>>,
    /// the one shown; none: all
    day: Memo<Option<NaiveDate>>,
) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    Effect::new(move |_| chosen.set(url.get("scenario").unwrap_or_default()));
    let scenarios = Signal::derive(move || {
        let mut options = vec![(String::new(), t!("All scenarios").to_owned())];
        options.extend(
            here.read(|data| data.value.scenarios.iter().map(|one| (one.id.to_string(), one.name.clone())).collect::<Vec<_>>())
                .unwrap_or_default(),
        );
        options
    });
    let total = move || days.with(|days| days.values().sum::<u64>());
    view! {
        <div class="toolbar">
            <div class="row row--1 scroll-x" role="group" aria-label=t!("Day")>
                {move || (days.with(BTreeMap::len) > 1).then(|| view! {
                    <Pill label=t!("All days") count=Signal::derive(move || Some(total())) pressed=Signal::derive(move || day.get().is_none()) on_click=move |()| url.push(&[("day", Some(ALL.to_owned())), ("zoom", None)])/>
                })}
                {move || days.get().into_iter().map(|(one, n)| view! {
                    <Pill
                        label=texts::day(one, Shape::WeekdayAndDay)
                        count=Some(n)
                        pressed=Signal::derive(move || day.get() == Some(one))
                        on_click=move |()| url.push(&[("day", Some(one.to_string())), ("zoom", None)])
                    />
                }).collect_view()}
            </div>
            <div class="push tl__scenario">
                <Select value=chosen label=t!("Scenario") small=true options=scenarios on_change=move |id: String| url.push(&[("scenario", Some(id)), ("day", None)])/>
            </div>
        </div>
    }
}

#[component]
fn Drawing(
    /// the mission
    here: Here,
    /// the page's URL
    url: Url,
    /// what is shown, in order
    spans: Memo<Vec<Span>>,
    /// the day shown; none: all
    day: Memo<Option<NaiveDate>>,
) -> impl IntoView {
    let frame: NodeRef<html::Div> = NodeRef::new();
    let width = RwSignal::new(1_100.0);
    let measure = move || {
        if let Some(frame) = frame.get_untracked() {
            let now = f64::from(frame.client_width());
            if now > 0.0 && (now - width.get_untracked()).abs() > 1.0 {
                width.set(now);
            }
        }
    };
    Effect::new(move |_| {
        frame.track();
        request_animation_frame(measure);
    });
    let resized = window_event_listener(ev::resize, move |_| measure());
    let zoom =
        Memo::new(move |_| url.get("zoom").and_then(|zoom| zoom.parse::<u32>().ok()).filter(|zoom| ZOOMS.contains(zoom)).unwrap_or(1));
    let step = move |by: i8| {
        let at = ZOOMS.iter().position(|one| *one == zoom.get_untracked()).unwrap_or(0);
        let to = if by == 0 { Some(0) } else { at.checked_add_signed(by.into()) };
        if let Some(to) = to.and_then(|to| ZOOMS.get(to)) {
            url.replace(&[("zoom", (*to > 1).then(|| to.to_string()))]);
        }
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || crate::web::is_typing(event.target()) || dialog_is_open() {
            return;
        }
        match event.key().as_str() {
            "+" => step(1),
            "-" => step(-1),
            "0" => step(0),
            _ => {}
        }
    });
    use_page_keys(t!("On the timeline"), &KEYS);
    on_cleanup(move || {
        resized.remove();
        keys.remove();
    });
    let drawn = Memo::new(move |_| {
        spans.with(|spans| {
            let offset = spans.first().map_or(0, |span| offset(span.started));
            layout(spans, width.get(), f64::from(zoom.get()), offset)
        })
    });
    let told = RwSignal::new(None::<String>);
    let open = Callback::new(move |test: Uuid| url.go(format!("/missions/{}?test={test}", here.id.get_untracked())));
    let title = move || match day.get() {
        Some(day) => texts::day(day, Shape::WeekdayAndDate),
        None => t!("All days").to_owned(),
    };
    let sub = move || {
        spans.with(|spans| {
            let missed = spans.iter().filter(|span| span.end() == End::Missed).count();
            let mut parts = vec![crate::ui::count(spans.len() as u64, "test", "tests")];
            parts.extend(median_gap(spans).map(|gap| t!("median gap {gap}"; gap)));
            parts.extend((missed > 0).then(|| t!("{missed} not seen"; missed)));
            parts.join(" · ")
        })
    };
    view! {
        <section class="card" aria-label=t!("Timeline")>
            <div class="card__head tl__head">
                <h2>{title}</h2>
                <span class="small muted">{sub}</span>
                <span class="push"></span>
                <Legend/>
                <div class="btn-group hide-sm" role="group" aria-label=t!("Zoom")>
                    <IconButton icon="minus" label=t!("Zoom out") kind=crate::ui::ButtonKind::Plain disabled=Signal::derive(move || zoom.get() == 1) on_click=move |_| step(-1)/>
                    <Button size=ButtonSize::Small title=t!("Key 0") on_click=move |_| step(0)>{t!("Fit")}</Button>
                    <IconButton icon="plus" label=t!("Zoom in") kind=crate::ui::ButtonKind::Plain disabled=Signal::derive(move || Some(&zoom.get()) == ZOOMS.last()) on_click=move |_| step(1)/>
                </div>
            </div>
            <div class="tl hide-sm" node_ref=frame>
                {move || {
                    let spans = spans.get();
                    keep_focus();
                    if spans.is_empty() {
                        view! { <EmptyState title=t!("Nothing ran here") text=t!("No test of this scenario has been started.") tight=true/> }.into_any()
                    } else {
                        view! { <Chart spans=spans drawn=drawn.get() told=told on_open=open/> }.into_any()
                    }
                }}
            </div>
            <p class="tl__told hide-sm" aria-hidden="true">{move || told.get().unwrap_or_else(|| t!("Point at a test to read its times; Enter or a click opens it.").to_owned())}</p>
            <ol class="tlv only-sm" aria-label=t!("Tests in order of their start")>
                {move || {
                    let mut before = None;
                    let many = day.get().is_none();
                    spans
                        .get()
                        .into_iter()
                        .map(|span| {
                            let now = day_of(span.started, offset(span.started));
                            let heading = (many && before != Some(now)).then(|| view! { <li class="tlv__day">{texts::day(now, Shape::WeekdayAndDate)}</li> });
                            before = Some(now);
                            view! { {heading}{as_item(here, span)} }
                        })
                        .collect_view()
                }}
            </ol>
        </section>
    }
}

/// What others do draws the timeline anew: the focus stays on the test that has it.
fn keep_focus() {
    let Some(test) = document().active_element().and_then(|element| element.get_attribute("data-test")) else { return };
    request_animation_frame(move || {
        if let Some(element) = document().query_selector(&format!(".tl [data-test='{test}']")).ok().flatten() {
            crate::web::focus_element(&element);
        }
    });
}

/// How a test ended for blue, where no time tells it.
fn ended(end: End) -> AnyView {
    match end {
        End::Seen => ().into_any(),
        End::Missed => view! { <span class="badge" data-lv="none"><Glyph name="lv-none"/>{t!("Not seen")}</span> }.into_any(),
        End::Stopped => view! { <span class="badge" data-lv="prevented"><Glyph name="lv-prevented"/>{t!("Stopped")}</span> }.into_any(),
        other => view! { <span class="small muted">{crate::ui::words(other.word())}</span> }.into_any(),
    }
}

/// A test on a small screen: its moments under one another, the gaps between them.
fn as_item(here: Here, span: Span) -> impl IntoView {
    let href = format!("/missions/{}?test={}", here.id.get_untracked(), span.id);
    let moments = [
        ("ended", t!("Ended"), "red", span.ended),
        ("detected", t!("Detected"), "blue", span.detected),
        ("alerted", t!("Alerted"), "blue", span.alerted),
        ("responded", t!("Responded"), "blue", span.responded),
    ];
    let mut moments: Vec<_> = moments.into_iter().filter_map(|(mark, word, side, at)| Some((mark, word, side, at?))).collect();
    moments.sort_by_key(|moment| moment.3);
    let gaps: BTreeMap<&str, String> = span.gaps().into_iter().collect();
    view! {
        <li class="tlv__test">
            <div class="tlv__name">{span.code.clone().map(|code| view! { <span class="mono small">{code}</span> })}<a href=href>{span.name.clone()}</a></div>
            <div class="tlv__at" data-side="red"><Time at=span.started format=TimeFormat::Clock/><span>{t!("Started")}</span></div>
            {moments.into_iter().map(|(mark, word, side, at)| view! {
                <div class="tlv__at" data-side=side data-mark=mark>
                    <Time at=at format=TimeFormat::Clock/>
                    <span>{word}</span>
                    {gaps.get(mark).map(|gap| view! { <span class="gap">{gap.clone()}</span> })}
                </div>
            }).collect_view()}
            {ended(span.end())}
        </li>
    }
}

/// The same times in a table.
#[component]
fn AsTable(
    /// the mission
    here: Here,
    /// what is shown
    spans: Memo<Vec<Span>>,
    /// of several days
    many: Signal<bool>,
) -> impl IntoView {
    let moment = |at: Option<chrono::DateTime<chrono::Utc>>| match at {
        Some(at) => view! { <Time at=at format=TimeFormat::Clock/> }.into_any(),
        None => view! { <span class="faint">"–"</span> }.into_any(),
    };
    let gap_of =
        |span: &Span, word: &str| span.gaps().into_iter().find(|gap| gap.0 == word).map(|gap| view! { <span class="gap">{gap.1}</span> });
    view! {
        <section class="card hide-sm" aria-label=t!("The same as a table")>
            <div class="card__head"><h2>{t!("The same as a table")}</h2><span class="small muted row row--1"><Icon name="clock" size=14/>{t!("Gaps count from the start")}</span></div>
            <Table label=t!("Times of the tests")>
                <thead><tr>
                    <th scope="col">{t!("Id")}</th><th scope="col">{t!("Test")}</th><th scope="col" class="num">{t!("Started")}</th><th scope="col" class="num">{t!("Ended")}</th>
                    <th scope="col" class="num">{t!("Detected")}</th><th scope="col" class="num">{t!("Alerted")}</th><th scope="col" class="num">{t!("Responded")}</th>
                    <th scope="col">{t!("To detect")}</th><th scope="col">{t!("To alert")}</th><th scope="col">{t!("To respond")}</th>
                </tr></thead>
                <tbody>
                    {move || spans.get().into_iter().map(|span| view! {
                        <tr>
                            <td class="mono">{span.code.clone().unwrap_or_else(|| "–".to_owned())}</td>
                            <th scope="row"><a class="plain ink" href=format!("/missions/{}?test={}", here.id.get_untracked(), span.id)>{span.name.clone()}</a></th>
                            <td class="num mono nowrap">
                                {many.get().then(|| view! { <span class="tl__day">{texts::day(day_of(span.started, offset(span.started)), Shape::ShortDay)}</span> })}
                                {moment(Some(span.started))}
                            </td>
                            <td class="num mono">{moment(span.ended)}</td>
                            <td class="num mono">{moment(span.detected)}</td>
                            <td class="num mono">{moment(span.alerted)}</td>
                            <td class="num mono">{moment(span.responded)}</td>
                            <td>{gap_of(&span, "detected")}{ended(span.end())}</td>
                            <td>{gap_of(&span, "alerted")}</td>
                            <td>{gap_of(&span, "responded")}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </Table>
        </section>
    }
}
