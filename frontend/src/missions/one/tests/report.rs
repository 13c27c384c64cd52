//! What the test is for the report: its category, and the finding that somebody works on, after completion too.

use leptos::prelude::*;
use tyrian_domain::execution::TestField;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::test::FindingStatus;

use super::form::TestForm;
use super::inputs::{Choice, Line};
use super::queries::use_categories;
use super::red::people;
use super::standing::SaveState;
use super::values::Part;
use crate::missions::one::people::person;
use crate::ui::{Icon, KeyValues, Pair, day, words};

/// The card.
#[component]
pub fn Report(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let categories = use_categories(form.here.id);
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), t!("No category").to_owned())];
        categories.data.with(|list| {
            options.extend(list.iter().flat_map(|list| &list.items).map(|category| (category.id.to_string(), category.name.clone())));
        });
        options
    });
    let mut statuses = vec![(String::new(), t!("No finding").to_owned())];
    statuses.extend(FindingStatus::ALL.iter().map(|status| (status.as_str().to_owned(), words(status.as_str()))));
    let statuses = Signal::stored(statuses);
    let finding = Memo::new(move |_| !form.text(TestField::FindingStatus).is_empty());
    let why = Memo::new(move |_| form.refusal(TestField::FindingStatus));
    let keeps = Memo::new(move |_| form.hands.get().plan);
    let any = Memo::new(move |_| finding.get() || !form.text(TestField::Category).is_empty());
    move || match (keeps.get(), any.get()) {
        (true, _) => view! { <ReportForm form=form why=why finding=finding options=options statuses=statuses/> }.into_any(),
        (false, true) => view! { <ReportText form=form options=options/> }.into_any(),
        (false, false) => ().into_any(),
    }
}

/// For those who do not keep the plan: as text.
#[component]
fn ReportText(
    /// the opened test
    form: TestForm,
    /// the categories
    options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let category = move || {
        let now = form.text(TestField::Category);
        options.with(|options| options.iter().find(|option| option.0 == now && !now.is_empty()).map(|option| option.1.clone()))
    };
    let text = move |field: TestField| Some(form.text(field)).filter(|text| !text.is_empty());
    view! {
        <section class="card" aria-label=t!("Report and finding")>
            <div class="card__head"><h3>{t!("Report and finding")}</h3></div>
            <div class="card__body">
                <KeyValues>
                    <Pair label=t!("Category")>{move || category().unwrap_or_else(|| t!("None").to_owned())}</Pair>
                    <Pair label=t!("Finding")>{move || text(TestField::FindingStatus).map_or_else(|| t!("None").to_owned(), |status| words(&status))}</Pair>
                    {move || form.text(TestField::FindingOwner).parse().ok().map(|owner| view! { <Pair label=t!("Owner")>{person(form.here, owner, form.name_of(owner))}</Pair> })}
                    {move || text(TestField::FindingDue).and_then(|due| due.parse().ok()).map(|due| view! { <Pair label=t!("Due")>{day(due)}</Pair> })}
                    {move || text(TestField::FindingReference).map(|reference| view! { <Pair label=t!("Ticket")>{reference}</Pair> })}
                </KeyValues>
            </div>
        </section>
    }
}

#[component]
fn ReportForm(
    /// the opened test
    form: TestForm,
    /// why it cannot be written
    why: Memo<Option<String>>,
    /// is there one
    finding: Memo<bool>,
    /// the categories
    options: Signal<Vec<(String, String)>>,
    /// where a finding may stand
    statuses: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    view! {
        <section class="card" aria-label=t!("Report and finding")>
            <div class="card__head">
                <h3>{t!("Report and finding")}</h3>
                {move || match why.get() {
                    Some(text) => view! { <span class="push savebar savebar--locked"><Icon name="lock" size=14/>{text}</span> }.into_any(),
                    None => view! { <SaveState form=form part=Part::Report/> }.into_any(),
                }}
            </div>
            <div class="card__body report">
                <div>
                    <Choice form=form field=TestField::Category options=options/>
                    {move || (options.read().len() < 2).then(|| view! { <span class="field__hint">{t!("Categories are made on the Synthesis tab.")}</span> })}
                </div>
                <Choice form=form field=TestField::FindingStatus options=statuses/>
                {move || finding.get().then(|| view! {
                    <Choice form=form field=TestField::FindingOwner options=people(form.here, RoleHint::Blue, form, TestField::FindingOwner)/>
                    <Line form=form field=TestField::FindingDue kind="date"/>
                    <Line form=form field=TestField::FindingReference placeholder=t!("SEC-1234 or an address")/>
                })}
            </div>
        </section>
    }
}
