//! The picture beside the forms: an ATT&CK matrix with results in it.

use leptos::prelude::*;

/// One string a column, one letter a cell: n one, t elemetry, g eneral, c tactic, q technique, p revented, `.` not assessed.
const COLUMNS: [&str; 14] = [
    "n.n..t.....",
    ".n....n.",
    "..cc.q..nt.",
    ".t......t.g...ccq",
    "c.t...pqg.ct..g...gn..t",
    "ctct.q..gntqgt",
    "ct....c........tn.g.g...g..t..qn..",
    ".pt........q.n.gn",
    "t.........c....qt...nt.t..........",
    "..gnc...c",
    ".g.........n.c.t.",
    "g.....g..q...tn...",
    "..nc..t..",
    ".pp.......q..c.",
];

/// The picture.
#[component]
pub fn AuthArt() -> impl IntoView {
    let cells = COLUMNS.iter().enumerate().flat_map(|(column, cells)| {
        cells.chars().enumerate().map(move |(row, level)| {
            let fill = match level {
                'n' => "var(--lv-none-bg)",
                't' => "var(--lv-telemetry-bg)",
                'g' => "var(--lv-general-bg)",
                'c' => "var(--lv-tactic-bg)",
                'q' => "var(--lv-technique-bg)",
                'p' => "var(--lv-prevented-bg)",
                _ => "var(--surface-press)",
            };
            view! { <rect x=(36 + 35 * column).to_string() y=(60 + 19 * row).to_string() width="31" height="15" rx="2" fill=fill></rect> }
        })
    });
    view! {
        <div class="auth__art" aria-hidden="true">
            <svg viewBox="0 0 560 760" preserveAspectRatio="xMidYMid slice">{cells.collect_view()}</svg>
        </div>
    }
}
