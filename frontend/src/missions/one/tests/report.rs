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
use crate::ui::{Icon, words};

/// The card.
#[component]
pub fn Report(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let categories = use_categories(form.here.id);
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "No category".to_owned())];
        categories.data.with(|list| {
            options.extend(list.iter().flat_map(|list| &list.items).map(|category| (category.id.to_string(), category.name.clone())));
        });
        options
    });
    let mut statuses = vec![(String::new(), "No finding".to_owned())];
    statuses.extend(FindingStatus::ALL.iter().map(|status| (status.as_str().to_owned(), words(status.as_str()))));
    let statuses = Signal::stored(statuses);
    let finding = Memo::new(move |_| !form.text(TestField::FindingStatus).is_empty());
    let why = Memo::new(move |_| form.refusal(TestField::FindingStatus));
    view! {
        <section class="card" aria-label="Report and finding">
            <div class="card__head">
                <h3>"Report and finding"</h3>
                {move || match why.get() {
                    Some(text) => view! { <span class="push savebar savebar--locked"><Icon name="lock" size=14/>{text}</span> }.into_any(),
                    None => view! { <SaveState form=form part=Part::Report/> }.into_any(),
                }}
            </div>
            <div class="card__body report">
                <Choice form=form field=TestField::Category options=options/>
                <Choice form=form field=TestField::FindingStatus options=statuses/>
                {move || finding.get().then(|| view! {
                    <Choice form=form field=TestField::FindingOwner options=people(form.here, RoleHint::Blue, form, TestField::FindingOwner)/>
                    <Line form=form field=TestField::FindingDue kind="date"/>
                    <Line form=form field=TestField::FindingReference placeholder="SEC-1234 or an address"/>
                })}
            </div>
        </section>
    }
}
