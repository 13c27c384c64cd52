//! Facts that pass: saved, archived, taken out (with a way back). Shown at the lower right, spoken politely.

use leptos::prelude::*;

use super::{Button, ButtonKind, ButtonSize, Icon, IconButton};

/// How long a toast stays. One with an act stays longer, an error until it is closed.
const STAYS_MS: u32 = 6_000;
const STAYS_WITH_ACT_MS: u32 = 10_000;

#[derive(Clone)]
struct Toast {
    id: u32,
    kind: Option<&'static str>,
    title: String,
    detail: Option<String>,
    act: Option<(String, Callback<()>)>,
}

/// Where toasts are put; a copyable handle.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Makes the handle of an app; call it once, at the root.
    pub fn provide() {
        provide_context(Self { list: RwSignal::new(Vec::new()), next: StoredValue::new(0) });
    }

    fn put(self, kind: Option<&'static str>, title: String, detail: Option<String>, act: Option<(String, Callback<()>)>) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        let stays = match (kind, act.is_some()) {
            (Some("error"), _) => None,
            (_, true) => Some(STAYS_WITH_ACT_MS),
            (_, false) => Some(STAYS_MS),
        };
        self.list.update(|list| {
            // More than four at once is a wall: the oldest goes.
            if list.len() >= 4 {
                list.remove(0);
            }
            list.push(Toast { id, kind, title, detail, act });
        });
        if let Some(ms) = stays {
            leptos::task::spawn_local(async move {
                gloo_timers::future::TimeoutFuture::new(ms).await;
                self.close(id);
            });
        }
    }

    fn close(self, id: u32) {
        self.list.try_update(|list| list.retain(|toast| toast.id != id));
    }

    /// It worked.
    pub fn success(self, title: impl Into<String>) {
        self.put(Some("success"), title.into(), None, None);
    }

    /// It did not work; stays until closed.
    pub fn error(self, title: impl Into<String>, detail: Option<String>) {
        self.put(Some("error"), title.into(), detail, None);
    }

    /// A fact.
    pub fn info(self, title: impl Into<String>, detail: Option<String>) {
        self.put(None, title.into(), detail, None);
    }

    /// It worked, and this takes it back or leads on: “Undo”, “Open”.
    pub fn with_act(self, title: impl Into<String>, label: impl Into<String>, act: impl Fn() + Send + Sync + 'static) {
        self.put(Some("success"), title.into(), None, Some((label.into(), Callback::new(move |()| act()))));
    }
}

/// The handle to put toasts with.
pub fn use_toasts() -> Toasts {
    expect_context()
}

/// The place where toasts appear; stands once in the app.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.id let:toast>
                {
                    let id = toast.id;
                    let icon = match toast.kind {
                        Some("success") => "circle-check",
                        Some(_) => "circle-alert",
                        None => "info",
                    };
                    view! {
                        <div class="toast" data-kind=toast.kind>
                            <Icon name=icon/>
                            <div>
                                <b>{toast.title}</b>
                                {toast.detail.map(|detail| view! { <div class="small muted">{detail}</div> })}
                            </div>
                            {match toast.act {
                                Some((label, act)) => view! {
                                    <Button kind=ButtonKind::Ghost size=ButtonSize::Small on_click=move |_| { act.run(()); toasts.close(id); }>{label}</Button>
                                }.into_any(),
                                None => view! { <IconButton icon="x" label=t!("Close") on_click=move |_| toasts.close(id)/> }.into_any(),
                            }}
                        </div>
                    }
                }
            </For>
        </div>
    }
}
