// What drawings of nodes and edges have in common: the way of an edge, its arrow, and how one is chosen by pointer or keyboard.
import { el } from "./dom.js";

export const line = points => points.map((p, i) => (i ? "L" : "M") + p.x.toFixed(1) + "," + p.y.toFixed(1)).join("");
export const onChoose = (id, choose) => ({onclick: () => choose(id), onkeydown: k => (k.key === "Enter" || k.key === " ") && (k.preventDefault(), choose(id))});

// A drawing of that size, with the arrow that edges end in.
export const drawing = (at, name) => el("svg:svg", {width: Math.ceil(at.width), height: Math.ceil(at.height), role: "group", "aria-label": name},
  el("svg:defs", {}, el("svg:marker", {id: "arrow", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 6, markerHeight: 6, orient: "auto"}, el("svg:path", {d: "M0,0L10,5L0,10z", fill: "currentColor"}))));

// Marks what was chosen, for eyes and for ears.
export function mark(svg, id) {
  for (const g of svg.querySelectorAll("[data-id]")) {
    g.classList.toggle("chosen", g.dataset.id === id);
    g.setAttribute("aria-pressed", g.dataset.id === id);
  }
}
