//! Passwords: argon2id in a few threads that give way to all others, so that a storm of logins neither eats the memory nor
//! slows reads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use argon2::password_hash::PasswordVerifier;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use subtle::ConstantTimeEq as _;
use tokio::sync::oneshot;
use tyrian_domain::text::Guessable;

use super::strength;
use crate::error::{ApiError, ApiResult};

/// Requests that may wait for their turn to hash.
const QUEUE: usize = 64;
/// argon2id, 19 MiB, two passes: OWASP's minimum.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// What every hash that we make begins with: algorithm, version and cost.
fn head() -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")
}

const SALT: usize = 16;
const HASH: usize = 32;

/// A hash as it is kept.
fn phc(salt: &[u8; SALT], hash: &[u8; HASH]) -> String {
    format!("{}{}${}", head(), STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash))
}

/// The memory that a hash works in, kept for the next one: given back to the allocator it would stay with each thread
/// that ever hashed, hundreds of MiB after a morning's sign-ins.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<Block>>>>);

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut [Block]) -> T) -> T {
        let free = |memory: &Self| memory.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut blocks = free(self).unwrap_or_else(|| vec![Block::default(); argon2().params().block_count()]);
        let result = work(&mut blocks);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(blocks);
        result
    }

    /// The hash itself.
    fn derive(&self, password: &str, salt: &[u8]) -> anyhow::Result<[u8; HASH]> {
        let mut out = [0; HASH];
        self.with(|blocks| argon2().hash_password_into_with_memory(password.as_bytes(), salt, &mut out, blocks))
            .map_err(|e| anyhow::anyhow!("argon2: {e}"))?;
        Ok(out)
    }

    /// A new password's hash, as a PHC string.
    fn hash(&self, password: &str) -> anyhow::Result<String> {
        let salt: [u8; SALT] = rand::random();
        let hash = self.derive(password, &salt)?;
        Ok(phc(&salt, &hash))
    }

    /// Does the password fit? A hash of another cost is checked by the library as it stands.
    fn fits(&self, password: &str, hash: &str) -> bool {
        let parts = hash.strip_prefix(&head()).and_then(|rest| rest.split_once('$'));
        let Some((salt, expected)) = parts else {
            return PasswordHash::new(hash).is_ok_and(|parsed| argon2().verify_password(password.as_bytes(), &parsed).is_ok());
        };
        let (Ok(salt), Ok(expected)) = (STANDARD_NO_PAD.decode(salt), STANDARD_NO_PAD.decode(expected)) else { return false };
        self.derive(password, &salt).is_ok_and(|found| found.ct_eq(&expected).into())
    }
}

/// What a thread is to do.
type Job = Box<dyn FnOnce() + Send>;

/// Does what comes, one after the other, until nothing can come any more.
fn work_off(jobs: &Mutex<Receiver<Job>>) {
    give_way();
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // nobody hears the answer of one that panics; the thread goes on
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

/// This thread takes the processor when others leave it: a hash needs it for 15 ms, an answer for a fraction of one.
fn give_way() {
    // on Linux it is the thread's own, elsewhere the whole process'
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(10) {
        tracing::debug!(%error, "hashing threads keep their priority");
    }
}

/// The threads, and the way to them.
pub struct Passwords {
    memory: Memory,
    /// Started when the first password comes.
    jobs: OnceLock<Sender<Job>>,
    waiting: Arc<AtomicUsize>,
    /// A hash that no password is known to have: verified where there is no user, so that both cases take as long.
    decoy: String,
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

impl Passwords {
    /// Nothing hashed yet.
    pub fn new() -> Self {
        let decoy = phc(&rand::random(), &rand::random());
        Self { memory: Memory::default(), jobs: OnceLock::new(), waiting: Arc::default(), decoy }
    }

    /// As many threads as there are cores.
    fn start() -> Sender<Job> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..cores {
            let receiver = Arc::clone(&receiver);
            let started = std::thread::Builder::new().name("hash".to_owned()).spawn(move || work_off(&receiver));
            if let Err(error) = started {
                tracing::error!(%error, "a thread that hashes passwords could not be started");
            }
        }
        sender
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= QUEUE {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(ApiError::unavailable("Too many sign-ins at once. Try again in a moment.", 2));
        }
        let (answer, result) = oneshot::channel();
        let waiting = Arc::clone(&self.waiting);
        let job = move || {
            waiting.fetch_sub(1, Ordering::SeqCst);
            // who hung up while waiting needs no hash
            if !answer.is_closed() {
                answer.send(work()).ok();
            }
        };
        let sent = self.jobs.get_or_init(Self::start).send(Box::new(job));
        sent.map_err(|_| ApiError::internal(anyhow::anyhow!("no thread hashes passwords")))?;
        result.await.map_err(ApiError::internal)
    }

    /// A new password's hash, as a PHC string; refuses at `pointer` one that is easy to guess for somebody who knows this address
    /// and name of its owner.
    pub async fn hash(&self, pointer: &str, password: String, email: &str, name: &str) -> ApiResult<String> {
        let memory = self.memory.clone();
        let (email, name) = (email.to_owned(), name.to_owned());
        // judging takes a millisecond, the worst 100 characters as long as ten hashes: it has its turn with them
        let work = move || match strength::fault(&password, &[&email, &name]) {
            Some(fault) => Ok(Err(fault)),
            None => memory.hash(&password).map(Ok),
        };
        self.run(work).await?.map_err(ApiError::internal)?.map_err(|fault| ApiError::field(pointer, Guessable::CODE, fault.detail()))
    }

    /// Does the password fit the hash? Without a hash the answer is no, after as much work.
    pub async fn verify(&self, password: String, hash: Option<String>) -> ApiResult<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let memory = self.memory.clone();
        let fits = self.run(move || memory.fits(&password, &hash)).await?;
        Ok(fits && known)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_argon2id_with_the_promised_cost() {
        let memory = Memory::default();
        let hash = memory.hash("correct horse battery staple").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        // the library reads what we write, and we read what it writes
        let parsed = PasswordHash::new(&hash).unwrap();
        assert!(argon2().verify_password(b"correct horse battery staple", &parsed).is_ok());
        assert!(argon2().verify_password(b"another", &parsed).is_err());
        let theirs = argon2::password_hash::PasswordHasher::hash_password(&argon2(), b"correct horse battery staple").unwrap().to_string();
        assert!(memory.fits("correct horse battery staple", &theirs) && !memory.fits("another", &theirs));
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).unwrap());
        let cheap = argon2::password_hash::PasswordHasher::hash_password(&cheap, b"old").unwrap().to_string();
        assert!(memory.fits("old", &cheap) && !memory.fits("new", &cheap), "one of another cost");
        for broken in ["", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=19456,t=2,p=1$!$!", &hash[..hash.len() - 4]] {
            assert!(!memory.fits("correct horse battery staple", broken), "{broken}");
        }
        assert_eq!(memory.0.lock().unwrap().len(), 1, "one after the other they share one piece of memory");
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let p = Passwords::new();
        let hash = p.hash("/password", "correct horse".into(), "", "").await.unwrap();
        assert!(p.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!p.verify("wrong".into(), Some(hash)).await.unwrap());
        assert!(!p.verify("correct horse".into(), None).await.unwrap());
    }
}
