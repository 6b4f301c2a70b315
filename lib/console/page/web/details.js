// One application, workload or service: what it is, its traffic in both directions, its pods and proxies, what configures it.
import { api, bytes, el, health, hint, link, ms, number, percent, rate, refresh, table } from "./dom.js";
import { configTable } from "./config.js";

function direction(title, d) {
  const name = e => e.peer.kind === "unknown" ? "unknown" : e.peer.kind === "service" ? link("services", e.peer.namespace, e.peer.service) : e.peer.kind === "app" ? link("applications", e.peer.namespace, e.peer.app) : link("workloads", e.peer.namespace, e.peer.workload);
  return el("section", {}, el("h2", {}, title), el("p", {}, `${rate(d.rate)}, errors ${percent(d.errorRate)}, average ${ms(d.avg)}, TCP ${bytes(d.bytes)}`),
    table([["Peer", name], ["Namespace", e => e.peer.namespace], ["Protocol", e => e.protocol], ["Rate", e => e.protocol === "tcp" ? bytes(e.rate) : number(e.rate) + " rps", "number"], ["Errors", e => percent(e.errorRate), "number"],
      ["Average", e => ms(e.avg), "number"], ["p95", e => ms(e.p95), "number"], ["mTLS", e => e.mtls ? "🔒" : percent(e.mtlsShare)]], d.peers, "No traffic in the last minute."));
}

function proxies(w) {
  if (!w.proxy) return "";
  const text = w.proxy.error ? hint(w.proxy.error) : el("p", {}, w.proxy.synced ? "Synced: every proxy has acknowledged what it was sent." : w.proxy.proxies.length ? "Not synced: a proxy has not acknowledged all that it was sent." : "No proxy of it is connected to the control plane.");
  return el("section", {}, el("h2", {}, "Proxies"), text, w.proxy.proxies ? table([["Pod", p => el("a", {href: `/pods/${w.namespace}/${p.pod}`}, p.pod)], ["Synced", p => p.synced ? "yes" : "no"], ["Version", p => p.version]], w.proxy.proxies, "No proxy is connected.") : "");
}

const pods = w => w.pods ? el("section", {}, el("h2", {}, "Pods"), table([["Name", p => el("a", {href: `/pods/${w.namespace}/${p.name}`}, p.name)], ["Phase", p => p.phase], ["Address", p => p.ip], ["Node", p => p.node],
  ["Containers", p => p.containers.map(c => `${c.name} ${c.ready ? "ready" : c.waiting || "not ready"}${c.restarts ? ", " + c.restarts + " restarts" : ""}`).join("; ")],
  ["Logs", p => p.containers.map((c, i) => [i ? ", " : "", el("a", {href: `/pods/${w.namespace}/${p.name}?container=${c.name}`}, c.name)]).flat()]], w.pods, "It has no pods.")) : "";

const facts = x => el("p", {}, health(x.health), " ", [x.kind, x.app && "application " + x.app, x.version && "version " + x.version, x.ready !== undefined && `${x.ready}/${x.desired ?? x.endpoints} ready`, x.sidecar === false && "without sidecar"].filter(Boolean).join(", "));

export function detailsPage(page, kind, ns, name) {
  page.append(el("h1", {}, `${name} in ${ns}`));
  refresh(page, async () => {
    const x = await api(`/api/namespaces/${ns}/${kind}/${name}`);
    const service = kind === "applications" ? name : (x.app || name);
    return el("div", {}, hint(x.metrics), facts(x), x.ports ? el("p", {}, "Ports: " + x.ports.map(p => `${p.name} ${p.port}`).join(", ")) : "",
      x.labels ? el("p", {}, "Labels: " + Object.entries(x.labels).map(([k, v]) => `${k}=${v}`).join(", ")) : "",
      x.services ? el("p", {}, "Services: ", x.services.map(s => [link("services", ns, s), " "]).flat()) : "",
      el("p", {}, el("a", {href: `/traces?service=${service}.${ns}`}, "Traces"), ", ", el("a", {href: `/graph?namespaces=${ns}`}, "Graph"), kind === "workloads" ? [", ", el("a", {href: `/dashboards/workload?namespace=${ns}&workload=${name}`}, "Dashboard")] : ""),
      Array.isArray(x.workloads) ? el("section", {}, el("h2", {}, "Workloads"), table([["Health", w => health(w.health)], ["Name", w => link("workloads", w.namespace, w.name)], ["Version", w => w.version], ["Ready", w => `${w.ready}/${w.desired}`]], x.workloads, "No workload has its labels.")) : "",
      direction("Inbound traffic", x.in), direction("Outbound traffic", x.out), proxies(x), pods(x), x.config ? el("section", {}, el("h2", {}, "Configuration"), configTable(x.config)) : "");
  }, 10000);
}
