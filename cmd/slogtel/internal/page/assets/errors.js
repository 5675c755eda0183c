"use strict";
// The errors, folded by pattern.
slogtel.errors = () => {
  const { data, el, byId, format } = slogtel;
  if (!data.errors.length) {
    byId("errors-table").replaceChildren(el("p", { className: "empty" }, "No errors."));
    return;
  }
  const at = (time) => (time ? Date.parse(time) : -Infinity);
  const when = (label, of) => ({ label, className: "time", value: (e) => at(of(e)), show: (e) => (of(e) ? format.time(at(of(e))) : "") });
  const named = 5;
  function scopes(e) {
    const list = e.scopes.slice(0, named).map((s) => {
      const index = data.scopes.findIndex((d) => d.name === s.scope);
      return el("li", {}, index < 0 ? el("span", { className: "name" }, s.scope) : slogtel.scopeButton(index), " " + format.count(s.count));
    });
    if (e.scopes.length > named) list.push(el("li", { className: "muted" }, format.count(e.scopes.length - named) + " others"));
    return el("ul", { className: "plain" }, ...list);
  }
  function pattern(e) {
    const show = slogtel.showTrace && e.trace_id ? slogtel.showTrace(e.trace_id) : null;
    return el("div", {}, el("span", { className: e.line ? "name bad" : "muted" }, e.pattern),
      e.line ? el("details", {}, el("summary", {}, "The last one"), el("p", { className: "name bad" }, e.example),
        el("p", { className: "muted" }, "line " + e.line + " of ", el("span", { className: "name" }, e.input))) : null,
      e.trace_id ? el("p", { className: "muted" }, "trace ", show ? el("button", { type: "button", className: "link name", title: "Show it on the timeline", onclick: show }, e.trace_id) : el("span", { className: "name" }, e.trace_id)) : null);
  }
  slogtel.table(byId("errors-table"), data.errors, [
    { label: "Count", numeric: true, value: (e) => e.count, show: (e) => format.count(e.count) },
    { label: "Error", header: true, value: (e) => e.pattern, show: pattern },
    { label: "Scopes", value: (e) => (e.scopes[0] || { scope: "" }).scope, show: scopes },
    when("First", (e) => e.first), when("Last", (e) => e.last),
  ], { caption: "Errors by pattern: numbers, ids, addresses and quoted strings are masked", sort: 0, search: (e) => e.scopes.map((s) => s.scope).join(" ") + " " + e.pattern + " " + e.example + " " + e.trace_id, placeholder: "scope, error or trace", rows: 30, state: "errors" });
};
