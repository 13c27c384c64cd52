//! One file a table, named by one row of it. No queries, no logic: columns, keys, and which table a key points to.
//!
//! States and other closed sets of words are plain `String`s here: the enums are the domain's, and a row that holds
//! a word unknown to it must be told apart where the row is read. The shape of the tables is the migrations'.

#![expect(missing_docs, reason = "columns are documented in the data model page; the rest is the derive's")]

pub mod api_token;
pub mod audit_event;
pub mod audit_head;
pub mod catalogue_sync;
pub mod defence_tool;
pub mod detection_level;
pub mod download_ticket;
pub mod evidence_file;
pub mod group;
pub mod group_permission;
pub mod idempotency_key;
pub mod invitation;
pub mod invitation_group;
pub mod job;
pub mod mission;
pub mod mission_category;
pub mod mission_comment;
pub mod mission_event;
pub mod mission_member;
pub mod mission_scenario;
pub mod mission_source;
pub mod mission_test;
pub mod mission_test_detection;
pub mod mission_test_mitre_tag;
pub mod mission_test_result;
pub mod mitre_subtechnique;
pub mod mitre_tactic;
pub mod mitre_technique;
pub mod mitre_technique_tactic;
pub mod notification;
pub mod password_reset;
pub mod permission;
pub mod recovery_code;
pub mod refresh_token;
pub mod scenario_template;
pub mod scenario_template_test;
pub mod search_text;
pub mod setting;
pub mod stamp;
pub mod test_template;
pub mod test_template_mitre_tag;
pub mod user;
pub mod user_group;
pub mod user_identity;
