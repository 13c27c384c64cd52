//! Choosing ATT&CK tags: a search by id or name, and the matrix to choose from.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::prelude::*;
use tyrian_api_types::catalogue::{Tactic, Technique};
use tyrian_api_types::test_templates::MitreTag;
use tyrian_domain::template::TagKind;

use crate::attack::matrix::MatrixView;
use crate::attack::queries::{Matches, use_matches, use_matrix, use_tactics};
use crate::loaded::Loaded;
use crate::status::use_catalogue_status;
use crate::ui::{Banner, BannerKind, Button, ButtonKind, ButtonSize, Chip, ComboItem, Combobox, Dialog, Icon, Kbd, SearchInput, Skeleton};

/// A search text as it stands once the typing pauses.
pub fn use_paused(text: RwSignal<String>) -> Signal<String> {
    let paused = RwSignal::new(text.get_untracked().trim().to_owned());
    let mut later = debounce(Duration::from_millis(180), move |text: String| {
        paused.try_set(text.trim().to_owned());
    });
    Effect::new(move |_| later(text.get()));
    paused.into()
}

fn item(kind: TagKind, external_id: &str, name: &str, note: Option<String>) -> ComboItem {
    let group = match kind {
        TagKind::Tactic => t!("Tactics"),
        TagKind::Technique => t!("Techniques"),
        TagKind::Subtechnique => t!("Subtechniques"),
    };
    ComboItem { value: external_id.to_owned(), code: Some(external_id.to_owned()), label: name.to_owned(), note, group: Some(group) }
}

/// The matches in groups: where something stands whose id was typed in full, its group comes first.
fn items(query: &str, tactics: &[Tactic], matches: &Matches) -> Vec<ComboItem> {
    let query = query.trim().to_lowercase();
    let named = |id: &str| tactics.iter().find(|tactic| tactic.external_id == id).map(|tactic| tactic.name.clone());
    let note = |technique: &Technique| {
        let mut names = technique.tactics.iter().filter_map(|id| named(id));
        let first = names.next()?;
        let rest = names.count();
        Some(if rest == 0 { first } else { format!("{first} +{rest}") })
    };
    let of = |kind: TagKind, list: &[Technique]| list.iter().map(|t| item(kind, &t.external_id, &t.name, note(t))).collect::<Vec<_>>();
    let hit = |tactic: &&Tactic| tactic.external_id.to_lowercase().starts_with(&query) || tactic.name.to_lowercase().contains(&query);
    let mut groups = [
        of(TagKind::Technique, &matches.techniques),
        of(TagKind::Subtechnique, &matches.subtechniques),
        tactics.iter().filter(hit).map(|tactic| item(TagKind::Tactic, &tactic.external_id, &tactic.name, None)).collect(),
    ];
    let exact = |group: &Vec<ComboItem>| !group.iter().any(|item| item.value.to_lowercase() == query);
    groups.sort_by_key(exact);
    groups.into_iter().flatten().collect()
}

/// The field: chosen tags as chips, the search behind them, the matrix one button away.
#[component]
pub fn AttackPicker(
    /// the tags chosen
    tags: RwSignal<Vec<MitreTag>>,
    /// the rule that is broken and the way out
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let paused = use_paused(text);
    let matches = use_matches(paused);
    let tactics = use_tactics();
    let status = use_catalogue_status();
    let in_matrix = RwSignal::new(false);
    let empty = Memo::new(move |_| status.data.with(|status| status.as_ref().is_some_and(|status| status.counts.techniques == 0)));
    let found = Memo::new(move |_| {
        // What was typed since is not answered yet: old matches under new text would be a trap for Enter.
        if text.read().trim() != *paused.read() || paused.read().is_empty() {
            return Vec::new();
        }
        let tactics = tactics.data.with(|list| list.as_ref().map(|list| list.items.clone()).unwrap_or_default());
        matches.data.with(|matches| matches.as_ref().map(|matches| items(&paused.read(), &tactics, matches)).unwrap_or_default())
    });
    let busy = Signal::derive(move || matches.loading.get() || text.read().trim() != *paused.read());
    let shown = Memo::new(move |_| if matches.loading.get() { Vec::new() } else { found.get() });
    let chips = move || {
        tags.get()
            .into_iter()
            .map(|tag| {
                let id = tag.external_id.clone();
                view! { <Chip code=tag.external_id name=tag.name on_remove=move |()| tags.update(|tags| tags.retain(|other| other.external_id != id))/> }
            })
            .collect_view()
    };
    view! {
        <div class="field">
            <span class="field__label">{t!("ATT&CK")}</span>
            <Combobox
                query=text
                items=shown
                label=t!("Add a tactic, technique or subtechnique")
                placeholder=Signal::derive(move || tags.read().is_empty().then(|| t!("Id or name: T1059, PowerShell").to_owned()))
                busy=busy
                nothing=t!("Nothing in the catalogue matches")
                multiple=true
                chips=move || view! { {chips} }
                on_back=move |()| tags.update(|tags| { tags.pop(); })
                foot=move || view! {
                    <span class="small faint hide-sm"><Kbd key="↑"/>" "<Kbd key="↓"/>{t!(" choose ")}<Kbd key="⏎"/>{t!(" add")}</span>
                    <span class="push"><Button kind=ButtonKind::Ghost size=ButtonSize::Small icon="grid-3x3" on_click=move |_| in_matrix.set(true)>{t!("Pick in the matrix")}</Button></span>
                }
                on_pick=move |item: ComboItem| add(tags, &item.value, &item.label)
            />
            {move || match (error.get(), empty.get()) {
                (Some(text), _) => view! { <span class="field__error"><Icon name="circle-alert" size=14/>{text}</span> }.into_any(),
                (None, true) => view! { <span class="field__hint">{t!("The ATT&CK catalogue is empty, so there is nothing to choose from. ")}<a href="/attack">{t!("Sync it first")}</a></span> }.into_any(),
                (None, false) => view! {
                    <span class="field__hint row row--between">
                        {t!("What the test does, as finely as it can be said")}
                        <button class="linkish nowrap" type="button" on:click=move |_| in_matrix.set(true)>{t!("Pick in the matrix")}</button>
                    </span>
                }.into_any(),
            }}
            <MatrixDialog open=in_matrix tags=tags/>
        </div>
    }
}

fn add(tags: RwSignal<Vec<MitreTag>>, external_id: &str, name: &str) {
    tags.update(|tags| {
        if !tags.iter().any(|tag| tag.external_id == external_id) {
            tags.push(MitreTag {
                kind: TagKind::of_id(external_id),
                external_id: external_id.to_owned(),
                name: name.to_owned(),
                url: None,
            });
        }
    });
}

/// The matrix over the page: a click puts a tag in, a second one takes it out.
#[component]
fn MatrixDialog(open: RwSignal<bool>, tags: RwSignal<Vec<MitreTag>>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let on = Signal::derive(move || tags.read().iter().map(|tag| tag.external_id.clone()).collect::<BTreeSet<_>>());
    let count = Signal::derive(move || tags.read().len());
    view! {
        <Dialog
            open=open
            title=t!("Pick in the matrix")
            wide=true
            foot=move || view! {
                <span class="muted num dialog__note">{move || match count.get() { 0 => t!("Nothing chosen yet").to_owned(), n => t!("{n} chosen"; n) }}</span>
                <Button kind=ButtonKind::Primary on_click=move |_| open.set(false)>{t!("Done")}</Button>
            }
        >
            {move || {
                let matrix = use_matrix();
                view! {
                    <div class="stack stack--2 picker">
                        <SearchInput value=text label=t!("Search the matrix") placeholder=t!("Id or name")/>
                        <Loaded query=matrix what=t!("The matrix") skeleton=|| view! { <Skeleton lines=8/> } let:matrix>
                            {if matrix.tactics.is_empty() {
                                view! { <Banner kind=BannerKind::Info><span>{t!("The ATT&CK catalogue is empty. ")}<a href="/attack">{t!("Sync it first")}</a></span></Banner> }.into_any()
                            } else {
                                view! {
                                    <div class="picker__matrix">
                                        <MatrixView
                                            matrix=matrix
                                            query=text
                                            on=on
                                            pick_tactics=true
                                            on_pick=move |picked: crate::attack::matrix::Picked| {
                                                if tags.read_untracked().iter().any(|tag| tag.external_id == picked.external_id) {
                                                    tags.update(|tags| tags.retain(|tag| tag.external_id != picked.external_id));
                                                } else {
                                                    add(tags, &picked.external_id, &picked.name);
                                                }
                                            }
                                        />
                                    </div>
                                }.into_any()
                            }}
                        </Loaded>
                    </div>
                }
            }}
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn technique(id: &str, name: &str) -> Technique {
        let text = format!(
            r#"{{"id":"00000000-0000-0000-0000-000000000000","domain":"enterprise","external_id":"{id}","name":"{name}","description":"","url":null,"platforms":[],"tactics":[],"is_deprecated":false,"is_revoked":false,"revoked_by":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn an_id_typed_in_full_comes_first() {
        let matches =
            Matches { techniques: vec![technique("T1059", "Interpreter")], subtechniques: vec![technique("T1059.001", "PowerShell")] };
        let first = |query: &str| items(query, &[], &matches).first().map(|item| item.value.clone());
        assert_eq!(first("t1059").as_deref(), Some("T1059"));
        assert_eq!(first("T1059.001").as_deref(), Some("T1059.001"));
    }
}
