"use strict";
// drawTimeline paints the spans in view on a canvas and returns nothing. view is
// {from, to} in microseconds since the start, and top, the first row. marks are the span and the group
// that are selected, -1 for none, and hits, the spans that were searched for, or null.
slogtel.timelineSizes = { row: 19, bar: 16, ruler: 26 };

slogtel.drawTimeline = (canvas, view, groups, marks) => {
  const { cssColor, data } = slogtel, { spans } = data;
  const { row, bar: barHeight, ruler } = slogtel.timelineSizes;
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const c = canvas.getContext("2d");
  c.setTransform(scale, 0, 0, scale, 0, 0);
  c.fillStyle = cssColor("--card");
  c.fillRect(0, 0, width, height);
  const x = (us) => ((us - view.from) / (view.to - view.from)) * width;

  const usPerPixel = (view.to - view.from) / width;
  const colors = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => cssColor("--c" + i));
  const ink = cssColor("--on-c"), badFill = cssColor("--cbad"), badInk = cssColor("--on-cbad");
  const line = cssColor("--line"), text = cssColor("--text"), muted = cssColor("--muted"), dim = cssColor("--sunk");
  const font = "12px " + getComputedStyle(document.body).fontFamily;

  // The ruler and its grid.
  c.font = font;
  const step = slogtel.niceStep((view.to - view.from) / Math.max(1, width / 110));
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) {
    c.fillStyle = line;
    c.fillRect(Math.round(x(t)), 0, 1, height);
    c.fillStyle = muted;
    c.fillText(slogtel.tick(t, step), x(t) + 4, 17);
  }

  c.save();
  c.beginPath();
  c.rect(0, ruler, width, height - ruler);
  c.clip();
  c.textBaseline = "middle";
  function bar(from, to, y, h, fill, selected, least) {
    const left = Math.max(-4, x(from)), w = Math.max(least, Math.min(width + 4, x(to)) - left);
    c.fillStyle = fill;
    c.beginPath();
    c.roundRect(left, y, w > 4 ? w - 0.7 : w, h, w > 4 ? 3 : 0);
    c.fill();
    if (selected) {
      c.strokeStyle = text;
      c.lineWidth = 2;
      c.strokeRect(left + 1, y + 1, Math.max(1, w - 2.7), h - 2);
    }
    return { left, w };
  }
  function name(i, left, w, y, faint, more) {
    const failed = spans.error[i] >= 0;
    if (w > 34) slogtel.label(c, (failed ? "✕ " : "") + data.scopes[spans.scope[i]].name + more, left + 5, y + barHeight / 2 + 0.5, w - 10, faint ? muted : failed ? badInk : ink);
  }
  const fill = (i, failed, faint) => (faint ? dim : failed ? badFill : colors[slogtel.colorOf(spans.scope[i])]);
  const faintSpan = (i) => marks.hits !== null && !marks.hits.has(i);
  for (const g of groups) {
    const top = ruler + (g.row - view.top) * row + 2;
    if (top + g.height * row < ruler || top > height || g.to < view.from - 10 * usPerPixel || g.from > view.to) continue;
    const chosen = marks.group === g.index;
    if (!g.open) { // all of the group in one bar
      const inside = marks.span >= 0 && spans.group[marks.span] === g.index;
      const low = g.failed ? 0 : 3; // failed ones differ in their height too, not only in colour
      bar(g.from, g.to, top + low, barHeight - 2 * low, fill(g.root, g.failed > 0, g.spans.every(faintSpan)), chosen || inside, 5);
      continue;
    }
    if (g.spans.length > 1) { // a frame around the spans of the group
      const left = Math.max(-4, x(g.from) - 2), w = Math.min(width + 4, x(g.to) + 2) - left;
      c.fillStyle = dim;
      c.strokeStyle = chosen ? text : line;
      c.lineWidth = chosen ? 2 : 1;
      c.beginPath();
      c.roundRect(left, top - 1.5, w, g.height * row - 1, 4);
      c.fill();
      c.stroke();
    }
    for (const i of g.spans) {
      const y = top + spans.lane[i] * row, end = spans.start_us[i] + spans.duration_us[i];
      if (y + row < ruler || y > height || end < view.from || spans.start_us[i] > view.to) continue;
      const { left, w } = bar(spans.start_us[i], end, y, barHeight, fill(i, spans.error[i] >= 0, faintSpan(i)), i === marks.span, 1.6);
      name(i, left, w, y, faintSpan(i), i === g.root && g.spans.length > 1 ? " – " + g.spans.length + " spans" : "");
    }
  }
  c.restore();
  c.fillStyle = line;
  c.fillRect(0, ruler - 1, width, 1);
};

// label writes the end of a dotted name that fits, if any does.
slogtel.label = (c, name, x, y, room, color) => {
  c.fillStyle = color;
  let text = name;
  for (let tries = 0; c.measureText(text).width > room; tries++) {
    const dot = text.indexOf(".");
    if (dot < 0 || tries > 20) return;
    text = text.slice(dot + 1);
  }
  c.fillText(text, x, y);
};

// tick writes a moment of the ruler such that the one a step further differs.
slogtel.tick = (us, step) => {
  if (us === 0) return "0";
  if (Math.abs(us) < step * 900 && (Math.abs(us) < 6e7 || step >= 1e6)) return slogtel.format.duration(us / 1e6);
  const digits = Math.max(0, Math.ceil(6 - Math.log10(step))), minutes = Math.floor(us / 6e7);
  return (minutes ? slogtel.format.duration(minutes * 60) + " " : "") + ((us - minutes * 6e7) / 1e6).toFixed(digits) + " s";
};

// niceStep is a round number of microseconds, not less than v: 1, 2 or 5 times a power of
// ten or, from a minute on, what clocks show.
slogtel.niceStep = (v) => {
  if (v > 3e7) {
    const step = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].find((minutes) => minutes * 6e7 >= v);
    return step ? step * 6e7 : 8.64e10 * slogtel.niceStep(v / 8.64e10);
  }
  const power = Math.pow(10, Math.floor(Math.log10(v)));
  const rest = v / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
};
