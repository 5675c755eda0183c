"use strict";
// The head and the foot of the report, then everything between them.
(() => {
  const { data, el, byId, format } = slogtel;
  const timed = data.scopes.filter((s) => s.timed);
  const sum = (what, of = timed) => of.reduce((total, s) => total + s[what], 0);
  const calls = sum("calls"), errors = sum("errors");

  if (data.title) byId("title").textContent = data.title;
  document.title = (data.title || "Telemetry report") + " – slogtel";
  const inputs = data.inputs.map((name) => (name === "-" ? "standard input" : name));
  byId("subtitle").append(
    el("span", { className: "name" }, inputs.slice(0, 3).join(", ") + (inputs.length > 3 ? " and " + (inputs.length - 3) + " more" : "")),
    data.timed ? (inputs.length ? " · " : "") + format.range(data.start, data.end) : "");

  const tile = (term, value, note, bad) => el("div", {}, el("dt", {}, term), el("dd", { className: bad ? "bad" : "" }, value), el("dd", {}, note));
  const slowest = timed.reduce((a, b) => (b.self > (a ? a.self : 0) ? b : a), null);
  byId("tiles").append(
    tile("Calls", format.count(calls), "of " + format.count(timed.length) + (timed.length === 1 ? " scope" : " scopes")),
    tile("Errors", format.count(errors), calls > 0 ? format.percent(errors / calls) + " of calls" : "", errors > 0),
    tile("Lasted", data.timed ? format.duration((data.end - data.start) / 1000) : "–", "from the first to the last event"),
    tile("Time in scopes", format.duration(sum("total", data.scopes.filter((s) => s.parent < 0))), slowest ? "most in " + slowest.name.split(".").slice(-2).join(".") : ""),
    tile("Metrics", format.count(data.metrics.length), format.count(sum("events", data.metrics)) + " values"));
  if (data.notices.length) {
    byId("notices").hidden = false;
    byId("notices").append(el("ul", {}, ...data.notices.map((n) => el("li", {}, n))));
  }
  const c = data.counts;
  byId("counts").textContent = "Lines: " + format.count(c.read) + " read, " + format.count(c.used) + " used, " +
    (c.filtered ? format.count(c.filtered) + " not asked for, " : "") + format.count(c.skipped) + " skipped, " + format.count(c.bad) + " bad (" + format.bytes(c.bytes) + ").";
  byId("made").textContent = "Made by slogtel html, " + format.time(data.generated) + ". Times are of this browser's time zone.";

  slogtel.compare();
  slogtel.flame();
  slogtel.timeline();
  slogtel.latency.start();
  slogtel.scopes();
  slogtel.metrics();
  slogtel.errors();
  slogtel.state.start();
  document.documentElement.dataset.side = "ab"[slogtel.side];
  document.documentElement.dataset.ready = "true";
})();
