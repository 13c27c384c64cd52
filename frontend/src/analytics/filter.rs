//! Which missions are counted, and in which steps. All of it stands in the URL.

use chrono::{Months, NaiveDate};
use leptos::prelude::*;
use tyrian_api_types::analytics::Period;
use tyrian_domain::text::key as text_key;

use crate::api::query_string;
use crate::missions::Url;
use crate::texts::tr;
use crate::ui::{Field, Seg, Select, TextInput};

/// “Last n months”, as offered.
const LAST: [u32; 3] = [6, 12, 24];
/// What `?period=` says for days that are chosen one by one.
const CUSTOM: &str = "custom";
/// Without a choice.
const BY: Period = Period::HalfYear;
/// The steps offered, with their words.
const STEPS: [(Period, &str); 3] =
    [(Period::Month, mark!("Month")), (Period::Quarter, mark!("Quarter")), (Period::HalfYear, mark!("Half-year"))];

/// The days whose missions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Days {
    /// all there are
    #[default]
    All,
    /// so many months up to today
    Last(u32),
    /// from one day to another
    Between(Option<NaiveDate>, Option<NaiveDate>),
}

impl Days {
    /// What the URL says; what it cannot mean counts as nothing.
    fn of(period: Option<&str>, from: Option<&str>, to: Option<&str>) -> Self {
        let day = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        let last = |period: &str| period.strip_suffix('m').and_then(|n| n.parse().ok()).filter(|n| LAST.contains(n));
        match period {
            Some(CUSTOM) => Self::Between(day(from), day(to)),
            Some(period) if last(period).is_some() => last(period).map_or(Self::All, Self::Last),
            _ if day(from).is_some() || day(to).is_some() => Self::Between(day(from), day(to)),
            _ => Self::All,
        }
    }

    /// As `?period=`; empty for all.
    fn code(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Last(months) => format!("{months}m"),
            Self::Between(..) => CUSTOM.to_owned(),
        }
    }

    /// The first and the last day.
    fn ends(self, today: Option<NaiveDate>) -> (Option<NaiveDate>, Option<NaiveDate>) {
        match self {
            Self::All => (None, None),
            Self::Last(months) => (today.and_then(|day| day.checked_sub_months(Months::new(months))), today),
            Self::Between(from, to) => (from, to),
        }
    }
}

/// The filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// whole name of a client
    pub client: Option<String>,
    /// whose missions
    pub days: Days,
}

impl Filter {
    /// Is any on?
    pub fn is_on(&self) -> bool {
        *self != Self::default()
    }

    /// Does the last day lie before the first?
    pub fn is_wrong(&self) -> bool {
        matches!(self.days, Days::Between(Some(from), Some(to)) if to < from)
    }

    /// The first and the last day.
    pub fn ends(&self) -> (Option<NaiveDate>, Option<NaiveDate>) {
        self.days.ends(crate::web::today())
    }

    /// What the API is asked for: `?from=…&to=…&client=…`, with more where there is more.
    pub fn asked(&self, more: Option<(&'static str, String)>) -> String {
        let (from, to) = self.ends();
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        let own = [("from", day(from)), ("to", day(to)), ("client", self.client.clone())];
        query_string(own.into_iter().chain(more.map(|(name, value)| (name, Some(value)))))
    }

    /// As the pages of analytics have it in their URL.
    pub fn carried(&self, by: Period) -> String {
        let (from, to) = if let Days::Between(from, to) = self.days { (from, to) } else { (None, None) };
        query_string([
            ("client", self.client.clone()),
            ("period", Some(self.days.code())),
            ("from", from.map(|day| day.to_string())),
            ("to", to.map(|day| day.to_string())),
            ("by", (by != BY).then(|| by.as_str().to_owned())),
        ])
    }

    /// The page of a technique, with these filters.
    pub fn technique_href(&self, by: Period, external_id: &str) -> String {
        format!("/analytics/techniques/{external_id}{}", self.carried(by))
    }
}

/// The filters that the URL says.
pub fn filter_of(url: Url) -> Memo<Filter> {
    Memo::new(move |_| {
        let (period, from, to) = (url.get("period"), url.get("from"), url.get("to"));
        Filter { client: url.get("client"), days: Days::of(period.as_deref(), from.as_deref(), to.as_deref()) }
    })
}

/// The length of a step that the URL says.
pub fn by_of(url: Url) -> Memo<Period> {
    Memo::new(move |_| url.get("by").and_then(|by| Period::parse(&by)).unwrap_or(BY))
}

/// Takes every filter out; the length of a step stays.
pub fn clear(url: Url) {
    url.push(&[("client", None), ("period", None), ("from", None), ("to", None)]);
}

/// The clients to choose from; one that the URL names stands among them, whatever its case.
fn client_options(clients: &[String], chosen: Option<&str>) -> (Vec<(String, String)>, String) {
    let known = chosen.and_then(|chosen| clients.iter().find(|client| text_key(client) == text_key(chosen)));
    let mut options = vec![(String::new(), t!("All clients").to_owned())];
    options.extend(clients.iter().map(|client| (client.clone(), client.clone())));
    if let (None, Some(chosen)) = (known, chosen) {
        options.push((chosen.to_owned(), chosen.to_owned()));
    }
    (options, known.map(String::as_str).or(chosen).unwrap_or_default().to_owned())
}

/// The row of filters above the pages.
#[component]
pub fn Filters(
    /// the page's URL
    url: Url,
    /// what it says
    filter: Memo<Filter>,
    /// the clients that there are
    #[prop(into)]
    clients: Signal<Vec<String>>,
    /// the length of a step, where there are steps
    #[prop(optional_no_strip)]
    by: Option<Memo<Period>>,
    /// stands at the end of the row
    #[prop(optional, into)]
    end: ViewFn,
) -> impl IntoView {
    let client = RwSignal::new(String::new());
    let options = Memo::new(move |_| filter.with(|filter| client_options(&clients.read(), filter.client.as_deref())));
    Effect::new(move |_| client.set(options.with(|options| options.1.clone())));
    let period = RwSignal::new(String::new());
    Effect::new(move |_| period.set(filter.with(|filter| filter.days.code())));
    let periods = {
        let mut periods = vec![(String::new(), t!("All time").to_owned())];
        periods.extend(LAST.iter().map(|n| (Days::Last(*n).code(), t!("Last {n} months"; n))));
        periods.push((CUSTOM.to_owned(), t!("From day to day").to_owned()));
        periods
    };
    let choose = move |code: String| {
        let ends = filter.with_untracked(Filter::ends);
        let (from, to) = if code == CUSTOM { ends } else { (None, None) };
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        url.push(&[("period", Some(code)), ("from", day(from)), ("to", day(to))]);
    };
    let custom = Memo::new(move |_| filter.with(|filter| matches!(filter.days, Days::Between(..))));
    view! {
        <div class="toolbar analytics__filters">
            <div class="analytics__select">
                <Select value=client label=t!("Client") options=Signal::derive(move || options.get().0) on_change=move |client: String| url.push(&[("client", Some(client))])/>
            </div>
            <div class="analytics__select"><Select value=period label=t!("Period") options=Signal::stored(periods) on_change=choose/></div>
            {move || custom.get().then(|| view! { <BetweenDays url=url filter=filter/> })}
            {by.map(|by| view! { <Step url=url by=by/> })}
            <div class="push">{end.run()}</div>
        </div>
    }
}

/// The first and the last day, each as it is chosen.
#[component]
fn BetweenDays(url: Url, filter: Memo<Filter>) -> impl IntoView {
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    Effect::new(move |_| {
        let (first, last) = filter.with(Filter::ends);
        let text = |day: Option<NaiveDate>| day.map_or_else(String::new, |day| day.to_string());
        from.set(text(first));
        to.set(text(last));
    });
    let put = move |name: &'static str| move |day: String| url.push(&[("period", Some(CUSTOM.to_owned())), (name, Some(day))]);
    view! {
        <Field label=t!("From") inline=true><TextInput value=from kind="date" on_change=put("from")/></Field>
        <Field label=t!("to") inline=true><TextInput value=to kind="date" on_change=put("to")/></Field>
    }
}

/// How long a step is.
#[component]
fn Step(url: Url, by: Memo<Period>) -> impl IntoView {
    let value = RwSignal::new(String::new());
    Effect::new(move |_| value.set(by.get().as_str().to_owned()));
    let options = STEPS.iter().map(|(step, word)| (step.as_str().to_owned(), tr(word).to_owned())).collect::<Vec<_>>();
    let choose = move |code: String| url.push(&[("by", (code != BY.as_str()).then_some(code))]);
    view! { <div class="analytics__step"><Seg value=value options=Signal::stored(options) label=t!("Step") on_change=choose/></div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    #[test]
    fn the_days_of_the_url_are_those_that_it_can_mean() {
        assert_eq!(Days::of(None, None, None), Days::All);
        assert_eq!(Days::of(Some("12m"), Some("2026-01-01"), None), Days::Last(12));
        assert_eq!(Days::of(Some("13m"), None, None), Days::All);
        assert_eq!(Days::of(Some("custom"), None, None), Days::Between(None, None));
        assert_eq!(Days::of(None, Some("2026-01-01"), Some("nonsense")), Days::Between(day("2026-01-01"), None));
        for days in [Days::All, Days::Last(6), Days::Between(None, None)] {
            assert_eq!(Days::of(Some(&days.code()), None, None), days);
        }
    }

    #[test]
    fn the_last_months_end_today() {
        assert_eq!(Days::Last(6).ends(day("2026-08-31")), (day("2026-02-28"), day("2026-08-31")));
        assert_eq!(Days::All.ends(day("2026-08-31")), (None, None));
    }

    #[test]
    fn days_the_wrong_way_round_are_wrong() {
        let filter = |from, to| Filter { client: None, days: Days::Between(day(from), day(to)) };
        assert!(filter("2026-02-01", "2026-01-31").is_wrong());
        assert!(!filter("2026-02-01", "2026-02-01").is_wrong() && !filter("2026-02-01", "").is_wrong());
        assert!(filter("", "").is_on() && !Filter::default().is_on());
    }

    #[test]
    fn the_client_of_the_url_is_found_in_any_case_and_kept_where_it_is_not() {
        let clients = ["ACME".to_owned(), "Beta".to_owned()];
        assert_eq!(client_options(&clients, Some("acme")).1, "ACME");
        let (options, chosen) = client_options(&clients, Some("Gamma"));
        assert_eq!((options.len(), chosen.as_str()), (4, "Gamma"));
        assert_eq!(client_options(&clients, None).1, "");
    }
}
