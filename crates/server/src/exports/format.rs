//! The formats, and what a request chooses.

use actix_web::HttpRequest;
use tyrian_api_types::ErrorCode;
use tyrian_domain::test::TestState;
use tyrian_report::navigator::Metric;

use crate::error::{ApiError, ApiResult};

/// What a mission is exported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Csv,
    Xlsx,
    Markdown,
    Html,
    Pdf,
    Docx,
    Navigator,
    AttackFlow,
    Scenario,
    Bundle,
}

impl Format {
    /// Every format, with its name in the address.
    pub const ALL: [(&'static str, Self); 11] = [
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("xlsx", Self::Xlsx),
        ("markdown", Self::Markdown),
        ("html", Self::Html),
        ("pdf", Self::Pdf),
        ("docx", Self::Docx),
        ("navigator", Self::Navigator),
        ("attack-flow", Self::AttackFlow),
        ("scenario", Self::Scenario),
        ("bundle", Self::Bundle),
    ];

    /// By its name in the address.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, format)| *format)
    }

    /// Its name in the address.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// Its media type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::Navigator | Self::Scenario => "application/json",
            Self::AttackFlow => "application/stix+json;version=2.1",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Bundle => "application/zip",
        }
    }

    /// What a file of it ends in.
    const fn ending(self) -> &'static str {
        match self {
            Self::Json => ".json",
            Self::Csv => ".csv",
            Self::Xlsx => ".xlsx",
            Self::Markdown => ".md",
            Self::Html => ".html",
            Self::Pdf => ".pdf",
            Self::Docx => ".docx",
            Self::Navigator => "-layer.json",
            Self::AttackFlow => "-attack-flow.json",
            Self::Scenario => "-scenario.json",
            Self::Bundle => ".zip",
        }
    }

    /// What a file of it is called: the mission's name as far as every file system takes it.
    pub fn file_name(self, mission: &str) -> String {
        let mut name = String::new();
        for c in mission.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
                _ if name.ends_with('-') || name.is_empty() => {}
                _ => name.push('-'),
            }
            if name.len() >= 60 {
                break;
            }
        }
        let name = name.trim_end_matches('-');
        format!("{}{}", if name.is_empty() { "mission" } else { name }, self.ending())
    }

    /// Does it show pictures of the evidence?
    pub const fn has_pictures(self) -> bool {
        matches!(self, Self::Html | Self::Pdf | Self::Docx)
    }
}

/// What a request chooses besides the format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only tests in these states; empty: all.
    pub states: Vec<TestState>,
    /// Of a layer: what its scores tell.
    pub metric: Metric,
    /// Of a report: what people wrote to each other stays out.
    pub without_comments: bool,
}

impl Choice {
    /// Reads `?state=a,b&state=c&metric=…&comments=false`.
    pub fn of(http: &HttpRequest) -> ApiResult<Self> {
        Self::parse(http.query_string())
    }

    /// The same of a text.
    pub fn parse(query: &str) -> ApiResult<Self> {
        let wrong = |detail: String| ApiError::new(ErrorCode::InvalidQuery, detail);
        let mut choice = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "state" => {
                    for word in value.split(',').map(str::trim).filter(|w| !w.is_empty()) {
                        let state = TestState::parse(word)
                            .ok_or_else(|| wrong("state: planned, running, executed, assessed or skipped, several by commas.".into()))?;
                        if !choice.states.contains(&state) {
                            choice.states.push(state);
                        }
                    }
                }
                "metric" => {
                    choice.metric =
                        Metric::parse(&value).ok_or_else(|| wrong("metric: detection, prevention, coverage or delta.".into()))?;
                }
                "comments" => {
                    choice.without_comments = !value.parse::<bool>().map_err(|_| wrong("comments: true or false.".into()))?;
                }
                other => {
                    return Err(wrong(format!(
                        "unknown parameter {:?}, expected state, metric or comments",
                        other.chars().take(60).collect::<String>()
                    )));
                }
            }
        }
        Ok(choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_harmless() {
        assert_eq!(Format::Pdf.file_name("Quiet Ledger / Q1: \"Ä\""), "quiet-ledger-q1.pdf");
        assert_eq!(Format::Navigator.file_name("../../"), "mission-layer.json");
        assert!(Format::Csv.file_name(&"x".repeat(500)).len() < 70);
        for (name, format) in Format::ALL {
            assert_eq!((Format::parse(name), format.name()), (Some(format), name));
        }
    }

    #[test]
    fn states_are_repeated_or_listed() {
        let choice = Choice::parse("state=assessed,executed&state=assessed&metric=coverage").unwrap();
        assert_eq!(
            choice,
            Choice { states: vec![TestState::Assessed, TestState::Executed], metric: Metric::Coverage, without_comments: false }
        );
        assert!(Choice::parse("comments=false").unwrap().without_comments);
        for wrong in ["state=done", "metric=x", "stat=assessed", "comments=no"] {
            assert_eq!(Choice::parse(wrong).unwrap_err().code(), ErrorCode::InvalidQuery, "{wrong}");
        }
    }
}
