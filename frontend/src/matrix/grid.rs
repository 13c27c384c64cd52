//! The matrix on the page: heads of the columns, the box of the cells, and what is heard of them.

use std::collections::BTreeSet;

use leptos::{ev, html as tags, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::html::{MORE, Sight};
use super::paint::Painter;
use super::walk::walk;
use super::{Cell, Column, Picked};

/// The matrix. It scrolls in the box that it stands in.
#[component]
pub fn MatrixGrid(
    /// what it shows
    #[prop(into)]
    columns: Signal<Vec<Column>>,
    /// what it is, for the screen reader
    #[prop(into)]
    label: String,
    /// columns as wide as most names; else all fourteen fit a page of 1280 px
    #[prop(optional)]
    wide: bool,
    /// leaves the cells whose id or name holds this
    #[prop(optional, into)]
    query: Signal<String>,
    /// all subtechniques are in sight
    #[prop(optional, into)]
    unfold_all: Signal<bool>,
    /// which are chosen, by id
    #[prop(optional, into)]
    on: Option<Signal<BTreeSet<String>>>,
    /// the heading of a column can be chosen too
    #[prop(optional)]
    pick_columns: bool,
    /// takes what was chosen
    #[prop(optional, into)]
    on_pick: Option<Callback<Picked>>,
    /// the cell that is pointed at or has the focus
    #[prop(optional, into)]
    told: Option<RwSignal<Option<Cell>>>,
) -> impl IntoView {
    let root: NodeRef<tags::Div> = NodeRef::new();
    let (unfolded, widened) = (RwSignal::new(BTreeSet::new()), RwSignal::new(BTreeSet::new()));
    let sight = Memo::new(move |_| Sight {
        query: query.read().trim().to_lowercase(),
        unfold_all: unfold_all.get(),
        unfolded: unfolded.get(),
        widened: widened.get(),
    });
    let painter = Painter::start(root, columns, sight, on, RwSignal::new(String::new()));
    let ids = Memo::new(move |_| columns.with(|columns| columns.iter().map(|column| column.id.clone()).collect::<Vec<_>>()));
    let read = RwSignal::new(None::<String>);
    if let Some(told) = told {
        // What is told stays true when the cells change under it.
        Effect::new(move |_| told.set(read.get().and_then(|key| columns.with(|columns| find(columns, &key).cloned()))));
    }
    let click = move |event: ev::MouseEvent| {
        if let Some(more) = within(&event, ".cell__more").and_then(|more| more.get_attribute("data-for")) {
            flip(unfolded, more);
        } else if let Some(key) = within(&event, "button.cell").and_then(|cell| cell.get_attribute("data-key")) {
            match (key.strip_suffix(MORE).and_then(|key| key.strip_suffix('/')), on_pick) {
                (Some(column), _) => flip(widened, column.to_owned()),
                (None, Some(on_pick)) => {
                    let found = columns.with_untracked(|columns| find(columns, &key).map(|cell| (cell.id.clone(), cell.name.clone())));
                    if let Some((external_id, name)) = found {
                        on_pick.run(Picked { external_id, name });
                    }
                }
                (None, None) => {}
            }
        }
    };
    let tell = move |key: String| {
        if told.is_some() && read.with_untracked(|read| read.as_ref() != Some(&key)) {
            read.set(Some(key));
        }
    };
    view! {
        <div
            class=if wide { "matrix matrix--wide" } else { "matrix" }
            role="group"
            aria-label=label
            node_ref=root
            style:--tactics=move || ids.read().len().to_string()
            on:keydown=move |event| walk(&event)
            on:click=click
            on:focusin=move |event| {
                if let Some(key) = within(&event, ".cell").and_then(|cell| cell.get_attribute("data-key")) {
                    painter.stop.set(key.clone());
                    painter.place_stop();
                    tell(key);
                }
            }
            on:pointerover=move |event| {
                if let Some(key) = within(&event, ".cell").and_then(|cell| cell.get_attribute("data-key")) {
                    tell(key);
                }
            }
        >
            <For each=move || ids.get() key=Clone::clone let:id>
                <ColumnView id=id painter=painter pick=on_pick.filter(|_| pick_columns)/>
            </For>
        </div>
    }
}

/// The nearest element of this kind around what an event is about.
fn within(event: &web_sys::Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok().flatten()
}

fn find<'a>(columns: &'a [Column], key: &str) -> Option<&'a Cell> {
    let (column, id) = key.split_once('/')?;
    columns.iter().find(|one| one.id == column)?.find(id)
}

fn flip(set: RwSignal<BTreeSet<String>>, key: String) {
    set.update(|set| {
        if !set.remove(&key) {
            set.insert(key);
        }
    });
}

/// A name whose long words may break: “Reconnaissance” is wider than a column.
fn breakable(name: &str) -> String {
    const LONG: usize = 13;
    const AT: usize = 9;
    let mut out = String::with_capacity(name.len() + 2);
    for word in name.split_inclusive(' ') {
        let is_long = word.chars().count() > LONG;
        for (n, c) in word.chars().enumerate() {
            if is_long && n == AT {
                out.push('\u{ad}');
            }
            out.push(c);
        }
    }
    out
}

/// Name, share and strip of a tactic; its cells are drawn by the painter.
#[component]
fn ColumnView(
    /// the tactic
    id: String,
    /// draws the cells
    painter: Painter,
    /// takes the tactic where it can be chosen
    pick: Option<Callback<Picked>>,
) -> impl IntoView {
    let of = id.clone();
    let head = Memo::new(move |_| {
        painter.columns.with(|columns| {
            columns.iter().find(|column| column.id == of).map(|column| (column.name.clone(), column.share.clone(), column.cells.len()))
        })
    });
    let name = Signal::derive(move || head.with(|head| head.as_ref().map(|head| head.0.clone())).unwrap_or_default());
    let shown = Signal::derive(move || breakable(&name.read()));
    let searched = id.clone();
    let found = Memo::new(move |_| painter.sight.with(|sight| !sight.query.is_empty()).then(|| painter.found(&searched)));
    let titled = id.clone();
    let title = Signal::derive(move || format!("{titled} {}", name.get()));
    let heading = match (pick, painter.on) {
        (Some(pick), Some(on)) => {
            let (own, picked) = (id.clone(), id.clone());
            view! {
                <button
                    class="matrix__pick"
                    type="button"
                    title=title
                    aria-pressed=move || if on.read().contains(&own) { "true" } else { "false" }
                    on:click=move |_| pick.run(Picked { external_id: picked.clone(), name: name.get_untracked() })
                ><b>{shown}</b></button>
            }
            .into_any()
        }
        _ => view! { <b title=title>{shown}</b> }.into_any(),
    };
    view! {
        <section class="matrix__col" aria-label=name data-none=move || (found.get() == Some(0)).then_some("")>
            <header class="matrix__head">
                {heading}
                {move || {
                    let (_, share, all) = head.get().unwrap_or_default();
                    match (found.get(), share) {
                        (Some(found), _) => view! { <span>{t!("{found} of {all}"; found, all)}</span> }.into_any(),
                        (None, None) => view! { <span>{all}</span> }.into_any(),
                        (None, Some(share)) => view! {
                            <span title=share.title.clone()><i aria-hidden="true">{share.text}</i><em aria-hidden="true">{share.base}</em><i class="sr">{share.title.clone()}</i></span>
                            <div class="matrix__bar" aria-hidden="true">
                                {share.parts.into_iter().map(|(code, n)| view! { <i data-lv=code style:--v=n.to_string()></i> }).collect_view()}
                            </div>
                        }.into_any(),
                    }
                }}
            </header>
            <div class="matrix__cells" data-col=id></div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::breakable;

    #[test]
    fn a_long_word_may_break() {
        assert_eq!(breakable("Reconnaissance"), "Reconnais\u{ad}sance");
        assert_eq!(breakable("Command and Control"), "Command and Control");
    }
}
