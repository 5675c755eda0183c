"use strict";
// Counters, gauges and histograms: a table, and a chart of the one that is chosen.
slogtel.metrics = () => {
  const { data, el, byId, format, cssColor, spread } = slogtel;
  const metrics = data.metrics;
  if (!metrics.length) {
    byId("metrics").hidden = true;
    document.querySelector('nav a[href="#metrics"]').hidden = true;
    return;
  }
  // What a metric is drawn as: what a counter counted, a gauge's last value, a histogram's mean.
  const kinds = {
    counter: { what: "sum", values: (m) => m.sums }, gauge: { what: "last value", values: (m) => m.lasts },
    histogram: { what: "mean", values: (m) => m.means },
  };
  const kind = (m) => (Object.hasOwn(kinds, m.type) ? kinds[m.type] : kinds.gauge);
  const band = (m) => m.type !== "counter";

  function sparkline(m) {
    const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg");
    svg.setAttribute("class", "spark");
    svg.setAttribute("viewBox", "0 0 110 22");
    svg.setAttribute("aria-hidden", "true");
    if (!m.at) return svg;
    const values = m.type === "counter" ? spread(m.at, m.sums, 0) : kind(m).values(m);
    const low = m.type === "counter" ? 0 : Math.min(...values), high = Math.max(...values);
    const x = (i) => (values.length < 2 ? 55 : 2 + (106 * i) / (values.length - 1));
    const y = (v) => (high > low ? 20 - (18 * (v - low)) / (high - low) : 11);
    const path = document.createElementNS(ns, "path");
    path.setAttribute("d", values.length < 2 ? "M52 11h6" : values.map((v, i) => (i ? "L" : "M") + x(i).toFixed(1) + " " + y(v).toFixed(1)).join(""));
    svg.append(path);
    return svg;
  }

  let shown = null, chart = null;
  function make() {
    const m = shown, color = cssColor("--accent"), soft = "rgba(" + cssColor("--heat") + ",0.18)";
    const points = { show: m.at.length < 30, size: 5, fill: color };
    const axes = [slogtel.timeAxis(), slogtel.axis({ size: 74, values: (u, splits) => splits.map((v) => format.number(v)) })];
    const edge = { stroke: "transparent", width: 0, spanGaps: true, points: { show: false } };
    const counter = m.type === "counter";
    return {
      options: {
        height: 190, axes, scales: { x: slogtel.chartScale(), ...(counter ? { y: { range: (u, low, high) => [Math.min(0, low), Math.max(high * 1.1, low + 1e-9, 1e-9)] } } : {}) },
        series: counter
          ? [{}, { stroke: color, fill: "rgba(" + cssColor("--heat") + ",0.55)", width: 0, paths: uPlot.paths.bars({ size: [0.85, 60] }), points: { show: false } }]
          : [{}, { stroke: color, width: 2, spanGaps: true, points }, edge, edge],
        bands: band(m) ? [{ series: [3, 2], fill: soft }] : undefined,
      },
      data: counter ? [slogtel.chartTimes(), spread(m.at, m.sums, 0)]
        : [slogtel.chartTimes(), spread(m.at, kind(m).values(m)), spread(m.at, m.mins), spread(m.at, m.maxs)],
    };
  }
  function read(bucket) {
    const i = bucket === null ? -1 : shown.at.indexOf(bucket);
    byId("metrics-detail").textContent = bucket === null ? format.count(shown.events) + " values; each point is " + format.duration(data.time.width / 1000) : format.time(slogtel.bucketStart(bucket)) + ": " + (i < 0 ? "nothing" :
      kind(shown).what + " " + format.number(kind(shown).values(shown)[i]) + (band(shown) ? ", from " + format.number(shown.mins[i]) + " to " + format.number(shown.maxs[i]) : ""));
  }
  const title = () => shown.name + ": " + kind(shown).what + " over time";
  const keyOf = (m) => [m.type, m.name, m.within].join(" "), first = metrics.find((m) => m.at);
  const keep = slogtel.state.part("metrics-chart", (get) => {
    const m = metrics.find((m) => m.at && keyOf(m) === get("of")) ?? first;
    if (!m) return;
    draw(m);
    chart.zoom(slogtel.rangeOf(get));
  });
  function show(m) {
    keep({ of: m === first ? null : keyOf(m) });
    draw(m);
  }
  function draw(m) {
    shown = m;
    for (const b of byId("metrics-table").querySelectorAll(".link")) b.setAttribute("aria-pressed", String(b.metric === m));
    const heading = byId("metrics-chart-h");
    heading.hidden = false;
    heading.replaceChildren(el("span", { className: "name" }, m.name), " – " + kind(m).what + (band(m) ? ", and the range" : ""));
    if (chart) chart.draw();
    else chart = slogtel.chart(byId("metrics-chart"), title, make, read, (range) => keep(slogtel.rangeKey(range)));
    read(null);
  }

  const typed = (what, when, rough) => (m) => (m.count > 0 && when(m) && m[what] !== null ? (rough && m.rough ? "≈ " : "") + format.number(m[what]) : "");
  const column = (label, what, when, rough) => ({ label, numeric: true, value: (m) => (m.count > 0 && when(m) && m[what] !== null ? m[what] : -Infinity), show: typed(what, when, rough) });
  const counter = (m) => m.type === "counter" || m.type === "histogram", gauge = (m) => m.type !== "counter" && m.type !== "histogram";
  const notCounter = (m) => m.type !== "counter", histogram = (m) => m.type === "histogram";
  slogtel.table(byId("metrics-table"), metrics, [
    { label: "Metric", header: true, value: (m) => m.name, show: (m) => m.at
      ? el("button", { type: "button", className: "link name", metric: m, title: "Show it over time", "aria-pressed": String(m === shown), onclick: () => show(m) }, ...slogtel.dotted(m.name))
      : el("span", { className: "name" }, ...slogtel.dotted(m.name)) },
    { label: "Type", value: (m) => (m.type || "plain") + (m.unit ? ", " + m.unit : "") },
    { label: "Over time", show: sparkline },
    { label: "Events", numeric: true, value: (m) => m.events, show: (m) => format.count(m.events) },
    column("Sum", "sum", counter),
    { label: "Last", numeric: true, value: (m) => (m.count > 0 && gauge(m) ? m.last : -Infinity), show: (m) => (m.text ? el("span", { className: "name" }, m.text) : typed("last", gauge)(m)) },
    column("Mean", "mean", notCounter), column("Min", "min", notCounter),
    column("p50", "p50", histogram, true), column("p95", "p95", histogram, true), column("p99", "p99", histogram, true), column("Max", "max", notCounter),
  ], { caption: "Values by metric", search: (m) => m.name + " " + m.type + " " + (m.unit || ""), placeholder: "parts of a metric, or a type", rows: 30, state: "metrics" });
  if (first) draw(first);
};
