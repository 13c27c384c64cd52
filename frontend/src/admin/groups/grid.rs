//! The permission grid: a row a right, a column a group.

use leptos::prelude::*;
use tyrian_api_types::groups::Group;
use tyrian_domain::permission::{Permission, Permissions, lacking};

use super::draft::Draft;
use super::{href, is_fixed};
use crate::admin::frame::{held, people};
use crate::rights::{AREAS, label};
use crate::session::use_session;
use crate::texts::tr;
use crate::ui::{EmptyState, Icon, SearchInput};

/// With more columns than this the grid scrolls in itself instead of the page.
const WIDE: usize = 7;

/// Does a right fit what is typed?
fn fits(permission: Permission, area: &'static str, typed: &str) -> bool {
    let typed = typed.trim().to_lowercase();
    typed.is_empty()
        || permission.as_str().contains(&typed)
        || label(permission).to_lowercase().contains(&typed)
        || tr(area).to_lowercase().contains(&typed)
}

/// The grid with its filter.
#[component]
pub fn Grid(
    /// the groups shown
    columns: Memo<Vec<Group>>,
    /// what is typed above it
    filter: RwSignal<String>,
    /// what is not saved yet
    draft: Draft,
    /// one group only: the page names it already
    single: bool,
) -> impl IntoView {
    let session = use_session();
    let may_edit = Memo::new(move |_| session.can(Permission::GroupUpdate));
    let holds = Memo::new(move |_| held(session));
    let nothing = Memo::new(move |_| {
        let typed = filter.read();
        !AREAS.iter().any(|(area, codes)| codes.iter().any(|code| fits(*code, area, &typed)))
    });
    let wide = move || (columns.read().len() > WIDE).then_some("");
    view! {
        <section class="card" aria-label=t!("Permissions")>
            <div class="card__head">
                <div class="perm-search"><SearchInput value=filter label=t!("Filter permissions") placeholder=t!("Filter permissions") main=true small=true/></div>
                {move || (!single || !may_edit.get()).then(|| view! { <span class="small muted hide-sm">
                    <Icon name="lock" size=12/>
                    {move || if may_edit.get() { t!(" Administrators always have all") } else { t!(" To change these, the right group.update is needed") }}
                </span> })}
            </div>
            <div class="table-wrap table-wrap--grid" data-wide=wide tabindex="0" role="region" aria-label=t!("Permissions by group")>
                <table class="table grid-perm" data-single=single.then_some("")>
                    <thead>
                        <tr>
                            <th scope="col">{t!("Permission")}</th>
                            {move || columns.get().iter().map(|group| head(group, single)).collect_view()}
                        </tr>
                    </thead>
                    {move || {
                        let columns = columns.get();
                        AREAS
                            .iter()
                            .map(|(area, codes)| view! { <Area area=area codes=codes columns=columns.clone() filter=filter draft=draft may_edit=may_edit.get() holds=holds.get()/> })
                            .collect_view()
                    }}
                </table>
            </div>
            {move || nothing.get().then(|| view! {
                <EmptyState title=t!("No right matches “{}”", filter.get().trim()) text=t!("The filter looks at codes and at what they allow.") tight=true/>
            })}
        </section>
    }
}

fn head(group: &Group, single: bool) -> impl IntoView + use<> {
    let count = people(group.members.len());
    if single {
        return view! { <th scope="col">{t!("Given")}</th> }.into_any();
    }
    view! {
        <th scope="col">
            <a class="grid-perm__group" href=href(group.id) title=t!("Open {}", group.name)>{group.name.clone()}</a>
            <div class="small faint grid-perm__count">{count}</div>
        </th>
    }
    .into_any()
}

/// The rights of one area.
#[component]
fn Area(
    /// its heading
    area: &'static str,
    /// its rights
    codes: &'static [Permission],
    /// the groups shown
    columns: Vec<Group>,
    /// what is typed above the grid
    filter: RwSignal<String>,
    /// what is not saved yet
    draft: Draft,
    /// may the reader change anything
    may_edit: bool,
    /// what the reader may give
    holds: Permissions,
) -> impl IntoView {
    let shown = Memo::new(move |_| codes.iter().any(|code| fits(*code, area, &filter.read())));
    let span = (columns.len() + 1).to_string();
    let columns = StoredValue::new(columns);
    let holds = StoredValue::new(holds);
    view! {
        <tbody hidden=move || !shown.get()>
            <tr class="sec"><th colspan=span scope="rowgroup">{tr(area)}</th></tr>
            {codes
                .iter()
                .map(|code| {
                    let code = *code;
                    view! {
                        <tr hidden=move || !fits(code, area, &filter.read())>
                            <td><div class="perm"><span class="mono">{code.as_str()}</span><span class="small faint">{label(code)}</span></div></td>
                            {columns.with_value(|columns| holds.with_value(|holds| columns.iter().map(|group| cell(group, code, draft, may_edit, holds)).collect_view()))}
                        </tr>
                    }
                })
                .collect_view()}
        </tbody>
    }
}

/// One tick. Where it cannot be changed it is a sign with a word, not a grey control; the fixed column keeps its grey ticks as a picture of “all”.
fn cell(group: &Group, code: Permission, draft: Draft, may_edit: bool, holds: &Permissions) -> AnyView {
    let may_give = holds.contains(&code);
    // Who changes a group must hold all that it gives.
    let within_reach = lacking(holds, group.permissions.iter().copied()).is_empty();
    let saved = group.permissions.contains(&code);
    let name = t!("{} for {}", code, group.name);
    if is_fixed(group) && may_edit {
        return view! {
            <td>
                <label class="check"><input type="checkbox" aria-label=name title=t!("Administrators always have all") prop:checked=true checked=true disabled=true/></label>
            </td>
        }
        .into_any();
    }
    if !may_edit || !within_reach || (!saved && !may_give) {
        let (sign, word) = if saved { ("check", "given") } else { ("minus", t!("not given")) };
        let why = match (may_edit, within_reach) {
            (false, _) => None,
            (true, false) => Some(t!("This group gives rights that you do not have, so you cannot change it")),
            (true, true) => Some(t!("You do not have this right, so you cannot give it")),
        };
        return view! {
            <td title=why>
                <span class=if saved { "perm-sign" } else { "perm-sign faint" }><Icon name=sign size=14/></span>
                <span class="sr">{name}": "{word}{why.map(|why| format!(". {why}"))}</span>
            </td>
        }
        .into_any();
    }
    let (id, group) = (group.id, StoredValue::new(group.clone()));
    let given = move || draft.gives(id, code, saved);
    view! {
        <td data-changed=move || (given() != saved).then_some("")>
            <label class="check">
                <input
                    type="checkbox"
                    aria-label=name
                    prop:checked=given
                    on:change:target=move |event| {
                        let on = event.target().checked();
                        group.with_value(|group| draft.set(group, code, on));
                    }
                />
            </label>
        </td>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_looks_at_codes_words_and_areas() {
        assert!(fits(Permission::MitreSync, "Instance", "ATT&CK"));
        assert!(fits(Permission::MitreSync, "Instance", " mitre."));
        assert!(fits(Permission::MitreSync, "Instance", "instance"));
        assert!(!fits(Permission::MitreSync, "Instance", "evidence"));
    }
}
