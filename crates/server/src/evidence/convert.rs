//! Rows of evidence to what travels.

use tyrian_api_types::evidence::Evidence;
use tyrian_api_types::users::Author;
use tyrian_domain::test::Side;

use super::look;
use super::store::Row;
use crate::error::ApiResult;
use crate::missions::convert::word;

/// A piece of evidence.
pub fn evidence(row: Row) -> ApiResult<Evidence> {
    let file = row.file;
    let size_bytes = u64::try_from(file.size_bytes).unwrap_or_default();
    Ok(Evidence {
        id: file.id,
        mission_test_id: file.mission_test_id,
        side: word(Side::parse(&file.side), &file.side)?,
        preview: look::preview(&file.content_type, size_bytes),
        file_name: file.file_name,
        content_type: file.content_type,
        size_bytes,
        sha256: file.sha256,
        caption: file.caption,
        uploaded_by: file.uploaded_by_id.zip(row.uploader).map(|(id, display_name)| Author { id, display_name }),
        created_at: file.created_at,
    })
}
