//! `/notifications`: all of them, filtered by kind and by whether they were read.

use leptos::prelude::*;
use tyrian_domain::notification::NotificationKind;

use super::{kind_words, queries, row};
use crate::loaded::Loaded;
use crate::missions::use_url;
use crate::query::use_mutation;
use crate::shell::Page;
use crate::ui::{Button, ButtonLink, ButtonSize, EmptyState, LoadMore, Pill, Select, SkeletonRows};

/// The page.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    let url = use_url();
    let unread = Memo::new(move |_| url.get("show").as_deref() == Some("unread"));
    let kind = Memo::new(move |_| url.get("kind").and_then(|word| NotificationKind::parse(&word)));
    let list = queries::use_notifications(unread);
    let newest = queries::use_newest();
    let count = Memo::new(move |_| newest.data.with(|page| page.as_ref().map(|page| page.unread)));
    let all_read = use_mutation(|()| queries::read(Vec::new()), move |()| ());
    let chosen = RwSignal::new(String::new());
    Effect::new(move |_| chosen.set(kind.get().map_or_else(String::new, |kind| kind.as_str().to_owned())));
    let kinds = Signal::stored(
        std::iter::once((String::new(), t!("All kinds").to_owned()))
            .chain(NotificationKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_words(*kind).to_owned())))
            .collect::<Vec<_>>(),
    );
    view! {
        <Page
            title=t!("Notifications")
            actions=move || view! {
                {move || count.get().is_some_and(|n| n > 0).then(|| view! {
                    <Button size=ButtonSize::Small icon="check" busy=all_read.busy on_click=move |_| all_read.run.run(())>{t!("Mark all read")}</Button>
                })}
            }
        >
            <div class="toolbar">
                <div class="row row--1" role="group" aria-label=t!("Which")>
                    <Pill label=t!("All") pressed=Signal::derive(move || !unread.get()) on_click=move |()| url.push(&[("show", None)])/>
                    <Pill label=t!("Unread") count=count pressed=unread on_click=move |()| url.push(&[("show", Some("unread".to_owned()))])/>
                </div>
                <div class="toolbar__kind"><Select value=chosen label=t!("Kind") small=true options=kinds on_change=move |kind: String| url.push(&[("kind", Some(kind))])/></div>
                <span class="push"><ButtonLink href="/profile" size=ButtonSize::Small icon="settings">{t!("What I am told")}</ButtonLink></span>
            </div>
            <section class="card" aria-label=t!("Notifications")>
                <Loaded query=list.query what=t!("The notifications") skeleton=|| view! { <SkeletonRows rows=5/> } let:page>
                    {
                        let shown: Vec<_> = page.items.into_iter().filter(|note| kind.get_untracked().is_none_or(|kind| note.kind == kind)).collect();
                        let n = shown.len();
                        // a filter that is changed draws the list anew
                        kind.track();
                        if shown.is_empty() {
                            let (title, text) = if unread.get_untracked() || kind.get_untracked().is_some() {
                                (t!("Nothing fits"), t!("No notification fits these filters."))
                            } else {
                                (t!("No notifications yet"), t!("You are told here when somebody adds you to a mission, mentions you, or a test waits for you."))
                            };
                            view! { <EmptyState title=title text=text tight=true/> }.into_any()
                        } else {
                            view! {
                                <div class="notes notes--page">{shown.into_iter().map(|note| row(note, Callback::new(|()| ()))).collect_view()}</div>
                                <LoadMore shown=Signal::stored(n) total=Signal::derive(move || list.query.data.with(|page| page.as_ref().and_then(|page| page.total)).filter(|_| kind.get().is_none())) has_more=list.has_more busy=list.busy on_more=list.more/>
                            }.into_any()
                        }
                    }
                </Loaded>
            </section>
        </Page>
    }
}
