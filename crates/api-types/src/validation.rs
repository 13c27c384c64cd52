//! Validation of a request's fields, the same in the server and in the app's forms.

use tyrian_domain::text::{self, TextFault};

use crate::{FieldError, Patch};

/// A request whose fields have rules of their own. Rules that need the database are the server's.
pub trait Validate {
    /// Notes every field that cannot be.
    fn validate(&self, faults: &mut Faults);

    /// All faults at once, none being good.
    fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut faults = Faults::default();
        self.validate(&mut faults);
        if faults.0.is_empty() { Ok(()) } else { Err(faults.0) }
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<FieldError>);

impl Faults {
    /// Notes a fault of the field at `pointer`, `/name`.
    pub fn add(&mut self, pointer: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), code: code.to_owned(), detail: detail.into() });
    }

    fn fault(&mut self, pointer: &str, result: Result<(), TextFault>) {
        if let Err(fault) = result {
            self.add(pointer, fault.code(), fault.detail());
        }
    }

    /// A one-line text that is needed.
    pub fn line(&mut self, pointer: &str, value: &str, max: usize) {
        self.fault(pointer, text::check_line(value, max));
    }

    /// A one-line text that may be left out or empty.
    pub fn optional_line(&mut self, pointer: &str, value: Option<&str>, max: usize) {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            self.line(pointer, value, max);
        }
    }

    /// A long text that may be left out or empty.
    pub fn text(&mut self, pointer: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.fault(pointer, text::check_text(value, text::LONG));
        }
    }

    /// A patch of a field that cannot be cleared.
    pub fn needed<T>(&mut self, pointer: &str, value: &Patch<T>) {
        if matches!(value, Patch::Clear) {
            self.add(pointer, "required", "This is needed: it cannot be cleared.");
        }
    }

    /// A patch of a one-line text that is needed.
    pub fn patch_line(&mut self, pointer: &str, value: &Patch<String>, max: usize) {
        self.needed(pointer, value);
        if let Some(value) = value.value() {
            self.line(pointer, value, max);
        }
    }

    /// A list of labels.
    pub fn labels(&mut self, pointer: &str, labels: &[String]) {
        if labels.len() > text::LABELS {
            self.add(pointer, "too_many", format!("At most {}.", text::LABELS));
        }
        for (i, label) in labels.iter().enumerate().take(text::LABELS) {
            self.line(&format!("{pointer}/{i}"), label, text::LABEL);
        }
    }

    /// A colour that may be left out.
    pub fn color(&mut self, pointer: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        let hex = value.strip_prefix('#').is_some_and(|digits| digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit()));
        if !hex {
            self.add(pointer, "invalid", "A colour as #rrggbb.");
        }
    }

    /// An email address.
    pub fn email(&mut self, pointer: &str, value: &str) {
        if !text::is_email(&text::normalise_email(value)) {
            self.add(pointer, "invalid_email", "An address like name@example.org.");
        }
    }

    /// A new password.
    pub fn password(&mut self, pointer: &str, value: &str) {
        if !text::PASSWORD_BYTES.contains(&value.len()) {
            self.add(
                pointer,
                "password_length",
                format!("Between {} and {} characters.", text::PASSWORD_BYTES.start(), text::PASSWORD_BYTES.end()),
            );
        }
    }
}
