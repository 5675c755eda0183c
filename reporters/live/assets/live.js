// Updates of the page. Without this script it is the same page, as of when it was loaded.
"use strict";

const state = document.getElementById("state");
const pause = document.getElementById("pause");
let source = null;

// replace puts new content into a section. What has the focus keeps it, and text that is being
// selected is left alone until the next change.
function replace(id, html) {
  const section = document.getElementById(id);
  const selection = document.getSelection();
  if (!section || (selection && !selection.isCollapsed && section.contains(selection.anchorNode))) return;
  const focused = section.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...section.querySelectorAll(".wide")].map((e) => e.scrollLeft);
  const position = focused ? [...section.querySelectorAll(".wide")].indexOf(focused) : -1;
  section.innerHTML = html;
  section.querySelectorAll(".wide").forEach((e, i) => { e.scrollLeft = scrolled[i] ?? 0; });
  if (!focused || focused === section) return;
  const again = focused.id ? document.getElementById(focused.id) : section.querySelectorAll(".wide")[position];
  (again ?? section).focus({ preventScroll: true });
}

// say changes the status only where it differs: it is read out.
function say(text) {
  if (state.textContent !== text) state.textContent = text;
}

function stop(text) {
  if (source) source.close();
  source = null;
  say(text);
  pause.textContent = "Resume updates";
}

function start() {
  const query = new URLSearchParams(location.search);
  query.set("events", "1");
  source = new EventSource("?" + query);
  source.addEventListener("section", (event) => {
    const { id, html } = JSON.parse(event.data);
    replace(id, html);
    document.documentElement.dataset.updates = String(Number(document.documentElement.dataset.updates ?? 0) + 1);
    say("Updating");
  });
  source.addEventListener("end", () => stop("Telemetry has ended"));
  source.addEventListener("error", () => {
    if (source && source.readyState === EventSource.CLOSED) stop("Not updating: the server refused");
    else if (source) say("Connection lost, trying again");
  });
  pause.textContent = "Pause updates";
}

pause.hidden = false;
pause.addEventListener("click", () => {
  if (source) stop("Updates are paused");
  else start();
});
start();
