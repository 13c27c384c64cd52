//! Set-up, sign-in, sessions and one's own profile.

use chrono::{DateTime, Utc};
use tyrian_domain::notification::NotificationKind;
use tyrian_domain::permission::Permission;
use tyrian_domain::text;
use uuid::Uuid;

use crate::groups::GroupRef;
use crate::{Faults, Patch, Validate};

crate::wire! {
    /// Is set-up still to be done?
    pub struct SetupStatus {
        /// No user ever existed: `POST /setup` makes the first admin.
        pub needed: bool,
        /// The one-time code printed at start must be given, since the server listens beyond this machine.
        pub code_required: bool,
        /// The word of the button for single sign-on, where it is set up: `GET /auth/oidc/login`.
        pub sso: Option<String>,
        /// The server sends mail: a forgotten password can be set anew by `POST /auth/password-reset`.
        pub mail: bool,
    }

    /// Makes the first admin.
    #[serde(deny_unknown_fields)]
    pub struct SetupRequest {
        /// Email address, used to sign in.
        pub email: String,
        /// The name others see.
        pub display_name: String,
        /// At least 12 characters, not easy to guess.
        pub password: String,
        /// The one-time code printed at start, where it is required.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub code: Option<String>,
    }

    /// Signs in.
    #[serde(deny_unknown_fields)]
    pub struct LoginRequest {
        /// Email address.
        pub email: String,
        /// Password.
        pub password: String,
        /// Code of the authenticator, or a recovery code, where a second factor is on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub totp_code: Option<String>,
        /// False: the refresh token comes in the answer instead of a cookie (for scripts).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cookie: Option<bool>,
    }

    /// A session's tokens.
    pub struct LoginAnswer {
        /// Send it as `Authorization: Bearer …`.
        pub access_token: String,
        /// Always `Bearer`.
        pub token_type: String,
        /// Seconds until the access token ends.
        pub expires_in: u64,
        /// Who signed in.
        pub user: Me,
        /// The refresh token, only where no cookie was wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refresh_token: Option<String>,
    }

    /// Renews a session without a cookie.
    #[serde(deny_unknown_fields)]
    pub struct RefreshRequest {
        /// The refresh token that the login or the last refresh gave.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub refresh_token: Option<String>,
    }

    /// The caller's own profile.
    pub struct Me {
        /// User id.
        pub id: Uuid,
        /// Email address.
        pub email: String,
        /// The name others see.
        pub display_name: String,
        /// An admin has every permission. A token is never one.
        pub is_admin: bool,
        /// All permission codes, of all groups together; with an API token those of them that it was made for.
        pub permissions: Vec<Permission>,
        /// The groups one is in.
        pub groups: Vec<GroupRef>,
        /// What they prefer.
        pub preferences: Preferences,
        /// Can they sign in by password? Whoever came by single sign-on has none.
        pub has_password: bool,
        /// Is a second factor on?
        pub totp: bool,
        /// Recovery codes that are left; 0 without a second factor.
        pub recovery_codes_left: u32,
        /// Version of the user, for If-Match.
        pub version: i64,
    }

    /// What a user prefers.
    #[derive(Default)]
    #[serde(default)]
    pub struct Preferences {
        /// A language tag, `de-CH`; null: the browser's.
        pub locale: Option<String>,
        /// Null: as the system has it.
        pub theme: Option<Theme>,
        /// What they do not want to be told.
        pub muted_kinds: Vec<NotificationKind>,
    }

    /// Changes one's own password; ends all other sessions.
    #[serde(deny_unknown_fields)]
    pub struct PasswordChange {
        /// The password up to now.
        pub current_password: String,
        /// The new one, at least 12 characters, not easy to guess.
        pub new_password: String,
    }

    /// Proves once more who one is, before something that a stolen session must not do.
    #[serde(deny_unknown_fields)]
    pub struct PasswordProof {
        /// The present password.
        pub current_password: String,
    }

    /// A second factor that is not on yet: scan the picture, then send a code with `PUT /auth/me/totp`.
    pub struct TotpEnrolment {
        /// The secret, for typing it in: base32.
        pub secret: String,
        /// The same as an address that authenticators read.
        pub otpauth_url: String,
        /// The address as a QR code: an SVG picture, dark on light.
        pub qr_svg: String,
        /// To be sent back with the first code.
        pub enrolment: String,
        /// Seconds in which to do so.
        pub expires_in: u64,
    }

    /// Turns the second factor on.
    #[serde(deny_unknown_fields)]
    pub struct TotpConfirm {
        /// From the enrolment.
        pub enrolment: String,
        /// The code that the authenticator shows now.
        pub code: String,
    }

    /// Codes that stand in for the authenticator, once each; shown this once.
    pub struct RecoveryCodes {
        /// The codes.
        pub codes: Vec<String>,
    }

    /// Asks for a link to set a new password.
    #[serde(deny_unknown_fields)]
    pub struct PasswordResetRequest {
        /// Email address.
        pub email: String,
    }

    /// Sets a new password by such a link.
    #[serde(deny_unknown_fields)]
    pub struct PasswordReset {
        /// The new password, at least 12 characters, not easy to guess.
        pub new_password: String,
    }

    /// A link to set a new password, for whoever passes it on.
    pub struct PasswordResetLink {
        /// The link, this once.
        pub url: String,
        /// When it ends.
        pub expires_at: DateTime<Utc>,
    }

    /// One sign-in that still holds.
    pub struct Session {
        /// Its id, for `DELETE /auth/sessions/{family}`.
        pub family: Uuid,
        /// The browser or program, as it called itself.
        pub user_agent: Option<String>,
        /// The address it came from last.
        pub ip: Option<String>,
        /// When it began.
        pub created_at: DateTime<Utc>,
        /// When it was last renewed.
        pub last_used_at: DateTime<Utc>,
        /// Is it the one that asks?
        pub current: bool,
    }
}

tyrian_domain::words! {
    /// How the app looks.
    pub enum Theme {
        /// As the system has it.
        System = "system",
        /// Light.
        Light = "light",
        /// Dark.
        Dark = "dark",
    }
}

crate::patch_wire! {
    /// Changes one's own profile.
    pub struct MePatch {
        /// The name others see.
        display_name: String,
        /// Those preferences that change; null: all as they were at first.
        preferences: PreferencesPatch,
    }
}

crate::patch_wire! {
    /// Changes one's own preferences.
    pub struct PreferencesPatch {
        /// A language tag, `de-CH`; null: the browser's.
        locale: String,
        /// Null: as the system has it.
        theme: Theme,
        /// What one does not want to be told: the whole list.
        muted_kinds: Vec<NotificationKind>,
    }
}

/// A plausible language tag: subtags of letters and digits, the first of letters.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    tag.len() <= 35
        && subtags.next().is_some_and(|s| (2..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphabetic()))
        && subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()))
}

impl Validate for SetupRequest {
    fn validate(&self, f: &mut Faults) {
        f.email("/email", &self.email);
        f.line("/display_name", &self.display_name, text::NAME);
        f.password("/password", &self.password);
    }
}

impl Validate for LoginRequest {
    fn validate(&self, f: &mut Faults) {
        if self.email.contains('\0') {
            f.add("/email", "nul", "A NUL character cannot be stored: remove it.");
        }
        if self.password.len() > *text::PASSWORD_BYTES.end() {
            f.add("/password", "password_length", format!("At most {} characters.", text::PASSWORD_BYTES.end()));
        }
    }
}

impl Validate for RefreshRequest {
    fn validate(&self, _: &mut Faults) {}
}

impl Validate for MePatch {
    fn validate(&self, f: &mut Faults) {
        f.patch_line("/display_name", &self.display_name, text::NAME);
        let locale = self.preferences.value().and_then(|p| p.locale.value());
        if locale.is_some_and(|tag| !is_language_tag(tag)) {
            f.add("/preferences/locale", "invalid", "A language tag like de-CH.");
        }
    }
}

impl Validate for PasswordChange {
    fn validate(&self, f: &mut Faults) {
        f.password("/new_password", &self.new_password);
        present_password(f, &self.current_password);
    }
}

impl Validate for PasswordProof {
    fn validate(&self, f: &mut Faults) {
        present_password(f, &self.current_password);
    }
}

impl Validate for TotpConfirm {
    fn validate(&self, _: &mut Faults) {}
}

impl Validate for PasswordResetRequest {
    fn validate(&self, f: &mut Faults) {
        f.email("/email", &self.email);
    }
}

impl Validate for PasswordReset {
    fn validate(&self, f: &mut Faults) {
        f.password("/new_password", &self.new_password);
    }
}

/// So long that hashing it would be an attack.
fn present_password(f: &mut Faults, password: &str) {
    if password.len() > *text::PASSWORD_BYTES.end() {
        f.add("/current_password", "password_length", format!("At most {} characters.", text::PASSWORD_BYTES.end()));
    }
}
