//! Errors of a form: the rules of the request's type before it is sent, the server's refusal after, each at its field.

use leptos::prelude::*;
use tyrian_api_types::{FieldError, Validate};

use crate::api::ApiError;
use crate::texts::spoken;

/// A fault in the reader's language.
fn said(fault: FieldError) -> FieldError {
    FieldError { detail: spoken(fault.detail), ..fault }
}

/// What is wrong with the fields of a form, by JSON pointer (`/name`, `/members/0/user_id`).
#[derive(Clone, Copy)]
pub struct FormErrors {
    fields: RwSignal<Vec<FieldError>>,
    general: RwSignal<Option<String>>,
}

impl Default for FormErrors {
    fn default() -> Self {
        Self::new()
    }
}

impl FormErrors {
    /// No errors yet.
    pub fn new() -> Self {
        Self { fields: RwSignal::new(Vec::new()), general: RwSignal::new(None) }
    }

    /// Checks a request by its own rules; true if it may be sent.
    pub fn check(self, request: &impl Validate) -> bool {
        self.general.set(None);
        match request.check() {
            Ok(()) => {
                self.fields.set(Vec::new());
                true
            }
            Err(faults) => {
                self.fields.set(faults.into_iter().map(said).collect());
                crate::web::focus_soon("[aria-invalid=true]");
                false
            }
        }
    }

    /// Takes a refusal: what names a field goes there, the rest stands above the form.
    pub fn take(self, error: &ApiError) {
        let fields: Vec<FieldError> = error.fields().iter().cloned().map(said).collect();
        if fields.is_empty() {
            self.general.set(Some(error.text()));
        } else {
            self.general.set(None);
            crate::web::focus_soon("[aria-invalid=true]");
        }
        self.fields.set(fields);
    }

    /// Adds an error to a field.
    pub fn add(self, pointer: &str, detail: impl Into<String>) {
        let error = FieldError { pointer: pointer.to_owned(), code: String::new(), detail: detail.into() };
        self.fields.update(|fields| fields.push(error));
    }

    /// Forgets them.
    pub fn clear(self) {
        self.fields.set(Vec::new());
        self.general.set(None);
    }

    /// The error of the field at `pointer`, for `Field`'s `error`.
    pub fn field(self, pointer: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.fields.read().iter().find(|error| error.pointer == pointer).map(|error| error.detail.clone()))
    }

    /// The errors at a pointer that changes or is known only later (a row of a list), as one text.
    pub fn at(self, pointer: impl Fn() -> String + Send + Sync + 'static) -> Signal<Option<String>> {
        Signal::derive(move || {
            let pointer = pointer();
            self.fields.read().iter().find(|error| error.pointer == pointer).map(|error| error.detail.clone())
        })
    }

    /// The errors at or under `pointer` (a list), as one text.
    pub fn under(self, pointer: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            let fields = self.fields.read();
            let texts: Vec<&str> =
                fields.iter().filter(|error| error.pointer.starts_with(pointer)).map(|error| error.detail.as_str()).collect();
            (!texts.is_empty()).then(|| texts.join(" "))
        })
    }

    /// All errors at fields, for forms whose fields stand on several steps or in lists.
    pub fn all(self) -> Signal<Vec<FieldError>> {
        self.fields.into()
    }

    /// What concerns no single field, for a banner above the form.
    pub fn general(self) -> Signal<Option<String>> {
        self.general.into()
    }
}
