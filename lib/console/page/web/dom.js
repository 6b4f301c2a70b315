// What all pages need: elements, the API, numbers for readers, and what to say when something is missing.

// el("a", {href, class}, child, ...): children are nodes or texts; properties that begin with "on" are handlers.
export function el(name, props = {}, ...children) {
  const e = name.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4)) : document.createElement(name);
  for (const [k, v] of Object.entries(props)) {
    if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
    else if (k === "style") Object.assign(e.style, v);
    else if (v !== undefined && v !== null && v !== false) e.setAttribute(k, v === true ? "" : v);
  }
  e.append(...children.flat().filter(c => c !== null && c !== undefined && c !== false));
  return e;
}

export class ApiError extends Error {
  constructor(status, text) { super(text); this.status = status; }
}

// The JSON of a path, or an ApiError with the sentence that the server gave.
export async function api(path, options = {}) {
  let answer, json;
  try {
    answer = await fetch(path, {signal: AbortSignal.timeout(30000), ...options});
  } catch (e) {
    throw new ApiError(0, "The console does not answer (" + e.message + "). Is its pod running? kubectl -n istio-system get pods -l app=kiali");
  }
  try { json = await answer.json(); } catch { throw new ApiError(answer.status, `The answer to ${path} is no JSON (status ${answer.status}).`); }
  if (!answer.ok) throw new ApiError(answer.status, json.error || `Status ${answer.status}`);
  return json;
}

export const trouble = e => el("p", {class: "trouble", role: "alert"}, e.message || String(e), " ", el("a", {href: "/docs/what-went-wrong"}, "What went wrong"));
// Says it in a live region, once.
export const tell = (e, text) => { if (e.textContent !== text) e.textContent = text; };
export const hint = text => text ? el("p", {class: "hint"}, text) : null;
export const health = h => el("span", {class: `health ${h || "Idle"}`}, h || "Idle");

export function number(v, digits = 2) {
  if (v === undefined || v === null || !isFinite(v)) return "–";
  return Math.abs(v) >= 100 || v === Math.round(v) ? String(Math.round(v)) : v.toFixed(digits);
}
export const plural = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;
export const rate = v => v ? number(v) + " rps" : "–";
export const percent = v => v ? (v * 100).toFixed(v < 0.1 ? 1 : 0) + "%" : "0%";
export const ms = v => v === undefined ? "–" : v >= 1000 ? (v / 1000).toFixed(2) + " s" : number(v, 1) + " ms";
export function bytes(v) {
  const units = ["B/s", "kB/s", "MB/s", "GB/s"];
  let i = 0;
  for (; v >= 1000 && i < 3; i++) v /= 1000;
  return number(v, 1) + " " + units[i];
}

// What is wider or higher than its place is reached by the keyboard, too: while it is so it is a stop of its own, with a name.
const watched = new Map(), sizes = new ResizeObserver(entries => {
  for (const { target } of entries) {
    const over = target.scrollWidth > target.clientWidth + 1 || target.scrollHeight > target.clientHeight + 1;
    for (const [k, v] of [["tabindex", "0"], ["role", "region"], ["aria-label", watched.get(target)]]) over ? target.setAttribute(k, v) : target.removeAttribute(k);
  }
  for (const e of watched.keys()) if (!e.isConnected) { sizes.unobserve(e); watched.delete(e); }
});
export function scrolls(e, name) {
  watched.set(e, name);
  sizes.observe(e);
  return e;
}

// columns: [title, row => text or node, "number"?]
export function table(columns, rows, empty, name = "Table") {
  if (!rows.length) return el("p", {class: "hint"}, empty);
  return scrolls(el("div", {class: "scroll"}, el("table", {},
    el("thead", {}, el("tr", {}, columns.map(c => el("th", {scope: "col", class: c[2]}, c[0])))),
    el("tbody", {}, rows.map(r => el("tr", {}, columns.map(c => el("td", {class: c[2]}, c[1](r)))))))), name);
}
// Names and values in two columns.
export const facts = rows => el("table", {class: "facts"}, el("tbody", {}, rows.map(([k, v]) => el("tr", {}, el("th", {scope: "row"}, k), el("td", {}, v)))));

export function select(name, values, chosen, onchange) {
  return el("select", {name, onchange}, values.map(v => {
    const [value, text] = Array.isArray(v) ? v : [v, v];
    return el("option", {value, selected: value === chosen}, text);
  }));
}
export const field = (text, input) => el("label", {}, text, input);

// Puts one thing in another's place, and carries over what a reader did there: what is open, and where the keyboard is.
export function replace(old, fresh) {
  const stops = e => [...e.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")], at = document.activeElement, key = e => [e.tagName, e.getAttribute("href"), e.dataset.id, e.name, e.textContent].join();
  const was = old.querySelectorAll("details"), now = fresh.querySelectorAll("details"), here = old !== at && old.contains(at) ? stops(old).indexOf(at) : -1;
  if (was.length === now.length) now.forEach((d, i) => { if (was[i].open) d.open = true; });
  old.replaceWith(fresh);
  if (here >= 0) (stops(fresh).find(e => key(e) === key(at)) || stops(fresh)[here])?.focus({preventScroll: true});
}

// Shows what make() gives, again every period ms while the page is shown; a failure says what is missing, and goes on.
export function refresh(page, make, period) {
  let timer, shown;
  const run = async () => {
    const old = shown;
    try { shown = await make(); } catch (e) {
      if (e.status === 401) { location.assign(loginPage()); return; }
      shown = trouble(e);
    }
    if (!page.isConnected) return;
    if (!old) page.append(shown); else if (old !== shown) replace(old, shown);
    if (period) timer = setTimeout(() => page.isConnected && run(), period);
  };
  run();
  return () => { clearTimeout(timer); run(); };
}
// The login, that leads back here.
export const loginPage = () => "/docs?login&then=" + encodeURIComponent(location.pathname + location.search);
export const query = () => new URLSearchParams(location.search);
export function setQuery(values) {
  const q = query();
  for (const [k, v] of Object.entries(values)) v ? q.set(k, v) : q.delete(k);
  history.replaceState(null, "", location.pathname + (q.size ? "?" + q : ""));
}
export const link = (kind, ns, name, text) => el("a", {href: `/${kind}/${ns}/${name}`}, text || name);
