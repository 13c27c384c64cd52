//! What is pressed: buttons, menus, pills, tabs.

use leptos::prelude::*;

use super::{in_states, line};
use crate::ui::{
    Button, ButtonKind, ButtonLink, ButtonSize, Chip, CopyButton, Icon, IconButton, Menu, MenuGroup, MenuItem, MenuLink, MenuSeparator,
    Pill, Seg, Stepper, Tab, Tabs,
};

/// `Button`, `ButtonLink`.
pub fn buttons() -> AnyView {
    const KINDS: [(&str, ButtonKind); 5] = [
        ("Plain", ButtonKind::Plain),
        ("Primary", ButtonKind::Primary),
        ("Ghost", ButtonKind::Ghost),
        ("Danger", ButtonKind::Danger),
        ("Quiet danger", ButtonKind::DangerQuiet),
    ];
    let kinds: Vec<_> = KINDS
        .into_iter()
        .map(|(name, kind)| {
            let own = vec![
                ("Disabled", view! { <Button kind=kind disabled=true>"Save"</Button> }.into_any()),
                ("Busy", view! { <Button kind=kind busy=true>"Save"</Button> }.into_any()),
                ("With a reason", view! { <Button kind=kind why_not="Choose a test first".to_owned()>"Save"</Button> }.into_any()),
            ];
            line(name, in_states(move || view! { <Button kind=kind icon="check">"Save"</Button> }.into_any(), own))
        })
        .collect();
    let sizes = view! {
        <div class="row row--wrap">
            <Button size=ButtonSize::Small>"Small"</Button><Button>"Normal"</Button><Button size=ButtonSize::Large>"Large"</Button>
            <ButtonLink href="/dev/ui">"A link"</ButtonLink>
            <CopyButton text="copied"/>
        </div>
    };
    view! { {kinds}{line("Sizes, link, copy", sizes.into_any())} }.into_any()
}

/// `IconButton`, `Menu` and what stands in it.
pub fn menus() -> AnyView {
    let draw = || view! { <IconButton icon="pencil" label="Edit"/> }.into_any();
    let own = vec![("Disabled", view! { <IconButton icon="pencil" label="Edit" disabled=true/> }.into_any())];
    let menu = view! {
        <div class="row">
            <Menu label="More actions" trigger=|| view! { <Icon name="ellipsis"/> }>
                <MenuGroup label="The test"/>
                <MenuItem icon="pencil" on_select=|()| ()>"Edit"</MenuItem>
                <MenuItem checked=Signal::stored(true) on_select=|()| ()>"Chosen"</MenuItem>
                <MenuLink icon="arrow-right" href="/dev/ui">"A link"</MenuLink>
                <MenuSeparator/>
                <MenuItem icon="trash-2" danger=true on_select=|()| ()>"Delete"</MenuItem>
            </Menu>
            <span class="muted small">"Opens at a press"</span>
        </div>
    };
    let item =
        || view! { <div class="menu dev__menu" role="menu"><MenuItem icon="pencil" on_select=|()| ()>"Edit"</MenuItem></div> }.into_any();
    view! { {line("Icon button", in_states(draw, own))}{line("Menu", menu.into_any())}{line("Menu item", in_states(item, Vec::new()))} }
        .into_any()
}

/// `Pill`, `Chip`, `Seg`.
pub fn choices() -> AnyView {
    let pill = |on: bool| {
        view! { <Pill label="Draft" status="draft" pressed=Signal::stored(on) count=Signal::stored(Some(12)) on_click=|()| ()/> }.into_any()
    };
    let chip = || view! { <Chip code="T1059.001" name="PowerShell" on_remove=|()| ()/> }.into_any();
    let options =
        || vec![("yes".to_owned(), "Yes".to_owned()), ("partial".to_owned(), "Partial".to_owned()), ("no".to_owned(), "No".to_owned())];
    let seg = move |disabled: bool| {
        view! { <Seg value=RwSignal::new("yes".to_owned()) label="Detected" options=options() disabled=disabled/> }.into_any()
    };
    view! {
        {line("Pill", in_states(move || pill(false), vec![("Pressed", pill(true))]))}
        {line("Chip", in_states(chip, Vec::new()))}
        {line("Segments", in_states(move || seg(false), vec![("Disabled", seg(true))]))}
    }
    .into_any()
}

/// `Tabs`, `Stepper`.
pub fn ways() -> AnyView {
    let tabs = || {
        let tabs = vec![Tab::new("one", "Tests", "/dev/ui").count(12), Tab::new("two", "Timeline", "/dev/ui")];
        view! { <Tabs label=crate::ui::next_id("Parts") tabs=tabs current="one".to_owned()/> }.into_any()
    };
    let steps = view! { <Stepper steps=vec!["What", "Scenarios", "Members"] current=Signal::stored(1_usize) on_step=|_| () faulty=Signal::stored(vec![2])/> };
    view! { {line("Tabs", in_states(tabs, Vec::new()))}{line("Steps: done, current, with a fault", steps.into_any())} }.into_any()
}
