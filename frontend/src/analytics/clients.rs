//! Technique by client: the last outcome of each. Long lists are shown in part until somebody asks for all.

use std::collections::HashMap;

use leptos::prelude::*;
use tyrian_api_types::analytics::{ClientOutcome, CoverageAnswer, Period, TechniqueCoverage};
use tyrian_domain::test::Outcome;
use tyrian_domain::text::key as text_key;

use super::filter::Filter;
use super::outcome::word;
use crate::html::{push_attribute, push_text};
use crate::missions::Url;
use crate::ui::{Button, ButtonSize, Card, EmptyState, Pill, SearchInput, day, outcome_look};

/// Rows at first, where there are few clients.
const ROWS: usize = 200;
/// Cells at first, where there are many.
const CELLS: usize = 3_000;

/// A technique with its outcome at each client, in the order of the columns.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    external_id: String,
    name: String,
    /// id and name, for the search
    searched: String,
    cells: Vec<Option<ClientOutcome>>,
}

impl Row {
    fn of(technique: &TechniqueCoverage, place: &HashMap<&str, usize>) -> Self {
        let mut cells = vec![None; place.len()];
        for outcome in &technique.by_client {
            if let Some(cell) = place.get(outcome.client.as_str()).and_then(|at| cells.get_mut(*at)) {
                *cell = Some(outcome.clone());
            }
        }
        let searched = text_key(&format!("{} {}", technique.external_id, technique.name));
        Self { external_id: technique.external_id.clone(), name: technique.name.clone(), searched, cells }
    }

    /// The gravest outcome of all clients first, then how many clients have it.
    fn worst(&self) -> (u8, std::cmp::Reverse<usize>) {
        let graves = || self.cells.iter().flatten().map(|cell| cell.outcome.gravity());
        let worst = graves().min().unwrap_or_else(|| Outcome::NotAssessed.gravity());
        (worst, std::cmp::Reverse(graves().filter(|grave| *grave == worst).count()))
    }
}

fn rows_of(answer: &CoverageAnswer) -> Vec<Row> {
    let place: HashMap<&str, usize> = answer.clients.iter().enumerate().map(|(at, client)| (client.as_str(), at)).collect();
    answer.techniques.iter().map(|technique| Row::of(technique, &place)).collect()
}

/// Which rows, in which order.
fn chosen(rows: &[Row], text: &str, worst_first: bool) -> Vec<usize> {
    let wanted = text_key(text);
    let mut found: Vec<(usize, &Row)> = rows.iter().enumerate().filter(|(_, row)| row.searched.contains(&wanted)).collect();
    if worst_first {
        found.sort_by_key(|(at, row)| (row.worst(), *at));
    }
    found.into_iter().map(|(at, _)| at).collect()
}

/// How many rows are drawn at first.
fn at_first(clients: usize) -> usize {
    (CELLS / clients.max(1)).clamp(20, ROWS)
}

/// The card.
#[component]
pub fn ClientsCard(
    /// the techniques by their last outcome
    answer: CoverageAnswer,
    /// the page's URL
    url: Url,
    /// which missions
    filter: Memo<Filter>,
    /// how long a step is, for the links
    by: Memo<Period>,
) -> impl IntoView {
    let text = url.typed("q");
    let q = url.param("q");
    let worst = Memo::new(move |_| url.get("sort").as_deref() == Some("worst"));
    let rows = rows_of(&answer);
    let (count, first, clients) = (rows.len(), at_first(answer.clients.len()), answer.clients);
    let rows = StoredValue::new(rows);
    let all = RwSignal::new(false);
    let found = Memo::new(move |_| rows.with_value(|rows| chosen(rows, &q.get().unwrap_or_default(), worst.get())));
    let shown =
        Memo::new(move |_| found.with(|found| found.iter().copied().take(if all.get() { usize::MAX } else { first }).collect::<Vec<_>>()));
    let columns = StoredValue::new(clients.clone());
    let html = Memo::new(move |_| {
        let (filter, by) = (filter.get(), by.get());
        let alone = |client: &String| Filter { client: Some(client.clone()), ..filter.clone() }.carried(by);
        columns.with_value(|columns| {
            let suffixes: Vec<String> = columns.iter().map(alone).collect();
            shown.with(|shown| {
                rows.with_value(|rows| rows_html(shown.iter().filter_map(|at| rows.get(*at)), columns, &filter.carried(by), &suffixes))
            })
        })
    });
    view! {
        <Card
            title=t!("Technique by client, last outcome")
            count=Signal::stored(Some(count as u64))
            head=|| view! { <span class="small muted">{t!("only missions that you may see")}</span> }
        >
            {if count == 0 {
                view! { <EmptyState title=t!("No test names a technique") text=t!("Tests that carry an ATT&CK technique stand here, with what came of them at each client.") tight=true/> }.into_any()
            } else {
                view! {
                    <div class="toolbar clients__tools">
                        <SearchInput value=text label=t!("Search techniques") placeholder=t!("Technique id or name") main=true/>
                        <Pill label=t!("Worst first") icon="arrow-down" pressed=worst on_click=move |()| url.push(&[("sort", (!worst.get_untracked()).then(|| "worst".to_owned()))])/>
                        <span class="small muted num push" role="status">{move || match found.with(Vec::len) {
                            0 => t!("Nothing matches").to_owned(),
                            n if n == count => String::new(),
                            1 => "1 match".to_owned(),
                            n => t!("{n} matches"; n),
                        }}</span>
                    </div>
                    <div class="clients">
                        // Rows are grids of their own, which the browser draws only where they are in sight: as a table, thousands of
                        // cells are seconds. The roles say what they are.
                        <div class="table-wrap" role="region" aria-label=t!("Last outcome of each technique at each client") tabindex="0">
                            <table class="table" role="table" style:--n=columns.with_value(Vec::len).to_string()>
                                <thead role="rowgroup"><tr role="row">
                                    <th scope="col" role="columnheader">{t!("Technique")}</th>
                                    {clients.into_iter().map(|client| view! { <th scope="col" role="columnheader" class="clients__cell"><span class="clients__name" title=client.clone()>{client.clone()}</span></th> }).collect_view()}
                                </tr></thead>
                                <tbody role="rowgroup" inner_html=move || html.get()></tbody>
                            </table>
                        </div>
                    </div>
                    {move || found.with(Vec::is_empty).then(|| view! {
                        <EmptyState title=t!("Nothing matches") text=t!("No technique of these missions has these words in its id or name.") tight=true>
                            <Button size=ButtonSize::Small on_click=move |_| url.push(&[("q", None)])>{t!("Clear the search")}</Button>
                        </EmptyState>
                    })}
                    {move || (shown.with(Vec::len) < found.with(Vec::len)).then(|| view! {
                        <div class="table-more num">
                            <span>{t!("{} of {}", shown.with(Vec::len), found.with(Vec::len))}</span>
                            <Button size=ButtonSize::Small on_click=move |_| all.set(true)>{t!("Show all {}", found.with(Vec::len))}</Button>
                        </div>
                    })}
                    <div class="card__foot">{t!("The best outcome in the newest mission that assessed a test of the technique. A dash: no test of it was assessed there.")}</div>
                }.into_any()
            }}
        </Card>
    }
}

/// The rows as HTML: an id and a name, then an outcome for each client, each a link. `suffix` is what the address of a
/// technique ends with, `suffixes` the same for each client alone.
fn rows_html<'a>(rows: impl Iterator<Item = &'a Row>, clients: &[String], suffix: &str, suffixes: &[String]) -> String {
    let mut out = String::new();
    for row in rows {
        let path = ["/analytics/techniques/", row.external_id.as_str()].concat();
        out += "<tr role=\"row\"><th scope=\"row\" role=\"rowheader\" class=\"clients__what\"><a class=\"plain ink\"";
        push_attribute(&mut out, "href", &[&path, suffix]);
        push_attribute(&mut out, "title", &[&row.name]);
        out += "><span class=\"mono\">";
        push_text(&mut out, &row.external_id);
        out += "</span> ";
        push_text(&mut out, &row.name);
        out += "</a></th>";
        for ((client, suffix), cell) in clients.iter().zip(suffixes).zip(&row.cells) {
            out += "<td role=\"cell\" class=\"clients__cell\">";
            if let Some(cell) = cell {
                let (look, word) = (outcome_look(cell.outcome), word(cell.outcome));
                out += "<a class=\"clients__link\"";
                push_attribute(&mut out, "href", &[&path, suffix]);
                push_attribute(&mut out, "title", &[client, ": ", &word, ", ", &cell.mission.name, ", ", &day(cell.mission.day)]);
                out += "><span class=\"lvdot\"";
                push_attribute(&mut out, "data-lv", &[look]);
                out += "><svg class=\"g\" aria-hidden=\"true\"><use";
                push_attribute(&mut out, "href", &["#g-lv-", look]);
                out += "></use></svg><span class=\"sr\">";
                push_text(&mut out, &word);
                out += "</span></span></a>";
            } else {
                out += "<span class=\"faint\" aria-hidden=\"true\">–</span><span class=\"sr\">";
                push_text(&mut out, t!("No assessed test"));
                out += "</span>";
            }
            out += "</td>";
        }
        out += "</tr>";
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, name: &str, outcomes: &[Option<Outcome>]) -> Row {
        let cell = |outcome: &Option<Outcome>| {
            outcome.map(|outcome| {
                let text =
                    r#"{"id":"00000000-0000-0000-0000-000000000000","name":"M","client":"C","status":"completed","day":"2026-01-01"}"#;
                ClientOutcome { client: "C".to_owned(), outcome, mission: serde_json::from_str(text).unwrap() }
            })
        };
        Row {
            external_id: id.to_owned(),
            name: name.to_owned(),
            searched: text_key(&format!("{id} {name}")),
            cells: outcomes.iter().map(cell).collect(),
        }
    }

    #[test]
    fn the_worst_come_first_and_what_nobody_judged_last() {
        let rows = [
            row("T1", "a", &[Some(Outcome::Prevented), Some(Outcome::Logged)]),
            row("T2", "b", &[None, None]),
            row("T3", "c", &[Some(Outcome::Missed), Some(Outcome::Prevented)]),
            row("T4", "d", &[Some(Outcome::Missed), Some(Outcome::Missed)]),
        ];
        assert_eq!(chosen(&rows, "", true), [3, 2, 0, 1]);
        assert_eq!(chosen(&rows, "", false), [0, 1, 2, 3]);
    }

    #[test]
    fn names_are_only_text() {
        let rows = [row("T1", "<img src=x onerror=alert(1)>", &[Some(Outcome::Missed), None])];
        let html = rows_html(rows.iter(), &["\"><script>".to_owned(), "B".to_owned()], "?a=1&b=2", &[String::new(), String::new()]);
        assert!(!html.contains("<img") && !html.contains("<script") && html.contains("&lt;img src=x"), "{html}");
        assert!(html.contains("href=\"/analytics/techniques/T1?a=1&amp;b=2\""), "{html}");
        assert_eq!((html.matches("clients__link").count(), html.matches("No assessed test").count()), (1, 1));
    }

    #[test]
    fn a_search_finds_id_and_name_in_any_case() {
        let rows = [row("T1059.001", "PowerShell", &[]), row("T1003", "OS Credential Dumping", &[])];
        assert_eq!(chosen(&rows, "t1059", false), [0]);
        assert_eq!(chosen(&rows, "DUMP", false), [1]);
        assert!(chosen(&rows, "nothing", false).is_empty());
    }

    #[test]
    fn few_rows_are_drawn_where_there_are_many_clients() {
        assert_eq!((at_first(0), at_first(8), at_first(30), at_first(1_000)), (200, 200, 100, 20));
    }
}
