// The graph: laid out by dagre with namespaces as boxes, drawn as SVG whose labels are texts, with a panel for what is chosen.
import { api, bytes, el, facts, field, ms, number, percent, query, refresh, replace, scrolls, select, setQuery, tell } from "./dom.js";
import { lineChart } from "./chart.js";
import { drawing, line, mark, onChoose } from "./draw.js";
import { layout } from "./layout.js";
import { freshness, merge, shape } from "./live.js";

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

const place = (graph, boxes) => layout(graph.nodes.map(n => ({id: n.id, namespace: n.namespace, width: Math.max(90, nodeName(n).length * 7.5 + 30), height: 44})), graph.edges, boxes);

// What is chosen again and again is told by these, as a drawing outlives the values in it.
const edgeId = e => `${e.source} ${e.target} ${e.protocol}`;
const ANIMATED = 200;
const dots = e => e.rate > 0 ? Math.max(1, Math.min(5, Math.round(Math.log10(e.rate + 1) * 3))) : 0;

function drawEdge(e, at, choose) {
  const d = line(at), middle = at[Math.floor(at.length / 2)];
  return el("svg:g", {tabindex: 0, role: "button", "data-source": e.source, "data-target": e.target, "data-id": edgeId(e), ...onChoose(edgeId(e), choose)},
    el("svg:path", {class: "hit", d}), el("svg:path", {class: "line", d, "marker-end": "url(#arrow)"}), el("svg:text", {x: middle.x, y: middle.y - 6, "text-anchor": "middle"}));
}

// The values of an edge that is drawn already.
function fillEdge(g, e, show) {
  const text = edgeText(e, show), n = show.animate ? dots(e) : 0, chosen = g.classList.contains("chosen"), faded = g.classList.contains("faded");
  g.setAttribute("class", `edge ${level(e)}${chosen ? " chosen" : ""}${faded ? " faded" : ""}`);
  g.setAttribute("aria-label", `${e.source} to ${e.target}: ${text}`);
  if (g.querySelector("text").textContent !== text) g.querySelector("text").textContent = text;
  if (g.querySelectorAll("circle").length === n) return;
  g.querySelectorAll("circle").forEach(c => c.remove());
  for (let i = 0; i < n; i++) g.append(el("svg:circle", {r: 3}, el("svg:animateMotion", {path: g.querySelector(".line").getAttribute("d"), dur: "2s", begin: `${-2 * i / n}s`, repeatCount: "indefinite"})));
}

function drawNode(n, at, choose) {
  const badges = (n.badges || []).map(b => (marks[b] || [b])[0]).join(" ");
  const g = el("svg:g", {tabindex: 0, role: "button", "aria-label": `${n.kind} ${nodeName(n)} of ${n.namespace}`, "data-node": n.id, "data-id": n.id, transform: `translate(${at.x - at.width / 2},${at.y - at.height / 2})`,
    ...onChoose(n.id, choose)},
    el("svg:title", {}, [nodeName(n), n.namespace, ...(n.badges || []).map(b => (marks[b] || ["", b])[1])].join("\n")),
    el("svg:rect", {class: "node", width: at.width, height: at.height, rx: n.kind === "service" ? 2 : n.kind === "app" ? 22 : 8}),
    el("svg:text", {x: at.width / 2, y: 19, "text-anchor": "middle"}, nodeName(n)), el("svg:text", {class: "below", x: at.width / 2, y: 36, "text-anchor": "middle"}, badges));
  return g;
}

function fill(svg, graph, show) {
  const drawn = new Map([...svg.querySelectorAll("[data-id]")].map(g => [g.dataset.id, g]));
  // Thousands of dots that move are too many for a browser.
  const how = {...show, animate: show.animate && graph.edges.length <= ANIMATED};
  for (const e of graph.edges) fillEdge(drawn.get(edgeId(e)), e, how);
  for (const n of graph.nodes) if (!(n.badges || []).length) drawn.get(n.id).querySelector(".below").textContent = n.in ? number(n.in) + " rps" : "";
}

function draw(graph, show, choose) {
  const at = place(graph, show.boxes), svg = drawing(at, "Graph of the mesh's traffic");
  for (const [name, b] of at.boxes)
    svg.append(el("svg:rect", {class: "ns", x: b.x - b.width / 2, y: b.y - b.height / 2, width: b.width, height: b.height, rx: 8}), el("svg:text", {x: b.x - b.width / 2 + 8, y: b.y - b.height / 2 + 14}, name));
  for (const e of graph.edges) svg.append(drawEdge(e, at.edges.get(edgeId(e)), choose));
  for (const n of graph.nodes) svg.append(drawNode(n, at.nodes.get(n.id), choose));
  fill(svg, graph, show);
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
  panel.append(el("h2", {}, `${nodeName(nodes[e.source])} → ${nodeName(nodes[e.target])}`), facts(rows));
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

function asTable() {
  const body = el("tbody", {}), table = el("details", {}, el("summary", {}, "The graph as a table"), scrolls(el("div", {class: "scroll"}, el("table", {}, el("thead", {}, el("tr", {}, ["From", "To", "Traffic"].map(t => el("th", {scope: "col"}, t)))), body)), "The graph as a table"));
  const update = (graph, nodes) => body.replaceChildren(...graph.edges.map(e => el("tr", {}, el("td", {}, nodeName(nodes[e.source])), el("td", {}, nodeName(nodes[e.target])), el("td", {}, edgeText(e, {time: "avg", security: true})))));
  return [table, update];
}

// The drawing: made anew when nodes or edges come and go, else only its values are.
function canvas(show, choose) {
  const [table, fillTable] = asTable(), frame = scrolls(el("div", {class: "graph"}), "Graph"), hints = el("div", {}), told = el("p", {class: "fresh", role: "status"}), top = el("div", {}, frame, told, hints, table);
  let drawn = "", svg;
  return {top, mark(id) { if (svg) mark(svg, id); }, fade() { svg && fade(svg, show.find, show.hide); },
    show(graph, freshness, trouble) {
      const now = [shape(graph), show.boxes, show.type].join("\n");
      tell(told, freshness);
      hints.replaceChildren(...[trouble, graph.leftOut ? `${graph.leftOut} values did not fit: choose fewer namespaces.` : "",
        graph.edges.length ? "" : `No traffic was seen in the last ${show.duration}. Send some through the gateway.`].filter(Boolean).map(t => el("p", {class: "hint"}, t)));
      if (now === drawn) fill(svg, graph, show);
      else {
        const old = svg;
        svg = draw(graph, show, choose);
        old ? replace(old, svg) : frame.append(svg);
      }
      drawn = now;
      this.fade();
      fillTable(graph, Object.fromEntries(graph.nodes.map(n => [n.id, n])));
    }};
}

export function graphPage(page) {
  const q = query(), show = {namespaces: q.get("namespaces") || "", type: q.get("type") || "workload", duration: q.get("duration") || "60s", time: q.get("time") || "avg", find: "", hide: "", at: 0,
    boxes: true, security: true, animate: q.get("animate") !== "no"};
  const side = el("aside", {"aria-live": "polite"}, el("p", {}, "Choose a node or an edge.")), left = el("div", {}), names = el("div", {role: "group", "aria-label": "Namespaces"});
  let again, chosen = "", base, trouble, live, graph, asked = 0;
  const choose = id => {
    const nodes = Object.fromEntries(graph.nodes.map(n => [n.id, n])), e = graph.edges.find(x => edgeId(x) === id);
    chosen = id;
    picture.mark(id);
    side.replaceChildren(e ? edgePanel(e, nodes) : nodePanel(nodes[id], graph, nodes));
  };
  const picture = canvas(show, choose), present = () => {
    graph = merge(base, live);
    picture.show(graph, freshness(live, +show.at), trouble);
    picture.mark(chosen);
    return picture.top;
  };
  const anew = () => { asked++; base = live = undefined; again(); };
  const changed = e => { show[e.target.name] = e.target.type === "checkbox" ? e.target.checked : e.target.value; setQuery({type: show.type, duration: show.duration, time: show.time, namespaces: show.namespaces}); anew(); };
  const seek = e => { show[e.target.name] = e.target.value; picture.fade(); };
  const check = (name, text) => el("label", {class: "box"}, el("input", {type: "checkbox", name, checked: show[name], onchange: changed}), text);
  page.append(el("h1", {}, "Graph"), el("form", {class: "bar", onsubmit: e => e.preventDefault()}, names,
    field("Graph type", select("type", [["workload", "Workload"], ["app", "App"], ["versionedApp", "Versioned app"], ["service", "Service"]], show.type, changed)),
    field("Duration", select("duration", [["60s", "Last 1m"], ["5m", "Last 5m"], ["15m", "Last 15m"], ["1h", "Last 1h"], ["6h", "Last 6h"]], show.duration, changed)),
    field("Response time", select("time", [["avg", "average"], "p50", "p95", "p99", ["", "none"]], show.time, changed)),
    field("Replay, minutes ago", el("input", {type: "range", min: 0, max: 60, value: 0, name: "at", onchange: changed})),
    field("Find", el("input", {name: "find", oninput: seek})), field("Hide", el("input", {name: "hide", oninput: seek})),
    el("fieldset", {}, el("legend", {}, "Display"), check("animate", "Traffic Animation"), check("security", "Security"), check("boxes", "Namespace boxes"))), el("div", {class: "split"}, left, side));
  api("/api/namespaces").then(json => names.append(...json.namespaces.map(n => el("label", {class: "box"}, el("input", {type: "checkbox", checked: !show.namespaces || show.namespaces.split(",").includes(n.name), value: n.name, onchange: () => {
    show.namespaces = [...names.querySelectorAll("input:checked")].map(i => i.value).join(",");
    setQuery({namespaces: show.namespaces}); anew();
  }}), n.name)))).catch(e => names.append(el("p", {class: "trouble"}, e.message)));
  const what = () => `namespaces=${encodeURIComponent(show.namespaces)}&type=${show.type}`;
  again = refresh(left, async () => {
    const mine = asked, at = +show.at ? `&queryTime=${Math.floor(Date.now() / 1000) - 60 * show.at}` : "";
    let answer, problem;
    try { answer = await api(`/api/graph?${what()}&duration=${show.duration}${at}`); } catch (e) { if (e.status === 401 || !live?.known) throw e; problem = e.message; }
    if (mine !== asked) return base ? present() : el("p", {}, "…");
    base = answer || {nodes: [], edges: []};
    trouble = problem;
    return present();
  }, 5000);
  // While it is looked at the proxies are asked each second; without Prometheus they are all there is.
  const follow = async () => {
    const mine = asked;
    let answer;
    if (+show.at || document.hidden) answer = undefined;
    else try { answer = await api(`/api/live?${what()}`); } catch (e) { answer = {known: 0, proxies: 0, hint: e.message}; }
    if (!page.isConnected) return;
    if (mine === asked) {
      live = answer;
      if (base) present();
    }
    setTimeout(follow, 1000);
  };
  follow();
}
