"use strict";
// drawTimeline paints the spans in view on a canvas and returns nothing. view is
// {from, to} in microseconds since the start, and top, the first row.
slogtel.timelineSizes = { row: 19, bar: 16, ruler: 26 };

slogtel.drawTimeline = (canvas, view, spans, marks) => {
  const { format, cssColor, data } = slogtel;
  const { row, bar, ruler } = slogtel.timelineSizes;
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
    c.fillText(t === 0 ? "0" : format.duration(t / 1e6), x(t) + 4, 17);
  }

  c.save();
  c.beginPath();
  c.rect(0, ruler, width, height - ruler);
  c.clip();
  c.textBaseline = "middle";
  for (let i = 0; i < spans.start_us.length; i++) {
    const y = ruler + (spans.row[i] - view.top) * row + 2;
    if (y + row < ruler || y > height) continue;
    const start = spans.start_us[i], end = start + spans.duration_us[i];
    if (end < view.from || start > view.to) continue;
    const left = Math.max(-2, x(start)), w = Math.max(1.6, Math.min(width + 2, x(end)) - left);
    const failed = spans.error[i] >= 0, name = data.scopes[spans.scope[i]].name;
    const faint = marks.hits && !marks.hits.has(i);
    c.fillStyle = faint ? dim : failed ? badFill : colors[slogtel.colorOf(spans.scope[i])];
    if (w > 4) {
      c.beginPath();
      c.roundRect(left, y, w - 0.7, bar, 3);
      c.fill();
    } else c.fillRect(left, y, w, bar);
    if (i === marks.selected) {
      c.strokeStyle = text;
      c.lineWidth = 2;
      c.strokeRect(left + 1, y + 1, Math.max(1, w - 2.7), bar - 2);
    }
    if (w > 34) slogtel.label(c, (failed ? "✕ " : "") + name, left + 5, y + bar / 2 + 0.5, w - 10, faint ? muted : failed ? badInk : ink);
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
