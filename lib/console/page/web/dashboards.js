// Dashboards over Prometheus: Mesh, Workload, Service, and a box for any PromQL.
import { api, bytes, el, field, ms, number, percent, query, rate, refresh, select, setQuery, table } from "./dom.js";
import { lineChart } from "./chart.js";

const ask = async promql => (await api("/api/query?query=" + encodeURIComponent(promql)));
const say = json => { if (json.status !== "success") throw new Error(`Prometheus: ${json.error || "no result"}`); return json.data; };
async function range(promql, seconds) {
  const end = Math.floor(Date.now() / 1000);
  return say(await api(`/api/query_range?query=${encodeURIComponent(promql)}&start=${end - seconds}&end=${end}&step=${Math.max(5, Math.round(seconds / 120))}`)).result;
}
const nameOf = m => { const rest = Object.entries(m).filter(([k]) => k !== "__name__"); return (m.__name__ || "") + (rest.length === 1 && !m.__name__ ? rest[0][1] : rest.length ? "{" + rest.map(([k, v]) => `${k}="${v}"`).join(", ") + "}" : m.__name__ ? "" : "all"); };
const values = r => r.map(x => ({name: nameOf(x.metric), points: x.values.map(v => [v[0], +v[1]])}));

function panel(page, title, promql, seconds, unit) {
  const card = el("section", {class: "card"}, el("h2", {}, title), el("details", {}, el("summary", {}, "PromQL"), el("a", {href: "/dashboards/query?expr=" + encodeURIComponent(promql)}, el("code", {}, promql))));
  page.append(card);
  refresh(card, async () => lineChart(values(await range(promql, seconds)), {title, unit}), 15000);
}

const tabs = [["mesh", "Mesh"], ["workload", "Workload"], ["service", "Service"], ["performance", "Performance"], ["control-plane", "Control plane"], ["query", "PromQL"]];
const head = (page, current) => page.append(el("h1", {}, "Dashboards"), el("nav", {"aria-label": "Dashboards"}, tabs.map(([k, t]) => el("a", {href: "/dashboards/" + k, "aria-current": k === current ? "page" : false}, t))));

async function mesh(page) {
  const cards = el("div", {class: "cards"}), lists = el("div", {});
  page.append(el("h2", {}, "Global"), cards, el("h2", {}, "HTTP/gRPC workloads"), lists);
  panel(cards, "Global request volume", 'sum(irate(istio_requests_total{reporter="source"}[1m]))', 900, rate);
  panel(cards, "Success rate (non-5xx)", 'sum(rate(istio_requests_total{reporter="source",response_code!~"5.*"}[1m])) / sum(rate(istio_requests_total{reporter="source"}[1m]))', 900, percent);
  panel(cards, "4xx", 'sum(rate(istio_requests_total{reporter="source",response_code=~"4.*"}[1m]))', 900, rate);
  panel(cards, "5xx", 'sum(rate(istio_requests_total{reporter="source",response_code=~"5.*"}[1m]))', 900, rate);
  refresh(lists, async () => {
    const by = "(destination_service,destination_workload,destination_workload_namespace)", d = "istio_request_duration_milliseconds";
    const questions = [`sum by ${by}(rate(istio_requests_total{reporter="source"}[1m]))`, `sum by ${by}(rate(${d}_sum{reporter="source"}[1m])) / sum by ${by}(rate(${d}_count{reporter="source"}[1m]))`, `histogram_quantile(0.5,sum by (le,destination_service,destination_workload,destination_workload_namespace)(rate(${d}_bucket{reporter="source"}[1m])))`,
      `histogram_quantile(0.99,sum by (le,destination_service,destination_workload,destination_workload_namespace)(rate(${d}_bucket{reporter="source"}[1m])))`, `sum by ${by}(rate(istio_requests_total{reporter="source",response_code!~"5.*"}[1m])) / sum by ${by}(rate(istio_requests_total{reporter="source"}[1m]))`, `sum by ${by}(rate(istio_tcp_sent_bytes_total[1m]) + rate(istio_tcp_received_bytes_total[1m]))`];
    const rows = {};
    (await Promise.all(questions.map(q => ask(q).then(say)))).forEach((data, i) => data.result.forEach(r => { (rows[JSON.stringify(r.metric)] ??= {m: r.metric})[i] = +r.value[1]; }));
    return table([["Service", r => r.m.destination_service], ["Workload", r => el("a", {href: `/dashboards/workload?namespace=${r.m.destination_workload_namespace}&workload=${r.m.destination_workload}`}, `${r.m.destination_workload}.${r.m.destination_workload_namespace}`)], ["Requests", r => rate(r[0]), "number"], ["Average", r => ms(r[1]), "number"],
      ["P50", r => ms(r[2]), "number"], ["P99", r => ms(r[3]), "number"], ["Success", r => r[4] === undefined || isNaN(r[4]) ? "–" : percent(r[4]), "number"], ["TCP", r => r[5] ? bytes(r[5]) : "–", "number"]],
      Object.values(rows).sort((a, b) => (b[0] || 0) - (a[0] || 0)), "Prometheus has no requests yet: is there traffic? kubectl -n istio-system get pods -l app=prometheus");
  }, 15000);
}

async function labels(name, match) { return say(await api(`/api/label/${name}/values` + (match ? "?match[]=" + encodeURIComponent(match) : ""))); }

const only = v => v ? `=~${JSON.stringify(v)}` : '=~".*"';

// Drop-downs whose values Prometheus knows, and panels for what is chosen.
async function chosen(page, what) {
  const q = query(), now = {namespace: q.get("namespace") || "", [what]: q.get(what) || "", reporter: q.get("reporter") || "destination", direction: q.get("direction") || "inbound"};
  const nsLabel = what === "service" ? "destination_service_namespace" : "destination_workload_namespace", label = what === "service" ? "destination_service_name" : "destination_workload";
  const namespaces = (await labels(nsLabel)).filter(n => n !== "unknown").sort();
  now.namespace ||= namespaces[0] || "";
  const names = (await labels(label, `istio_requests_total{${nsLabel}=${JSON.stringify(now.namespace)}}`)).concat(await labels(label, `istio_tcp_connections_opened_total{${nsLabel}=${JSON.stringify(now.namespace)}}`)).filter((n, i, a) => a.indexOf(n) === i && n !== "unknown").sort();
  if (now[what] && !names.includes(now[what])) names.push(now[what]);
  now[what] ||= names[0] || "";
  const changed = e => { now[e.target.name] = e.target.value; if (e.target.name === "namespace") now[what] = ""; setQuery(now); location.reload(); };
  page.append(el("form", {class: "bar", onsubmit: e => e.preventDefault()}, field("Namespace", select("namespace", namespaces.includes(now.namespace) ? namespaces : [now.namespace, ...namespaces], now.namespace, changed)), field(what === "service" ? "Service" : "Workload", select(what, names, now[what], changed)),
    field("Reporter", select("reporter", [["destination", "destination"], ["source", "source"], ["source|destination", "both"]], now.reporter, changed)), what === "workload" ? field("Direction", select("direction", ["inbound", "outbound"], now.direction, changed)) : ""));
  const cards = el("div", {class: "cards"}), d = "istio_request_duration_milliseconds", out = now.direction === "outbound";
  const self = out ? `source_workload_namespace${only(now.namespace)},source_workload${only(now[what])},reporter="source"` : `${nsLabel}${only(now.namespace)},${label}${only(now[what])},reporter=~"${now.reporter}"`;
  const peer = out ? "destination_workload,destination_workload_namespace" : "source_workload,source_workload_namespace", tcp = self;
  page.append(el("h2", {}, `${now[what]} in ${now.namespace}: ${out ? "outbound" : "inbound"}`), cards);
  panel(cards, `${out ? "Outgoing" : "Incoming"} requests by ${out ? "destination" : "source"} and response code`, `sum by (${peer},response_code)(rate(istio_requests_total{${self}}[1m]))`, 900, rate);
  panel(cards, "Success rate (non-5xx)", `sum by (${peer})(rate(istio_requests_total{${self},response_code!~"5.*"}[1m])) / sum by (${peer})(rate(istio_requests_total{${self}}[1m]))`, 900, percent);
  panel(cards, "Request duration, average", `sum by (${peer})(rate(${d}_sum{${self}}[1m])) / sum by (${peer})(rate(${d}_count{${self}}[1m]))`, 900, ms);
  panel(cards, "Request duration, P99", `histogram_quantile(0.99,sum by (${peer},le)(rate(${d}_bucket{${self}}[1m])))`, 900, ms);
  panel(cards, "TCP received", `sum by (${peer})(rate(istio_tcp_received_bytes_total{${tcp}}[1m]))`, 900, bytes);
  panel(cards, "TCP sent", `sum by (${peer})(rate(istio_tcp_sent_bytes_total{${tcp}}[1m]))`, 900, bytes);
  peers(page, self, peer, out);
}

function peers(page, self, peer, out) {
  page.append(el("h2", {}, out ? "Destinations" : "Sources"));
  refresh(page, async () => table([["Workload", r => r.metric[peer.split(",")[0]]], ["Namespace", r => r.metric[peer.split(",")[1]]], ["Requests in all", r => number(+r.value[1]), "number"]],
    say(await ask(`sum by (${peer})(istio_requests_total{${self}}) or sum by (${peer})(istio_tcp_connections_opened_total{${self}})`)).result, "None was seen yet."), 15000);
}

function controlPlane(page) {
  const cards = el("div", {class: "cards"});
  page.append(cards);
  panel(cards, "Proxies connected", "pilot_xds", 900, number);
  panel(cards, "Pushes", "sum by (type)(rate(pilot_xds_pushes[1m]))", 900, number);
  panel(cards, "Time until proxies have a change, P99", "histogram_quantile(0.99, sum by (le)(rate(pilot_proxy_convergence_time_bucket[1m])))", 900, v => ms(v * 1000));
  panel(cards, "Memory", 'process_resident_memory_bytes{app="istiod"}', 900, v => number(v / 1e6) + " MB");
}

// What the mesh costs: proxies by workload, the control plane beside them.
function performance(page) {
  const cards = el("div", {class: "cards"}), by = 'sum by (namespace,pod)', proxies = '{job!="",pod!~"istiod.*"}', rps = 'sum(irate(istio_requests_total{reporter="source"}[1m]))', megabytes = v => number(v / 1e6) + " MB", cores = v => number(v, 3) + " cores";
  page.append(cards);
  panel(cards, "Processor of all proxies per 1,000 requests a second", `sum(rate(process_cpu_seconds_total${proxies}[1m]) and on (pod) envoy_server_uptime) / (${rps} / 1000)`, 900, cores);
  panel(cards, "Processor by proxy", `${by}(rate(process_cpu_seconds_total[1m]) and on (pod) envoy_server_uptime)`, 900, cores);
  panel(cards, "Memory by proxy", `${by}(process_resident_memory_bytes and on (pod) envoy_server_uptime)`, 900, megabytes);
  panel(cards, "Memory in use inside of a proxy", `${by}(envoy_server_memory_allocated)`, 900, megabytes);
  panel(cards, "Bytes of requests and answers a second", 'sum(rate(istio_response_bytes_sum{reporter="source"}[1m])) + sum(rate(istio_request_bytes_sum{reporter="source"}[1m]))', 900, bytes);
  panel(cards, "Control plane: processor", 'rate(process_cpu_seconds_total{app="istiod"}[1m])', 900, cores);
  panel(cards, "Control plane: memory", 'process_resident_memory_bytes{app="istiod"}', 900, megabytes);
  panel(cards, "Lines of access logs and spans that were dropped", "sum(rate(weft_access_log_lines_dropped_total[1m])) + sum(rate(envoy_tracing_zipkin_spans_dropped[1m])) + sum(rate(envoy_tracing_opentelemetry_spans_dropped[1m]))", 900, number);
}

const examples = ["istio_request_duration_milliseconds_count", 'istio_request_duration_milliseconds_count{destination_service=~"catalog.*"}', 'rate(istio_request_duration_milliseconds_count{destination_service=~"inventory.*", response_code="200"}[5m])', "sum by (destination_workload)(rate(istio_requests_total[1m]))"];

function promql(page) {
  const box = el("textarea", {rows: 2, name: "expr", "aria-label": "Expression"}, query().get("expr") || ""), result = el("div", {"aria-live": "polite"}), view = {tab: query().get("tab") || "table"};
  const run = async () => {
    setQuery({expr: box.value, tab: view.tab});
    if (!box.value.trim()) return;
    try {
      if (view.tab === "graph") { result.replaceChildren(lineChart(values(await range(box.value, 3600)), {title: box.value})); return; }
      const data = say(await ask(box.value)), rows = data.resultType === "vector" ? data.result : [{metric: {}, value: data.result}];
      result.replaceChildren(el("p", {}, `${rows.length} series`), table([["Series", r => nameOf(r.metric)], ["Value", r => r.value[1], "number"]], rows, "No series is like that."));
    } catch (e) { result.replaceChildren(el("p", {class: "trouble", role: "alert"}, e.message)); }
  };
  const tab = name => el("button", {type: "button", onclick: () => { view.tab = name; run(); }}, name === "graph" ? "Graph" : "Table");
  page.append(el("form", {onsubmit: e => { e.preventDefault(); run(); }}, box, el("p", {}, el("button", {}, "Execute"), " ", tab("table"), " ", tab("graph"))), el("ul", {}, examples.map(x => el("li", {}, el("a", {href: "/dashboards/query?expr=" + encodeURIComponent(x)}, el("code", {}, x))))), result);
  run();
}

export async function dashboardPage(page, parts) {
  const name = parts[0] || "mesh", all = {mesh, workload: p => chosen(p, "workload"), service: p => chosen(p, "service"), "control-plane": controlPlane, performance, query: promql};
  head(page, name);
  try {
    if (!all[name]) throw new Error(`There is no dashboard ${name}.`);
    await all[name](page);
  } catch (e) { page.append(el("p", {class: "trouble", role: "alert"}, e.message)); }
}
