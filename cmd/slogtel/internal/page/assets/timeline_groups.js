"use strict";
// The spans of the timeline by group: a trace, or what is nested without one.
slogtel.timelineGroups = () => {
  const { spans, strings } = slogtel.data;
  const groups = [];
  const end = (i) => spans.start_us[i] + spans.duration_us[i];
  for (let i = 0; i < spans.start_us.length; i++) {
    const g = (groups[spans.group[i]] ??= { index: spans.group[i], spans: [], from: Infinity, to: -Infinity, lanes: 1, failed: 0, root: i, trace: strings[spans.trace[i]] ?? "", row: 0, open: true });
    g.spans.push(i);
    g.from = Math.min(g.from, spans.start_us[i]);
    g.to = Math.max(g.to, end(i));
    g.lanes = Math.max(g.lanes, spans.lane[i] + 1);
    if (spans.error[i] >= 0) g.failed++;
    if (spans.parent[i] < 0 && (spans.parent[g.root] >= 0 || spans.duration_us[i] > spans.duration_us[g.root])) g.root = i;
  }
  return groups;
};

// arrangeTimeline gives each group its rows at a zoom, and returns how many rows there are. Groups are in
// the order of their starts. One that is wide enough is open: it has a row for each of its lanes. One that
// is not is a bar in one row, wide enough to be seen and pressed.
slogtel.arrangeTimeline = (groups, usPerPixel) => {
  const openAt = 20, least = 5, gap = 3;
  const free = []; // when each row becomes so
  for (const g of groups) {
    const width = (g.to - g.from) / usPerPixel;
    g.open = g.spans.length === 1 || width >= openAt;
    const height = g.open ? g.lanes : 1;
    let row = 0;
    for (let r = 0; r < free.length && r < row + height; r++) if (free[r] > g.from) row = r + 1;
    const until = g.from + (Math.max(width, g.spans.length > 1 ? least : 1.6) + gap) * usPerPixel;
    for (let r = row; r < row + height; r++) free[r] = until;
    for (let r = 0; r < row; r++) free[r] ??= -Infinity;
    g.row = row;
    g.height = height;
  }
  return free.length;
};
