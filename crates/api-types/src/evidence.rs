//! Evidence: files that red and blue add to a test.

use chrono::{DateTime, Utc};
use tyrian_domain::test::Side;
use uuid::Uuid;

use crate::users::Author;

crate::wire! {
    /// A file that proves something.
    pub struct Evidence {
        /// Evidence id.
        pub id: Uuid,
        /// The test.
        pub mission_test_id: Uuid,
        /// Whose it is.
        pub side: Side,
        /// What it was called where it came from: a text, never a path.
        pub file_name: String,
        /// What its first bytes say it is.
        pub content_type: String,
        /// Bytes.
        pub size_bytes: u64,
        /// SHA-256 of the content, hexadecimal.
        pub sha256: String,
        /// What it shows.
        pub caption: Option<String>,
        /// May it be shown in the page? Images and texts that the server has checked.
        pub preview: bool,
        /// Who added it.
        pub uploaded_by: Option<Author>,
        /// When.
        pub created_at: DateTime<Utc>,
    }

    /// How a file comes in: the parts of a form, in any order.
    pub struct EvidenceUpload {
        /// The file.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Binary))]
        pub file: Vec<u8>,
        /// Whose it is.
        pub side: Side,
        /// What it shows, 1,000 characters at most.
        pub caption: Option<String>,
    }

    /// Every file of a mission, read again.
    pub struct EvidenceVerification {
        /// Files that were read.
        pub files: u64,
        /// Bytes that were read.
        pub bytes: u64,
        /// Is each as it was when it came in?
        pub ok: bool,
        /// Those that are not.
        pub damaged: Vec<EvidenceDamage>,
    }

    /// A file that is not what it was.
    pub struct EvidenceDamage {
        /// Evidence id.
        pub id: Uuid,
        /// The test.
        pub mission_test_id: Uuid,
        /// What it was called.
        pub file_name: String,
        /// `missing`, `changed`, `unreadable`.
        pub fault: String,
        /// The hash that was recorded.
        pub expected_sha256: String,
        /// The hash that was found.
        pub found_sha256: Option<String>,
    }
}
