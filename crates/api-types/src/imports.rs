//! What an import answers: how many were made, changed and left alone, and why each of the others was not.

use uuid::Uuid;

tyrian_domain::words! {
    /// What an import makes of one item of its file.
    pub enum ImportAction {
        /// It was not here yet.
        Created = "created",
        /// It was here, as an earlier import left it, and the file says something else now.
        Updated = "updated",
        /// It stays as it is; `code` says why.
        Skipped = "skipped",
    }
}

tyrian_domain::words! {
    /// What an item of a file becomes.
    pub enum ImportSubject {
        /// A test of the library.
        TestTemplate = "test_template",
        /// A scenario of the library.
        ScenarioTemplate = "scenario_template",
        /// A mission.
        Mission = "mission",
        /// The result of a test of the mission that the log is for.
        MissionTest = "mission_test",
    }
}

crate::wire! {
    /// Something to be said about one item of a file.
    #[derive(Eq)]
    pub struct ImportNote {
        /// Which item: its name or key in the file, or the file's name.
        pub item: String,
        /// Its line in the file, from 1, where the format has lines.
        pub line: Option<u64>,
        /// A stable word: `unknown_technique`, `edited`, …
        pub code: String,
        /// One sentence for people.
        pub detail: String,
    }

    /// One item that can be taken, and what becomes of it.
    #[derive(Eq)]
    pub struct ImportItem {
        /// Which item: its name or key in the file.
        pub item: String,
        /// Its line in the file, from 1, where the format has lines.
        pub line: Option<u64>,
        /// What becomes of it.
        pub action: ImportAction,
        /// Why it is skipped: `unchanged`, `edited`, `forbidden`.
        pub code: Option<String>,
        /// What it becomes, or is here already.
        pub kind: ImportSubject,
        /// Its id here. Null where nothing was written, and where it is not known which one it is.
        pub id: Option<Uuid>,
    }

    /// What an import did, or in a dry run would do.
    #[derive(Eq, Default)]
    pub struct ImportReport {
        /// Items made.
        pub created: u64,
        /// Items changed.
        pub updated: u64,
        /// Items left as they are.
        pub skipped: u64,
        /// Items that cannot be taken. With one of them nothing is written, unless `partial` was asked for.
        pub errors: Vec<ImportNote>,
        /// What was taken otherwise than the file says, or what somebody should look at.
        pub warnings: Vec<ImportNote>,
        /// Each item that can be taken and what becomes of it.
        pub items: Vec<ImportItem>,
        /// Was anything written? False in a dry run, and where errors stopped it.
        pub applied: bool,
    }

    /// The form of an import.
    pub struct ImportUpload {
        /// The file.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Binary))]
        pub file: String,
    }
}
