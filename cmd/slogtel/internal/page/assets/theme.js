"use strict";
// The theme is the system's until one is chosen. Who draws on a canvas is told.
slogtel.theme = (() => {
  const choice = slogtel.byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const listeners = [];
  const stored = (value) => {
    try { // a page from file: may have no storage
      if (value === undefined) return localStorage.getItem("slogtel-theme") || "";
      localStorage.setItem("slogtel-theme", value);
    } catch { /* the choice lasts as long as the page */ }
    return "";
  };
  function apply() {
    document.documentElement.dataset.theme = choice.value || (dark.matches ? "dark" : "light");
    for (const f of listeners) f();
  }
  const saved = stored();
  choice.value = saved === "dark" || saved === "light" ? saved : "";
  choice.addEventListener("change", () => {
    stored(choice.value);
    apply();
  });
  dark.addEventListener("change", apply);
  apply();
  return { onChange: (f) => listeners.push(f) };
})();
