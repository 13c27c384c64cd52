//! What is measured: for each kind of work the requests of one connection, one behind the other.

use std::net::SocketAddr;
use std::sync::LazyLock;

use crate::client::{Answer, Request};
use crate::data::{Kind as Row, SCENARIOS, SETS, USERS, all_tests, id, open_tests, status, test_no};
use crate::data::{PASSWORD, SUBTECHNIQUES};

/// About the bytes of a file of evidence.
const FILE: usize = 256 << 10;

/// Whose server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// Tyrian.
    Ours,
    /// Bare handlers on the same schema.
    Limit,
    /// Flask and SQLAlchemy on a schema of its own.
    Peer,
}

impl Side {
    /// What it is called in the results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "tyrian",
            Self::Limit => "limit",
            Self::Peer => "peer",
        }
    }
}

/// A server to be asked.
#[derive(Debug, Clone)]
pub struct Target {
    /// Whose.
    pub side: Side,
    /// Where.
    pub address: SocketAddr,
    /// The token of the caller.
    pub token: String,
    /// How many missions it has.
    pub missions: u64,
}

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Work {
    /// As little as an answer behind a token can be; the limit program only.
    Bare,
    /// One test by id, any of all.
    Test,
    /// The first 50 missions with their counts.
    List,
    /// A mission of 200 tests, any of all.
    Detail,
    /// The same eight missions again and again.
    DetailWarm,
    /// A mission that the caller has already.
    NotModified,
    /// The ATT&CK matrix, packed.
    Matrix,
    /// What a mission tells, any of all.
    Synthesis,
    /// A search over everything.
    Search,
    /// Sign-in.
    Login,
    /// A change of a test, each connection in a mission of its own.
    Patch,
    /// A change of a test, all connections in one mission.
    PatchOne,
    /// A new mission from 10 × 20 tests.
    Create,
    /// A file for a test, each connection in a mission of its own.
    Upload,
    /// A file that was added before.
    Download,
}

/// Which connections a work is measured with: those that were asked for, or its own.
#[derive(Debug, Clone, Copy)]
pub enum Connections {
    /// Those of the command line.
    Chosen,
    /// These.
    Own(&'static [usize]),
}

impl Work {
    /// All of it, in the order of measuring: what adds rows comes last.
    pub const ALL: [Self; 15] = [
        Self::Bare,
        Self::Test,
        Self::List,
        Self::Detail,
        Self::DetailWarm,
        Self::NotModified,
        Self::Matrix,
        Self::Synthesis,
        Self::Search,
        Self::Login,
        Self::Patch,
        Self::PatchOne,
        Self::Download,
        Self::Upload,
        Self::Create,
    ];

    /// What must not grow with the data.
    pub const FLAT: [Self; 7] = [Self::Test, Self::List, Self::Detail, Self::NotModified, Self::Matrix, Self::Synthesis, Self::Search];

    /// Its name in tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Test => "test",
            Self::List => "list",
            Self::Detail => "detail",
            Self::DetailWarm => "detail-warm",
            Self::NotModified => "not-modified",
            Self::Matrix => "matrix",
            Self::Synthesis => "synthesis",
            Self::Search => "search",
            Self::Login => "login",
            Self::Patch => "patch",
            Self::PatchOne => "patch-one",
            Self::Create => "create",
            Self::Upload => "upload",
            Self::Download => "download",
        }
    }

    /// Does this side offer it?
    pub fn is_offered(self, side: Side) -> bool {
        match side {
            Side::Ours => self != Self::Bare,
            Side::Limit => !matches!(self, Self::Upload | Self::Download),
            Side::Peer => matches!(self, Self::Test | Self::List | Self::Detail | Self::DetailWarm | Self::Login | Self::Create),
        }
    }

    /// With how many connections.
    pub fn connections(self) -> Connections {
        match self {
            Self::Login => Connections::Own(&[2, 64]),
            Self::Bare => Connections::Own(&[16]),
            // each reads every test: 64 at once would wait for one another and tell nothing
            Self::Search => Connections::Own(&[1, 16]),
            _ => Connections::Chosen,
        }
    }
}

/// The requests of one connection.
pub struct Steps {
    work: Work,
    target: Target,
    /// Which of the connections.
    place: u64,
    random: u64,
    sent: u64,
    /// What the next request builds on: the version that was read, or the id of the file.
    known: Option<String>,
    open: Vec<(u64, u64)>,
}

impl Steps {
    /// Of the connection `place`.
    pub fn new(work: Work, target: &Target, place: usize) -> Self {
        let place = place as u64;
        let random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(place + 1) | 1;
        Self { work, target: target.clone(), place, random, sent: 0, known: None, open: open_tests() }
    }

    fn any(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % below.max(1)
    }

    fn any_mission(&mut self) -> u64 {
        1 + self.any(self.target.missions)
    }

    /// The connection's own mission that is in progress.
    fn own_mission(&self) -> u64 {
        let running = (1..=self.target.missions).filter(|n| status(*n) == "in_progress");
        let running: Vec<u64> = running.take(usize::try_from(self.place + 1).unwrap_or(usize::MAX)).collect();
        running.get(usize::try_from(self.place).unwrap_or_default() % running.len().max(1)).copied().unwrap_or(1)
    }

    /// Must something be read first, which does not count?
    pub fn is_preparing(&self) -> bool {
        self.known.is_none() && matches!(self.work, Work::NotModified | Work::Patch | Work::PatchOne | Work::Download)
    }

    /// The mission and the test that the connection writes in.
    fn own_test(&self) -> String {
        let one = self.work == Work::PatchOne;
        let mission = if one { 1 } else { self.own_mission() };
        let place = if one { usize::try_from(self.place).unwrap_or_default() % self.open.len().max(1) } else { 0 };
        let (s, p) = self.open.get(place).copied().unwrap_or_default();
        test_path(mission, s, p)
    }

    /// The next request.
    pub fn next(&mut self) -> Request {
        let request = if self.target.side == Side::Peer { self.of_peer() } else { self.of_ours() };
        if self.work == Work::Login { request } else { request.bearer(&self.target.token) }
    }

    fn of_ours(&mut self) -> Request {
        match self.work {
            Work::Bare => Request::get("/json"),
            Work::List => Request::get("/api/v1/missions"),
            Work::Test => {
                let (mission, at) = (self.any_mission(), self.any(200));
                let (s, p) = all_tests().nth(usize::try_from(at).unwrap_or_default()).unwrap_or_default();
                Request::get(test_path(mission, s, p))
            }
            Work::Detail => Request::get(mission_path(self.any_mission())),
            Work::DetailWarm => Request::get(mission_path(1 + self.any(8))),
            Work::Synthesis => Request::get(format!("{}/synthesis", mission_path(self.any_mission()))),
            Work::NotModified => {
                let request = Request::get(mission_path(1 + self.place % 8));
                if let Some(etag) = &self.known { request.header("if-none-match", etag) } else { request }
            }
            Work::Matrix => Request::get("/api/v1/mitre/matrix").header("accept-encoding", "br"),
            Work::Search => {
                let words = match self.any(3) {
                    0 => format!("mission%20{}", self.any_mission()),
                    1 => crate::data::Attack::Subtechnique(self.any(SUBTECHNIQUES)).external_id().to_lowercase(),
                    _ => "nothing%20like%20it".to_owned(),
                };
                Request::get(format!("/api/v1/search?q={words}"))
            }
            Work::Login => self.login(),
            Work::Create => {
                let set = self.any(SETS);
                let ids: Vec<String> = (0..SCENARIOS).map(|s| format!("\"{}\"", id(Row::ScenarioTemplate, set * SCENARIOS + s))).collect();
                let body = format!(r#"{{"name":"Created","client":"Measured","scenario_template_ids":[{}]}}"#, ids.join(","));
                Request::json("POST", "/api/v1/missions", body)
            }
            Work::Upload => self.upload(),
            Work::Download => match &self.known {
                Some(file) => Request::get(format!("/api/v1/evidence/{file}/content")),
                None => self.upload(),
            },
            Work::Patch | Work::PatchOne => {
                let path = self.own_test();
                let Some(etag) = &self.known else { return Request::get(path) };
                let body = format!(r#"{{"source_host":"host-{}-{}"}}"#, self.place, self.sent);
                Request::json("PATCH", path, body).header("if-match", etag)
            }
        }
    }

    fn of_peer(&mut self) -> Request {
        match self.work {
            Work::Test => Request::get(format!("/api/v1/tests/{}", 1 + self.any(self.target.missions * 200))),
            Work::List => Request::get("/api/v1/missions_denorm"),
            Work::DetailWarm => Request::get(format!("/api/v1/missions/{}", 1 + self.any(8))),
            Work::Login => self.login(),
            Work::Create => {
                let body = format!(r#"{{"name":"Created","client":"Measured","template_id":{}}}"#, 1 + self.any(SETS));
                Request::json("POST", "/api/v1/missions", body)
            }
            _ => Request::get(format!("/api/v1/missions/{}", self.any_mission())),
        }
    }

    fn upload(&mut self) -> Request {
        let mission = self.own_mission();
        let at = usize::try_from(self.any(self.open.len() as u64)).unwrap_or_default();
        let (s, p) = self.open.get(at).copied().unwrap_or_default();
        Request::form(format!("{}/evidence", test_path(mission, s, p)), &[("side", "red")], "seen.txt", file())
    }

    fn login(&mut self) -> Request {
        let body = format!(r#"{{"email":"user{}@example.test","password":"{PASSWORD}"}}"#, 1 + self.place % USERS);
        Request::json("POST", "/api/v1/auth/login", body)
    }

    /// Takes note of an answer. Was it the right one?
    pub fn seen(&mut self, answer: &Answer) -> bool {
        let prepared = self.is_preparing();
        self.sent += 1;
        let wanted = match self.work {
            Work::Download if prepared => 201,
            Work::Upload | Work::Create => 201,
            _ if prepared => 200,
            Work::NotModified => 304,
            _ => 200,
        };
        let right = answer.status == wanted;
        if matches!(self.work, Work::Patch | Work::PatchOne) {
            // the version follows; after a refusal it is read anew
            self.known = answer.etag.clone().filter(|_| right);
        } else if prepared && self.work == Work::Download {
            self.known = answer.json().ok().filter(|_| right).and_then(|json| Some(json["id"].as_str()?.to_owned()));
        } else if prepared {
            self.known.clone_from(&answer.etag);
        }
        right
    }
}

/// A file of evidence: as long as a picture of a screen, as a text.
pub fn file() -> &'static [u8] {
    static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let line = b"a line of what was seen on the screen, and nothing else in it\n";
        line.repeat(FILE / line.len())
    });
    &WHOLE
}

/// The path of a mission.
pub fn mission_path(mission: u64) -> String {
    format!("/api/v1/missions/{}", id(Row::Mission, mission))
}

/// The path of a test.
pub fn test_path(mission: u64, scenario: u64, place: u64) -> String {
    format!("{}/tests/{}", mission_path(mission), id(Row::Test, test_no(mission, scenario, place)))
}
