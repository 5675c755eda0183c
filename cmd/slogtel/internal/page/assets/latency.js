"use strict";
// Latency over time: how many calls took how long, as a heat map, with three quantiles.
slogtel.latency = (() => {
  const { data, el, byId, format, cssColor, spread } = slogtel;
  const binsPerDoubling = 4;
  const list = data.latency;
  const byScope = new Map(list.map((s) => [s.scope, s]));
  let shown = list[0], charts = [];
  const name = () => data.scopes[shown.scope].name;
  const binStart = (bin) => Math.pow(2, bin / binsPerDoubling) / 1e9;

  // heat paints the cells below the lines.
  function heat(u) {
    const { time } = data, c = u.ctx, { cells, at } = shown;
    let most = 0;
    for (let i = 2; i < cells.length; i += 3) most = Math.max(most, cells[i]);
    const color = cssColor("--heat");
    c.save();
    c.beginPath();
    c.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    c.clip();
    for (let i = 0; i < cells.length; i += 3) {
      const from = slogtel.bucketStart(at[cells[i]]) / 1000;
      const x0 = u.valToPos(from, "x", true), x1 = u.valToPos(from + time.width / 1000, "x", true);
      const y0 = u.valToPos(binStart(cells[i + 1] + 1), "y", true), y1 = u.valToPos(binStart(cells[i + 1]), "y", true);
      const share = most > 1 ? Math.log1p(cells[i + 2]) / Math.log1p(most) : 1;
      c.fillStyle = "rgba(" + color + "," + (0.1 + 0.62 * share).toFixed(3) + ")";
      c.fillRect(Math.floor(x0), Math.floor(y0), Math.max(1, Math.ceil(x1) - Math.floor(x0) - 1), Math.max(1, Math.ceil(y1) - Math.floor(y0)));
    }
    c.restore();
  }

  // splits are the round values of a logarithmic axis: powers of ten, and 2 and 5 times
  // these where there is room. uPlot's own may not end where a scale begins between them.
  function splits(u, axis, low, high) {
    const steps = Math.log10(high / low) > 2.5 ? [1] : [1, 2, 5];
    const list = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.log10(high); e++) {
      for (const step of steps) list.push(Number(step + "e" + e));
    }
    return list.filter((v) => v >= low && v <= high);
  }
  const label = (text) => ({ label: text, labelSize: 18, labelFont: "12px system-ui, sans-serif" });
  const positive = (values) => values.map((v) => (v > 0 ? v : null));
  function latencyChart() {
    const line = (label, color, dash) => ({
      label, stroke: cssColor(color), width: 2, dash, spanGaps: true,
      points: { show: shown.at.length < 3, size: 6, fill: cssColor(color) },
    });
    let low = Infinity, high = 0;
    for (let i = 1; i < shown.cells.length; i += 3) {
      low = Math.min(low, binStart(shown.cells[i]));
      high = Math.max(high, binStart(shown.cells[i] + 1));
    }
    if (!(low < high)) [low, high] = [1e-6, 1];
    return {
      options: {
        height: 260, scales: { x: slogtel.chartScale(), y: { distr: 3, range: () => [low / 1.3, high * 1.3] } },
        axes: [slogtel.timeAxis(), slogtel.axis({ size: 74, ...label("took"), splits, filter: (u, list) => list, values: (u, list) => list.map(format.duration) })],
        series: [{}, line("p50", "--p50"), line("p95", "--p95", [8, 4]), line("p99", "--p99", [2, 3])],
        hooks: { drawClear: [heat] }, cursor: { sync: { key: "latency" } },
      },
      data: [slogtel.chartTimes(), ...[shown.p50, shown.p95, shown.p99].map((v) => spread(shown.at, positive(v)))],
    };
  }
  function callsChart() {
    const bar = (label, color, fill) => ({ label, stroke: cssColor(color), fill: fill || cssColor(color), width: 0, paths: uPlot.paths.bars({ size: [0.85, 60] }), points: { show: false } });
    return {
      options: {
        height: 110, scales: { x: slogtel.chartScale(), y: { range: (u, low, high) => [0, Math.max(1, high * 1.1)] } },
        axes: [slogtel.timeAxis(), slogtel.axis({ size: 74, ...label("calls"), space: 30, values: (u, splits) => splits.map((v) => format.number(v)) })],
        series: [{}, bar("calls", "--accent", "rgba(" + cssColor("--heat") + ",0.55)"), bar("errors", "--bad")],
        cursor: { sync: { key: "latency" } },
      },
      data: [slogtel.chartTimes(), spread(shown.at, shown.calls, 0), spread(shown.at, shown.errors, 0)],
    };
  }
  const at = (bucket) => shown.at.indexOf(bucket);
  const figures = (of) => format.count(of("calls")) + (of("calls") === 1 ? " call" : " calls") + (of("errors") > 0 ? ", " + format.count(of("errors")) + " failed" : "") +
    ["p50", "p95", "p99", "max"].map((what) => ", " + what + " " + format.duration(of(what))).join("");
  function read(bucket) {
    const i = bucket === null ? -1 : at(bucket);
    const whole = data.scopes[shown.scope];
    byId("latency-detail").textContent = bucket === null ? "All of the time: " + figures((what) => whole[what]) : format.time(slogtel.bucketStart(bucket)) + ": " + (i < 0 ? "no calls" :
figures((what) => shown[what][i]));
  }
  function table() {
    if (!byId("latency-text").open) return;
    const time = (what) => (i) => format.duration(shown[what][i]);
    const column = (label, what) => ({ label, numeric: true, value: (i) => shown[what][i], show: time(what) });
    slogtel.table(byId("latency-table"), [...shown.at.keys()], [
      { label: "From", header: true, value: (i) => shown.at[i], show: (i) => format.time(slogtel.bucketStart(shown.at[i])) },
      { label: "Calls", numeric: true, value: (i) => shown.calls[i], show: (i) => format.count(shown.calls[i]) },
      { label: "Errors", numeric: true, value: (i) => shown.errors[i], show: (i) => format.count(shown.errors[i]) },
      column("p50", "p50"), column("p95", "p95"), column("p99", "p99"), column("max", "max"),
    ], { caption: name() + " over time, each row " + format.duration(data.time.width / 1000), rows: 150 });
  }
  let keep = () => {};
  function draw(index) {
    shown = byScope.get(index);
    byId("latency-scope").value = String(index);
    for (const c of charts) c.draw();
    read(null);
    table();
  }
  function show(index, go) {
    keep({ scope: index === list[0].scope ? null : slogtel.scopeKey(index) });
    draw(index);
    if (go) {
      byId("latency").scrollIntoView({ block: "start" });
      byId("latency-scope").focus({ preventScroll: true });
    }
  }
  function start() {
    if (!list.length) {
      byId("latency").querySelector(".card").replaceChildren(el("p", { className: "empty" }, "No timings with a time."));
      return;
    }
    const select = byId("latency-scope");
    select.append(...list.map((s) => el("option", { value: String(s.scope) }, data.scopes[s.scope].name)));
    select.addEventListener("change", () => show(Number(select.value)));
    byId("latency-text").addEventListener("toggle", table);
    byId("latency-note").textContent = "By when calls ended; each column is " + format.duration(data.time.width / 1000) + ". Quantiles here are within 19 %, those of the table of scopes within 1 %.";
    const zoomed = (range) => {
      for (const c of charts) c.zoom(range);
      keep(slogtel.rangeKey(range));
    };
    charts = [
      slogtel.chart(byId("latency-chart"), () => "Latency of " + name() + " over time", latencyChart, read, zoomed),
      slogtel.chart(byId("latency-calls"), () => "Calls and errors of " + name() + " over time", callsChart, read, zoomed),
    ];
    read(null);
    keep = slogtel.state.part("latency", (get) => {
      for (const c of charts) c.zoom(slogtel.rangeOf(get));
      const i = slogtel.scopeOf(get("scope"));
      draw(byScope.has(i) ? i : list[0].scope);
    });
  }
  return { start, show, has: (index) => byScope.has(index) };
})();
