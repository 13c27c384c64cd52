// Starts the app. External, because the page's policy allows no inline script.
import init from "./frontend.js";

init({ module_or_path: new URL("./frontend_bg.wasm", import.meta.url) }).catch((error) => {
  console.error(error);
  const boot = document.getElementById("boot");
  if (!boot) return; // it started, and fell later
  boot.innerHTML = "<h1>Tyrian could not start</h1><p>Reload the page. If that does not help, this browser may be too old: Tyrian needs one of the last two years.</p>";
});
