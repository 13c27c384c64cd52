//! A mission's reports and exchange formats, each a pure function of one value, [`Report`].
//!
//! Here: csv, xlsx, markdown, html, pdf (behind the feature of that name), docx, ATT&CK Navigator layers, Attack Flow,
//! scenarios. Not here: who may see what (the value is already cut), databases, HTTP, the lossless JSON (that is the
//! API's own shape). Texts that people wrote are never taken for markup, formulas or code of the format.

pub mod attack_flow;
pub mod csv;
pub mod docx;
pub mod html;
pub mod markdown;
pub mod model;
pub mod navigator;
#[cfg(feature = "pdf")]
pub mod pdf;
mod prose;
mod scale;
pub mod scenario;
mod section;
mod summary;
pub mod table;
mod words;
pub mod xlsx;

pub use model::Report;

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What it is written to failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A table of comma-separated values.
    #[error(transparent)]
    Csv(#[from] ::csv::Error),
    /// A workbook.
    #[error(transparent)]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A zip.
    #[error(transparent)]
    Zip(#[from] zip::result::ZipError),
    /// A PDF.
    #[error("the PDF: {0}")]
    Pdf(String),
}

/// What writing a report answers.
pub type Result<T> = std::result::Result<T, Error>;
