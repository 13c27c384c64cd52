//! One piece of evidence: its card, and the dialog that shows it whole.

use leptos::prelude::*;
use tyrian_api_types::evidence::Evidence;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::queries;
use crate::api::ApiError;
use crate::query::use_mutation;
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, CopyButton, Dialog, Icon, KeyValues, Pair, Skeleton, Time, TimeFormat, bytes_in_words,
    use_toasts,
};

/// Pictures up to this size are shown on their cards; larger ones when they are opened.
const SMALL: u64 = 4_000_000;
/// So much of a text is shown.
const TEXT: f64 = 200_000.0;

/// What a file is, in a word.
pub fn kind(one: &Evidence) -> String {
    let sub = one.content_type.split(';').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    match sub {
        "" | "octet-stream" => one.file_name.rsplit_once('.').map_or_else(|| t!("File").to_owned(), |(_, end)| end.to_uppercase()),
        "plain" => t!("Text").to_owned(),
        "jpeg" => "JPEG".to_owned(),
        other => other.trim_start_matches("x-").trim_start_matches("vnd.").to_uppercase(),
    }
}

fn is_picture(one: &Evidence) -> bool {
    one.preview && one.content_type.starts_with("image/")
}

/// The first and last letters of a hash.
pub fn short(hash: &str) -> String {
    match (hash.get(..8), hash.len().checked_sub(6).and_then(|at| hash.get(at..))) {
        (Some(head), Some(tail)) if hash.len() > 16 => format!("{head}…{tail}"),
        _ => hash.to_owned(),
    }
}

/// A file of the browser as an address; forgotten with the component that asked for it.
fn use_picture(one: &Evidence) -> (RwSignal<Option<String>>, RwSignal<Option<ApiError>>) {
    let (url, error) = (RwSignal::new(None::<String>), RwSignal::new(None));
    let id = one.id;
    leptos::task::spawn_local(async move {
        match queries::content(id).await {
            Ok(blob) => {
                if let Ok(made) = web_sys::Url::create_object_url_with_blob(&blob)
                    && url.try_set(Some(made.clone())).is_some()
                {
                    // nobody is there to show it any more
                    let _ = web_sys::Url::revoke_object_url(&made);
                }
            }
            Err(problem) => {
                error.try_set(Some(problem));
            }
        }
    });
    on_cleanup(move || {
        if let Some(Some(url)) = url.try_get_untracked() {
            let _ = web_sys::Url::revoke_object_url(&url);
        }
    });
    (url, error)
}

/// The card: a small picture or a glyph, name, kind and size. It opens the file.
#[component]
pub fn Item(
    /// the file
    one: Evidence,
    /// shows it whole
    #[prop(into)]
    on_open: Callback<()>,
) -> impl IntoView {
    let about = one.caption.clone().unwrap_or_else(|| one.file_name.clone());
    let thumb = if is_picture(&one) && one.size_bytes <= SMALL {
        let (url, _) = use_picture(&one);
        view! { {move || match url.get() {
            Some(url) => view! { <img class="evi__thumb" src=url alt="" decoding="async"/> }.into_any(),
            None => view! { <span class="evi__thumb skel"></span> }.into_any(),
        }} }
        .into_any()
    } else {
        let icon = if one.content_type.starts_with("image/") { "image" } else { "file-text" };
        view! { <span class="evi__thumb evi__thumb--file"><Icon name=icon size=20/></span> }.into_any()
    };
    view! {
        <li>
            <button class="evi__item" type="button" title=about.clone() on:click=move |_| on_open.run(())>
                {thumb}
                <span class="evi__cap">
                    <b class="trunc">{one.file_name.clone()}</b>
                    <span>{kind(&one)}" · "{bytes_in_words(one.size_bytes)}</span>
                    {one.caption.clone().map(|caption| view! { <span class="trunc">{caption}</span> })}
                </span>
            </button>
        </li>
    }
}

/// The whole of it in a dialog, with what is known of it.
#[component]
pub fn Opened(
    /// the one that is shown
    shown: RwSignal<Option<Evidence>>,
    /// may the reader delete this one? Why not, where not.
    #[prop(into)]
    may_delete: Callback<Evidence, Result<(), String>>,
    /// asks before it is deleted
    #[prop(into)]
    on_delete: Callback<Evidence>,
    /// may the reader remove it for good?
    may_purge: Signal<bool>,
    /// asks before it is removed for good
    #[prop(into)]
    on_purge: Callback<Evidence>,
) -> impl IntoView {
    let toasts = use_toasts();
    let open = RwSignal::new(false);
    let kept = RwSignal::new(None::<Evidence>);
    Effect::new(move |_| {
        if let Some(one) = shown.get() {
            kept.set(Some(one));
            open.set(true);
        } else if open.get_untracked() {
            open.set(false);
        }
    });
    Effect::new(move |_| {
        if !open.get() && shown.with_untracked(Option::is_some) {
            shown.set(None);
        }
    });
    let download = use_mutation(|(id, name): (uuid::Uuid, String)| async move { queries::download(id, &name).await }, |()| ());
    Effect::new(move |_| {
        if let Some(error) = download.error.get() {
            toasts.error(t!("The file did not come"), Some(error.text()));
        }
    });
    let title = Signal::derive(move || kept.with(|one| one.as_ref().map(|one| one.file_name.clone()).unwrap_or_default()));
    view! {
        <Dialog
            open=open
            title=title
            wide=true
            foot=move || view! {
                {move || kept.get().map(|one| {
                    let (id, name) = (one.id, one.file_name.clone());
                    let may = may_delete.run(one.clone()).is_ok();
                    let doomed = one.clone();
                    view! {
                        {may.then(|| view! { <Button kind=ButtonKind::DangerQuiet icon="trash-2" on_click=move |_| on_delete.run(one.clone())>{t!("Delete")}</Button> })}
                        {may_purge.get().then(|| view! { <Button kind=ButtonKind::DangerQuiet on_click=move |_| on_purge.run(doomed.clone())>{t!("Remove for good")}</Button> })}
                        <span class="push"></span>
                        <Button icon="download" busy=download.busy on_click=move |_| download.run.run((id, name.clone()))>{t!("Download")}</Button>
                    }
                })}
            }
        >
            {move || kept.get().map(|one| view! {
                <div class="stack">
                    {one.caption.clone().map(|caption| view! { <p>{caption}</p> })}
                    {whole(&one)}
                    <KeyValues>
                        <Pair label=t!("Side")>{crate::ui::words(one.side.as_str())}</Pair>
                        <Pair label=t!("Kind")>{one.content_type.clone()}" · "<span class="num">{bytes_in_words(one.size_bytes)}</span></Pair>
                        <Pair label=t!("SHA-256")><span class="row row--1"><span class="mono" title=one.sha256.clone()>{short(&one.sha256)}</span><CopyButton text=Signal::stored(one.sha256.clone()) label=t!("Copy SHA-256")/></span></Pair>
                        <Pair label=t!("Added")>{one.uploaded_by.clone().map(|by| format!("{}, ", by.display_name))}<Time at=one.created_at format=TimeFormat::Full/></Pair>
                    </KeyValues>
                </div>
            })}
        </Dialog>
    }
}

/// The file itself, where the server has said that it may be shown.
fn whole(one: &Evidence) -> AnyView {
    if !one.preview {
        return view! { <Banner kind=BannerKind::Plain><span>{t!("It is not shown here. Download it to look at it, in a place made for that.")}</span></Banner> }.into_any();
    }
    let failed = |error: ApiError| view! { <Banner kind=BannerKind::Error><span>{error.text()}</span></Banner> };
    if is_picture(one) {
        let (url, error) = use_picture(one);
        let alt = one.caption.clone().unwrap_or_else(|| one.file_name.clone());
        return view! { {move || match (url.get(), error.get()) {
            (Some(url), _) => view! { <img class="evi__whole" src=url alt=alt.clone()/> }.into_any(),
            (None, Some(error)) => failed(error).into_any(),
            (None, None) => view! { <Skeleton lines=4/> }.into_any(),
        }} }
        .into_any();
    }
    let (text, error) = (RwSignal::new(None::<(String, bool)>), RwSignal::new(None));
    let id = one.id;
    leptos::task::spawn_local(async move {
        match queries::content(id).await {
            Ok(blob) => {
                let read = text_of(&blob).await;
                text.try_set(Some(read));
            }
            Err(problem) => {
                error.try_set(Some(problem));
            }
        }
    });
    view! { {move || match (text.get(), error.get()) {
        (Some((text, cut)), _) => view! {
            <pre class="evi__text" tabindex="0">{text}</pre>
            {cut.then(|| view! { <p class="small muted">{t!("Only its beginning. Download it for the rest.")}</p> })}
        }
        .into_any(),
        (None, Some(error)) => failed(error).into_any(),
        (None, None) => view! { <Skeleton lines=4/> }.into_any(),
    }} }
    .into_any()
}

/// The beginning of a text, and whether there is more.
async fn text_of(blob: &Blob) -> (String, bool) {
    let cut = blob.size() > TEXT;
    let part = if cut { blob.slice_with_f64_and_f64(0.0, TEXT).unwrap_or_else(|_| blob.clone()) } else { blob.clone() };
    let text = JsFuture::from(part.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default();
    (text, cut)
}

/// The word of a side with its mark.
pub fn side_head(side: tyrian_domain::test::Side) -> impl IntoView {
    let (icon, word) = match side {
        tyrian_domain::test::Side::Red => ("crosshair", t!("Red")),
        tyrian_domain::test::Side::Blue => ("radar", t!("Blue")),
    };
    view! { <Icon name=icon size=14/>{word} }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tyrian_domain::test::Side;

    fn file(name: &str, content_type: &str) -> Evidence {
        Evidence {
            id: uuid::Uuid::nil(),
            mission_test_id: uuid::Uuid::nil(),
            side: Side::Red,
            file_name: name.to_owned(),
            content_type: content_type.to_owned(),
            size_bytes: 1,
            sha256: String::new(),
            caption: None,
            preview: false,
            uploaded_by: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn kinds_are_words() {
        for (name, content_type, word) in [
            ("a.png", "image/png", "PNG"),
            ("a.evtx", "application/octet-stream", "EVTX"),
            ("a", "application/octet-stream", "File"),
            ("a.log", "text/plain; charset=utf-8", "Text"),
            ("a.gz", "application/x-gzip", "GZIP"),
        ] {
            assert_eq!(kind(&file(name, content_type)), word);
        }
    }

    #[test]
    fn a_hash_is_shortened_in_its_middle() {
        assert_eq!(short(&"0123456789abcdef".repeat(4)), "01234567…abcdef");
        assert_eq!(short("abc"), "abc");
    }

    #[test]
    fn only_what_the_server_has_checked_is_a_picture() {
        assert!(!is_picture(&file("a.svg", "image/svg+xml")));
        assert!(is_picture(&Evidence { preview: true, ..file("a.png", "image/png") }));
    }
}
