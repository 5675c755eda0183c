"use strict";
// What differs between A and B, as slogtel diff found it, and the choice of the side that the rest of
// the page shows.
slogtel.compare = () => {
  slogtel.change = () => null;
  const { book, data, el, byId, format } = slogtel, c = book.compare;
  const section = byId("compare");
  section.hidden = !c;
  document.querySelector('nav a[href="#compare"]').hidden = !c;
  if (!c) return;
  const names = book.sides.map((s) => s.inputs.slice(0, 2).join(", ") + (s.inputs.length > 2 ? " …" : ""));
  byId("side-choice").hidden = false;
  const choice = byId("side");
  choice.append(...names.map((name, i) => el("option", { value: "ab"[i] }, "AB"[i] + ": " + name)));
  choice.value = "ab"[slogtel.side];
  choice.addEventListener("change", () => slogtel.state.reload("page.side", choice.value));
  byId("compare-note").replaceChildren("A is ", el("span", { className: "name" }, names[0]), ", B is ", el("span", { className: "name" }, names[1]), ". All below shows " + "AB"[slogtel.side] + ".");

  const worse = new Set(["fails more", "slower", "slower tail", "higher", "higher tail"]), better = new Set(["fails less", "faster", "faster tail"]);
  const percent = (v) => (v >= 9.995 ? "×" + format.number(v + 1) : (v < 0 ? "−" : "+") + Math.abs(v * 100).toFixed(Math.abs(v) < 0.0995 ? 1 : 0) + " %");
  const markOf = (verdicts) => (verdicts.some((v) => worse.has(v)) ? "▲" : verdicts.some((v) => better.has(v)) ? "▼" : "");
  const byName = new Map(c.scopes.map((r) => [r.name, r]));
  // change is what became of a scope: a mark, ▲ worse or ▼ better, and words; null if that is not known.
  slogtel.change = (name) => {
    const r = byName.get(name);
    return r ? { mark: markOf(r.verdicts), text: "compared: " + r.verdicts.map(say).join(", ") + (r.change === null ? "" : ", " + percent(r.change)) } : null;
  };
  const say = (v) => (v === "-" ? "not tested" : v === "?" ? "left out" : v);
  const verdict = { label: "Verdict", value: (r) => r.rank, show: (r) => el("ul", { className: "plain" }, ...r.verdicts.map((v) => {
    const mark = markOf([v]);
    return el("li", { className: mark === "▲" ? "bad" : mark === "▼" ? "good" : "" }, (mark ? mark + " " : "") + say(v));
  })) };
  const change = { label: "Change", numeric: true, value: (r) => r.change ?? -Infinity, show: (r) => (r.change === null ? "" : el("div", {}, percent(r.change),
    el("div", { className: "muted small" }, (r.low === null ? "?" : percent(r.low)) + " … " + (r.high === null ? "?" : percent(r.high))))) };
  const of = (side, what) => (side && side[what] !== null ? side[what] : null);
  // both shows a figure of A and one of B, and is sorted by B's.
  const both = (label, what, write) => ({ label, numeric: true, value: (r) => of(r.b, what) ?? -Infinity, show: (r) => {
    const [a, b] = [of(r.a, what), of(r.b, what)].map((v) => (v === null ? "–" : write(v)));
    return a === b ? a : a + " → " + b;
  } });
  const p = { label: "P", numeric: true, value: (r) => r.p ?? Infinity, show: (r) => (r.p === null ? "" : r.p < 0.0001 ? "< 0.0001" : r.p.toFixed(4)) };
  const nameOf = (r) => {
    const i = data.scopes.findIndex((s) => s.name === r.name);
    return i < 0 ? el("span", { className: "name" }, ...slogtel.dotted(r.name)) : slogtel.scopeButton(i);
  };
  const ranked = (rows) => rows.map((r, rank) => ({ ...r, rank }));
  const options = { sort: 1, search: (r) => r.name + " " + r.type + " " + r.verdicts.join(" "), placeholder: "scope or verdict", rows: 30 };
  slogtel.table(byId("compare-scopes"), ranked(c.scopes), [
    { label: "Scope", header: true, value: (r) => r.name, show: nameOf }, verdict, change,
    both("p50", "p50", format.duration), both("p95", "p95", format.duration), both("Max", "max", format.duration),
    both("Calls", "count", format.count), both("Errors", "errors", format.count), p,
  ], { ...options, caption: "Timings of A → B, by what they matter", state: "compare" });
  if (c.metrics.length) {
    slogtel.table(byId("compare-metrics"), ranked(c.metrics), [
      { label: "Metric", header: true, value: (r) => r.name, show: (r) => el("span", { className: "name" }, ...slogtel.dotted(r.name)) },
      { label: "Type", value: (r) => r.type }, verdict, change,
      both("Sum", "sum", format.number), both("Mean", "mean", format.number), both("Events", "count", format.count), p,
    ], { ...options, sort: 2, caption: "Metrics of A → B", state: "compare-metrics" });
  }
  byId("compare-text").append(el("ul", {}, ...c.notes.map((n) => el("li", {}, n))));
};
