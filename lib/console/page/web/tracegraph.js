// A trace as a graph: its services as nodes, the calls between them as edges.
import { el, ms, plural, scrolls, table } from "./dom.js";
import { drawing, line, mark, onChoose } from "./draw.js";
import { layout } from "./layout.js";

const us = v => ms(v / 1000);
export const failed = s => String(s.tags.find(t => t.key === "error")?.value) === "true";
const idOf = e => `${e.source} ${e.target} calls`;

// {nodes: [{id, spans, errors, time}], edges: [{source, target, calls, errors, time, longest}]}; times in microseconds. A span whose
// parent is of another service is a call; one whose parent is of its own is a part of it, and makes the service no larger.
export function servicesOf(trace) {
  const nodes = new Map(), edges = new Map(), spans = new Map(trace.spans.map(s => [s.spanID, s]));
  const service = s => trace.processes[s.processID].serviceName;
  for (const s of trace.spans) {
    const name = service(s), parent = spans.get(s.references.map(r => r.spanID).find(i => spans.has(i)));
    if (!nodes.has(name)) nodes.set(name, {id: name, spans: 0, errors: 0, time: 0});
    const n = nodes.get(name);
    n.spans++;
    n.errors += failed(s);
    if (parent && service(parent) === name) continue;
    n.time += s.duration;
    if (!parent) continue;
    const key = idOf({source: service(parent), target: name});
    if (!edges.has(key)) edges.set(key, {source: service(parent), target: name, protocol: "calls", calls: 0, errors: 0, time: 0, longest: 0});
    const e = edges.get(key);
    e.calls++;
    e.errors += failed(s);
    e.time += s.duration;
    e.longest = Math.max(e.longest, s.duration);
  }
  return {nodes: [...nodes.values()], edges: [...edges.values()]};
}

const edgeText = e => `${plural(e.calls, "call")}, ${us(e.time)}${e.errors ? `, ${e.errors} failed` : ""}`;
const nodeText = n => `${plural(n.spans, "span")}, ${us(n.time)}${n.errors ? `, ${n.errors} failed` : ""}`;

function draw(graph, choose) {
  const widths = n => Math.max(n.id.length, nodeText(n).length) * 7 + 30;
  const at = layout(graph.nodes.map(n => ({id: n.id, namespace: "", width: widths(n), height: 44})), graph.edges, false), svg = drawing(at, "Services of the trace, and their calls");
  for (const e of graph.edges) {
    const points = at.edges.get(idOf(e)), middle = points[Math.floor(points.length / 2)];
    svg.append(el("svg:g", {class: e.errors ? "edge bad" : "edge", tabindex: 0, role: "button", "aria-label": `${e.source} to ${e.target}: ${edgeText(e)}, the longest ${us(e.longest)}`, "data-id": idOf(e), ...onChoose(idOf(e), choose)},
      el("svg:path", {class: "hit", d: line(points)}), el("svg:path", {class: "line", d: line(points), "marker-end": "url(#arrow)"}), el("svg:text", {x: middle.x, y: middle.y - 6, "text-anchor": "middle"}, edgeText(e))));
  }
  for (const n of graph.nodes) {
    const p = at.nodes.get(n.id);
    svg.append(el("svg:g", {class: n.errors ? "bad" : "", tabindex: 0, role: "button", "data-id": n.id, transform: `translate(${p.x - p.width / 2},${p.y - p.height / 2})`, ...onChoose(n.id, choose)},
      el("svg:rect", {class: "node", width: p.width, height: p.height, rx: 8}), el("svg:text", {x: p.width / 2, y: 19, "text-anchor": "middle"}, n.id), el("svg:text", {class: "below", x: p.width / 2, y: 36, "text-anchor": "middle"}, nodeText(n))));
  }
  return svg;
}

const asTable = graph => el("details", {}, el("summary", {}, "The graph as a table"), table([["From", e => e.source], ["To", e => e.target], ["Calls", e => e.calls, "number"], ["Failed", e => e.errors, "number"],
  ["Together", e => us(e.time), "number"], ["Longest", e => us(e.longest), "number"]], graph.edges, "No service called another.", "The graph as a table"));

// choose(of): the spans of what was chosen: of(span) says whether it is one, of.text what they are.
export function traceGraph(trace, choose) {
  const graph = servicesOf(trace), spans = new Map(trace.spans.map(s => [s.spanID, s])), service = s => trace.processes[s.processID].serviceName;
  const frame = scrolls(el("div", {class: "graph"}), "Graph");
  const svg = draw(graph, id => {
    const e = graph.edges.find(x => idOf(x) === id), called = s => s.references.map(r => spans.get(r.spanID)).filter(Boolean).some(p => service(p) === e.source);
    const of = s => e ? service(s) === e.target && called(s) : service(s) === id;
    mark(svg, id);
    choose(Object.assign(of, {text: e ? `calls from ${e.source} to ${e.target}` : `spans of ${id}`}));
  });
  frame.append(svg);
  return el("section", {}, el("h2", {}, "Services"), frame, asTable(graph));
}
