"use strict";
// The table of scopes.
slogtel.scopes = () => {
  const { data, el, byId, format } = slogtel;
  const rows = [...data.scopes.keys()].filter((i) => data.scopes[i].timed);
  if (!rows.length) {
    byId("scopes-table").replaceChildren(el("p", { className: "empty" }, "No timings."));
    return;
  }
  const most = (what) => Math.max(...rows.map((i) => data.scopes[i][what]), 1e-12);
  const largest = { total: most("total"), self: most("self") };
  const time = (label, what, rough) => ({
    label, numeric: true, value: (i) => data.scopes[i][what],
    show: (i) => (rough && data.scopes[i].rough ? "≈ " : "") + format.duration(data.scopes[i][what]),
  });
  const withBar = (label, what, unknown = () => false) => ({
    label, numeric: true, value: (i) => data.scopes[i][what],
    show: (i) => {
      if (unknown(data.scopes[i])) return "*";
      const bar = el("i", { "aria-hidden": "true" });
      bar.style.width = Math.round((100 * data.scopes[i][what]) / largest[what]) + "%";
      const mark = what === "self" && data.scopes[i].self_estimated ? "≈ " : "";
      return el("div", { className: "share" }, mark + format.duration(data.scopes[i][what]), bar);
    },
  });
  slogtel.table(byId("scopes-table"), rows, [
    { label: "Scope", header: true, value: (i) => data.scopes[i].name, show: slogtel.scopeButton },
    { label: "Calls", numeric: true, value: (i) => data.scopes[i].calls, show: (i) => format.count(data.scopes[i].calls) },
    { label: "Errors", numeric: true, value: (i) => data.scopes[i].errors, show: (i) => el("span", { className: data.scopes[i].errors > 0 ? "bad" : "muted" }, format.count(data.scopes[i].errors)) },
    ...(rows.some((i) => data.scopes[i].canceled) ? [{ label: "Canceled", numeric: true, value: (i) => data.scopes[i].canceled || 0, show: (i) => format.count(data.scopes[i].canceled || 0) }] : []),
    withBar("Total", "total"), withBar("Self", "self", slogtel.sideBySide), time("Mean", "mean"),
    time("p50", "p50", true), time("p95", "p95", true), time("p99", "p99", true), time("Max", "max"),
  ], { caption: "Timings by scope; self is what the scopes below did not take" + (rows.some((i) => slogtel.sideBySide(data.scopes[i])) ? ", * where they ran side by side, and it is not known" : ""), sort: rows.some((i) => data.scopes[i].canceled) ? 4 : 3, search: (i) => data.scopes[i].name, placeholder: "parts of a scope", rows: 50, state: "scopes" });
};
