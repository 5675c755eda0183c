"use strict";
// The errors, by scope and message, with examples.
slogtel.errors = () => {
  const { data, el, byId, format } = slogtel;
  if (!data.errors.length) {
    byId("errors-table").replaceChildren(el("p", { className: "empty" }, "No errors."));
    return;
  }
  const scopeName = (e) => (data.scopes[e.scope] ? data.scopes[e.scope].name : "");
  function example(x) {
    const attrs = [];
    for (let i = 0; i < (x.attrs || []).length; i += 2) attrs.push(" ", el("span", { className: "name" }, x.attrs[i] + "=" + x.attrs[i + 1]));
    return el("li", {}, format.time(x.at) + ", after " + format.duration(x.duration),
      x.line > 0 ? el("span", { className: "muted" }, ", line " + x.line + " of ", el("span", { className: "name" }, x.input)) : null,
      x.trace ? el("span", {}, ", trace ", el("span", { className: "name" }, x.trace)) : null, ...attrs);
  }
  const message = (e) => el("div", {}, el("span", { className: e.note ? "muted" : "name bad" }, e.message),
    e.examples.length ? el("details", {}, el("summary", {}, e.examples.length === 1 ? "1 example" : e.examples.length + " examples"), el("ul", { className: "examples" }, ...e.examples.map(example))) : null);
  slogtel.table(byId("errors-table"), data.errors, [
    { label: "Count", numeric: true, value: (e) => e.count, show: (e) => format.count(e.count) },
    { label: "Scope", header: true, value: scopeName, show: (e) => slogtel.scopeButton(e.scope) },
    { label: "Message", value: (e) => e.message, show: message },
    { label: "First", className: "time", value: (e) => (e.timed ? e.first : -Infinity), show: (e) => (e.timed ? format.time(e.first) : "") },
    { label: "Last", className: "time", value: (e) => (e.timed ? e.last : -Infinity), show: (e) => (e.timed ? format.time(e.last) : "") },
  ], { caption: "Errors by scope and message", sort: 0, search: (e) => scopeName(e) + " " + e.message, placeholder: "scope or message", rows: 30 });
};
