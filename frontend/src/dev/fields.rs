//! What is filled in.

use leptos::prelude::*;

use super::{in_states, line};
use crate::ui::{
    Checkbox, ComboItem, Combobox, Field, FileDrop, OrderList, OrderRow, Ordering, SearchInput, Select, Switch, TextArea, TextInput, moved,
};

fn text(words: &str) -> RwSignal<String> {
    RwSignal::new(words.to_owned())
}

fn wrong() -> Signal<Option<String>> {
    Signal::stored(Some("Detected lies before started. Correct the time.".to_owned()))
}

/// `Field` with `TextInput`, `TextArea`; `SearchInput`.
pub fn texts() -> AnyView {
    let input = || view! { <Field label="Name" hint="As the client knows it"><TextInput value=text("Night Ferry")/></Field> }.into_any();
    let area = || view! { <Field label="Procedure"><TextArea value=text("Run the **encoded** command.")/></Field> }.into_any();
    let own_input = vec![
        ("Disabled", view! { <Field label="Name"><TextInput value=text("Night Ferry") disabled=true/></Field> }.into_any()),
        ("Error", view! { <Field label="Name" required=true error=wrong()><TextInput value=text("")/></Field> }.into_any()),
        ("Empty", view! { <Field label="Name"><TextInput value=text("") placeholder="Night Ferry".to_owned()/></Field> }.into_any()),
    ];
    let own_area = vec![
        ("Disabled", view! { <Field label="Procedure"><TextArea value=text("Read only") disabled=true/></Field> }.into_any()),
        ("Error", view! { <Field label="Procedure" error=wrong()><TextArea value=text("")/></Field> }.into_any()),
        ("Code", view! { <Field label="Command"><TextArea value=text("whoami /all") code=true/></Field> }.into_any()),
    ];
    let search = || view! { <SearchInput value=text("") label="Search" placeholder="Name or id".to_owned()/> }.into_any();
    view! {
        {line("Text", in_states(input, own_input))}
        {line("Long text", in_states(area, own_area))}
        {line("Search", in_states(search, Vec::new()))}
    }
    .into_any()
}

/// `Select`, `Checkbox`, `Switch`.
pub fn choices() -> AnyView {
    let options = || vec![("low".to_owned(), "Low".to_owned()), ("high".to_owned(), "High".to_owned())];
    let select = move |disabled: bool| {
        view! { <Field label="OPSEC risk"><Select value=text("low") options=options() disabled=disabled/></Field> }.into_any()
    };
    let faulty = view! { <Field label="OPSEC risk" error=wrong()><Select value=text("low") options=options()/></Field> }.into_any();
    let check = |on: bool, disabled: bool| view! { <Checkbox checked=on disabled=disabled>"Needs an administrator"</Checkbox> }.into_any();
    let switch = |on: bool, disabled: bool| view! { <Switch checked=on disabled=disabled>"Active"</Switch> }.into_any();
    view! {
        {line("Select", in_states(move || select(false), vec![("Disabled", select(true)), ("Error", faulty)]))}
        {line("Checkbox", in_states(move || check(false, false), vec![("On", check(true, false)), ("Disabled", check(false, true)), ("On, disabled", check(true, true))]))}
        {line("Switch", in_states(move || switch(false, false), vec![("On", switch(true, false)), ("Disabled", switch(false, true)), ("On, disabled", switch(true, true))]))}
    }
    .into_any()
}

/// `Combobox`.
pub fn combobox() -> AnyView {
    let item = |id: &str, name: &str| ComboItem {
        value: id.to_owned(),
        code: Some(id.to_owned()),
        label: name.to_owned(),
        note: Some("2 tests".to_owned()),
        group: Some("Execution"),
    };
    let items = move || vec![item("T1059", "Command and Scripting Interpreter"), item("T1204", "User Execution")];
    let draw = move || {
        view! { <Combobox query=text("") items=items() label="Technique" placeholder="Id or name".to_owned() eager=true on_pick=|_| ()/> }
            .into_any()
    };
    let busy = view! { <Combobox query=text("x") items=Vec::new() label="Technique" busy=true on_pick=|_| ()/> }.into_any();
    in_states(draw, vec![("Busy", busy)])
}

/// `FileDrop`, `OrderList`.
pub fn lists() -> AnyView {
    let drop = |disabled: bool| view! { <FileDrop label="Drop a file here, or choose one" disabled=disabled on_file=|_| ()/> }.into_any();
    let rows = RwSignal::new(vec!["Encoded PowerShell", "Dump LSASS", "Remote desktop to a server"]);
    let ordering = Ordering::new(Signal::derive(move || rows.read().len()), move |from, to| rows.update(|rows| moved(rows, from, to)));
    let order = view! {
        <OrderList ordering=ordering label="Tests in order">
            <For each=move || rows.get() key=|row| *row let:row>
                {
                    let place = Memo::new(move |_| rows.read().iter().position(|one| *one == row).unwrap_or_default());
                    view! { <OrderRow ordering=ordering place=place name=row><span class="num faint">{move || place.get() + 1}</span><span>{row}</span></OrderRow> }
                }
            </For>
        </OrderList>
    };
    view! {
        {line("File", in_states(move || drop(false), vec![("Disabled", drop(true))]))}
        {line("Order", order.into_any())}
    }
    .into_any()
}
