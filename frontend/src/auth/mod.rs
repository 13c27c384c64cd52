//! Before the app: set-up, sign-in, accepting an invitation; and the sign-in over a page whose session has ended.

mod art;
mod expired;
mod forgot;
mod frame;
mod invite;
mod login;
mod password;
mod queries;
mod setup;

pub use expired::ExpiredDialog;
pub use forgot::{ForgotPage, ResetPage};
pub use invite::InvitePage;
pub use login::{LoginPage, login_url};
pub use password::NewPassword;
pub use queries::use_ways;
pub use setup::SetupPage;
