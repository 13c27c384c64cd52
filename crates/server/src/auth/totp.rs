//! The second factor's arithmetic: secrets, codes by time, recovery codes. No database.

use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::error::{ApiError, ApiResult};

/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;
/// Letters and digits that are not taken for one another.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const HALF: usize = 5;

/// 160 random bits, as RFC 4226 recommends.
pub fn new_secret() -> [u8; 20] {
    rand::random()
}

/// What every authenticator can do: SHA-1, six digits, 30 seconds, one step early or late.
fn totp(secret: &[u8], account: &str) -> ApiResult<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(1)
        .with_secret(Secret::from(secret))
        .with_account_name(account.replace(':', "_"))
        .with_issuer(Some("Tyrian"))
        .build()
        .map_err(|e| ApiError::internal(anyhow::anyhow!("totp: {e}")))
}

/// The time step that a code belongs to, if it is good at `now` (seconds since 1970).
pub fn step_of(secret: &[u8], code: &str, now: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp(secret, "").ok()?.check(&digits, u64::try_from(now).ok()?)?;
    i64::try_from(step).ok()
}

/// The secret for typing it in, the address for authenticators, and that address as an SVG picture.
pub fn to_show(secret: &[u8], email: &str) -> ApiResult<(String, String, String)> {
    let totp = totp(secret, email)?;
    let url = totp.to_url().map_err(|e| ApiError::internal(anyhow::anyhow!("totp: {e}")))?;
    let picture = qrcode::QrCode::new(url.as_bytes()).map_err(ApiError::internal)?;
    let svg = picture.render::<qrcode::render::svg::Color<'_>>().min_dimensions(200, 200).build();
    Ok((totp.secret().to_base32(), url, svg))
}

/// Ten codes of 50 random bits, `ABCDE-FGH23`.
pub fn new_recovery_codes() -> Vec<String> {
    let code = || {
        let random: [u8; 2 * HALF] = rand::random();
        let letters: String = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|b| char::from(*b)).collect();
        let (first, second) = letters.split_at(HALF);
        format!("{first}-{second}")
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// A recovery code as it is hashed, whatever a person typed between and around its letters.
pub fn normal(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")] {
            assert_eq!(step_of(secret, code, time), Some(time / 30), "{time}");
            assert_eq!(step_of(secret, code, time + 30), Some(time / 30), "one step late");
            assert_eq!(step_of(secret, code, time + 90), None, "too late");
        }
        assert_eq!(step_of(secret, " 287 082 ", 59), Some(1), "as people copy it");
        for wrong in ["", "287083", "2870", "２８７０８２", "287082287082", "\u{0}"] {
            assert_eq!(step_of(secret, wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_names_the_account() {
        let (secret, url, svg) = to_show(&new_secret(), "ines:x@example.test").unwrap();
        assert_eq!(secret.len(), 32);
        assert!(url.starts_with("otpauth://totp/Tyrian:ines_x%40example.test?") && url.contains(&secret), "{url}");
        assert!(svg.contains("<svg"), "{svg}");
    }

    #[test]
    fn recovery_codes_differ_and_can_be_typed() {
        let codes = new_recovery_codes();
        assert_eq!(codes.iter().collect::<std::collections::BTreeSet<_>>().len(), RECOVERY_CODES);
        assert!(codes.iter().all(|c| c.len() == 11 && !c.contains(['0', '1', 'I', 'O'])), "{codes:?}");
        assert_eq!(normal(" abcde fgh23 "), normal("ABCDE-FGH23"));
    }
}
