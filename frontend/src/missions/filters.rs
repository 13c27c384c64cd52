//! The filters of the list: words, client, order, status. All of them stand in the URL.

use leptos::prelude::*;
use tyrian_domain::mission::MissionStatus;

use super::queries::{ListFilter, use_clients, use_status_total};
use super::url::{Url, after_pause};
use crate::texts::tr;
use crate::ui::{Chip, ComboItem, Combobox, Pill, SearchInput, Seg, Select, words};

/// The orders offered: value for the API and word. The first is the default.
const ORDERS: [(&str, &str); 4] =
    [("-created_at", mark!("Newest first")), ("created_at", mark!("Oldest first")), ("name", mark!("Name")), ("client", mark!("Client"))];

/// The order in which statuses are offered: what runs comes first.
const STATUSES: [MissionStatus; 4] = [MissionStatus::InProgress, MissionStatus::Draft, MissionStatus::Completed, MissionStatus::Archived];

/// The filter that the URL says.
pub fn filter_of(url: Url) -> Memo<ListFilter> {
    Memo::new(move |_| ListFilter {
        q: url.get("q"),
        client: url.get("client"),
        status: url.get("status").and_then(|word| MissionStatus::parse(&word)),
        sort: url.get("sort").filter(|sort| ORDERS.iter().any(|order| order.0 == sort)),
    })
}

/// Are the missions shown as a board?
pub fn is_board(url: Url) -> Memo<bool> {
    Memo::new(move |_| url.get("view").as_deref() == Some("board"))
}

/// Which filters are on, in words; `None` where none is.
pub fn in_words(filter: &ListFilter) -> Option<String> {
    let mut parts = Vec::new();
    if let Some(q) = &filter.q {
        parts.push(t!("the words “{q}”"; q));
    }
    if let Some(client) = &filter.client {
        parts.push(t!("client {client}"; client));
    }
    if let Some(status) = filter.status {
        parts.push(t!("status {}", words(status.as_str()).to_lowercase()));
    }
    match parts.len() {
        0 => None,
        1 => Some(t!("One filter is on: {}.", parts.join(""))),
        n => Some(t!("{} filters are on: {}.", if n == 2 { t!("Two") } else { t!("Three") }, parts.join(", "))),
    }
}

/// Takes every filter out; the order stays.
pub fn clear(url: Url) {
    url.push(&[("q", None), ("client", None), ("status", None)]);
}

/// The two rows above the list.
#[component]
pub fn Filters(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<ListFilter>,
    /// a board has a column for each status, so none is chosen
    board: Memo<bool>,
) -> impl IntoView {
    let text = url.typed("q");
    let shape = RwSignal::new("list".to_owned());
    Effect::new(move |_| shape.set(if board.get() { "board" } else { "list" }.to_owned()));
    let order = RwSignal::new(String::new());
    Effect::new(move |_| {
        order.set(filter.with(|filter| filter.sort.clone()).unwrap_or_else(|| ORDERS.first().map_or("", |order| order.0).to_owned()));
    });
    view! {
        <div class="toolbar">
            <SearchInput value=text label=t!("Search missions") placeholder=t!("Name, client or technique id") main=true/>
            <ClientFilter url=url filter=filter/>
            <div class="push toolbar__order">
                <Select
                    value=order
                    label=t!("Sort")
                    options=Signal::stored(ORDERS.iter().map(|(value, word)| ((*value).to_owned(), tr(word).to_owned())).collect())
                    on_change=move |value: String| url.push(&[("sort", (ORDERS.first().is_none_or(|first| first.0 != value)).then_some(value))])
                />
            </div>
            <Seg
                value=shape
                label=t!("Shown as")
                options=vec![("list".to_owned(), t!("List").to_owned()), ("board".to_owned(), t!("Board").to_owned())]
                on_change=move |shape: String| url.push(&[("view", (shape == "board").then_some(shape)), ("status", None)])
            />
        </div>
        {move || (!board.get()).then(|| view! { <StatusFilter url=url filter=filter/> })}
    }
}

/// One of the statuses, with how many there are of each.
#[component]
fn StatusFilter(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<ListFilter>,
) -> impl IntoView {
    view! {
        <div class="toolbar scroll-x" role="group" aria-label=t!("Status")>
            <Pill
                label=t!("All")
                pressed=Signal::derive(move || filter.with(|filter| filter.status.is_none()))
                count=use_status_total(filter, None)
                on_click=move |()| url.push(&[("status", None)])
            />
            {STATUSES
                .into_iter()
                .map(|status| view! {
                    <Pill
                        label=words(status.as_str())
                        status=status.as_str()
                        pressed=Signal::derive(move || filter.with(|filter| filter.status == Some(status)))
                        count=use_status_total(filter, Some(status))
                        on_click=move |()| {
                            let on = filter.with_untracked(|filter| filter.status == Some(status));
                            url.push(&[("status", (!on).then(|| status.as_str().to_owned()))]);
                        }
                    />
                })
                .collect_view()}
        </div>
    }
}

/// One client of those that have missions.
#[component]
fn ClientFilter(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<ListFilter>,
) -> impl IntoView {
    let client = Memo::new(move |_| filter.with(|filter| filter.client.clone()));
    move || match client.get() {
        Some(client) => view! { <Chip name=t!("Client {client}"; client) on_remove=move |()| url.push(&[("client", None)])/> }.into_any(),
        None => view! { <ClientSearch url=url/> }.into_any(),
    }
}

/// A search over the clients that have missions; the one picked stands as `client` in the URL.
#[component]
pub fn ClientSearch(
    /// the page's URL
    url: Url,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let clients = use_clients(after_pause(text));
    let items = Signal::derive(move || {
        let clients = clients.data.get().unwrap_or_default();
        clients
            .into_iter()
            .take(12)
            .map(|client| ComboItem { value: client.clone(), code: None, label: client, note: None, group: None })
            .collect::<Vec<_>>()
    });
    view! {
        <div class="toolbar__client">
            <Combobox
                query=text
                items=items
                label=t!("Client")
                placeholder=t!("All clients")
                nothing=t!("No client of that name")
                busy=clients.loading
                eager=true
                on_pick=move |item: ComboItem| url.push(&[("client", Some(item.value))])
            />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_that_are_on_are_named() {
        let mut filter = ListFilter { sort: Some("name".to_owned()), ..ListFilter::default() };
        assert_eq!(in_words(&filter), None);
        filter.client = Some("Northgate Water".to_owned());
        assert_eq!(in_words(&filter).as_deref(), Some("One filter is on: client Northgate Water."));
        filter.status = Some(MissionStatus::InProgress);
        assert_eq!(in_words(&filter).as_deref(), Some("Two filters are on: client Northgate Water, status in progress."));
    }
}
