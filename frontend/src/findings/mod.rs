//! `/findings`: the gaps that somebody works on, over all missions that the reader sees. One is edited on its test.

mod queries;

use leptos::prelude::*;
use tyrian_api_types::findings::Finding;
use tyrian_domain::test::FindingStatus;

use crate::loaded::Loaded;
use crate::missions::{ClientSearch, Url, use_url};
use crate::shell::Page;
use crate::ui::{
    Avatar, Badge, Button, ButtonSize, Chip, EmptyState, Icon, LoadMore, Pill, SearchInput, Select, Severity, SkeletonRows, Tone, day,
    words,
};
use queries::{Filter, use_findings};

/// The statuses of the URL that exist, in their order.
fn statuses(text: Option<&str>) -> Vec<FindingStatus> {
    let named: Vec<&str> = text.unwrap_or_default().split(',').map(str::trim).collect();
    FindingStatus::ALL.iter().filter(|status| named.contains(&status.as_str())).copied().collect()
}

/// The same with one put in or taken out, for the URL.
fn toggled(now: &[FindingStatus], one: FindingStatus) -> Option<String> {
    let on = now.contains(&one);
    let next = FindingStatus::ALL.iter().filter(|status| if **status == one { !on } else { now.contains(status) });
    let text = next.map(|status| status.as_str()).collect::<Vec<_>>().join(",");
    (!text.is_empty()).then_some(text)
}

fn filter_of(url: Url) -> Memo<Filter> {
    Memo::new(move |_| {
        let status = statuses(url.get("status").as_deref());
        let text = status.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(",");
        Filter {
            status: (!text.is_empty()).then_some(text),
            owner: url.get("owner").filter(|owner| owner == "me" || owner == "none" || owner.parse::<uuid::Uuid>().is_ok()),
            client: url.get("client"),
            q: url.get("q"),
        }
    })
}

/// Is work on it over?
fn is_done(status: FindingStatus) -> bool {
    matches!(status, FindingStatus::Fixed | FindingStatus::Verified | FindingStatus::Accepted)
}

fn tone(status: FindingStatus) -> Tone {
    match status {
        FindingStatus::Open => Tone::Warn,
        FindingStatus::InProgress => Tone::Accent,
        FindingStatus::Fixed | FindingStatus::Verified => Tone::Ok,
        FindingStatus::Accepted => Tone::Plain,
    }
}

/// The page.
#[component]
pub fn FindingsPage() -> impl IntoView {
    let url = use_url();
    let filter = filter_of(url);
    let list = use_findings(filter);
    let filtered = Memo::new(move |_| filter.with(|filter| *filter != Filter::default()));
    let items = Memo::new(move |_| list.query.data.with(|page| page.as_ref().map(|page| page.items.clone()).unwrap_or_default()));
    let total = Memo::new(move |_| list.query.data.with(|page| page.as_ref().and_then(|page| page.total)));
    let empty = Memo::new(move |_| items.with(Vec::is_empty));
    view! {
        <Page title=t!("Findings")>
            <Filters url=url filter=filter/>
            <section class="card" aria-label=t!("Findings")>
                <Loaded query=list.query.there() what=t!("The findings") skeleton=|| view! { <SkeletonRows rows=6/> } let:_there>
                    {move || if empty.get() {
                        if filtered.get() {
                            view! {
                                <EmptyState title=t!("No finding fits") text=t!("The filters leave nothing.") tight=true>
                                    <Button size=ButtonSize::Small on_click=move |_| url.push(&[("status", None), ("owner", None), ("client", None), ("q", None)])>{t!("Clear filters")}</Button>
                                </EmptyState>
                            }
                            .into_any()
                        } else {
                            view! { <EmptyState title=t!("No findings yet") text=t!("A finding is a gap that somebody works on. It is opened on a test, with an owner and a date, and stands here until it is closed.")/> }.into_any()
                        }
                    } else {
                        view! {
                            <div class="frow frow--head overline" aria-hidden="true">
                                <span>{t!("Finding")}</span><span>{t!("Severity")}</span><span>{t!("Status")}</span><span>{t!("Owner")}</span><span>{t!("Due")}</span>
                            </div>
                            <ul class="frows" aria-label=t!("Findings")>
                                <For each=move || items.get() key=|one| (one.mission_test_id, one.version, one.mission_name.clone()) let:one>{row(one)}</For>
                            </ul>
                            <LoadMore shown=Signal::derive(move || items.with(Vec::len)) total=total has_more=list.has_more busy=list.busy on_more=list.more/>
                        }
                        .into_any()
                    }}
                </Loaded>
            </section>
        </Page>
    }
}

#[component]
fn Filters(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<Filter>,
) -> impl IntoView {
    let text = url.typed("q");
    let now = Memo::new(move |_| filter.with(|filter| statuses(filter.status.as_deref())));
    let owner = RwSignal::new(String::new());
    Effect::new(move |_| owner.set(filter.with(|filter| filter.owner.clone()).unwrap_or_default()));
    let owners = Signal::derive(move || {
        let mut options = vec![
            (String::new(), t!("Any owner").to_owned()),
            ("me".to_owned(), t!("Mine").to_owned()),
            ("none".to_owned(), t!("Nobody’s").to_owned()),
        ];
        let other = filter.with(|filter| filter.owner.clone()).filter(|owner| owner != "me" && owner != "none");
        options.extend(other.map(|id| (id, t!("One person’s").to_owned())));
        options
    });
    let client = Memo::new(move |_| filter.with(|filter| filter.client.clone()));
    view! {
        <div class="toolbar">
            <SearchInput value=text label=t!("Search findings") placeholder=t!("Words of the test or the mission") main=true/>
            {move || match client.get() {
                Some(client) => view! { <Chip name=t!("Client {client}"; client) on_remove=move |()| url.push(&[("client", None)])/> }.into_any(),
                None => view! { <ClientSearch url=url/> }.into_any(),
            }}
            <div class="push toolbar__order"><Select value=owner label=t!("Owner") options=owners on_change=move |owner: String| url.push(&[("owner", Some(owner))])/></div>
        </div>
        <div class="toolbar scroll-x" role="group" aria-label=t!("Status")>
            <Pill label=t!("All") pressed=Signal::derive(move || now.with(Vec::is_empty)) on_click=move |()| url.push(&[("status", None)])/>
            {FindingStatus::ALL.iter().map(|status| {
                let status = *status;
                view! {
                    <Pill
                        label=words(status.as_str())
                        pressed=Signal::derive(move || now.with(|now| now.contains(&status)))
                        on_click=move |()| url.push(&[("status", now.with_untracked(|now| toggled(now, status)))])
                    />
                }
            }).collect_view()}
        </div>
    }
}

/// One finding.
fn row(one: Finding) -> impl IntoView {
    let late = one.due.is_some_and(|due| !is_done(one.status) && crate::web::today().is_some_and(|today| due < today));
    let code = one.mitre_tags.iter().map(|tag| tag.external_id.as_str()).max_by_key(|id| id.len()).map(str::to_owned);
    let (mission, client) = (one.mission_name.clone(), one.client.clone());
    let owner_id = one.owner.as_ref().map(|owner| owner.id);
    view! {
        <li class="frow">
            <div class="frow__what">
                <a class="frow__name" href=format!("/missions/{}?test={}", one.mission_id, one.mission_test_id)>{one.test_name.clone()}</a>
                <span class="small muted trunc">
                    {code.map(|code| view! { <span class="mono">{code}</span>" · " })}
                    <a class="plain" href=format!("/missions/{}", one.mission_id)>{mission}</a>" · "{client}
                    {one.reference.clone().map(|reference| view! { " · "<span class="mono">{reference}</span> })}
                </span>
            </div>
            <span><span class="sr">{t!("Severity ")}</span><Severity level=one.severity.as_str()/></span>
            <span><Badge tone=tone(one.status)>{words(one.status.as_str())}</Badge></span>
            <span class="frow__owner">
                {match one.owner {
                    Some(owner) => view! {
                        <a class="plain row row--1" href=format!("/findings?owner={}", owner_id.unwrap_or_default()) title=t!("Their findings")>
                            <Avatar name=owner.display_name.clone() small=true/><span class="trunc">{owner.display_name.clone()}</span>
                        </a>
                    }.into_any(),
                    None => view! { <span class="faint">{t!("Nobody")}</span> }.into_any(),
                }}
            </span>
            <span class="num">
                {match one.due {
                    Some(due) => view! { <span class=if late { "frow__late" } else { "" }>{late.then(|| view! { <Icon name="triangle-alert" size=14/> })}<span class="sr">{if late { t!("Overdue: ") } else { t!("Due ") }}</span>{day(due)}</span> }.into_any(),
                    None => view! { <span class="faint">"–"</span> }.into_any(),
                }}
            </span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_the_url_are_those_that_exist() {
        assert_eq!(statuses(Some("fixed, nonsense,open")), [FindingStatus::Open, FindingStatus::Fixed]);
        assert_eq!(statuses(None), []);
    }

    #[test]
    fn a_status_is_put_in_and_taken_out() {
        assert_eq!(toggled(&[], FindingStatus::Open).as_deref(), Some("open"));
        assert_eq!(toggled(&[FindingStatus::Open], FindingStatus::Fixed).as_deref(), Some("open,fixed"));
        assert_eq!(toggled(&[FindingStatus::Open], FindingStatus::Open), None);
    }
}
