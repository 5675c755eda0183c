"use strict";
// state is what one looks at, kept in the page's address: #section?part.key=value&… . Each part of
// the page says what changed by set(), and is told by apply() what to show when an address is opened, or
// the back button pressed. What an address says is as little to be trusted as the data.
slogtel.state = (() => {
  const parts = new Map();
  let { section, values } = read();
  let gesture = "", timer = 0;

  function read() {
    const [section, query] = location.hash.slice(1).split(/\?(.*)/s);
    return { section, values: new Map(new URLSearchParams(query || "")) };
  }
  function write(how) {
    const query = new URLSearchParams([...values].sort((a, b) => (a[0] < b[0] ? -1 : 1)));
    try { // where a page has no history, it has no state either; browsers also limit how often
      history[how](null, "", "#" + section + (values.size ? "?" + query : ""));
    } catch { /* the address stays as it was */ }
  }
  // settle writes what a gesture, such as a drag or a word being typed, has come to: one step back.
  function settle() {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    write(gesture.endsWith("!") ? "replaceState" : "pushState");
    if (!gesture.endsWith("!")) gesture += "!";
  }
  function change(name, changes, going) {
    if (!going || gesture.replace("!", "") !== going) settle();
    let changed = false;
    for (const [key, value] of Object.entries(changes)) {
      const full = name + "." + key, text = value === null || value === undefined || value === "" ? null : String(value);
      if (text === (values.get(full) ?? null)) continue;
      changed = true;
      if (text === null) values.delete(full);
      else values.set(full, text);
    }
    if (!changed) return;
    section = slogtel.sectionOf(name);
    if (!going) {
      gesture = "";
      write("pushState");
      return;
    }
    if (gesture.replace("!", "") !== going) gesture = going;
    clearTimeout(timer);
    timer = setTimeout(settle, 250);
  }
  const applyTo = (name) => parts.get(name)((key) => values.get(name + "." + key) ?? null);
  function goTo(id, smooth) {
    const e = slogtel.byId(id);
    if (!e || !e.matches("section, main")) return;
    e.scrollIntoView({ block: "start", behavior: smooth ? "auto" : "instant" });
    e.tabIndex = -1;
    e.focus({ preventScroll: true });
  }
  addEventListener("popstate", () => {
    clearTimeout(timer);
    timer = 0;
    gesture = "";
    const now = read(), side = values.get("page.side"), before = section;
    ({ section, values } = now);
    if (values.get("page.side") !== side) return location.reload();
    for (const name of parts.keys()) applyTo(name);
    if (section !== before) goTo(section, false);
  });
  // Links within the page change the section and keep the rest.
  document.addEventListener("click", (e) => {
    const link = e.target.closest('a[href^="#"]');
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    settle();
    gesture = "";
    const id = link.getAttribute("href").slice(1);
    if (section !== id) {
      section = id;
      write("pushState");
    }
    goTo(id, true);
  });
  return {
    // part returns what sets values of a part: of one step back each or, with the name of a gesture that is
    // going on, of one for all of it. null takes a value away.
    part(name, apply) {
      parts.set(name, apply);
      return (changes, going) => change(name, changes, going && name + " " + going);
    },
    get: (full) => values.get(full) ?? null,
    start() {
      if (values.size) for (const name of parts.keys()) applyTo(name);
      if (section) goTo(section, false);
    },
    // show opens the page anew with one value and nothing else.
    reload(full, value) {
      settle();
      values = new Map([[full, value]]);
      write("pushState");
      location.reload();
    },
  };
})();

// sectionOf is where a part is on the page.
slogtel.sectionOf = (part) => part.split("-")[0];

// numberIn returns a value of the state as a number from low to high, or otherwise null.
slogtel.numberIn = (text, low, high) => {
  const v = text === null || text.trim() === "" ? NaN : Number(text);
  return v >= low && v <= high ? v : null;
};
// A scope is in the state by its name or, where several have it, by its index.
slogtel.scopeKey = (i) => {
  const { scopes } = slogtel.data;
  return scopes.findIndex((s) => s.name === scopes[i].name) === i ? scopes[i].name : "~" + i;
};
slogtel.scopeOf = (key) => {
  const { scopes } = slogtel.data;
  if (key === null) return -1;
  const i = scopes.findIndex((s) => s.name === key);
  return i >= 0 || !/^~\d+$/.test(key) || !scopes[key.slice(1)] ? i : Number(key.slice(1));
};
