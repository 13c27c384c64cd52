//! Passwords: argon2id in a bounded blocking pool, so that a storm of logins neither eats the memory nor slows reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use tokio::sync::Semaphore;

use crate::error::{ApiError, ApiResult};

/// Requests that may wait for their turn to hash.
const QUEUE: usize = 64;
/// argon2id, 19 MiB, two passes: OWASP's minimum.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// The bounded pool.
pub struct Passwords {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// A hash of a password that nobody has: verified where there is no user, so that both cases take as long.
    decoy: String,
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    argon2().hash_password(password.as_bytes()).map(|h| h.to_string()).map_err(|e| anyhow::anyhow!("argon2: {e}"))
}

impl Passwords {
    /// As many at once as there are cores.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            permits: Arc::new(Semaphore::new(cores)),
            waiting: Arc::default(),
            decoy: hash_now(&crate::keys::random_token()).unwrap_or_default(),
        }
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= QUEUE {
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(ApiError::unavailable("Too many sign-ins at once. Try again in a moment.", 2));
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let permit = permit.map_err(ApiError::internal)?;
        // the permit goes along, so that a client that hangs up does not free a core that still hashes
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        })
        .await
        .map_err(ApiError::internal)
    }

    /// A new password's hash, as a PHC string.
    pub async fn hash(&self, password: String) -> ApiResult<String> {
        self.run(move || hash_now(&password)).await?.map_err(ApiError::internal)
    }

    /// Does the password fit the hash? Without a hash the answer is no, after as much work.
    pub async fn verify(&self, password: String, hash: Option<String>) -> ApiResult<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let fits = self
            .run(move || PasswordHash::new(&hash).is_ok_and(|parsed| argon2().verify_password(password.as_bytes(), &parsed).is_ok()))
            .await?;
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
        let hash = hash_now("correct horse battery staple").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let p = Passwords::new();
        let hash = p.hash("correct".into()).await.unwrap();
        assert!(p.verify("correct".into(), Some(hash.clone())).await.unwrap());
        assert!(!p.verify("wrong".into(), Some(hash)).await.unwrap());
        assert!(!p.verify("correct".into(), None).await.unwrap());
    }
}
