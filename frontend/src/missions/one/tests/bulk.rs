//! Many tests at once: who executes them, under which heading they stand, or that they are skipped. What became of each is said.

use std::collections::HashMap;

use leptos::prelude::*;
use tyrian_api_types::Patch;
use tyrian_api_types::execution::{BulkItem, BulkOutcome, MissionTestPatch};
use tyrian_domain::mission::RoleHint;
use tyrian_domain::test::TestState;
use uuid::Uuid;

use super::{Desk, queries};
use crate::query::use_mutation;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ButtonSize, Dialog, Field, Icon, IconButton, Menu, MenuItem, MenuPlace, Select, count,
};

/// What is done to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Operator,
    Category,
    Skip,
}

impl Act {
    fn title(self) -> &'static str {
        match self {
            Self::Operator => t!("Assign an operator"),
            Self::Category => t!("Set the category"),
            Self::Skip => t!("Skip tests"),
        }
    }

    /// The request for one test.
    fn item(self, id: Uuid, version: i64, to: Option<Uuid>) -> BulkItem {
        let one = || to.map_or(Patch::Clear, Patch::Set);
        let patch = match self {
            Self::Operator => MissionTestPatch { operator_id: one(), ..MissionTestPatch::default() },
            Self::Category => MissionTestPatch { category_id: one(), ..MissionTestPatch::default() },
            Self::Skip => MissionTestPatch::default(),
        };
        BulkItem { id, version, state: (self == Self::Skip).then_some(TestState::Skipped), patch }
    }
}

fn tests(n: usize) -> String {
    count(n as u64, "test", "tests")
}

/// The bar under the list while tests are selected, and its dialogs.
#[component]
pub fn BulkBar(
    /// the tab
    desk: Desk,
) -> impl IntoView {
    let Desk { selecting, selected, hands, .. } = desk;
    let act = RwSignal::new(None::<Act>);
    let open = RwSignal::new(false);
    let begin = move |what: Act| {
        act.set(Some(what));
        open.set(true);
    };
    let n = Memo::new(move |_| selected.read().len());
    let done = move || {
        selected.update(std::collections::BTreeSet::clear);
        selecting.set(false);
    };
    view! {
        {move || selecting.get().then(|| view! {
            <div class="bulk" role="region" aria-label=t!("Selected tests")>
                <b class="num" role="status">{move || n.get()}{t!(" selected")}</b>
                <Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| selected.set(desk.shown.get_untracked().into_iter().collect())>{t!("All")}</Button>
                <span class="push row row--1">
                    {move || (n.get() > 0).then(|| view! {
                        <Menu label=t!("Change the selected tests") class="btn btn--sm btn--primary" place=MenuPlace::Up trigger=|| view! { {t!("Change")}<Icon name="chevron-up" size=12/> }>
                            {move || hands.get().red.then(|| view! { <MenuItem icon="user" on_select=move |()| begin(Act::Operator)>{t!("Assign an operator")}</MenuItem> })}
                            {move || hands.get().plan.then(|| view! { <MenuItem icon="tag" on_select=move |()| begin(Act::Category)>{t!("Set the category")}</MenuItem> })}
                            {move || hands.get().red.then(|| view! { <MenuItem icon="skip-forward" on_select=move |()| begin(Act::Skip)>{t!("Skip them")}</MenuItem> })}
                        </Menu>
                    })}
                    <IconButton icon="x" label=t!("Stop selecting") on_click=move |_| done()/>
                </span>
            </div>
        })}
        {move || act.get().map(|act| view! { <BulkDialog desk=desk act=act open=open/> })}
    }
}

#[component]
fn BulkDialog(
    /// the tab
    desk: Desk,
    /// what is done
    act: Act,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let Desk { here, selected, .. } = desk;
    let chosen = RwSignal::new(String::new());
    let outcomes = RwSignal::new(None::<Vec<BulkOutcome>>);
    let categories = queries::use_categories(here.id);
    // names and versions of the tests as the list shows them now
    let known = move || {
        here.now(|data| {
            let tests = data.value.scenarios.iter().flat_map(|scenario| &scenario.tests);
            tests.map(|test| (test.id, (test.name.clone(), test.version))).collect::<HashMap<_, _>>()
        })
        .unwrap_or_default()
    };
    let names = StoredValue::new(known());
    let run = use_mutation(
        move |items: Vec<BulkItem>| async move { queries::bulk(&here.id.get_untracked(), items).await },
        move |answer| {
            outcomes.set(Some(answer));
            queries::refresh_mission(&here.id.get_untracked());
        },
    );
    let options = Signal::derive(move || {
        if act == Act::Operator {
            let members = here.read(|data| data.value.head.members.clone()).unwrap_or_default();
            let mut list = vec![(String::new(), t!("Nobody").to_owned())];
            let some = members.into_iter().filter(|member| matches!(member.role_hint, RoleHint::Red | RoleHint::Purple));
            list.extend(some.map(|member| (member.user_id.to_string(), member.display_name)));
            return list;
        }
        let mut list = vec![(String::new(), t!("No category").to_owned())];
        categories.data.with(|all| {
            list.extend(all.iter().flat_map(|all| &all.items).map(|category| (category.id.to_string(), category.name.clone())));
        });
        list
    });
    let n = selected.with_untracked(std::collections::BTreeSet::len);
    let start = move || {
        let known = known();
        let to = chosen.get_untracked().parse().ok();
        let items = selected
            .with_untracked(|selected| selected.iter().filter_map(|id| Some(act.item(*id, known.get(id)?.1, to))).collect::<Vec<_>>());
        names.set_value(known);
        run.run.run(items);
    };
    let close = move || {
        open.set(false);
        if outcomes.get_untracked().is_some() {
            // What went well is done with; what did not stays selected for another try.
            let well: Vec<Uuid> =
                outcomes.get_untracked().into_iter().flatten().filter(|one| one.problem.is_none()).map(|one| one.id).collect();
            selected.update(|selected| selected.retain(|id| !well.contains(id)));
        }
    };
    view! {
        <Dialog
            open=open
            title=act.title()
            locked=run.busy
            on_close=move |()| close()
            foot=move || if outcomes.read().is_some() {
                view! { <Button kind=ButtonKind::Primary on_click=move |_| close()>{t!("Done")}</Button> }.into_any()
            } else {
                let word = if act == Act::Skip { t!("Skip {}", tests(n)) } else { t!("Change {}", tests(n)) };
                view! {
                    <Button on_click=move |_| if !run.busy.get_untracked() { close() }>{t!("Cancel")}</Button>
                    <Button kind=ButtonKind::Primary busy=run.busy on_click=move |_| start()>{word}</Button>
                }
                .into_any()
            }
        >
            <div class="stack stack--2">
                {move || run.error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>{t!("Nothing is known of what was changed: ")}{error.text()}</span></Banner> })}
                {move || match outcomes.get() {
                    Some(list) => view! { <Outcomes list=list names=names/> }.into_any(),
                    None => match act {
                        Act::Skip => view! { <p class="muted">{t!("They stay in the mission and count as skipped. Each can be planned again.")}</p> }.into_any(),
                        Act::Operator => view! { <Field label=t!("Operator")><Select value=chosen options=options/></Field> }.into_any(),
                        Act::Category => view! { <Field label=t!("Category")><Select value=chosen options=options/></Field> }.into_any(),
                    },
                }}
            </div>
        </Dialog>
    }
}

/// What became of each.
#[component]
fn Outcomes(
    /// in the order of the request
    list: Vec<BulkOutcome>,
    /// names by id
    names: StoredValue<HashMap<Uuid, (String, i64)>>,
) -> impl IntoView {
    let well = list.iter().filter(|one| one.problem.is_none()).count();
    let all = list.len();
    // what needs a look stands first
    let mut list = list;
    list.sort_by_key(|one| one.problem.is_none());
    view! {
        <p role="status">{if well == all { t!("{} changed.", tests(all)) } else { t!("{} of {} changed.", well, tests(all)) }}</p>
        <ul class="outcomes">
            {list
                .into_iter()
                .map(|one| {
                    let name = names.with_value(|names| names.get(&one.id).map(|known| known.0.clone())).unwrap_or_else(|| t!("A test that is gone").to_owned());
                    let why = one.problem.as_ref().map(|problem| match one.status {
                        412 => t!("Somebody changed it meanwhile. Try again.").to_owned(),
                        _ if problem.errors.is_empty() => problem.detail.clone(),
                        _ => problem.errors.iter().map(|error| error.detail.clone()).collect::<Vec<_>>().join(" "),
                    });
                    let told = why.as_ref().map_or_else(|| t!(": changed").to_owned(), |why| format!(": {why}"));
                    view! {
                        <li data-bad=why.is_some().then_some("")>
                            <Icon name=if why.is_some() { "circle-alert" } else { "circle-check" } size=14/>
                            <span><span class="strong">{name}</span>{told}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_act_changes_one_thing() {
        let (id, who) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let item = Act::Operator.item(id, 3, Some(who));
        assert_eq!((item.patch.fields(), item.version, item.state), (vec!["operator_id"], 3, None));
        assert_eq!(Act::Category.item(id, 3, None).patch.category_id, Patch::Clear);
        let skip = Act::Skip.item(id, 3, None);
        assert_eq!((skip.patch.fields().len(), skip.state), (0, Some(TestState::Skipped)));
    }
}
