//! The statements. Parameters 1 and 2 are the caller and their session wherever rights are checked.

/// Is a right given to the user `u`?
macro_rules! holds {
    ($code:literal) => {
        concat!(
            "(u.is_admin OR EXISTS (SELECT 1 FROM user_groups ug JOIN groups g ON g.id = ug.group_id AND g.deleted_at IS NULL \
             JOIN group_permissions gp ON gp.group_id = ug.group_id JOIN permissions p ON p.id = gp.permission_id \
             WHERE ug.user_id = u.id AND p.code = '",
            $code,
            "'))"
        )
    };
}

/// The caller, where their session holds, and what they may.
macro_rules! caller {
    () => {
        caller!("mission.read")
    };
    ($code:literal) => {
        concat!(
            "WITH c AS (SELECT u.id, ",
            holds!("mission.read_all"),
            " AS sees_all, ",
            holds!($code),
            " AS may FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL AND u.is_active AND EXISTS (SELECT 1 FROM refresh_tokens r \
             WHERE r.family_id = $2 AND r.user_id = u.id AND r.revoked_at IS NULL)) "
        )
    };
}

/// The missions `m` that the caller `c` sees, with their role in it.
macro_rules! visible {
    () => {
        "c CROSS JOIN missions m LEFT JOIN mission_members mm ON mm.mission_id = m.id AND mm.user_id = c.id \
         WHERE m.deleted_at IS NULL AND (c.sees_all OR (c.may AND mm.role_hint IS NOT NULL)) "
    };
}

/// The newest page of missions that the caller sees.
macro_rules! page {
    () => {
        "WHERE m.deleted_at IS NULL AND ((SELECT sees_all FROM c) OR ((SELECT may FROM c) AND EXISTS (SELECT 1 FROM mission_members v \
         WHERE v.mission_id = m.id AND v.user_id = $1))) "
    };
}

/// The head of a mission.
macro_rules! head {
    () => {
        "m.id, m.name, m.client, m.status, m.attack_version, \
         CAST(CASE WHEN mm.role_hint IN ('blue', 'observer') THEN m.counters_disclosed ELSE m.counters_all END AS text), \
         m.created_by_id, (SELECT cr.display_name FROM users cr WHERE cr.id = m.created_by_id), m.version, m.content_version, m.created_at, \
         m.updated_at, mm.role_hint, m.description "
    };
}

pub const LIST: &str = concat!(
    caller!(),
    "SELECT ",
    head!(),
    "FROM missions m LEFT JOIN mission_members mm ON mm.mission_id = m.id AND mm.user_id = $1 ",
    page!(),
    "ORDER BY m.created_at DESC, m.id DESC LIMIT 50"
);
pub const LIST_TOTAL: &str = concat!(caller!(), "SELECT count(*) FROM missions m ", page!());
pub const LIST_MEMBERS: &str = concat!(
    caller!(),
    "SELECT x.mission_id, u.id, u.email, u.display_name, x.role_hint FROM (SELECT m.id FROM missions m ",
    page!(),
    "ORDER BY m.created_at DESC, m.id DESC LIMIT 50) n JOIN mission_members x ON x.mission_id = n.id \
     JOIN users u ON u.id = x.user_id AND u.deleted_at IS NULL ORDER BY u.name_key, u.id"
);

pub const HEAD: &str = concat!(caller!(), "SELECT ", head!(), "FROM ", visible!(), "AND m.id = $3");
pub const MEMBERS: &str = "SELECT x.mission_id, u.id, u.email, u.display_name, x.role_hint FROM mission_members x \
     JOIN users u ON u.id = x.user_id AND u.deleted_at IS NULL WHERE x.mission_id = $1 ORDER BY u.name_key, u.id";
pub const SCENARIOS: &str = "SELECT id, source_scenario_template_id, name, description, threat_actor FROM mission_scenarios \
     WHERE mission_id = $1 AND deleted_at IS NULL ORDER BY position, id";
pub const TESTS: &str = "SELECT id, mission_scenario_id, source_test_template_id, name, state, disclosed, opsec_level, executor, logged, \
     alerted, prevented, detection_level_id, category_id, operator_id, assessor_id, started_at, ended_at, detected_at, alerted_at, \
     responded_at, finding_status, version FROM mission_tests WHERE mission_id = $1 AND deleted_at IS NULL ORDER BY position, id";
pub const TAGS: &str = "SELECT g.mission_test_id, g.kind, g.external_id, g.name, g.url FROM mission_tests t \
     JOIN mission_test_mitre_tags g ON g.mission_test_id = t.id WHERE t.mission_id = $1 ORDER BY g.ordinal, g.id";

pub const TEST: &str = concat!(
    caller!(),
    "SELECT t.id, t.mission_id, t.mission_scenario_id, t.source_test_template_id, t.name, t.objective, t.procedure, t.prerequisites, \
     t.cleanup, t.expected_detection, CAST(t.detection_rules AS text), t.opsec_level, CAST(t.platforms AS text), CAST(t.tags AS text), \
     t.executor, t.command, CAST(t.arguments AS text), t.elevation_required, CAST(t.reference_links AS text), t.state, t.disclosed, \
     t.operator_id, t.source_host, t.target_host, t.started_at, t.ended_at, t.assessor_id, t.logged, t.alerted, t.prevented, \
     t.detection_level_id, t.detected_at, t.alerted_at, t.version, t.created_at, t.updated_at, \
     (SELECT count(*) FROM mission_tests b WHERE b.mission_id = t.mission_id AND b.mission_scenario_id = t.mission_scenario_id \
      AND b.deleted_at IS NULL AND (b.disclosed OR mm.role_hint IS NULL OR mm.role_hint NOT IN ('blue', 'observer')) \
      AND (b.position < t.position OR (b.position = t.position AND b.id < t.id))) \
     FROM mission_tests t, ",
    visible!(),
    "AND m.id = $3 AND t.id = $4 AND t.mission_id = m.id AND t.deleted_at IS NULL \
     AND (t.disclosed OR mm.role_hint IS NULL OR mm.role_hint NOT IN ('blue', 'observer'))"
);
pub const TEST_TAGS: &str =
    "SELECT mission_test_id, kind, external_id, name, url FROM mission_test_mitre_tags WHERE mission_test_id = $1 ORDER BY ordinal, id";
pub const TEST_PEOPLE: &str = "SELECT u.id, u.display_name FROM mission_tests t JOIN users u ON u.id IN (t.operator_id, t.assessor_id, \
     t.finding_owner_id) WHERE t.id = $1 ORDER BY u.name_key";

pub const TOLD_TESTS: &str = "SELECT t.state, t.logged, t.alerted, t.prevented, l.code, t.disclosed, t.id FROM mission_tests t \
     LEFT JOIN detection_levels l ON l.id = t.detection_level_id WHERE t.mission_id = $1 AND t.deleted_at IS NULL";

pub const EDITION: &str = concat!(
    caller!(),
    "SELECT s.id, s.version FROM c LEFT JOIN (SELECT id, version FROM catalogue_syncs WHERE domain = 'enterprise' \
     AND outcome = 'succeeded' ORDER BY finished_at DESC, id DESC LIMIT 1) s ON TRUE"
);
pub const TACTICS: &str = "SELECT id, external_id, short_name, name FROM mitre_tactics WHERE domain = 'enterprise' AND NOT is_deprecated \
     AND NOT is_revoked ORDER BY position, external_id";
pub const TECHNIQUES: &str = "SELECT e.id, e.external_id, e.name, l.tactic_id FROM mitre_techniques e \
     JOIN mitre_technique_tactics l ON l.technique_id = e.id WHERE e.domain = 'enterprise' AND NOT e.is_deprecated AND NOT e.is_revoked";
pub const SUBTECHNIQUES: &str = "SELECT technique_id, external_id, name FROM mitre_subtechniques WHERE domain = 'enterprise' \
     AND NOT is_deprecated AND NOT is_revoked ORDER BY external_id";

/// What the search may look into.
pub const SEARCHER: &str = concat!(
    "SELECT ",
    holds!("mission.read"),
    ", ",
    holds!("test_template.read"),
    ", ",
    holds!("scenario_template.read"),
    ", ",
    holds!("user.read"),
    " FROM users u WHERE u.id = $1 AND u.deleted_at IS NULL AND u.is_active AND EXISTS (SELECT 1 FROM refresh_tokens r \
     WHERE r.family_id = $2 AND r.user_id = u.id AND r.revoked_at IS NULL)"
);
macro_rules! found_tests {
    () => {
        "AND m.id = t.mission_id AND t.deleted_at IS NULL AND (t.disclosed OR mm.role_hint IS NULL OR mm.role_hint NOT IN ('blue', 'observer')) \
         AND t.search_text_id = x.id ORDER BY t.created_at DESC, t.id DESC LIMIT 5"
    };
}
pub const FIND_MISSIONS: &str = concat!(
    caller!(),
    "SELECT m.id, m.name, m.client, m.status FROM ",
    visible!(),
    "AND m.search_text LIKE $3 ESCAPE '\\' ORDER BY m.search_text LIKE $4 ESCAPE '\\' DESC, m.created_at DESC, m.id DESC LIMIT 5"
);
/// Of each text that is found the newest tests; then the first of these.
pub const FIND_TESTS: &str = concat!(
    caller!(),
    "SELECT f.id, f.name, f.state, f.mission_id, f.mission FROM search_texts x CROSS JOIN LATERAL (SELECT t.id, t.name, t.state, t.mission_id, \
     m.name AS mission, t.created_at FROM mission_tests t, ",
    visible!(),
    found_tests!(),
    ") f WHERE x.text LIKE $3 ESCAPE '\\' ORDER BY x.text LIKE $4 ESCAPE '\\' DESC, f.created_at DESC, f.id DESC LIMIT 5"
);
pub const FIND_TESTS_SQLITE: &str = concat!(
    caller!(),
    "SELECT f.id, f.name, f.state, f.mission_id, n.name FROM search_texts x JOIN mission_tests f ON f.id IN (SELECT t.id FROM mission_tests t, ",
    visible!(),
    found_tests!(),
    ") JOIN missions n ON n.id = f.mission_id WHERE x.text LIKE $3 ESCAPE '\\' \
     ORDER BY x.text LIKE $4 ESCAPE '\\' DESC, f.created_at DESC, f.id DESC LIMIT 5"
);
pub const FIND_TEST_TEMPLATES: &str = "SELECT t.id, t.name FROM test_templates t JOIN search_texts x ON x.id = t.search_text_id \
     WHERE t.deleted_at IS NULL AND x.text LIKE $1 ESCAPE '\\' ORDER BY x.text LIKE $2 ESCAPE '\\' DESC, t.name_key, t.id LIMIT 5";
pub const FIND_SCENARIO_TEMPLATES: &str = "SELECT id, name FROM scenario_templates WHERE deleted_at IS NULL \
     AND search_text LIKE $1 ESCAPE '\\' ORDER BY search_text LIKE $2 ESCAPE '\\' DESC, name_key, id LIMIT 5";

pub const USER: &str = "SELECT id, password_hash FROM users WHERE email = $1 AND deleted_at IS NULL AND is_active";

// A new mission: one statement a table. $3 is its id, $4 the time.
pub const NEW_MISSION: &str = concat!(
    caller!("mission.create"),
    "INSERT INTO missions (id, name, name_key, client, client_key, search_text, status, created_by_id, attack_version, version, \
     content_version, event_sequence, counters_all, counters_disclosed, created_at, updated_at) \
     SELECT $3, $5, $6, $7, $8, $9, 'draft', c.id, (SELECT version FROM catalogue_syncs WHERE domain = 'enterprise' \
     AND outcome = 'succeeded' ORDER BY finished_at DESC LIMIT 1), 1, 2, 1, $10::text::jsonb, $10::text::jsonb, $4, $4 FROM c WHERE c.may"
);
pub const NEW_MEMBER: &str = "INSERT INTO mission_members (mission_id, user_id, role_hint, created_at, updated_at) \
     VALUES ($1, $2, 'red', $3, $3)";
pub const NEW_SCENARIOS: &str = "INSERT INTO mission_scenarios (id, mission_id, source_scenario_template_id, name, description, \
     threat_actor, position, created_at, updated_at) SELECT gen_random_uuid(), $1, s.id, s.name, s.description, s.threat_actor, \
     chosen.place - 1, $2, $2 FROM unnest($3::uuid[]) WITH ORDINALITY AS chosen(id, place) JOIN scenario_templates s ON s.id = chosen.id \
     WHERE s.deleted_at IS NULL";
pub const NEW_SCENARIOS_SQLITE: &str = "INSERT INTO mission_scenarios (id, mission_id, source_scenario_template_id, name, description, \
     threat_actor, position, created_at, updated_at) SELECT randomblob(16), $1, s.id, s.name, s.description, s.threat_actor, \
     chosen.key, $2, $2 FROM json_each($3) chosen JOIN scenario_templates s ON s.id = unhex(chosen.value) WHERE s.deleted_at IS NULL";
pub const NEW_TESTS: &str = "INSERT INTO mission_tests (id, mission_id, mission_scenario_id, source_test_template_id, position, name, \
     search_text_id, objective, procedure, prerequisites, cleanup, expected_detection, detection_rules, opsec_level, platforms, tags, executor, \
     command, arguments, elevation_required, reference_links, source_kind, source_id, state, disclosed, argument_values, is_delayed, \
     needed_config_change, version, created_at, updated_at) \
     SELECT gen_random_uuid(), $1, s.id, t.id, p.position, t.name, t.search_text_id, t.objective, t.procedure, t.prerequisites, t.cleanup, \
     t.expected_detection, t.detection_rules, t.opsec_level, t.platforms, t.tags, t.executor, t.command, t.arguments, \
     t.elevation_required, t.reference_links, t.source_kind, t.source_id, 'planned', TRUE, '{}', FALSE, FALSE, 1, $2, $2 \
     FROM mission_scenarios s JOIN scenario_template_tests p ON p.scenario_template_id = s.source_scenario_template_id \
     JOIN test_templates t ON t.id = p.test_template_id WHERE s.mission_id = $1 AND t.deleted_at IS NULL";
macro_rules! new_tags {
    ($tactics:literal) => {
        concat!(
            "INSERT INTO mission_test_mitre_tags (id, mission_test_id, kind, external_id, name, url, tactics, ordinal, attack_version, \
             created_at) SELECT gen_random_uuid(), t.id, CASE WHEN g.tactic_id IS NOT NULL THEN 'tactic' WHEN g.technique_id IS NOT NULL \
             THEN 'technique' ELSE 'subtechnique' END, COALESCE(ta.external_id, te.external_id, su.external_id), \
             COALESCE(ta.name, te.name, su.name), COALESCE(ta.url, te.url, su.url), (SELECT ",
            $tactics,
            " FROM mitre_technique_tactics tt JOIN mitre_tactics a ON a.id = tt.tactic_id \
             WHERE tt.technique_id = COALESCE(te.id, su.technique_id)), g.ordinal, m.attack_version, m.created_at \
             FROM missions m JOIN mission_tests t ON t.mission_id = m.id \
             JOIN test_template_mitre_tags g ON g.test_template_id = t.source_test_template_id \
             LEFT JOIN mitre_tactics ta ON ta.id = g.tactic_id LEFT JOIN mitre_techniques te ON te.id = g.technique_id \
             LEFT JOIN mitre_subtechniques su ON su.id = g.subtechnique_id WHERE m.id = $1"
        )
    };
}
pub const NEW_TAGS: &str = new_tags!(
    "jsonb_agg(jsonb_build_object('position', a.position, 'external_id', a.external_id, 'short_name', a.short_name, 'name', a.name) \
     ORDER BY a.position)"
);
pub const NEW_TAGS_SQLITE: &str = new_tags!(
    "json_group_array(json_object('position', a.position, 'external_id', a.external_id, 'short_name', a.short_name, 'name', a.name))"
);

// A change of a test. The mission's row is locked by the first statement.
pub const TOUCH_MISSION: &str = concat!(
    "UPDATE missions SET content_version = content_version + 1, event_sequence = event_sequence + 1 \
     WHERE id = (",
    caller!("mission_test.execute"),
    "SELECT m.id FROM ",
    visible!(),
    "AND m.id = $3 AND c.may AND m.status = 'in_progress' AND (c.sees_all OR mm.role_hint IN ('red', 'purple')))"
);
pub const TOUCH_TEST: &str = "UPDATE mission_tests SET source_host = $3, version = version + 1, updated_at = $4 WHERE id = $1 \
     AND mission_id = $2 AND version = $5 AND deleted_at IS NULL AND state IN ('planned', 'running', 'executed')";
/// $1 mission, $2 test or nothing, $3 caller, $4 time, $5 kind, $6 payload, $7 id.
pub const EVENT: &str = "INSERT INTO mission_events (id, mission_id, sequence, at, actor_id, kind, mission_test_id, disclosed, payload) \
     SELECT $7, m.id, m.event_sequence, $4, $3, $5, t.id, COALESCE(t.disclosed, TRUE), $6::text::jsonb FROM missions m \
     LEFT JOIN mission_tests t ON t.id = $2 WHERE m.id = $1";
pub const AUDIT_HEAD: &str = "INSERT INTO audit_heads (stream, sequence, hash) VALUES ($1, 1, '') \
     ON CONFLICT (stream) DO UPDATE SET sequence = audit_heads.sequence + 1 RETURNING sequence, hash";
pub const AUDIT_EVENT: &str = "INSERT INTO audit_events (id, stream, sequence, at, actor_id, action, object_kind, object_id, detail, hash) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10)";
pub const AUDIT_HASH: &str = "UPDATE audit_heads SET hash = $2 WHERE stream = $1";
