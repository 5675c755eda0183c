"use strict";
// The timeline: spans in rows, moved and zoomed by pointer, wheel, buttons and keys.
slogtel.timeline = () => {
  const { data, el, byId, format } = slogtel;
  const spans = data.spans, n = spans.start_us.length;
  const box = byId("timeline-view"), detail = byId("timeline-detail");
  if (!n) {
    byId("timeline").querySelector(".card").replaceChildren(el("p", { className: "empty" }, "No spans with a time."));
    return;
  }
  const { row, ruler } = slogtel.timelineSizes;
  let end = 0;
  for (let i = 0; i < n; i++) end = Math.max(end, spans.start_us[i] + spans.duration_us[i]);
  const first = Math.min(...spans.start_us);
  const whole = { from: first, to: Math.max(end, first + 1) };
  whole.to += (whole.to - whole.from) * 0.01;
  const view = { ...whole, top: 0 };
  const marks = { selected: -1, hits: null };
  const height = ruler + Math.min(22, Math.max(4, spans.rows)) * row + 6;
  const rowsInView = (height - ruler) / row;
  const canvas = el("canvas", { "aria-hidden": "true" });
  canvas.style.height = height + "px";
  box.append(canvas);

  let waiting = false;
  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      slogtel.drawTimeline(canvas, view, spans, marks);
    });
  }
  const clamp = (v, low, high) => Math.min(Math.max(v, low), Math.max(low, high));
  function look(from, to, top) {
    const width = clamp(to - from, 0.05, whole.to - whole.from);
    view.from = clamp(from, whole.from, whole.to - width);
    view.to = view.from + width;
    view.top = clamp(top, 0, spans.rows - rowsInView + 1);
    draw();
  }
  // zoom keeps the moment at a share of the width where it is.
  function zoom(factor, share = 0.5) {
    const width = (view.to - view.from) * factor, at = view.from + (view.to - view.from) * share;
    look(at - width * share, at + width * (1 - share), view.top);
  }
  const pan = (share, rows) => {
    const by = (view.to - view.from) * share;
    look(view.from + by, view.to + by, view.top + rows);
  };

  function select(i, show) {
    marks.selected = i;
    if (i < 0) detail.replaceChildren(el("span", { className: "muted" }, "No span is selected."));
    else {
      const fact = (term, value) => el("div", {}, el("dt", {}, term), el("dd", { className: "name" }, value));
      const scope = data.scopes[spans.scope[i]];
      const facts = [fact("took", format.duration(spans.duration_us[i] / 1e6)), fact("began at", "+" + format.duration(spans.start_us[i] / 1e6))];
      if (spans.error[i] >= 0) facts.push(fact("error", data.strings[spans.error[i]]));
      if (spans.trace[i] >= 0) facts.push(fact("trace", data.strings[spans.trace[i]]));
      for (let k = 0; k < spans.attrs[i].length; k += 2) facts.push(fact(data.strings[spans.attrs[i][k]], data.strings[spans.attrs[i][k + 1]] ?? "\"\""));
      if (spans.line[i] > 0) facts.push(fact("line", (data.strings[spans.input[i]] ?? "") + ":" + spans.line[i]));
      detail.replaceChildren(el("strong", { className: "name" }, scope.name), el("dl", {}, ...facts));
    }
    if (show && i >= 0) {
      const start = spans.start_us[i], took = Math.max(spans.duration_us[i], 0.05);
      const inView = start < view.to && start + took > view.from && took > (view.to - view.from) / 100;
      const rowIn = spans.row[i] >= view.top && spans.row[i] < view.top + rowsInView - 1;
      const room = took * 1.5;
      look(inView ? view.from : start - room / 6, inView ? view.to : start - room / 6 + room, rowIn ? view.top : spans.row[i] - 3);
    }
    draw();
  }
  function spanAt(px, py) {
    const us = (x) => view.from + (x / canvas.clientWidth) * (view.to - view.from);
    const at = Math.floor((py - ruler - 2) / row + view.top), from = us(px - 2), to = us(px + 2);
    let best = -1;
    for (let i = 0; i < n; i++) {
      if (spans.row[i] === at && spans.start_us[i] <= to && spans.start_us[i] + spans.duration_us[i] >= from) best = i;
    }
    return py < ruler ? -1 : best;
  }

  let drag = null;
  box.addEventListener("pointerdown", (e) => {
    drag = { x: e.clientX, y: e.clientY, view: { ...view }, moved: false };
    box.setPointerCapture(e.pointerId);
  });
  box.addEventListener("pointermove", (e) => {
    if (!drag) {
      const i = spanAt(e.offsetX, e.offsetY);
      canvas.title = i < 0 ? "" : data.scopes[spans.scope[i]].name + ", " + format.duration(spans.duration_us[i] / 1e6);
      return;
    }
    const dx = e.clientX - drag.x, dy = e.clientY - drag.y;
    drag.moved = drag.moved || Math.abs(dx) + Math.abs(dy) > 4;
    const by = (-dx / canvas.clientWidth) * (drag.view.to - drag.view.from);
    if (drag.moved) look(drag.view.from + by, drag.view.to + by, drag.view.top - dy / row);
  });
  const drop = (e) => {
    if (drag && !drag.moved && e.type === "pointerup") {
      const r = canvas.getBoundingClientRect();
      select(spanAt(e.clientX - r.left, e.clientY - r.top), false);
    }
    drag = null;
  };
  box.addEventListener("pointerup", drop);
  box.addEventListener("pointercancel", drop);
  box.addEventListener("wheel", (e) => {
    if (!e.ctrlKey && !e.metaKey) return; // the page scrolls
    e.preventDefault();
    zoom(Math.exp(clamp(e.deltaY, -200, 200) / 300), (e.clientX - canvas.getBoundingClientRect().left) / canvas.clientWidth);
  }, { passive: false });
  box.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const act = {
      ArrowLeft: () => pan(-0.15, 0), ArrowRight: () => pan(0.15, 0), ArrowUp: () => pan(0, -2), ArrowDown: () => pan(0, 2),
      "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), 0: () => look(whole.from, whole.to, 0), Escape: () => select(-1),
      n: () => select(Math.min(marks.selected + 1, n - 1), true), p: () => select(Math.max(marks.selected - 1, 0), true),
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
  search.addEventListener("input", slogtel.onSettled(() => {
    const query = search.value.trim().toLowerCase();
    marks.hits = query ? new Set([...spans.row.keys()].filter((i) => words(i).includes(query))) : null;
    byId("timeline-found").textContent = query ? format.count(marks.hits.size) + " of " + format.count(n) + " spans" : "";
    draw();
  }));
  const all = [...spans.row.keys()].sort((a, b) => spans.duration_us[b] - spans.duration_us[a]).slice(0, 200);
  slogtel.table(byId("timeline-table"), all, [
    { label: "Scope", header: true, value: (i) => data.scopes[spans.scope[i]].name, show: (i) => el("button", { type: "button", className: "link name", title: "Show it on the timeline", onclick: () => select(i, true) }, ...slogtel.dotted(data.scopes[spans.scope[i]].name)) },
    { label: "Began at", numeric: true, value: (i) => spans.start_us[i], show: (i) => "+" + format.duration(spans.start_us[i] / 1e6) },
    { label: "Took", numeric: true, value: (i) => spans.duration_us[i], show: (i) => format.duration(spans.duration_us[i] / 1e6) },
    { label: "Error", value: (i) => data.strings[spans.error[i]] ?? "", show: (i) => el("span", { className: "name bad" }, data.strings[spans.error[i]] ?? "") },
    { label: "Trace", value: (i) => data.strings[spans.trace[i]] ?? "", show: (i) => el("span", { className: "name" }, data.strings[spans.trace[i]] ?? "") },
  ], { caption: "The slowest " + all.length + " spans of the timeline", sort: 2, rows: 20 });

  const failed = spans.error.filter((e) => e >= 0).length;
  byId("timeline-note").textContent = format.count(n) + " spans" + (failed ? ", " + format.count(failed) + " of them failed (red, ✕)" : "") + ". A span stands below the one it was opened in; times count from the first one's start.";
  slogtel.theme.onChange(draw);
  select(-1, false);
  new ResizeObserver(draw).observe(box);
  draw();
};
