// Overview, and the lists of applications, workloads and services.
import { api, bytes, el, field, health, hint, link, percent, query, rate, refresh, select, setQuery, table, tell } from "./dom.js";
import { sparkline } from "./chart.js";

const order = {Failure: 0, Degraded: 1, Healthy: 2, Idle: 3};
const worstFirst = (a, b) => (order[a.health] ?? 3) - (order[b.health] ?? 3) || (a.namespace || "").localeCompare(b.namespace || "") || a.name.localeCompare(b.name);
const lock = share => share === undefined ? "no traffic" : share >= 1 ? "🔒 all traffic" : share > 0 ? `🔓 ${percent(share)} of traffic` : "🔓 none";

async function traffic() {
  const end = Math.floor(Date.now() / 1000);
  const q = encodeURIComponent('sum by (destination_service_namespace)(rate(istio_requests_total{reporter="destination"}[1m]))');
  const found = {};
  try {
    const json = await api(`/api/query_range?query=${q}&start=${end - 600}&end=${end}&step=15`);
    for (const s of json.data?.result || []) found[s.metric.destination_service_namespace] = s.values.map(v => [v[0], +v[1]]);
  } catch { /* the cards say themselves that metrics are missing */ }
  return found;
}

export function overviewPage(page) {
  page.append(el("h1", {}, "Overview"));
  refresh(page, async () => {
    const [json, lines] = await Promise.all([api("/api/namespaces"), traffic()]);
    const list = json.namespaces.sort(worstFirst);
    return el("div", {}, hint(json.trouble), hint(json.metrics), el("div", {class: "cards"}, list.map(n => el("section", {class: "card"},
      el("h2", {}, n.name, n.name === json.controlPlane ? " (control plane)" : ""), health(n.health),
      el("p", {}, el("a", {href: `/workloads?namespace=${n.name}`}, `${n.workloads || 0} workloads`), ", ",
        el("a", {href: `/services?namespace=${n.name}`}, `${n.services || 0} services`), ", ",
        el("a", {href: `/config?namespace=${n.name}`}, `${n.config || 0} objects of configuration`), n.invalid ? el("strong", {class: "Failure"}, `, ${n.invalid} with problems`) : ""),
      el("p", {}, `In: ${rate(n.inRate)}, errors ${percent(n.errorRate)}. Mutual TLS: ${lock(n.mtlsShare)}`),
      lines[n.name] ? sparkline(lines[n.name], "requests a second, ten minutes") : "",
      el("p", {}, el("a", {href: `/graph?namespaces=${n.name}`}, "Graph"))))));
  }, 15000);
}

function listPage(page, title, kind, columns, empty) {
  const filter = {name: query().get("name") || "", namespace: query().get("namespace") || "", health: query().get("health") || ""};
  let again;
  const changed = e => { filter[e.target.name] = e.target.value; setQuery(filter); again(); };
  const namespaces = el("datalist", {id: "namespaces"}), told = el("p", {role: "status"});
  page.append(el("h1", {}, title), namespaces, el("form", {class: "bar", onsubmit: e => e.preventDefault()},
    field("Namespace", el("input", {name: "namespace", list: "namespaces", value: filter.namespace, oninput: changed})),
    field("Name holds", el("input", {name: "name", value: filter.name, oninput: changed})),
    field("Health", select("health", [["", "any"], "Failure", "Degraded", "Healthy", "Idle"], filter.health, changed))), told);
  again = refresh(page, async () => {
    const json = await api(`/api/${kind}`);
    const all = json[kind];
    namespaces.replaceChildren(...[...new Set(all.map(x => x.namespace))].map(n => el("option", {value: n})));
    const rows = all.filter(x => x.name.includes(filter.name) && (!filter.namespace || x.namespace === filter.namespace) && (!filter.health || x.health === filter.health));
    tell(told, `${rows.length} of ${all.length}`);
    return el("div", {}, hint(json.trouble), hint(json.metrics), table(columns, rows.sort(worstFirst), all.length ? "None is like that." : empty, title));
  }, 15000);
}

const traffics = [["In", x => rate(x.inRate), "number"], ["Out", x => rate(x.outRate), "number"], ["Errors", x => percent(x.errorRate), "number"]];
const nothing = "There is nothing yet: is a namespace a member of the mesh (kubectl get smmr -A), and has it workloads?";

export const workloadsPage = page => listPage(page, "Workloads", "workloads", [
  ["Health", x => health(x.health)], ["Name", x => link("workloads", x.namespace, x.name)], ["Namespace", x => x.namespace], ["Kind", x => x.kind],
  ["Application", x => x.app || "–"], ["Version", x => x.version || "–"], ["Ready", x => `${x.ready}/${x.desired}`, "number"],
  ["Sidecar", x => x.sidecar ? "yes" : "no"], ...traffics], nothing);

export const applicationsPage = page => listPage(page, "Applications", "applications", [
  ["Health", x => health(x.health)], ["Name", x => link("applications", x.namespace, x.name)], ["Namespace", x => x.namespace],
  ["Workloads", x => x.workloads.map(w => w.name).join(", ")], ["Versions", x => x.versions.join(", ") || "–"], ["Ready", x => `${x.ready}/${x.desired}`, "number"], ...traffics],
  nothing + " Applications are told by the label app.");

export const servicesPage = page => listPage(page, "Services", "services", [
  ["Health", x => health(x.health)], ["Name", x => link("services", x.namespace, x.name)], ["Namespace", x => x.namespace],
  ["Ports", x => x.ports.map(p => `${p.name || p.protocol} ${p.port}`).join(", ")], ["Endpoints", x => `${x.ready}/${x.endpoints}`, "number"],
  ["Configuration", x => x.config.map((c, i) => [i ? ", " : "", el("a", {href: `/config/${c.kind}/${c.namespace}/${c.name}`}, c.name)]).flat()], ...traffics.filter(t => t[0] !== "Out")], nothing);
export { bytes };
