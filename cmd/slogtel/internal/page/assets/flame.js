"use strict";
// The flame graph: a tree of elements, each as wide as the time it stands for. Scopes that ran side by
// side take longer together than what they ran in: those that do not fit beside each other stand in
// lanes below each other, and one that alone took longer is as wide as it can be, and marked. What is
// too thin to see is left out until one zooms in.
slogtel.flame = () => {
  const { data, el, byId, format } = slogtel;
  const graph = byId("flame-graph"), detail = byId("flame-detail"), reset = byId("flame-reset");
  const rowHeight = 24, maxLevels = 64, maxLanes = 12, thinnest = 0.0008;
  const root = { index: -1, name: "all scopes", children: [], level: 0, self: 0, up: null };
  const nodes = data.scopes.map((s, index) => ({ ...s, index, children: [], up: null }));
  nodes.forEach((n) => {
    n.up = n.parent < 0 ? root : nodes[n.parent];
    n.level = n.up.level + 1;
    n.up.children.push(n);
  });
  root.total = root.children.reduce((sum, c) => sum + c.total, 0);
  // atOnce says that a scope ran several times at once, and took longer than what it ran in.
  const atOnce = (n) => n.up && n.up.total > 0 && n.total > n.up.total * (1 + 1e-9);
  if (!(root.total > 0)) {
    byId("flame").querySelector(".card").replaceChildren(el("p", { className: "empty" }, "No timings."));
    return;
  }
  let zoomed = root, query = "", frames = new Map();

  const shortName = (n) => (n.up && n.up.index >= 0 && n.name.startsWith(n.up.name + ".") ? n.name.slice(n.up.name.length + 1) : n.name);
  const describe = (n) => {
    if (n === root) return "all scopes: " + format.duration(root.total) + " in total";
    const own = slogtel.sideBySide(n) ? "how much of its own is not known" : (n.self_estimated ? "≈ " : "") + format.duration(n.self) + " of its own (" + format.percent(n.self / root.total) + ")";
    const parts = [format.duration(n.total) + " in total", own];
    if (atOnce(n)) parts.push("several at once, " + format.duration(n.up.total) + " of " + shortName(n.up));
    if (!n.timed) return n.name + ": not timed itself, " + parts[0] + " below it";
    parts.push(format.count(n.calls) + (n.calls === 1 ? " call" : " calls"));
    if (n.errors > 0) parts.push(format.count(n.errors) + (n.errors === 1 ? " error" : " errors"));
    parts.push("p50 " + format.duration(n.p50) + ", p95 " + format.duration(n.p95) + ", max " + format.duration(n.max));
    const change = slogtel.change(n.name);
    if (change) parts.push(change.text);
    return n.name + ": " + parts.join("; ");
  };

  function frame(n, left, width, row) {
    const thin = width < 0.02, change = slogtel.change(n.name);
    const failing = n.errors > 0 ? " failing" : "";
    const f = el("div", {
      className: "frame " + (n === root ? "root" : "c" + slogtel.colorOf(n.index)) + (thin ? " thin" : "") + failing + (atOnce(n) ? " at-once" : ""),
      role: "treeitem", tabIndex: -1, title: describe(n), "aria-label": describe(n), "aria-level": n.level + 1, "aria-selected": n === zoomed,
      "aria-setsize": n.up ? n.up.children.length : 1, "aria-posinset": n.up ? n.up.children.indexOf(n) + 1 : 1,
    }, thin ? "" : n === root ? "all scopes" : shortName(n) + (change && change.mark ? " " + change.mark : ""));
    f.style.left = left * 100 + "%";
    f.style.width = width * 100 + "%";
    f.style.top = row * rowHeight + "px";
    if (query && n.name.toLowerCase().includes(query)) f.classList.add("hit");
    f.addEventListener("click", () => zoom(n));
    f.addEventListener("mouseenter", () => { detail.textContent = describe(n); });
    f.addEventListener("focus", () => { detail.textContent = describe(n); setCurrent(n); });
    return f;
  }

  // place draws n and what is below it, and returns the first row below all of that.
  function place(n, left, width, row) {
    frames.set(n, frame(n, left, width, row));
    let x = left, lane = row + 1, bottom = lane, lanes = 1;
    for (const c of n.children) {
      const w = n.total > 0 ? (width * Math.min(c.total, n.total)) / n.total : 0;
      if (w < thinnest || c.level > maxLevels) continue;
      if (x + w > left + width * (1 + 1e-9)) {
        if (++lanes > maxLanes) break;
        x = left;
        lane = bottom;
      }
      bottom = Math.max(bottom, place(c, x, w, lane));
      x += w;
    }
    return bottom;
  }

  function draw() {
    frames = new Map();
    const above = [];
    for (let n = zoomed.up; n; n = n.up) above.push(n);
    for (const n of above.reverse()) frames.set(n, frame(n, 0, 1, n.level));
    graph.style.height = place(zoomed, 0, 1, zoomed.level) * rowHeight + "px";
    graph.classList.toggle("searching", query !== "");
    graph.replaceChildren(...frames.values());
    reset.disabled = zoomed === root;
    setCurrent(zoomed);
    detail.textContent = describe(zoomed);
  }
  // setCurrent makes n the one that Tab goes to.
  function setCurrent(n) {
    for (const f of graph.querySelectorAll('[tabindex="0"]')) f.tabIndex = -1;
    frames.get(n).tabIndex = 0;
  }
  const keep = slogtel.state.part("flame", (get) => {
    const i = slogtel.scopeOf(get("scope"));
    zoomed = i < 0 ? root : nodes[i];
    search.value = get("find") ?? "";
    find();
  });
  function zoom(n) {
    zoomed = n;
    keep({ scope: n === root ? null : slogtel.scopeKey(n.index) });
    draw();
    frames.get(n).focus();
  }

  graph.addEventListener("keydown", (event) => {
    const n = [...frames.keys()].find((k) => frames.get(k) === document.activeElement);
    if (!n) return;
    const siblings = n.up ? n.up.children.filter((c) => frames.has(c)) : [n];
    const at = siblings.indexOf(n);
    const target = {
      ArrowUp: n.up, ArrowDown: n.children.find((c) => frames.has(c)),
      ArrowLeft: siblings[at - 1], ArrowRight: siblings[at + 1], Home: root,
      End: [...frames.keys()].pop(),
    }[event.key];
    if (target) frames.get(target).focus();
    else if (event.key === "Enter" || event.key === " ") zoom(n);
    else if (event.key === "Escape") zoom(root);
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  });
  reset.addEventListener("click", () => zoom(root));
  const search = byId("flame-search");
  function find() {
    query = search.value.trim().toLowerCase();
    const hits = query ? nodes.filter((n) => n.name.toLowerCase().includes(query)) : [];
    const self = hits.reduce((sum, n) => sum + n.self, 0);
    byId("flame-found").textContent = query ? hits.length + (hits.length === 1 ? " scope, " : " scopes, ") + format.duration(self) + " of their own" : "";
    draw();
  }
  search.addEventListener("input", () => {
    keep({ find: search.value.trim() }, "find");
    find();
  });
  draw();

  const text = byId("flame-text");
  text.addEventListener("toggle", () => {
    if (text.open && text.children.length === 1) text.append(el("div", { className: "outline" }, slogtel.outline(root, describe, maxLevels)));
  });
};

// outline is the tree below a node as nested lists.
slogtel.outline = (node, describe, levels) => slogtel.el("ul", {}, ...node.children.map((c) =>
  slogtel.el("li", {}, slogtel.el("span", { className: "name" }, describe(c)),
    c.children.length && c.level <= levels ? slogtel.outline(c, describe, levels) : null)));
