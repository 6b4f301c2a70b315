// Traces: a search, a scatter of durations, and one trace as a timeline.
import { failed, traceGraph } from "./tracegraph.js";
import { api, el, facts, field, hint, ms, plural, query, refresh, select, setQuery, table, trouble } from "./dom.js";

const base = "/api/jaeger", us = v => ms(v / 1000);
const root = t => t.spans.find(s => !s.references.some(r => t.spans.some(o => o.spanID === r.spanID))) || t.spans[0];
const length = t => Math.max(...t.spans.map(s => s.startTime + s.duration)) - Math.min(...t.spans.map(s => s.startTime));

function scatter(traces) {
  const at = traces.map(t => root(t).startTime), from = Math.min(...at), span = Math.max(...at) - from || 1, top = Math.max(...traces.map(length), 1);
  return el("svg:svg", {class: "chart", viewBox: "0 0 640 160", role: "group", "aria-label": "Durations of the traces found, over time"}, el("svg:text", {x: 2, y: 12}, us(top)), el("svg:line", {x1: 0, x2: 640, y1: 150, y2: 150}),
    traces.map(t => el("svg:a", {href: "/trace/" + t.traceID}, el("svg:circle", {cx: 8 + (root(t).startTime - from) / span * 620, cy: 150 - length(t) / top * 135, r: 4, fill: t.spans.some(failed) ? "var(--bad)" : "var(--accent)"},
      el("svg:title", {}, `${root(t).operationName}: ${us(length(t))}`)))));
}

function found(traces) {
  if (!traces.length) return el("p", {class: "hint"}, "No trace is like that. Is tracing on (tracing.sampling in the ServiceMeshControlPlane: 10000 is all), and is there traffic?");
  return el("div", {}, el("p", {role: "status"}, plural(traces.length, "trace")), scatter(traces), table([["Trace", t => el("a", {href: "/trace/" + t.traceID}, root(t).operationName)], ["Begins at", t => t.processes[root(t).processID].serviceName], ["When", t => new Date(root(t).startTime / 1000).toLocaleString()],
    ["Duration", t => us(length(t)), "number"], ["Spans", t => t.spans.length, "number"], ["Services", t => [...new Set(Object.values(t.processes).map(p => p.serviceName))].join(", ")], ["Errors", t => t.spans.filter(failed).length || "", "number"]], traces, ""));
}

export async function tracesPage(page) {
  const q = query(), wanted = {service: q.get("service") || "", operation: q.get("operation") || "", tags: q.get("tags") || "", minDuration: q.get("minDuration") || "", maxDuration: q.get("maxDuration") || "", lookback: q.get("lookback") || "3600", limit: q.get("limit") || "20"};
  page.append(el("h1", {}, "Distributed Tracing"));
  let services;
  try { services = (await api(base + "/services")).data.sort(); } catch (e) { page.append(trouble(e)); return; }
  if (!services.length) { page.append(hint("No proxy has sent a span yet. They do when tracing.type is Jaeger in the ServiceMeshControlPlane, and requests come.")); return; }
  wanted.service ||= services[0];
  let again;
  const changed = e => { wanted[e.target.name] = e.target.value; if (e.target.name === "service") { wanted.operation = ""; operations(); } setQuery(wanted); again(); };
  const ops = select("operation", [["", "all"]], "", changed);
  const operations = async () => {
    try {
      const all = (await api(`${base}/services/${encodeURIComponent(wanted.service)}/operations`)).data;
      ops.replaceChildren(...[["", "all"], ...all.map(o => [o, o])].map(([v, t]) => el("option", {value: v, selected: v === wanted.operation}, t)));
    } catch { /* the search below says what is missing */ }
  };
  page.append(el("form", {class: "bar", onsubmit: e => { e.preventDefault(); again(); }}, field("Service", select("service", services, wanted.service, changed)), field("Operation", ops),
    field("Tags", el("input", {name: "tags", value: wanted.tags, placeholder: "http.status_code=503 error=true", onchange: changed})), field("At least", el("input", {name: "minDuration", size: 6, value: wanted.minDuration, placeholder: "250ms", onchange: changed})),
    field("At most", el("input", {name: "maxDuration", size: 6, value: wanted.maxDuration, placeholder: "5s", onchange: changed})), field("In the last", select("lookback", [["300", "5 minutes"], ["3600", "hour"], ["86400", "day"], ["172800", "two days"]], wanted.lookback, changed)),
    field("Limit", select("limit", ["20", "50", "100", "200"], wanted.limit, changed)), el("button", {}, "Find traces")));
  operations();
  again = refresh(page, async () => {
    const end = Date.now() * 1000, p = new URLSearchParams({service: wanted.service, limit: wanted.limit, start: end - wanted.lookback * 1e6, end});
    for (const k of ["operation", "minDuration", "maxDuration"]) if (wanted[k]) p.set(k, wanted[k]);
    if (wanted.tags.trim()) p.set("tags", JSON.stringify(Object.fromEntries(wanted.tags.trim().split(/\s+/).map(t => t.split(/=(.*)/s).slice(0, 2)))));
    return found((await api(`${base}/traces?${p}`)).data);
  }, 0);
}

function rows(t) {
  const start = Math.min(...t.spans.map(s => s.startTime)), span = length(t) || 1, ids = new Set(t.spans.map(s => s.spanID)), out = [];
  const parent = s => s.references.map(r => r.spanID).find(i => ids.has(i)), walk = (s, depth) => {
    if (depth > 100) return;
    const tags = el("details", {}, el("summary", {style: {paddingLeft: depth + "rem"}}, `${t.processes[s.processID].serviceName}: ${s.operationName}`),
      facts([...s.tags, ...t.processes[s.processID].tags].map(x => [x.key, String(x.value)])));
    out.push([s, el("div", {class: failed(s) ? "span error" : "span"}, tags, el("div", {}, el("div", {class: "lane"}, el("i", {style: {left: (s.startTime - start) / span * 100 + "%", width: s.duration / span * 100 + "%"}})), `${us(s.duration)} from ${us(s.startTime - start)} on${failed(s) ? ", failed" : ""}`))]);
    t.spans.filter(c => parent(c) === s.spanID).forEach(c => walk(c, depth + 1));
  };
  t.spans.filter(s => !parent(s)).forEach(s => walk(s, 0));
  return out;
}

// The graph beside the timeline; what is chosen in the one is all that the other shows.
function graphAndTimeline(t) {
  const lines = rows(t), told = el("p", {role: "status"}, "Choose a service or a call to see its spans alone."), all = el("button", {type: "button", hidden: true, onclick: () => show(null)}, "All spans");
  const show = of => {
    for (const [span, line] of lines) line.hidden = !!of && !of(span);
    told.textContent = of ? `${lines.filter(([span]) => of(span)).length} of ${lines.length}: ${of.text}` : `All ${lines.length} spans.`;
    all.hidden = !of;
    if (!of) graph.querySelectorAll(".chosen").forEach(g => (g.classList.remove("chosen"), g.setAttribute("aria-pressed", false)));
  };
  const graph = traceGraph(t, show);
  return el("div", {class: "beside"}, graph, el("section", {}, el("h2", {}, "Timeline"), told, el("p", {}, all), lines.map(([, line]) => line)));
}

export function tracePage(page, id) {
  page.append(el("h1", {}, "Trace " + id));
  refresh(page, async () => {
    const t = (await api(`${base}/traces/${encodeURIComponent(id)}`)).data[0];
    return el("div", {}, el("p", {}, `${root(t).operationName}: ${us(length(t))}, ${t.spans.length} spans, ${Object.keys(t.processes).length} services, began ${new Date(root(t).startTime / 1000).toLocaleString()}. `,
      el("a", {href: "/traces"}, "Search"), " ", el("a", {href: `/api/jaeger/traces/${id}`}, "JSON")), graphAndTimeline(t));
  }, 0);
}
