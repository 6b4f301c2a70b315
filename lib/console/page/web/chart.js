// Lines over time as SVG: axes with numbers, a legend that says which is which, values on hover.
import { el, number, scrolls, table } from "./dom.js";

const W = 640, H = 220, LEFT = 56, BOTTOM = 24;
export const colour = i => `hsl(${(i * 137.5) % 360} 65% 50%)`;

export function sparkline(points, what) {
  const title = points.length ? `${what}: ${number(points.at(-1)[1])} now, ${number(Math.max(...points.map(p => p[1])))} at most` : what;
  const top = Math.max(...points.map(p => p[1]), 1e-9), from = points[0]?.[0] ?? 0, span = (points.at(-1)?.[0] ?? 1) - from || 1;
  return el("svg:svg", {class: "chart", viewBox: "0 0 200 40", width: 200, height: 40, role: "img", "aria-label": title}, el("svg:title", {}, title),
    el("svg:polyline", {stroke: "currentColor", points: points.map(p => `${(p[0] - from) / span * 198 + 1},${39 - p[1] / top * 37}`).join(" ")}));
}

// The same in words, made when it is opened: of each series what it was first and last, lowest and highest.
function asTable(series, unit) {
  const inside = el("div", {});
  const numbers = s => s.points.map(p => p[1]).filter(isFinite);
  return el("details", {ontoggle: () => inside.firstChild || inside.append(table([["Series", s => s.name], ["From", s => when(s.points[0][0])], ["First", s => unit(s.points[0][1]), "number"], ["Lowest", s => unit(Math.min(...numbers(s))), "number"],
    ["Highest", s => unit(Math.max(...numbers(s))), "number"], ["Last", s => unit(s.points.at(-1)[1]), "number"]], series.filter(s => s.points.length), "There are no values.", "Values"))}, el("summary", {}, "As a table"), inside);
}

const when = t => new Date(t * 1000).toLocaleTimeString();

// series: [{name, points: [[seconds, value], ...]}]
export function lineChart(series, {title, unit = number} = {}) {
  const all = series.flatMap(s => s.points).filter(p => isFinite(p[1]));
  if (!all.length) return el("p", {class: "hint"}, "There are no values in this time. Is there traffic, and is Prometheus scraping? kubectl -n istio-system get pods -l app=prometheus");
  const from = Math.min(...all.map(p => p[0])), to = Math.max(...all.map(p => p[0])), top = Math.max(...all.map(p => p[1]), 1e-9);
  const x = t => LEFT + (t - from) / (to - from || 1) * (W - LEFT - 8), y = v => H - BOTTOM - v / top * (H - BOTTOM - 10);
  const svg = el("svg:svg", {class: "chart", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": title}, el("svg:title", {}, title || ""));
  for (let i = 0; i <= 4; i++) {
    const v = top * i / 4;
    svg.append(el("svg:line", {x1: LEFT, x2: W, y1: y(v), y2: y(v)}), el("svg:text", {x: LEFT - 4, y: y(v) + 4, "text-anchor": "end"}, unit(v)));
  }
  for (const t of [from, (from + to) / 2, to]) svg.append(el("svg:text", {x: x(t), y: H - 6, "text-anchor": t === from ? "start" : t === to ? "end" : "middle"}, when(t)));
  series.forEach((s, i) => {
    const good = s.points.filter(p => isFinite(p[1]));
    svg.append(el("svg:polyline", {stroke: colour(i), points: good.map(p => `${x(p[0])},${y(p[1])}`).join(" ")}, el("svg:title", {}, s.name)));
    for (const p of good.length <= 60 ? good : []) svg.append(el("svg:circle", {cx: x(p[0]), cy: y(p[1]), r: 2.5, fill: colour(i)}, el("svg:title", {}, `${s.name}\n${when(p[0])}: ${unit(p[1])}`)));
  });
  return el("figure", {}, el("figcaption", {}, title || ""), svg, asTable(series, unit), scrolls(el("div", {class: "legend"}, el("ul", {}, series.map((s, i) => el("li", {},
    el("svg:svg", {width: 14, height: 10, "aria-hidden": "true"}, el("svg:rect", {width: 12, height: 8, fill: colour(i)})), " ", s.name, ": ", unit(s.points.at(-1)?.[1] ?? NaN))))), `Legend of ${title || "the chart"}`));
}
