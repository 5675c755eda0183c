"use strict";
// el makes an element. Strings among the children become text; props are properties,
// or attributes where they have a hyphen or are "role".
slogtel.el = (tag, props, ...children) => {
  const e = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null) continue;
    if (key === "role" || key.includes("-")) e.setAttribute(key, value);
    else e[key] = value;
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
};

slogtel.byId = (id) => document.getElementById(id);

// cssColor is the value of a custom property in the theme that is on.
slogtel.cssColor = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// onSettled calls fn once no call has come for a little while.
slogtel.onSettled = (fn, ms = 120) => {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(fn, ms);
  };
};

// dotted is a scope's name, which may go to the next line after each dot.
slogtel.dotted = (name) => name.split(/(?<=\.)/).flatMap((part, i) => (i ? [document.createElement("wbr"), part] : [part]));

// scopeButton is the name of a scope that shows its latency when it is pressed.
slogtel.scopeButton = (index) => {
  const { el, data } = slogtel;
  const s = data.scopes[index];
  if (!s) return el("span", { className: "muted" }, "(a scope that is not shown)");
  if (!slogtel.latency.has(index)) return el("span", { className: "name" }, ...slogtel.dotted(s.name));
  return el("button", { type: "button", className: "link name", title: "Show its latency over time", onclick: () => slogtel.latency.show(index, true) }, ...slogtel.dotted(s.name));
};
