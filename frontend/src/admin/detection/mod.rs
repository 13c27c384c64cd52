//! `/admin/detection`: what blue judges with: the scale of detection levels, and the defenders' tools.

mod levels;
mod tools;

use leptos::prelude::*;
use tyrian_domain::permission::Permission;

use super::frame::AdminPage;
use levels::Levels;
use tools::Tools;

/// The page.
#[component]
pub fn DetectionPage() -> impl IntoView {
    view! {
        <AdminPage title="Detection" tab="Detection" what="Detection levels and defence tools" permission=Permission::DefenceToolManage>
            <Levels/>
            <Tools/>
        </AdminPage>
    }
}
