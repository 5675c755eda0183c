"use strict";
// timelineDetails says what the selected span is, or trace. go.span(i) and go.group(i) select another,
// go.back() leads back to the timeline.
slogtel.timelineDetails = (groups, go) => {
  const { data, el, byId, format } = slogtel, { spans, strings } = data;
  const place = byId("timeline-detail"), most = 200;
  const scope = (i) => data.scopes[spans.scope[i]].name;
  const took = (i) => format.duration(spans.duration_us[i] / 1e6);
  const fact = (term, value, bad) => el("div", {}, el("dt", {}, term), el("dd", { className: bad ? "name bad" : "name" }, value));
  const button = (text, act) => el("button", { type: "button", onclick: act }, text);
  const since = (us) => "+" + format.duration(us / 1e6) + ", " + format.time(data.start + us / 1000);
  const plural = (n, what) => format.count(n) + " " + what + (n === 1 ? "" : "s");

  const spanTitle = (i) => scope(i) + ", " + took(i);
  function groupTitle(index) {
    const g = groups[index];
    return scope(g.root) + ", " + format.duration((g.to - g.from) / 1e6) + ", " + plural(g.spans.length, "span") + (g.failed ? ", " + format.count(g.failed) + " failed" : "") + (g.trace ? ", trace " + g.trace : "");
  }
  function span(i) {
    const g = groups[spans.group[i]], up = spans.parent[i];
    const facts = [fact("took", took(i)), fact("began at", since(spans.start_us[i])), fact("ended at", since(spans.start_us[i] + spans.duration_us[i]))];
    if (spans.error[i] >= 0) facts.push(fact("error", strings[spans.error[i]], true));
    if (g.trace) facts.push(fact("trace", g.trace));
    for (let k = 0; k < spans.attrs[i].length; k += 2) facts.push(fact(strings[spans.attrs[i][k]] ?? "\"\"", strings[spans.attrs[i][k + 1]] ?? "\"\""));
    if (spans.line[i] > 0) facts.push(fact("line", (strings[spans.input[i]] ?? "") + ":" + spans.line[i]));
    return [
      el("h3", { className: "name" }, scope(i)), el("dl", {}, ...facts),
      el("div", { className: "tools" },
        g.spans.length > 1 ? button((g.trace ? "The whole trace, " : "All around it, ") + plural(g.spans.length, "span"), () => go.group(g.index)) : null,
        up >= 0 ? button("In " + scope(up), () => go.span(up)) : null,
        button("Show it on the timeline", () => go.span(i))),
    ];
  }
  // tree lists the spans of a group below those they were opened in.
  function tree(g) {
    const below = new Map(), list = [];
    for (const i of g.spans) below.set(spans.parent[i], [...(below.get(spans.parent[i]) ?? []), i]);
    for (let stack = (below.get(-1) ?? []).map((i) => [i, 0]).reverse(); stack.length && list.length < most;) {
      const [i, level] = stack.pop();
      list.push([i, level]);
      stack.push(...(below.get(i) ?? []).map((c) => [c, level + 1]).reverse());
    }
    return list;
  }
  function group(index) {
    const g = groups[index], list = tree(g);
    const items = list.map(([i, level]) => {
      const item = el("li", {}, el("button", { type: "button", className: "link name", "aria-label": "Level " + (level + 1) + ": " + spanTitle(i) + (spans.error[i] >= 0 ? ", failed" : ""), onclick: () => go.span(i) }, ...slogtel.dotted(scope(i))),
        el("span", { className: "muted" }, " " + took(i) + ", from +" + format.duration((spans.start_us[i] - g.from) / 1e6)),
        spans.error[i] >= 0 ? el("span", { className: "name bad" }, " ✕ " + strings[spans.error[i]]) : null);
      item.style.marginLeft = Math.min(level, 20) * 16 + "px";
      return item;
    });
    return [
      el("h3", { className: "name" }, g.trace ? "trace " + g.trace : scope(g.root)),
      el("dl", {}, fact("took", format.duration((g.to - g.from) / 1e6)), fact("began at", since(g.from)), fact("spans", format.count(g.spans.length)), ...(g.failed ? [fact("failed", format.count(g.failed), true)] : [])),
      el("ul", { className: "spans" }, ...items),
      list.length < g.spans.length ? el("p", { className: "muted" }, "The first " + format.count(list.length) + " of " + plural(g.spans.length, "span") + ".") : null,
      el("div", { className: "tools" }, button("Show it on the timeline", () => go.group(index))),
    ];
  }
  function show(i, index) {
    const inside = place.contains(document.activeElement); // what has the focus goes away
    place.replaceChildren(...(i >= 0 ? span(i) : index >= 0 ? group(index) : [el("span", { className: "muted" }, "Nothing is selected.")]).filter(Boolean));
    if (inside) place.focus();
    byId("timeline-said").textContent = i >= 0 ? spanTitle(i) + (spans.error[i] >= 0 ? ", failed: " + strings[spans.error[i]] : "") : index >= 0 ? groupTitle(index) : "";
  }
  place.addEventListener("keydown", (e) => {
    if (e.key === "Escape") go.back();
  });
  return { show, spanTitle, groupTitle, focus: () => place.focus() };
};
