//! What the schema must be, written a second time and by hand: tables in the order in which rows can be added to them.

/// A table and what holds it together.
pub struct Expected {
    pub name: &'static str,
    /// `column -> table ON DELETE`; the key's name is `fk_<table>_<column>`.
    pub foreign: &'static [(&'static str, &'static str, &'static str)],
    /// Columns that take only these words; the name is `ck_<table>_<column>`.
    pub words: &'static [(&'static str, &'static [&'static str])],
    /// Other rules, each with rows that break it; the name is `ck_<table>_<subject>`.
    pub rules: &'static [(&'static str, &'static [BadRow])],
    pub json: &'static [&'static str],
    /// Text that sorts in code-point order on both engines.
    pub sorted: &'static [&'static str],
    /// Partial indexes by name, with their columns.
    pub partial: &'static [(&'static str, &'static [&'static str])],
    /// Unique indexes over whole tables.
    pub unique: &'static [&'static str],
    /// Columns that may be null, which a valid row sets all the same.
    pub filled: &'static [&'static str],
}

/// Columns to set: to a literal, or, where that is empty, to a row of the table that the column points to.
pub type BadRow = &'static [(&'static str, &'static str)];

const NONE: Expected =
    Expected { name: "", foreign: &[], words: &[], rules: &[], json: &[], sorted: &[], partial: &[], unique: &[], filled: &[] };

const DOMAIN: (&str, &[&str]) = ("domain", &["enterprise", "mobile", "ics"]);
const OPSEC: (&str, &[&str]) = ("opsec_level", &["low", "medium", "high"]);
const EXECUTOR: (&str, &[&str]) = ("executor", &["manual", "sh", "bash", "powershell", "cmd", "python", "other"]);
const FACTS: &[&str] = &["yes", "partial", "no", "not_applicable", "unknown"];
const SEVERITIES: &[&str] = &["none", "low", "medium", "high", "critical"];
const PAGE: &[&str] = &["created_at", "id"];
const BY_NAME: &[&str] = &["name_key", "id"];

pub const TABLES: &[Expected] = &[
    Expected {
        name: "users",
        json: &["preferences"],
        sorted: &["email", "name_key"],
        partial: &[("ix_users_active", PAGE), ("ix_users_name_key_id", BY_NAME), ("uq_users_email", &["email"])],
        ..NONE
    },
    Expected {
        name: "groups",
        sorted: &["name", "name_key"],
        partial: &[("ix_groups_active", PAGE), ("ix_groups_name_key_id", BY_NAME), ("uq_groups_name", &["name"])],
        ..NONE
    },
    Expected { name: "permissions", sorted: &["code"], unique: &["uq_permissions_code"], ..NONE },
    Expected { name: "user_groups", foreign: &[("user_id", "users", "CASCADE"), ("group_id", "groups", "CASCADE")], ..NONE },
    Expected {
        name: "group_permissions",
        foreign: &[("group_id", "groups", "CASCADE"), ("permission_id", "permissions", "CASCADE")],
        ..NONE
    },
    Expected {
        name: "invitations",
        foreign: &[("invited_by_id", "users", "SET NULL")],
        sorted: &["email"],
        unique: &["uq_invitations_token_hash"],
        ..NONE
    },
    Expected {
        name: "invitation_groups",
        foreign: &[("invitation_id", "invitations", "CASCADE"), ("group_id", "groups", "CASCADE")],
        ..NONE
    },
    Expected {
        name: "refresh_tokens",
        foreign: &[("user_id", "users", "CASCADE")],
        unique: &["uq_refresh_tokens_family_id_generation", "uq_refresh_tokens_token_hash"],
        ..NONE
    },
    Expected {
        name: "api_tokens",
        foreign: &[("user_id", "users", "CASCADE")],
        json: &["scopes"],
        unique: &["uq_api_tokens_token_hash"],
        ..NONE
    },
    Expected {
        name: "recovery_codes",
        foreign: &[("user_id", "users", "CASCADE")],
        unique: &["uq_recovery_codes_user_id_code_hash"],
        ..NONE
    },
    Expected { name: "password_resets", foreign: &[("user_id", "users", "CASCADE")], unique: &["uq_password_resets_token_hash"], ..NONE },
    Expected {
        name: "user_identities",
        foreign: &[("user_id", "users", "CASCADE")],
        unique: &["uq_user_identities_issuer_subject"],
        ..NONE
    },
    Expected {
        name: "mitre_tactics",
        words: &[DOMAIN],
        sorted: &["external_id", "short_name"],
        unique: &["uq_mitre_tactics_domain_stix_id"],
        ..NONE
    },
    Expected {
        name: "mitre_techniques",
        words: &[DOMAIN],
        json: &["platforms"],
        sorted: &["external_id"],
        unique: &["uq_mitre_techniques_domain_stix_id"],
        ..NONE
    },
    Expected {
        name: "mitre_subtechniques",
        foreign: &[("technique_id", "mitre_techniques", "CASCADE")],
        words: &[DOMAIN],
        json: &["platforms"],
        sorted: &["external_id"],
        unique: &["uq_mitre_subtechniques_domain_stix_id"],
        ..NONE
    },
    Expected {
        name: "mitre_technique_tactics",
        foreign: &[("technique_id", "mitre_techniques", "CASCADE"), ("tactic_id", "mitre_tactics", "CASCADE")],
        ..NONE
    },
    Expected { name: "search_texts", ..NONE },
    Expected {
        name: "test_templates",
        foreign: &[("created_by_id", "users", "SET NULL"), ("search_text_id", "search_texts", "RESTRICT")],
        words: &[OPSEC, EXECUTOR],
        json: &["detection_rules", "platforms", "tags", "arguments", "reference_links", "unresolved_tags"],
        sorted: &["name_key"],
        partial: &[
            ("ix_test_templates_active", PAGE),
            ("ix_test_templates_name_key_id", BY_NAME),
            ("ix_test_templates_updated_at_id", &["updated_at", "id"]),
            ("uq_test_templates_source", &["source_kind", "source_id"]),
            ("uq_test_templates_source_checksum", &["source_checksum"]),
        ],
        ..NONE
    },
    Expected {
        name: "test_template_mitre_tags",
        foreign: &[
            ("test_template_id", "test_templates", "CASCADE"),
            ("tactic_id", "mitre_tactics", "RESTRICT"),
            ("technique_id", "mitre_techniques", "RESTRICT"),
            ("subtechnique_id", "mitre_subtechniques", "RESTRICT"),
        ],
        rules: &[(
            "exactly_one_mitre_fk",
            &[
                &[("tactic_id", "NULL")],
                &[("technique_id", "")],
                &[("subtechnique_id", "")],
                &[("technique_id", ""), ("subtechnique_id", "")],
            ],
        )],
        partial: &[
            ("ix_test_template_mitre_tags_tactic_id", &["tactic_id"]),
            ("ix_test_template_mitre_tags_technique_id", &["technique_id"]),
            ("ix_test_template_mitre_tags_subtechnique_id", &["subtechnique_id"]),
        ],
        unique: &[
            "uq_test_template_mitre_tags_test_template_id_subtechnique_id",
            "uq_test_template_mitre_tags_test_template_id_tactic_id",
            "uq_test_template_mitre_tags_test_template_id_technique_id",
        ],
        filled: &["tactic_id"],
        ..NONE
    },
    Expected {
        name: "scenario_templates",
        foreign: &[("created_by_id", "users", "SET NULL")],
        json: &["tags"],
        sorted: &["name_key"],
        partial: &[
            ("ix_scenario_templates_active", PAGE),
            ("ix_scenario_templates_name_key_id", BY_NAME),
            ("ix_scenario_templates_updated_at_id", &["updated_at", "id"]),
            ("uq_scenario_templates_source", &["source_kind", "source_id"]),
            ("uq_scenario_templates_source_checksum", &["source_checksum"]),
        ],
        ..NONE
    },
    Expected {
        name: "scenario_template_tests",
        foreign: &[("scenario_template_id", "scenario_templates", "CASCADE"), ("test_template_id", "test_templates", "CASCADE")],
        unique: &["uq_scenario_template_tests_scenario_template_id_position"],
        ..NONE
    },
    Expected { name: "detection_levels", sorted: &["code"], unique: &["uq_detection_levels_code"], ..NONE },
    Expected {
        name: "missions",
        foreign: &[("retest_of_id", "missions", "SET NULL"), ("created_by_id", "users", "SET NULL")],
        words: &[("status", &["draft", "in_progress", "completed", "archived"])],
        rules: &[("end_date", &[&[("start_date", "'2026-02-02'"), ("end_date", "'2026-02-01'")]])],
        json: &["counters_all", "counters_disclosed"],
        sorted: &["name_key", "client_key"],
        partial: &[
            ("ix_missions_active", PAGE),
            ("ix_missions_name_key_id", BY_NAME),
            ("ix_missions_client_key_id", &["client_key", "id"]),
            ("ix_missions_status_created_at_id", &["status", "created_at", "id"]),
            ("ix_missions_retest_of_id", &["retest_of_id"]),
            ("ix_missions_deleted", &["id"]),
        ],
        ..NONE
    },
    Expected {
        name: "mission_members",
        foreign: &[("mission_id", "missions", "CASCADE"), ("user_id", "users", "CASCADE")],
        words: &[("role_hint", &["red", "blue", "purple", "observer"])],
        ..NONE
    },
    Expected {
        name: "mission_scenarios",
        foreign: &[("mission_id", "missions", "CASCADE"), ("source_scenario_template_id", "scenario_templates", "SET NULL")],
        partial: &[
            ("ix_mission_scenarios_active", &["mission_id", "position", "id"]),
            ("ix_mission_scenarios_source_scenario_template_id", &["source_scenario_template_id"]),
        ],
        ..NONE
    },
    Expected {
        name: "mission_categories",
        foreign: &[("mission_id", "missions", "CASCADE")],
        partial: &[("ix_mission_categories_active", &["mission_id", "position", "id"])],
        ..NONE
    },
    Expected {
        name: "mission_tests",
        foreign: &[
            ("mission_id", "missions", "CASCADE"),
            ("mission_scenario_id", "mission_scenarios", "CASCADE"),
            ("source_test_template_id", "test_templates", "SET NULL"),
            ("retest_of_test_id", "mission_tests", "SET NULL"),
            ("category_id", "mission_categories", "SET NULL"),
            ("operator_id", "users", "SET NULL"),
            ("assessor_id", "users", "SET NULL"),
            ("detection_level_id", "detection_levels", "RESTRICT"),
            ("finding_owner_id", "users", "SET NULL"),
            ("search_text_id", "search_texts", "RESTRICT"),
        ],
        words: &[
            OPSEC,
            EXECUTOR,
            ("state", &["planned", "running", "executed", "assessed", "skipped"]),
            ("logged", FACTS),
            ("alerted", FACTS),
            ("prevented", FACTS),
            ("severity", SEVERITIES),
            ("priority", SEVERITIES),
            ("finding_status", &["open", "in_progress", "accepted", "fixed", "verified"]),
        ],
        json: &["detection_rules", "platforms", "tags", "arguments", "reference_links", "argument_values"],
        partial: &[
            ("ix_mission_tests_active", &["mission_id", "mission_scenario_id", "position"]),
            ("ix_mission_tests_search_text_id_created_at_id", &["search_text_id", "created_at", "id"]),
            ("ix_mission_tests_source_test_template_id", &["source_test_template_id"]),
            ("ix_mission_tests_retest_of_test_id", &["retest_of_test_id"]),
            ("ix_mission_tests_category_id", &["category_id"]),
            ("ix_mission_tests_detection_level_id", &["detection_level_id"]),
            ("ix_mission_tests_finding_status_finding_owner_id", &["finding_status", "finding_owner_id"]),
        ],
        filled: &["detection_level_id"],
        ..NONE
    },
    Expected {
        name: "mission_test_mitre_tags",
        foreign: &[("mission_test_id", "mission_tests", "CASCADE")],
        words: &[("kind", &["tactic", "technique", "subtechnique"])],
        json: &["tactics"],
        sorted: &["external_id"],
        ..NONE
    },
    Expected {
        name: "evidence_files",
        foreign: &[("mission_test_id", "mission_tests", "CASCADE"), ("uploaded_by_id", "users", "SET NULL")],
        words: &[("side", &["red", "blue"])],
        rules: &[("size_bytes", &[&[("size_bytes", "-1")]])],
        partial: &[("ix_evidence_files_active", &["mission_test_id", "created_at", "id"])],
        unique: &["uq_evidence_files_storage_key"],
        ..NONE
    },
    Expected {
        name: "defence_tools",
        sorted: &["name_key"],
        partial: &[("ix_defence_tools_active", BY_NAME), ("uq_defence_tools_name", &["name_key"])],
        ..NONE
    },
    Expected {
        name: "mission_test_detections",
        foreign: &[("mission_test_id", "mission_tests", "CASCADE"), ("defence_tool_id", "defence_tools", "RESTRICT")],
        words: &[
            ("kind", &["logged", "alerted", "prevented"]),
            ("result", &["yes", "partial", "no", "not_applicable"]),
            ("severity", SEVERITIES),
        ],
        unique: &["uq_mission_test_detections_mission_test_id_defence_tool_id_kind"],
        ..NONE
    },
    Expected { name: "mission_sources", foreign: &[("mission_id", "missions", "CASCADE")], ..NONE },
    Expected {
        name: "mission_test_results",
        foreign: &[("mission_id", "missions", "CASCADE"), ("mission_test_id", "mission_tests", "CASCADE")],
        unique: &["uq_mission_test_results_mission_id_external_key"],
        ..NONE
    },
    Expected {
        name: "mission_comments",
        foreign: &[
            ("mission_id", "missions", "CASCADE"),
            ("mission_test_id", "mission_tests", "CASCADE"),
            ("author_id", "users", "SET NULL"),
        ],
        partial: &[("ix_mission_comments_mission_test_id_created_at_id", &["mission_test_id", "created_at", "id"])],
        ..NONE
    },
    Expected {
        name: "mission_events",
        foreign: &[
            ("mission_id", "missions", "CASCADE"),
            ("actor_id", "users", "SET NULL"),
            ("mission_test_id", "mission_tests", "CASCADE"),
        ],
        json: &["payload"],
        partial: &[("ix_mission_events_mission_test_id", &["mission_test_id"])],
        unique: &["uq_mission_events_mission_id_sequence"],
        ..NONE
    },
    Expected { name: "settings", foreign: &[("updated_by_id", "users", "SET NULL")], json: &["value"], sorted: &["key"], ..NONE },
    Expected {
        name: "notifications",
        foreign: &[("user_id", "users", "CASCADE")],
        partial: &[("ix_notifications_unread", &["user_id", "created_at", "id"])],
        ..NONE
    },
    Expected {
        name: "idempotency_keys",
        foreign: &[("user_id", "users", "CASCADE")],
        unique: &["uq_idempotency_keys_user_id_key"],
        ..NONE
    },
    Expected { name: "download_tickets", foreign: &[("user_id", "users", "CASCADE")], unique: &["uq_download_tickets_token_hash"], ..NONE },
    Expected {
        name: "jobs",
        foreign: &[("owner_id", "users", "SET NULL")],
        words: &[("state", &["queued", "running", "succeeded", "failed", "cancelled"])],
        json: &["result"],
        ..NONE
    },
    Expected {
        name: "catalogue_syncs",
        foreign: &[("created_by_id", "users", "SET NULL")],
        words: &[DOMAIN, ("outcome", &["succeeded", "failed"])],
        json: &["counts"],
        ..NONE
    },
    Expected {
        name: "audit_events",
        json: &["detail"],
        sorted: &["stream"],
        partial: &[("ix_audit_events_actor_id_at", &["actor_id", "at"]), ("ix_audit_events_object_id_at", &["object_id", "at"])],
        unique: &["uq_audit_events_stream_sequence"],
        ..NONE
    },
    Expected { name: "audit_heads", sorted: &["stream"], ..NONE },
    Expected { name: "stamps", sorted: &["name"], ..NONE },
];
