"use strict";
// chart draws with uPlot over the report's buckets of time and keeps the drawing in step
// with the theme and the width of its place.
//
// make() returns uPlot's options and data; options.height is the height. The left and
// right arrow keys move along the buckets, and onBucket(i) is told; null is none.
slogtel.chart = (place, label, make, onBucket) => {
  let plot = null, cursor = null;
  const buckets = slogtel.data.time.buckets;
  place.tabIndex = 0;
  place.setAttribute("role", "application");
  place.setAttribute("aria-roledescription", "chart");
  place.setAttribute("aria-label", label() + ". The left and right arrow keys read out one moment after the other.");

  function draw() {
    if (plot) plot.destroy();
    const { options, data } = make();
    plot = new uPlot({
      ...options, width: Math.max(240, place.clientWidth), legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false }, points: { show: false }, ...options.cursor },
      hooks: { ...options.hooks, setCursor: [(u) => {
        if (u.cursor.event) { cursor = u.cursor.idx ?? null; onBucket(cursor); }
      }] },
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
  return { draw: () => { cursor = null; place.setAttribute("aria-label", label() + ". The left and right arrow keys read out one moment after the other."); draw(); } };
};

// The x axis: the middles of all buckets, in seconds, as uPlot wants them.
slogtel.bucketStart = (i) => slogtel.data.time.start + i * slogtel.data.time.width;
slogtel.chartTimes = () => {
  const { time } = slogtel.data;
  return Array.from({ length: time.buckets }, (_, i) => (slogtel.bucketStart(i) + time.width / 2) / 1000);
};
// The scale of x reaches from the first bucket's start to the last one's end, or where
// one has dragged to.
slogtel.chartScale = () => {
  const { time } = slogtel.data, half = time.width / 2000;
  const first = slogtel.bucketStart(0) / 1000 + half, last = slogtel.bucketStart(time.buckets - 1) / 1000 + half;
  return { time: true, range: (u, low, high) => (low <= first && high >= last ? [first - half, last + half] : [low, high]) };
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
