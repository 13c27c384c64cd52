//! Rows of the audit log as they travel.

use tyrian_api_types::audit::AuditEvent;
use tyrian_entity::audit_event;

/// An entry with the name of who did it.
pub fn event(row: audit_event::Model, actor_name: Option<String>) -> AuditEvent {
    let audit_event::Model { id, stream, sequence, at, actor_id, action, object_kind, object_id, ip, request_id, detail, hash } = row;
    AuditEvent { id, stream, sequence, at, actor_id, actor_name, action, object_kind, object_id, ip, request_id, detail, hash }
}
