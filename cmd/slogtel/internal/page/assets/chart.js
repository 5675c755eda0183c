"use strict";
// chart draws with uPlot over the report's buckets of time and keeps the drawing in step
// with the theme and the width of its place.
//
// make() returns uPlot's options and data; options.height is the height. The left and
// right arrow keys move along the buckets, and onBucket(i) is told; null is none. onZoom(range) is told of the
// part of the time that one has dragged to, [from, to] in seconds, or null for all; zoom(range) sets it.
slogtel.chart = (place, label, make, onBucket, onZoom) => {
  let plot = null, cursor = null, range = null, ready = false;
  const buckets = slogtel.data.time.buckets;
  place.tabIndex = 0;
  place.setAttribute("role", "application");
  place.setAttribute("aria-roledescription", "chart");
  place.setAttribute("aria-label", label() + ". The left and right arrow keys read out one moment after the other.");

  const same = (a, b) => a === b || (a && b && Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) < 1e-6);
  function zoom(to) {
    range = to;
    const [from, until] = range ?? slogtel.chartWhole();
    plot.setScale("x", { min: from, max: until });
  }
  function draw() {
    ready = false;
    if (plot) plot.destroy();
    const { options, data } = make();
    plot = new uPlot({
      ...options, width: Math.max(240, place.clientWidth), legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false }, points: { show: false }, ...options.cursor },
      hooks: { ...options.hooks, setCursor: [(u) => {
        if (u.cursor.event) { cursor = u.cursor.idx ?? null; onBucket(cursor); }
      }], setScale: [(u, key) => {
        if (key !== "x" || !ready) return;
        const { min, max } = u.scales.x, whole = slogtel.chartWhole();
        const now = min <= whole[0] + 1e-6 && max >= whole[1] - 1e-6 ? null : [min, max];
        if (same(now, range)) return;
        const { start } = slogtel.data.time; // what is shown is what the address can say
        zoom(now && now.map((s) => (Math.round(s * 1000 - start) + start) / 1000));
        onZoom(range);
      }], ready: [(u) => queueMicrotask(() => { // uPlot hears of no scale while it is drawing for the first time
        ready = true;
        if (range && u === plot) zoom(range);
      })] },
    }, data, place);
  }
  place.addEventListener("keydown", (e) => {
    const to = { ArrowLeft: (cursor ?? buckets) - 1, ArrowRight: (cursor ?? -1) + 1, Home: 0, End: buckets - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    cursor = Math.min(Math.max(to, 0), buckets - 1);
    plot.setCursor({ left: plot.valToPos(plot.data[0][cursor], "x"), top: 10 });
    onBucket(cursor);
  });
  let width = 0;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    if (plot) plot.setSize({ width: Math.max(240, width), height: plot.height });
  }).observe(place);
  slogtel.theme.onChange(draw);
  draw();
  return { zoom, draw: () => { cursor = null; place.setAttribute("aria-label", label() + ". The left and right arrow keys read out one moment after the other."); draw(); } };
};

// The x axis: the middles of all buckets, in seconds, as uPlot wants them.
slogtel.bucketStart = (i) => slogtel.data.time.start + i * slogtel.data.time.width;
slogtel.chartTimes = () => {
  const { time } = slogtel.data;
  return Array.from({ length: time.buckets }, (_, i) => (slogtel.bucketStart(i) + time.width / 2) / 1000);
};
// The scale of x reaches from the first bucket's start to the last one's end, or where
// one has dragged to.
slogtel.chartWhole = () => [slogtel.bucketStart(0) / 1000, slogtel.bucketStart(slogtel.data.time.buckets) / 1000];
slogtel.chartScale = () => {
  const half = slogtel.data.time.width / 2000, [first, last] = slogtel.chartWhole();
  return { time: true, range: (u, low, high) => (low <= first + half && high >= last - half ? [first, last] : [low, high]) };
};
// A range is in the state as milliseconds since the first bucket's start.
slogtel.rangeKey = (range) => {
  const [from, to] = (range ?? [null, null]).map((s) => (s === null ? null : Math.round(s * 1000 - slogtel.data.time.start)));
  return { from, to };
};
slogtel.rangeOf = (get) => {
  const { time } = slogtel.data, all = time.width * time.buckets;
  const from = slogtel.numberIn(get("from"), 0, all), to = slogtel.numberIn(get("to"), 0, all);
  return from === null || to === null || from >= to ? null : [from, to].map((ms) => (ms + time.start) / 1000);
};

// spread puts what is known for some buckets at their places among all.
slogtel.spread = (at, values, none = null) => {
  const all = new Array(slogtel.data.time.buckets).fill(none);
  at.forEach((bucket, i) => { all[bucket] = values[i]; });
  return all;
};

slogtel.axis = (more) => {
  const muted = slogtel.cssColor("--muted"), line = slogtel.cssColor("--line");
  return { stroke: muted, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif", ...more };
};
// timeAxis writes moments so that two beside each other differ.
slogtel.timeAxis = (more) => slogtel.axis({
  space: 110, size: 36,
  values: (u, splits) => {
    const step = splits.length > 1 ? splits[1] - splits[0] : 1;
    return splits.map((s) => {
      const text = slogtel.format.time(s * 1000);
      return step >= 86400 ? text.slice(0, 10) : step >= 60 ? text.slice(step >= 7200 ? 5 : 11, 16) : step >= 1 ? text.slice(11, 19) : text.slice(11);
    });
  },
  ...more,
});
