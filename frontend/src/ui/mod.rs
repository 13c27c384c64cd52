//! The design system: what every page is made of. It knows nothing of missions, of the API or of who is signed in.
//!
//! Markup and class names are those of the stylesheets in `frontend/styles`. A value that comes from data is set with
//! `style:--v=…`, never with a `style` attribute: the page's policy forbids the attribute.

mod avatar;
mod badge;
mod button;
mod card;
mod combo;
mod copy;
mod dialog;
mod drop;
mod field;
mod form_dialog;
mod icon;
mod markdown;
mod menu;
mod order;
mod progress;
mod removal;
mod seg;
mod stat;
mod states;
mod tabs;
mod time;
mod toast;

pub use avatar::*;
pub use badge::*;
pub use button::*;
pub use card::*;
pub use combo::*;
pub use copy::*;
pub use dialog::*;
pub use drop::*;
pub use field::*;
pub use form_dialog::*;
pub use icon::*;
pub use markdown::*;
pub use menu::*;
pub use order::*;
pub use progress::*;
pub use removal::*;
pub use seg::*;
pub use stat::*;
pub use states::*;
pub use tabs::*;
pub use time::*;
pub use toast::*;
