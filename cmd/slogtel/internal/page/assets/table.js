"use strict";
// table makes a table that is sorted by pressing a column's name.
//
// A column has a label; value(row), what it is sorted by; show(row), a string or node,
// if that is not the value; numeric; className; and header, for the one that names the row.
// Options: caption, sort (index of a column, descending if it is numeric), search(row),
// a string in which to look; rows, how many are shown at first; state, under which name the address
// keeps how it is sorted, and what for is searched.
slogtel.table = (place, rows, columns, options) => {
  const { el } = slogtel;
  const first = options.sort ?? 0;
  const state = { column: first, down: !!columns[first].numeric, query: "", shown: options.rows || 50 };
  const keyOf = (c) => c.label.toLowerCase().replace(/\W+/g, "-");
  const input = options.search ? el("input", { type: "search", placeholder: options.placeholder || "", autocomplete: "off", spellcheck: false }) : null;
  const keep = !options.state ? () => {} : slogtel.state.part(options.state, (get) => {
    const key = get("sort") ?? "", i = columns.findIndex((c) => c.value && keyOf(c) === key.replace(/^-/, ""));
    state.column = i < 0 ? first : i;
    state.down = i < 0 ? !!columns[first].numeric : key.startsWith("-");
    state.query = get("find") ?? "";
    if (input) input.value = state.query;
    draw();
  });
  // The roles stay where a narrow screen shows cards, which are no table to a browser.
  const body = el("tbody", { role: "rowgroup" });
  const heads = columns.map((c, i) => el("th", { scope: "col", role: "columnheader", className: (c.numeric ? "num" : "") + (c.value ? "" : " plain") },
    c.value ? el("button", { type: "button", onclick: () => sortBy(i) }, c.label) : c.label));
  const status = el("span", { className: "muted", role: "status" });
  const more = el("button", { type: "button", className: "more", onclick: () => {
    const from = state.shown;
    state.shown = Infinity;
    draw();
    const next = body.rows[from]; // the button goes away: focus what it has brought
    if (next) { next.tabIndex = -1; next.focus(); }
  } });

  function sortBy(i) {
    if (state.column === i) state.down = !state.down;
    else { state.column = i; state.down = !!columns[i].numeric; }
    keep({ sort: i === first && state.down === !!columns[first].numeric ? null : (state.down ? "-" : "") + keyOf(columns[i]) });
    draw();
  }
  function compare(a, b) {
    const value = columns[state.column].value;
    const x = value(a), y = value(b);
    const order = typeof x === "string" ? (x < y ? -1 : x > y ? 1 : 0) : x - y;
    return state.down ? -order : order;
  }
  function cell(column, row) {
    const what = column.show ? column.show(row) : column.value(row);
    if (column.header) return el("th", { scope: "row", role: "rowheader" }, what);
    const c = el("td", { className: column.className || (column.numeric ? "num" : ""), role: "cell" }, what);
    c.dataset.label = column.label; // what a card of a narrow screen shows before it
    return c;
  }
  function draw() {
    const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter((r) => !words.length || words.every((w) => options.search(r).toLowerCase().includes(w)));
    found.sort(compare);
    heads.forEach((h, i) => {
      if (i === state.column) h.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else h.removeAttribute("aria-sort");
    });
    body.replaceChildren(...found.slice(0, state.shown).map((r) => el("tr", { role: "row" }, ...columns.map((c) => cell(c, r)))));
    more.hidden = found.length <= state.shown;
    more.textContent = "Show all " + found.length.toLocaleString("en");
    status.textContent = words.length ? found.length + " of " + rows.length : "";
  }

  const parts = [];
  if (input) {
    input.addEventListener("input", () => {
      state.query = input.value;
      keep({ find: state.query.trim() }, "find");
      draw();
    });
    parts.push(el("div", { className: "tools" }, el("label", {}, "Search ", input), status));
  }
  parts.push(el("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": options.caption },
    el("table", { role: "table" }, el("caption", {}, options.caption), el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...heads)), body)), more);
  place.replaceChildren(...parts);
  draw();
};
