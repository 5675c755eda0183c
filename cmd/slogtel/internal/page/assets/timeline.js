"use strict";
// The timeline: spans by trace, moved and zoomed by pointer, wheel, buttons and keys. What is pressed says
// what it is below.
slogtel.timeline = () => {
  const { data, el, byId, format } = slogtel, { spans } = data, n = spans.start_us.length;
  const box = byId("timeline-view");
  slogtel.showTrace = null; // by its id: what shows it, or undefined
  if (!n) {
    byId("timeline").querySelector(".card").replaceChildren(el("p", { className: "empty" }, "No spans with a time."));
    return;
  }
  const { row, ruler } = slogtel.timelineSizes;
  const groups = slogtel.timelineGroups(), byTrace = new Map(groups.filter((g) => g.trace).map((g) => [g.trace, g]));
  const whole = { from: Math.min(...groups.map((g) => g.from)), to: Math.max(...groups.map((g) => g.to)) };
  whole.to = Math.max(whole.to, whole.from + 1);
  whole.to += (whole.to - whole.from) * 0.01;
  const view = { ...whole, top: 0 };
  const marks = { span: -1, group: -1, hits: null };
  const canvas = el("canvas", { "aria-hidden": "true" });
  box.append(canvas);
  let zoomLevel = null, rows = 0;
  const width = () => Math.max(1, canvas.clientWidth);

  // arrange lets groups be where they are while one moves or zooms a little. Otherwise what is selected, or
  // at the middle of what is seen, stays where it is seen.
  function arrange() {
    const level = Math.floor(Math.log2((view.to - view.from) / width()));
    if (level === zoomLevel) return;
    zoomLevel = level;
    const middle = (view.from + view.to) / 2, row = view.top + rowsInView / 2;
    const away = (g) => Math.abs((g.from + g.to) / 2 - middle) / (view.to - view.from) + Math.abs(g.row - row) / 100;
    const selected = groups[marks.group] ?? groups[spans.group[marks.span]];
    const kept = selected && selected.to >= view.from && selected.from <= view.to ? selected : groups.reduce((a, b) => (away(b) < away(a) ? b : a));
    const before = rows ? clamp(kept.row - view.top, 0, rowsInView - 2) : Infinity;
    rows = slogtel.arrangeTimeline(groups, 2 ** (level + 1));
    view.top = clamp(kept.row - before, 0, rows - rowsInView + 1);
  }
  const clamp = (v, low, high) => Math.min(Math.max(v, low), Math.max(low, high));
  const tallest = Math.max(...groups.map((g) => g.lanes));
  const rowsInView = clamp(Math.max(tallest + 1, Math.ceil(Math.sqrt(groups.length))), 5, 16);
  const height = ruler + rowsInView * row + 6;
  canvas.style.height = height + "px";

  let waiting = false;
  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      arrange();
      slogtel.drawTimeline(canvas, view, groups, marks);
    });
  }
  // place looks at a part of the time. Without a first row it is the one that arrange finds.
  function place(from, to, top = null) {
    const width = clamp(to - from, 0.05, whole.to - whole.from);
    view.from = clamp(from, whole.from, whole.to - width);
    view.to = view.from + width;
    arrange();
    view.top = clamp(top ?? view.top, 0, rows - rowsInView + 1);
    draw();
  }
  const keep = slogtel.state.part("timeline", (get) => {
    const number = (key, low, high) => slogtel.numberIn(get(key), low, high);
    const from = number("from", whole.from, whole.to), to = number("to", whole.from, whole.to);
    if (from !== null && to !== null && from < to) place(from, to, number("top", 0, 1e9) ?? 0);
    else place(whole.from, whole.to, number("top", 0, 1e9) ?? 0);
    search.value = get("find") ?? "";
    find();
    const span = number("span", 0, n - 1), group = byTrace.get(get("trace")) ?? groups[number("group", 0, groups.length - 1)];
    if (span !== null) mark(Math.floor(span), -1);
    else mark(-1, group ? group.index : -1);
  });
  // where is what the address keeps of the view.
  function where() {
    const all = view.from === whole.from && view.to === whole.to, us = (v) => Math.round(v * 1000) / 1000;
    return { from: all ? null : us(view.from), to: all ? null : us(view.to), top: view.top > 0 ? Math.round(view.top) : null };
  }
  function look(from, to, top, gesture) {
    place(from, to, top);
    keep(where(), gesture);
  }
  // zoom keeps the moment at a share of the width where it is.
  function zoom(factor, share = 0.5, gesture = "") {
    const width = (view.to - view.from) * factor, at = view.from + (view.to - view.from) * share;
    look(at - width * share, at + width * (1 - share), null, gesture);
  }
  const pan = (share, rows) => {
    const by = (view.to - view.from) * share;
    look(view.from + by, view.to + by, view.top + rows, "move");
  };

  // reveal moves to what is not in view, and zooms to what is too small in it.
  function reveal(from, to, group, lane) {
    const took = Math.max(to - from, 0.05), seen = view.to - view.from;
    const large = took > seen / (lane === null ? 4 : 100) && took < seen * 3 && (group.open || lane === null);
    if (!large || to < view.from || from > view.to) {
      const room = large ? seen : Math.max(took * 1.5, lane === null ? 0 : Math.min((group.to - group.from) * 1.1, took * 90));
      place(from - room / 8, from - room / 8 + room);
    }
    const at = group.row + (group.open ? lane ?? 0 : 0);
    if (at < view.top || at >= view.top + rowsInView - 1) place(view.from, view.to, at - 3);
  }
  const details = slogtel.timelineDetails(groups, {
    span: (i) => select(i, -1, true), group: (g) => select(-1, g, true), back: () => box.focus(),
  });
  function mark(span, group) {
    marks.span = span;
    marks.group = group;
    details.show(span, group);
    draw();
  }
  function select(span, group, show, gesture) {
    mark(span, group);
    if (show && span >= 0) reveal(spans.start_us[span], spans.start_us[span] + spans.duration_us[span], groups[spans.group[span]], spans.lane[span]);
    if (show && group >= 0) reveal(groups[group].from, groups[group].to, groups[group], null);
    const g = groups[group];
    keep({ ...where(), span: span < 0 ? null : span, trace: g && g.trace ? g.trace : null, group: g && !g.trace ? group : null }, gesture);
  }
  slogtel.showTrace = (id) => byTrace.has(id) && (() => {
    select(-1, byTrace.get(id).index, true);
    byId("timeline").scrollIntoView({ block: "start" });
    details.focus();
  });

  // under is what is at a place of the canvas: a span, or a group whose spans are not told apart.
  function under(px, py) {
    const perPixel = (view.to - view.from) / width(), us = (x) => view.from + x * perPixel;
    const at = Math.floor((py - ruler - 2) / row + view.top), from = us(px - 2), to = us(px + 2);
    const found = { span: -1, group: -1 };
    if (py < ruler) return found;
    for (const g of groups) {
      if (at < g.row || at >= g.row + g.height || g.from > to || Math.max(g.to, g.from + 5 * perPixel) < from) continue;
      if (!g.open) found.group = g.index;
      else for (const i of g.spans) if (g.row + spans.lane[i] === at && spans.start_us[i] <= to && spans.start_us[i] + spans.duration_us[i] >= from) found.span = i;
      if (found.span < 0 && found.group < 0 && g.spans.length > 1) found.group = g.index; // its frame
    }
    return found.span >= 0 ? { span: found.span, group: -1 } : found;
  }

  let drag = null;
  box.addEventListener("pointerdown", (e) => {
    drag = { x: e.clientX, y: e.clientY, view: { ...view }, moved: false };
    box.setPointerCapture(e.pointerId);
  });
  box.addEventListener("pointermove", (e) => {
    if (!drag) {
      const { span, group } = under(e.offsetX, e.offsetY);
      canvas.title = span >= 0 ? details.spanTitle(span) : group >= 0 ? details.groupTitle(group) : "";
      return;
    }
    const dx = e.clientX - drag.x, dy = e.clientY - drag.y;
    drag.moved = drag.moved || Math.abs(dx) + Math.abs(dy) > 4;
    const by = (-dx / width()) * (drag.view.to - drag.view.from);
    if (drag.moved) look(drag.view.from + by, drag.view.to + by, drag.view.top - dy / row, "move");
  });
  box.addEventListener("dblclick", (e) => {
    const { span, group } = under(e.offsetX, e.offsetY);
    if (span >= 0 || group >= 0) select(span, group, true);
  });
  const drop = (e) => {
    if (drag && !drag.moved && e.type === "pointerup") {
      const r = canvas.getBoundingClientRect();
      const { span, group } = under(e.clientX - r.left, e.clientY - r.top);
      select(span, group, false);
    }
    drag = null;
  };
  box.addEventListener("pointerup", drop);
  box.addEventListener("pointercancel", drop);
  box.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && !e.metaKey) return; // the page scrolls
    e.preventDefault();
    zoom(Math.exp(clamp(e.deltaY, -200, 200) / 300), (e.clientX - canvas.getBoundingClientRect().left) / width(), "zoom");
  }, { passive: false });
  box.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const step = (by) => {
      const from = marks.span >= 0 ? marks.span : marks.group >= 0 ? groups[marks.group].spans[0] - Math.max(by, 0) : -1;
      select(clamp(from + by, 0, n - 1), -1, true, "step");
    };
    const stepGroup = (by) => select(-1, clamp((marks.group >= 0 ? marks.group : marks.span >= 0 ? spans.group[marks.span] : -1) + by, 0, groups.length - 1), true, "step");
    // open selects the first thing in view, if nothing is, and goes on to its details.
    const open = () => {
      if (marks.span < 0 && marks.group < 0) {
        const g = groups.find((g) => g.to >= view.from && g.from <= view.to && g.row + g.height > view.top && g.row < view.top + rowsInView) ?? groups[0];
        if (g.open) select(g.root, -1, false);
        else select(-1, g.index, false);
      }
      details.focus();
    };
    const act = {
      ArrowLeft: () => pan(-0.15, 0), ArrowRight: () => pan(0.15, 0), ArrowUp: () => pan(0, -2), ArrowDown: () => pan(0, 2),
      "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), 0: () => look(whole.from, whole.to, 0), Escape: () => select(-1, -1),
      n: () => step(1), p: () => step(-1), N: () => stepGroup(1), P: () => stepGroup(-1), Enter: open, " ": open,
    }[e.key];
    if (!act) return;
    act();
    e.preventDefault();
  });
  byId("timeline-in").addEventListener("click", () => zoom(0.5));
  byId("timeline-out").addEventListener("click", () => zoom(2));
  byId("timeline-all").addEventListener("click", () => look(whole.from, whole.to, 0));

  const words = (i) => [data.scopes[spans.scope[i]].name, data.strings[spans.trace[i]] ?? "", data.strings[spans.error[i]] ?? "",
    ...spans.attrs[i].map((s) => data.strings[s] ?? "")].join("\n").toLowerCase();
  const search = byId("timeline-search");
  function find() {
    const query = search.value.trim().toLowerCase();
    marks.hits = query ? new Set([...spans.lane.keys()].filter((i) => words(i).includes(query))) : null;
    byId("timeline-found").textContent = query ? format.count(marks.hits.size) + " of " + format.count(n) + " spans" : "";
    draw();
  }
  search.addEventListener("input", slogtel.onSettled(() => {
    keep({ find: search.value.trim() }, "find");
    find();
  }));
  const all = [...spans.lane.keys()].sort((a, b) => spans.duration_us[b] - spans.duration_us[a]).slice(0, 200);
  slogtel.table(byId("timeline-table"), all, [
    { label: "Scope", header: true, value: (i) => data.scopes[spans.scope[i]].name, show: (i) => el("button", { type: "button", className: "link name", title: "Show it on the timeline", onclick: () => select(i, -1, true) }, ...slogtel.dotted(data.scopes[spans.scope[i]].name)) },
    { label: "Began at", numeric: true, value: (i) => spans.start_us[i], show: (i) => "+" + format.duration(spans.start_us[i] / 1e6) },
    { label: "Took", numeric: true, value: (i) => spans.duration_us[i], show: (i) => format.duration(spans.duration_us[i] / 1e6) },
    { label: "Error", value: (i) => data.strings[spans.error[i]] ?? "", show: (i) => el("span", { className: "name bad" }, data.strings[spans.error[i]] ?? "") },
    { label: "Trace", value: (i) => data.strings[spans.trace[i]] ?? "", show: (i) => el("span", { className: "name" }, data.strings[spans.trace[i]] ?? "") },
  ], { caption: "The slowest " + all.length + " spans of the timeline", sort: 2, rows: 20, state: "timeline-table" });

  const failed = spans.error.filter((e) => e >= 0).length, traces = byTrace.size;
  byId("timeline-note").textContent = format.count(n) + " spans" + (traces ? " of " + format.count(traces) + (traces === 1 ? " trace" : " traces") : "") +
    (failed ? ", " + format.count(failed) + " of them failed (red and tall, ✕)" : "") + ". What is too small to be told apart is one bar a trace; zoomed in, a span stands below the one it was opened in.";
  slogtel.theme.onChange(draw);
  mark(-1, -1);
  new ResizeObserver(draw).observe(box);
  draw();
};
