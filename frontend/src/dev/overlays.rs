//! What stands in a list's place, and what floats.

use leptos::prelude::*;

use super::line;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, ConfirmDialog, Dialog, EmptyState, ErrorState, FormDialog, RemovalDialog, ShownOnce,
    SkeletonRows, TextInput, use_toasts,
};

/// `Banner`, `EmptyState`, `ErrorState`, `SkeletonRows`.
pub fn states() -> AnyView {
    const KINDS: [(&str, BannerKind); 5] = [
        ("A fact that stays.", BannerKind::Plain),
        ("Look at it.", BannerKind::Warn),
        ("It was not saved.", BannerKind::Error),
        ("It is whole.", BannerKind::Ok),
        ("What to do next.", BannerKind::Info),
    ];
    view! {
        {line("Banners", view! { <div class="stack stack--2">{KINDS.map(|(text, kind)| view! { <Banner kind=kind><span>{text}</span></Banner> }).collect_view()}</div> }.into_any())}
        {line("Empty", view! {
            <EmptyState title="No missions yet" text="A mission is one exercise for one client."><Button kind=ButtonKind::Primary icon="plus">"New mission"</Button></EmptyState>
        }.into_any())}
        {line("Empty after a search", view! { <EmptyState title="Nothing matches" text="One filter is on." tight=true/> }.into_any())}
        {line("Not readable", view! { <ErrorState title="The missions could not be read" text="The server cannot be reached." request_id="01a0" on_retry=|()| ()/> }.into_any())}
        {line("Coming", view! { <SkeletonRows/> }.into_any())}
    }
    .into_any()
}

/// `Dialog`, `FormDialog`, `ConfirmDialog`, `RemovalDialog`, each opened by a button.
pub fn dialogs() -> AnyView {
    let [plain, wide, form, made, danger, removal, question, failed, busy] = [(); 9].map(|()| RwSignal::new(false));
    Effect::new(move |_| {
        if busy.get() {
            leptos::task::spawn_local(async move {
                crate::web::sleep(3_000).await;
                busy.try_set(false);
            });
        }
    });
    let opener = |label: &'static str, open: RwSignal<bool>| view! { <Button on_click=move |_| open.set(true)>{label}</Button> };
    let foot = move |open: RwSignal<bool>| move || view! { <Button on_click=move |_| open.set(false)>"Cancel"</Button><Button kind=ButtonKind::Primary on_click=move |_| open.set(false)>"Save"</Button> };
    view! {
        <div class="row row--wrap">
            {opener("Dialog", plain)}{opener("Wide dialog", wide)}{opener("Form", form)}{opener("Deleting", danger)}
            {opener("Removing for good", removal)}{opener("A question", question)}
            {opener("With an error", failed)}{opener("Busy", busy)}
        </div>
        <Dialog open=plain title="Edit details" foot=foot(plain)><TextInput value=RwSignal::new("Night Ferry".to_owned()) label="Name".to_owned()/></Dialog>
        <Dialog open=wide title="Two versions" wide=true foot=foot(wide)><p>"Yours left, theirs right."</p></Dialog>
        <FormDialog
            open=form
            title="New token"
            act="Make the token"
            busy=Signal::stored(false)
            on_submit=move |()| made.set(true)
            made=made
            once=|| view! { <ShownOnce warning="Copy it now: it is not shown again." secrets=vec![("Token", "ty_k7mfp2xq9h".to_owned())]/> }
        >
            <TextInput value=RwSignal::new("Nightly export".to_owned()) label="Name".to_owned()/>
        </FormDialog>
        <RemovalDialog
            open=removal
            name=Signal::stored("Night Ferry".to_owned())
            rule="Type the mission’s name exactly as it is written"
            text="Nobody can bring it back."
            busy=Signal::stored(false)
            error=Signal::stored(None::<String>)
            on_confirm=move |_| removal.set(false)
        />
        <ConfirmDialog open=danger title="Delete the mission Night Ferry?" text="It cannot be brought back." confirm="Delete mission" on_confirm=move |()| danger.set(false)/>
        <ConfirmDialog open=question harmless=true title="Complete Night Ferry?" text="It can be reopened." confirm="Complete mission" on_confirm=move |()| question.set(false)/>
        <ConfirmDialog open=failed title="Delete it?" text="It cannot be brought back." confirm="Delete" error=Signal::stored(Some("Somebody changed it meanwhile.".to_owned())) on_confirm=move |()| failed.set(false)/>
        <ConfirmDialog
            open=busy
            title="Delete it?"
            text="This one stays busy for three seconds."
            confirm="Delete"
            busy=busy
            on_confirm=|()| ()
        />
    }
    .into_any()
}

/// `Toasts`, each put by a button.
pub fn toasts() -> AnyView {
    let toasts = use_toasts();
    view! {
        <div class="row row--wrap">
            <Button on_click=move |_| toasts.success("Night Ferry is completed")>"It worked"</Button>
            <Button on_click=move |_| toasts.with_act("Night Ferry is completed", "Undo", || ())>"With a way back"</Button>
            <Button on_click=move |_| toasts.info("Rita has joined", Some("As red".to_owned()))>"A fact"</Button>
            <Button on_click=move |_| toasts.error("The status was not changed", Some("The server cannot be reached.".to_owned()))>"It did not work"</Button>
        </div>
    }
    .into_any()
}
