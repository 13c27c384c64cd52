//! The Export tab: the mission as a file.

use leptos::prelude::*;

use super::Here;
use crate::missions::queries;
use crate::query::use_mutation;
use crate::ui::{Banner, BannerKind, Button, Card, Icon, use_toasts};

/// A name as a part of a file name: lower case letters, digits and dashes.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "mission".to_owned() } else { out.chars().take(60).collect() }
}

/// The tab.
#[component]
pub fn ExportTab(
    /// the mission
    here: Here,
) -> impl IntoView {
    let toasts = use_toasts();
    let export = use_mutation(
        move |()| {
            let id = here.id.get_untracked();
            let name = format!("{}.json", here.now(|data| slug(&data.value.head.name)).unwrap_or_default());
            async move { queries::export(&id, "json", &name).await.map(|()| name) }
        },
        move |name| toasts.success(format!("{name} is downloaded")),
    );
    view! {
        {move || export.error.get().map(|error| view! { <Banner kind=BannerKind::Error><span>"The export did not come. "{error.text()}</span></Banner> })}
        <Card title="Export">
            <div class="todo">
                <Icon name="file-text"/>
                <div>
                    <h3>"JSON, lossless"</h3>
                    <div class="small muted">"Everything that you see of this mission: its texts, members, scenarios, every test with what was copied and recorded. For scripts, for an archive, for another Tyrian."</div>
                </div>
                <Button icon="download" busy=export.busy on_click=move |_| export.run.run(())>
                    {move || if export.busy.get() { "Preparing JSON" } else { "Download JSON" }}
                </Button>
            </div>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_file_name_holds_nothing_that_a_disk_refuses() {
        assert_eq!(slug("Quiet Ledger 2026"), "quiet-ledger-2026");
        assert_eq!(slug("  ../etc/passwd\0 "), "etc-passwd");
        assert_eq!(slug("🦑 مرحبا"), "mission");
    }
}
