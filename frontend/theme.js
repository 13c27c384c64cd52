// Sets the reader's theme before the first paint. External, because the page's policy allows no inline script.
(function () {
  var theme = null;
  try { theme = localStorage.getItem("tyrian.theme"); } catch (e) { /* storage may be closed */ }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
