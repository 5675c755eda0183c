"use strict";
// What the report is about, and how its figures are written. Everything that comes
// from the data gets into the page as text, never as markup.
const slogtel = { book: JSON.parse(document.getElementById("data").textContent) };
// data is that of the side that is shown: of two, which are A and B, B unless one asks for A.
slogtel.side = slogtel.book.sides.length > 1 && !/[?&]page\.side=a(&|$)/.test(location.hash) ? 1 : 0;
slogtel.data = slogtel.book.sides[slogtel.side];

slogtel.format = (() => {
  const three = (v) => {
    const a = Math.abs(v);
    return a >= 99.95 ? v.toFixed(0) : a >= 9.995 ? v.toFixed(1) : v.toFixed(2);
  };
  // short writes three digits and leaves out zeros that say nothing.
  const short = (v) => (v === 0 ? "0" : three(v).replace(/\.0+$/, "").replace(/(\.\d*?)0+$/, "$1"));

  function duration(seconds) {
    const a = Math.abs(seconds);
    if (a === 0) return "0 s";
    if (a < 999.5e-9) return short(seconds * 1e9) + " ns";
    if (a < 999.5e-6) return short(seconds * 1e6) + " µs";
    if (a < 0.9995) return short(seconds * 1e3) + " ms";
    if (a < 59.95) return short(seconds) + " s";
    const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
    const i = a >= 86400 ? 0 : a >= 3600 ? 1 : 2;
    const small = Math.round(a / units[i + 1][1]);
    const per = units[i][1] / units[i + 1][1];
    const rest = small % per;
    return (seconds < 0 ? "−" : "") + Math.floor(small / per) + " " + units[i][0] + (rest ? " " + rest + " " + units[i + 1][0] : "");
  }

  function number(v) {
    const a = Math.abs(v);
    if (a !== 0 && a < 0.001) return v.toExponential(2);
    if (a < 1e6) return (Math.round(v * 1000) / 1000).toLocaleString("en", { maximumFractionDigits: a < 100 ? 3 : a < 10000 ? 1 : 0 });
    for (const [unit, size] of [["E", 1e18], ["P", 1e15], ["T", 1e12], ["G", 1e9], ["M", 1e6]]) {
      if (a >= size) return a / size >= 1e4 ? v.toExponential(2) : short(v / size) + " " + unit;
    }
    return String(v);
  }

  const count = (v) => (v < 1e7 ? Math.round(v).toLocaleString("en") : number(v));
  const percent = (share) => (share > 0 && share < 0.001 ? "< 0.1 %" : short(share * 100) + " %");
  const bytes = (n) => (n < 1000 ? n + " B" : number(n / 1e6 < 1 ? Math.round(n / 100) / 10 : Math.round(n / 1e5) / 10) + (n < 1e6 ? " kB" : " MB"));
  const pad = (n, digits) => String(n).padStart(digits, "0");
  const clock = (d) => pad(d.getHours(), 2) + ":" + pad(d.getMinutes(), 2) + ":" + pad(d.getSeconds(), 2);
  const day = (d) => d.getFullYear() + "-" + pad(d.getMonth() + 1, 2) + "-" + pad(d.getDate(), 2);

  function time(ms) {
    const d = new Date(ms);
    return day(d) + " " + clock(d) + "." + pad(d.getMilliseconds(), 3);
  }
  // range leaves out the second day where it is the first.
  function range(from, to) {
    const a = new Date(from), b = new Date(to);
    const at = (d) => clock(d) + (to - from < 60000 ? "." + pad(d.getMilliseconds(), 3) : "");
    return day(a) + " " + at(a) + " – " + (day(a) === day(b) ? "" : day(b) + " ") + at(b);
  }
  return { duration, number, count, percent, bytes, time, range };
})();

// Where scopes below took longer together than a scope, they ran side by side, and how much
// of its time was its own is not known.
slogtel.sideBySide = (scope) => Boolean(scope.self_unknown);

// colorOf is one of eight colours for a scope, the same everywhere on the page. The order
// is that of the tree, so that scopes beside each other differ.
slogtel.colorOf = (index) => (index * 3 + 4) % 8;
