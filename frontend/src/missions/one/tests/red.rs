//! What red did: a form for red, text for everybody else.

use leptos::prelude::*;
use serde_json::Value;
use tyrian_domain::execution::TestField;
use tyrian_domain::mission::RoleHint;
use tyrian_domain::synthesis::seconds_between;
use tyrian_domain::test::Side;
use uuid::Uuid;

use super::form::TestForm;
use super::inputs::{Area, Choice, Line, Moment};
use super::read;
use super::standing::SideHead;
use crate::missions::one::Here;
use crate::session::use_session;
use crate::ui::{Button, ButtonSize, duration};

/// Members as choices, those of `first` before the others, and who is set already although no member.
pub fn people(here: Here, first: RoleHint, form: TestForm, field: TestField) -> Signal<Vec<(String, String)>> {
    // A memo: else each key that is pressed anywhere in the form would draw the choices anew.
    let options = Memo::new(move |_| {
        let mut members = here.read(|data| data.value.head.members.clone()).unwrap_or_default();
        members.retain(|member| member.role_hint != RoleHint::Observer);
        members.sort_by_key(|member| {
            (member.role_hint != first, member.role_hint != RoleHint::Purple, tyrian_domain::text::key(&member.display_name))
        });
        let mut options = vec![(String::new(), t!("Nobody yet").to_owned())];
        options.extend(members.into_iter().map(|member| (member.user_id.to_string(), member.display_name)));
        let now = form.text(field);
        if !now.is_empty() && !options.iter().any(|option| option.0 == now) {
            let name = now.parse().ok().and_then(|id| form.name_of(id));
            options.push((now, name.unwrap_or_else(|| t!("Somebody whose name is not known").to_owned())));
        }
        options
    });
    options.into()
}

/// Takes the reader for a field that is nobody’s yet.
#[component]
pub fn TakeIt(
    /// the opened test
    form: TestForm,
    /// operator or assessor
    field: TestField,
) -> impl IntoView {
    let session = use_session();
    let me: Option<Uuid> = untrack(|| session.me()).map(|me| me.id);
    let member = Memo::new(move |_| {
        form.here.read(|data| data.value.head.members.iter().any(|member| Some(member.user_id) == me)).unwrap_or_default()
    });
    let free = Memo::new(move |_| member.get() && form.text(field).is_empty() && form.refusal(field).is_none());
    move || {
        free.get().then(|| view! {
            <Button size=ButtonSize::Small on_click=move |_| if let Some(me) = me { form.choose(field, Value::String(me.to_string())) }>{t!("Me")}</Button>
        })
    }
}

/// The card.
#[component]
pub fn RedSide(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let writes = Memo::new(move |_| form.hands.get().on(Side::Red));
    view! {
        <section class="side" data-side="red" aria-label=t!("Red side")>
            <SideHead form=form side=Side::Red/>
            <div class="side__body">
                {move || if writes.get() { view! { <RedForm form=form/> }.into_any() } else { read::red(form).into_any() }}
            </div>
        </section>
    }
}

#[component]
fn RedForm(
    /// the opened test
    form: TestForm,
) -> impl IntoView {
    let took = Memo::new(move |_| {
        let (start, end) = (form.moment(TestField::StartedAt)?, form.moment(TestField::EndedAt)?);
        (end >= start).then(|| duration(seconds_between(start, end)))
    });
    view! {
        <div class="with-me">
            <Choice form=form field=TestField::Operator options=people(form.here, RoleHint::Red, form, TestField::Operator) inline=true/>
            <TakeIt form=form field=TestField::Operator/>
        </div>
        <Line form=form field=TestField::SourceHost label=t!("From host") placeholder=t!("KALI-03") mono=true inline=true/>
        <Line form=form field=TestField::TargetHost label=t!("To host") placeholder=t!("WS-FIN-114") mono=true inline=true/>
        <Moment form=form field=TestField::StartedAt/>
        <Moment form=form field=TestField::EndedAt/>
        {move || took.get().map(|took| view! { <p class="small muted num side__took">{t!("Ran for ")}{took}</p> })}
        <Area form=form field=TestField::CommandRun rows=3 code=true/>
        <Area form=form field=TestField::Output rows=5 code=true/>
        <Area form=form field=TestField::RedNotes label=t!("Notes") rows=3/>
    }
}
