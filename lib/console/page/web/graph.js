// The graph: laid out by dagre with namespaces as boxes, drawn as SVG whose labels are texts, with a panel for what is chosen.
import { api, bytes, el, field, ms, number, percent, query, refresh, select, setQuery, trouble } from "./dom.js";
import { lineChart } from "./chart.js";

const marks = {virtualService: ["⑂", "VirtualService"], fault: ["⚡", "fault injection"], mirror: ["⧉", "mirror"], circuitBreaker: ["⏻", "circuit breaker"], noSidecar: ["⚠", "without sidecar"]};
const short = {http: "rps", grpc: "rps gRPC"};

const nodeName = n => n.kind === "unknown" ? "unknown" : n.kind === "service" ? n.service : n.kind === "app" ? n.app + (n.version ? " " + n.version : "") : n.workload;
const level = e => e.rate <= 0 ? "idle" : e.protocol === "tcp" ? "tcp" : e.errorRate >= 0.1 ? "bad" : e.errorRate >= 0.001 ? "warn" : "";

function edgeText(e, show) {
  const lock = show.security && e.mtls ? "🔒 " : "";
  if (e.protocol === "tcp") return lock + bytes(e.rate);
  const parts = [`${number(e.rate)} ${short[e.protocol]}`];
  if (show.time && e[show.time] !== undefined) parts.push(ms(e[show.time]));
  if (e.errorRate > 0) parts.push(percent(e.errorRate) + " errors");
  return lock + parts.join(", ");
}

function layout(graph, boxes) {
  const g = new dagre.graphlib.Graph({compound: true, multigraph: true}).setGraph({rankdir: "LR", nodesep: 30, ranksep: 130, marginx: 20, marginy: 24}).setDefaultEdgeLabel(() => ({}));
  for (const n of graph.nodes) {
    g.setNode(n.id, {width: Math.max(90, nodeName(n).length * 7.5 + 30), height: 44});
    if (boxes && n.namespace) {
      if (!g.hasNode("box " + n.namespace)) g.setNode("box " + n.namespace, {});
      g.setParent(n.id, "box " + n.namespace);
    }
  }
  for (const e of graph.edges) g.setEdge(e.source, e.target, {}, e.protocol);
  dagre.layout(g);
  return g;
}

const line = points => points.map((p, i) => (i ? "L" : "M") + p.x.toFixed(1) + "," + p.y.toFixed(1)).join("");

function drawEdge(e, at, show, choose) {
  const d = line(at.points), middle = at.points[Math.floor(at.points.length / 2)], text = edgeText(e, show);
  const g = el("svg:g", {class: `edge ${level(e)}`, tabindex: 0, role: "button", "aria-label": `${e.source} to ${e.target}: ${text}`, "data-source": e.source, "data-target": e.target,
    onclick: () => choose(e, g), onkeydown: k => k.key === "Enter" && choose(e, g)},
    el("svg:path", {class: "hit", d}), el("svg:path", {class: "line", d, "marker-end": "url(#arrow)"}), el("svg:text", {x: middle.x, y: middle.y - 6, "text-anchor": "middle"}, text));
  if (show.animate && e.rate > 0) {
    const n = Math.max(1, Math.min(5, Math.round(Math.log10(e.rate + 1) * 3)));
    for (let i = 0; i < n; i++) g.append(el("svg:circle", {r: e.errorRate >= 0.1 ? 4 : 3}, el("svg:animateMotion", {path: d, dur: "2s", begin: `${-2 * i / n}s`, repeatCount: "indefinite"})));
  }
  return g;
}

function drawNode(n, at, choose) {
  const badges = (n.badges || []).map(b => (marks[b] || [b])[0]).join(" ");
  const g = el("svg:g", {tabindex: 0, role: "button", "aria-label": `${n.kind} ${nodeName(n)} of ${n.namespace}`, "data-node": n.id, transform: `translate(${at.x - at.width / 2},${at.y - at.height / 2})`,
    onclick: () => choose(n, g), onkeydown: k => k.key === "Enter" && choose(n, g)},
    el("svg:title", {}, [nodeName(n), n.namespace, ...(n.badges || []).map(b => (marks[b] || ["", b])[1])].join("\n")),
    el("svg:rect", {class: "node", width: at.width, height: at.height, rx: n.kind === "service" ? 2 : n.kind === "app" ? 22 : 8}),
    el("svg:text", {x: at.width / 2, y: 19, "text-anchor": "middle"}, nodeName(n)), el("svg:text", {x: at.width / 2, y: 36, "text-anchor": "middle"}, badges || (n.in ? number(n.in) + " rps" : "")));
  return g;
}

function draw(graph, show, choose) {
  const g = layout(graph, show.boxes), size = g.graph();
  const svg = el("svg:svg", {width: Math.ceil(size.width || 300), height: Math.ceil(size.height || 100), role: "group", "aria-label": "Graph of the mesh's traffic"},
    el("svg:defs", {}, el("svg:marker", {id: "arrow", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 6, markerHeight: 6, orient: "auto"}, el("svg:path", {d: "M0,0L10,5L0,10z", fill: "currentColor"}))));
  for (const id of g.nodes().filter(i => i.startsWith("box "))) {
    const b = g.node(id);
    svg.append(el("svg:rect", {class: "ns", x: b.x - b.width / 2, y: b.y - b.height / 2, width: b.width, height: b.height, rx: 8}), el("svg:text", {x: b.x - b.width / 2 + 8, y: b.y - b.height / 2 + 14}, id.slice(4)));
  }
  for (const e of graph.edges) svg.append(drawEdge(e, g.edge(e.source, e.target, e.protocol), show, choose));
  for (const n of graph.nodes) svg.append(drawNode(n, g.node(n.id), choose));
  return svg;
}

function fade(svg, text, hide) {
  for (const g of svg.querySelectorAll("[data-node], [data-source]")) {
    const id = g.dataset.node || g.dataset.source + " " + g.dataset.target;
    g.classList.toggle("faded", !!text && !id.includes(text));
    g.style.display = hide && id.includes(hide) ? "none" : "";
  }
}

async function history(promql, seconds, title, unit) {
  const end = Math.floor(Date.now() / 1000);
  const json = await api(`/api/query_range?query=${encodeURIComponent(promql)}&start=${end - seconds}&end=${end}&step=${Math.max(5, Math.round(seconds / 60))}`);
  return lineChart((json.data?.result || []).map(r => ({name: r.metric.q || r.metric.response_code || title, points: r.values.map(v => [v[0], +v[1]])})), {title, unit});
}

const selector = (e, nodes) => {
  const s = nodes[e.source], t = nodes[e.target];
  return [["source_workload", s.workload], ["source_workload_namespace", s.workload && s.namespace], ["destination_workload", t.workload], [t.workload ? "destination_workload_namespace" : "destination_service_namespace", t.namespace],
    ["destination_service_name", !t.workload && t.service]].filter(x => x[1]).map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(",");
};

function edgePanel(e, nodes) {
  const s = selector(e, nodes), by = `reporter=${nodes[e.source].workload ? '"source"' : '"destination"'},${s}`, panel = el("div", {});
  const rows = [["Rate", e.protocol === "tcp" ? bytes(e.rate) : number(e.rate) + " rps"], ["Errors", percent(e.errorRate)], ["Average", ms(e.avg)], ["p50", ms(e.p50)], ["p95", ms(e.p95)], ["p99", ms(e.p99)],
    ["Mutual TLS", e.mtls ? "yes" : percent(e.mtlsShare)], ["Codes", Object.entries(e.codes || {}).map(([c, r]) => `${c}: ${number(r)}`).join(", ") || "–"], ["Flags", Object.entries(e.flags || {}).map(([c, r]) => `${c}: ${number(r)}`).join(", ") || "–"]];
  panel.append(el("h2", {}, `${nodeName(nodes[e.source])} → ${nodeName(nodes[e.target])}`), el("table", {}, rows.map(r => el("tr", {}, el("th", {scope: "row"}, r[0]), el("td", {}, r[1])))));
  if (e.protocol === "tcp") return panel;
  const d = "istio_request_duration_milliseconds";
  refresh(panel, () => history(`sum by (response_code)(rate(istio_requests_total{${by}}[1m]))`, 600, "HTTP requests by response code"));
  refresh(panel, () => history(`label_replace(sum(rate(${d}_sum{${by}}[1m]))/sum(rate(${d}_count{${by}}[1m])),"q","average","","") or label_replace(histogram_quantile(0.95,sum by (le)(rate(${d}_bucket{${by}}[1m]))),"q","p95","","")`, 600, "HTTP request response time", ms));
  return panel;
}

function nodePanel(n, graph, nodes) {
  const kind = n.kind === "app" ? "applications" : n.kind === "service" ? "services" : "workloads";
  const list = (title, edges, end) => [el("h2", {}, title), edges.length ? el("ul", {}, edges.map(e => el("li", {}, `${nodeName(nodes[e[end]])}: ${edgeText(e, {time: "avg", security: true})}`))) : el("p", {}, "none")];
  return el("div", {}, el("h2", {}, n.kind === "unknown" ? "unknown" : el("a", {href: `/${kind}/${n.namespace}/${nodeName({...n, version: ""})}`}, nodeName(n))), el("p", {}, n.namespace),
    el("p", {}, (n.badges || []).map(b => (marks[b] || ["", b]).join(" ")).join(", ")), list("In", graph.edges.filter(e => e.target === n.id), "source"), list("Out", graph.edges.filter(e => e.source === n.id), "target"));
}

function asTable(graph, nodes) {
  return el("details", {}, el("summary", {}, "The graph as a table"), el("table", {}, el("tr", {}, ["From", "To", "Traffic"].map(t => el("th", {}, t))),
    graph.edges.map(e => el("tr", {}, el("td", {}, nodeName(nodes[e.source])), el("td", {}, nodeName(nodes[e.target])), el("td", {}, edgeText(e, {time: "avg", security: true}))))));
}

export function graphPage(page) {
  const q = query(), show = {namespaces: q.get("namespaces") || "", type: q.get("type") || "workload", duration: q.get("duration") || "60s", time: q.get("time") || "avg", find: "", hide: "", at: 0,
    boxes: true, security: true, animate: q.get("animate") !== "no"};
  const side = el("aside", {"aria-live": "polite"}, el("p", {}, "Choose a node or an edge.")), left = el("div", {}), names = el("div", {role: "group", "aria-label": "Namespaces"});
  let again, chosen = "", svg;
  const changed = e => { show[e.target.name] = e.target.type === "checkbox" ? e.target.checked : e.target.value; setQuery({type: show.type, duration: show.duration, time: show.time, namespaces: show.namespaces}); again(); };
  const check = (name, text) => el("label", {class: "box"}, el("input", {type: "checkbox", name, checked: show[name], onchange: changed}), text);
  page.append(el("h1", {}, "Graph"), el("form", {class: "bar", onsubmit: e => e.preventDefault()}, names,
    field("Graph type", select("type", [["workload", "Workload"], ["app", "App"], ["versionedApp", "Versioned app"], ["service", "Service"]], show.type, changed)),
    field("Duration", select("duration", [["60s", "Last 1m"], ["5m", "Last 5m"], ["15m", "Last 15m"], ["1h", "Last 1h"], ["6h", "Last 6h"]], show.duration, changed)),
    field("Response time", select("time", [["avg", "average"], "p50", "p95", "p99", ["", "none"]], show.time, changed)),
    field("Replay, minutes ago", el("input", {type: "range", min: 0, max: 60, value: 0, name: "at", onchange: changed})),
    field("Find", el("input", {name: "find", oninput: e => { show.find = e.target.value; svg && fade(svg, show.find, show.hide); }})), field("Hide", el("input", {name: "hide", oninput: e => { show.hide = e.target.value; svg && fade(svg, show.find, show.hide); }})),
    el("fieldset", {}, el("legend", {}, "Display"), check("animate", "Traffic Animation"), check("security", "Security"), check("boxes", "Namespace boxes"))), el("div", {class: "split"}, left, side));
  api("/api/namespaces").then(json => names.append(...json.namespaces.map(n => el("label", {class: "box"}, el("input", {type: "checkbox", checked: !show.namespaces || show.namespaces.split(",").includes(n.name), value: n.name, onchange: () => {
    show.namespaces = [...names.querySelectorAll("input:checked")].map(i => i.value).join(",");
    setQuery({namespaces: show.namespaces}); again();
  }}), n.name)))).catch(e => names.append(trouble(e)));
  again = refresh(left, async () => {
    const at = +show.at ? `&queryTime=${Math.floor(Date.now() / 1000) - 60 * show.at}` : "";
    const graph = await api(`/api/graph?namespaces=${encodeURIComponent(show.namespaces)}&duration=${show.duration}&type=${show.type}${at}`);
    const nodes = Object.fromEntries(graph.nodes.map(n => [n.id, n]));
    if (!graph.edges.length) return el("p", {class: "hint"}, `No traffic was seen in the last ${show.duration}. Send some through the gateway; Prometheus looks every few seconds.`);
    const choose = (what, g) => {
      svg.querySelectorAll(".chosen").forEach(x => x.classList.remove("chosen"));
      g.classList.add("chosen");
      chosen = what.id || what.source + " " + what.target;
      side.replaceChildren(what.id ? nodePanel(what, graph, nodes) : edgePanel(what, nodes));
    };
    svg = draw(graph, show, choose);
    fade(svg, show.find, show.hide);
    for (const g of svg.querySelectorAll("[data-node], [data-source]")) if ((g.dataset.node || g.dataset.source + " " + g.dataset.target) === chosen) g.classList.add("chosen");
    return el("div", {}, el("div", {class: "graph"}, svg), graph.leftOut ? el("p", {class: "hint"}, `${graph.leftOut} values did not fit: choose fewer namespaces.`) : "", asTable(graph, nodes));
  }, 5000);
}
