// Starts the app in the reader's language. External, because the page's policy allows no inline script.
import init from "./frontend.js";

/** The languages that there are, each with its name in itself: the profile offers them. */
const there = document.querySelector("meta[name=languages]").content.split(" ");
globalThis.tyrianLanguages = there.map((code) => [code, new Intl.DisplayNames([code], { type: "language" }).of(code)]);

/** The language that was chosen in the profile, else the first of the browser's that there is. */
function language() {
  let chosen = null;
  try { chosen = localStorage.getItem("tyrian.language"); } catch { /* storage may be closed */ }
  if (there.includes(chosen)) return chosen;
  for (const wanted of navigator.languages) {
    const found = there.find((one) => one === wanted) ?? there.find((one) => one.split("-")[0] === wanted.split("-")[0]);
    if (found) return found;
  }
  return "en";
}

/** What the app says instead of its English texts (src/texts.rs). The app's own file is on its way meanwhile. */
async function texts(language) {
  const answer = await fetch(new URL(`./texts/${language}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`no texts for ${language}: ${answer.status}`);
  globalThis.tyrianTexts = await answer.json();
  document.documentElement.lang = language;
}

const spoken = language();
if (spoken !== "en") await texts(spoken).catch((error) => console.warn(error));

init({ module_or_path: new URL("./frontend_bg.wasm", import.meta.url) }).catch((error) => {
  console.error(error);
  const boot = document.getElementById("boot");
  if (!boot) return; // it started, and fell later
  boot.innerHTML = "<h1>Tyrian could not start</h1><p>Reload the page. If that does not help, this browser may be too old: Tyrian needs one of the last two years.</p>";
});
