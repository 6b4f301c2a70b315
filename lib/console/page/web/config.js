// Istio's objects with their status; one as YAML with its messages on the lines they are about, to be edited and applied.
import { api, el, field, hint, query, refresh, scrolls, select, setQuery, table, tell, trouble } from "./dom.js";

const said = v => v === null || v === undefined ? "–" : v ? el("span", {class: "health Healthy"}, "True") : el("span", {class: "health Failure"}, "False");

export const configTable = rows => table([["Kind", o => o.kind], ["Name", o => el("a", {href: `/config/${o.kind}/${o.namespace}/${o.name}`}, o.name)], ["Namespace", o => o.namespace], ["Accepted", o => said(o.accepted)],
  ["Programmed", o => said(o.programmed)], ["References", o => said(o.resolved)], ["Messages", o => [o.conflicted ? el("strong", {}, "Conflicted ") : "", o.messages.map(m => (m.path ? m.path + ": " : "") + m.text).join("; ") || o.proxies || ""]]], rows, "There is none.");

export function configPage(page) {
  const filter = {namespace: query().get("namespace") || "", kind: query().get("kind") || "", problems: query().get("problems") || ""};
  let again;
  const changed = e => { filter[e.target.name] = e.target.value; setQuery(filter); again(); };
  const kinds = el("datalist", {id: "kinds"}), told = el("p", {role: "status"});
  page.append(el("h1", {}, "Istio Config"), kinds, el("form", {class: "bar", onsubmit: e => e.preventDefault()}, field("Namespace", el("input", {name: "namespace", value: filter.namespace, oninput: changed})),
    field("Kind", el("input", {name: "kind", list: "kinds", value: filter.kind, oninput: changed})), field("Show", select("problems", [["", "all"], ["yes", "those with problems"]], filter.problems, changed)), wizards()), told);
  again = refresh(page, async () => {
    const json = await api("/api/config");
    kinds.replaceChildren(...[...new Set(json.objects.map(o => o.kind))].map(k => el("option", {value: k})));
    const rows = json.objects.filter(o => (!filter.namespace || o.namespace === filter.namespace) && (!filter.kind || o.kind === filter.kind) && (!filter.problems || o.accepted === false || o.programmed === false || o.messages.length));
    tell(told, `${rows.length} of ${json.objects.length}`);
    return el("div", {}, hint(json.trouble), configTable(rows));
  }, 10000);
}

// What the five-minute demo does, to be filled in: name, namespace and service are asked for.
const forms = {
  "Abort requests": (ns, s) => ["VirtualService", `${s}-fault`, `  hosts: [${s}]\n  http:\n  - fault: {abort: {httpStatus: 500, percentage: {value: 10}}}\n    route: [{destination: {host: ${s}}}]\n`],
  "Delay requests": (ns, s) => ["VirtualService", `${s}-fault-delay`, `  hosts: [${s}]\n  http:\n  - fault: {delay: {fixedDelay: 5s, percentage: {value: 10}}}\n    route: [{destination: {host: ${s}}}]\n`],
  "Time out": (ns, s) => ["VirtualService", `${s}-timeout`, `  hosts: [${s}]\n  http:\n  - timeout: 2s\n    retries: {attempts: 2, perTryTimeout: 1s}\n    route: [{destination: {host: ${s}}}]\n`],
  "Split by weight": (ns, s) => ["VirtualService", `${s}-split`, `  hosts: [${s}]\n  http:\n  - route:\n    - {destination: {host: ${s}, subset: v1}, weight: 90}\n    - {destination: {host: ${s}, subset: v2}, weight: 10}\n`],
  "Break the circuit": (ns, s) => ["DestinationRule", `${s}-cb`, `  host: ${s}\n  trafficPolicy:\n    connectionPool:\n      tcp: {maxConnections: 1, connectTimeout: 30ms}\n      http: {http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}\n    outlierDetection: {consecutive5xxErrors: 1, interval: 1s, baseEjectionTime: 3m, maxEjectionPercent: 100}\n`],
};

function wizards() {
  return field("New", select("new", [["", "choose"], ...Object.keys(forms)], "", e => {
    const make = forms[e.target.value], ns = make && prompt("Namespace"), service = ns && prompt("Service in " + ns);
    if (!service) return;
    const [kind, name, spec] = make(ns, service);
    sessionStorage.setItem("new", `apiVersion: networking.istio.io/v1beta1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${ns}\nspec:\n${spec}`);
    location.assign(`/config/${kind}/${ns}/${name}?new`);
  }));
}

// The line of each path in a YAML text as the server prints it: keys in block style, "- " for elements of lists.
export function linesOf(yaml) {
  const found = {}, stack = [];
  yaml.split("\n").forEach((text, at) => {
    let indent = text.search(/\S/), rest = text.trim();
    if (indent < 0) return;
    const put = (depth, key) => {
      while (stack.length && stack.at(-1).depth >= depth) stack.pop();
      const up = stack.at(-1), path = up ? up.path + (key.startsWith("[") ? key : "." + key) : key;
      stack.push({depth, path, n: -1});
      found[path] ??= at;
    };
    while (rest.startsWith("- ") || rest === "-") {
      while (stack.length && (stack.at(-1).depth > indent || (stack.at(-1).depth === indent && stack.at(-1).element))) stack.pop();
      const list = stack.at(-1);
      if (!list) return;
      list.n++;
      stack.push({depth: indent, path: `${list.path}[${list.n}]`, n: -1, element: true});
      found[stack.at(-1).path] ??= at;
      const inner = rest.slice(1).search(/\S/);
      indent += 1 + Math.max(inner, 1);
      rest = rest.slice(1).trim();
    }
    const key = rest.match(/^("?)([^":{}[\]]+)\1:(\s|$)/);
    if (key) put(indent, key[2]);
  });
  return found;
}

// The line of a path, or of the nearest thing above it.
function lineOf(found, path) {
  for (let p = path; p; p = p.replace(/(\.[^.[\]]*|\[\d+\])$/, "")) {
    if (found[p] !== undefined) return found[p];
    if (!/[.[]/.test(p)) break;
  }
  return 0;
}

function shown(yaml, messages) {
  const found = linesOf(yaml), at = {};
  for (const m of messages) (at[lineOf(found, m.path)] ??= []).push(m);
  return scrolls(el("pre", {}, yaml.trimEnd().split("\n").flatMap((text, i) => [el("span", {class: at[i] ? "line wrong" : "line"}, text || " "),
    ...(at[i] || []).map(m => el("span", {class: "said"}, `  ↑ ${m.path}: ${m.text}`))])), "The object");
}

export async function objectPage(page, kind, ns, name, status) {
  const path = `/api/config/${kind}/${ns}/${name}`, fresh = query().has("new");
  page.append(el("h1", {}, `${kind} ${name} in ${ns}`));
  const box = el("textarea", {rows: 24, spellcheck: "false", "aria-label": "The object as YAML"}), told = el("div", {"aria-live": "polite"});
  const send = async (method, more = "") => {
    told.replaceChildren();
    try {
      await api(path + more, {method, body: method === "DELETE" ? undefined : box.value, headers: {"content-type": "application/yaml"}});
      told.replaceChildren(el("p", {class: "hint"}, more ? "It would be taken." : method === "DELETE" ? "It is gone." : "It is applied."));
      if (!more && method === "POST") location.assign(location.pathname);
      if (!more && method === "PUT") again();
    } catch (e) { told.replaceChildren(trouble(e)); }
  };
  const write = fresh ? "POST" : "PUT";
  let again = () => {};
  if (fresh) box.value = sessionStorage.getItem("new") || "";
  else again = refresh(page, async () => {
    const o = await api(path);
    box.value = o.yaml;
    return el("div", {}, el("p", {}, "Accepted: ", said(o.accepted), ", programmed: ", said(o.programmed), o.conflicted ? ", in conflict with another object" : "", o.proxies ? ". " + o.proxies : ""), shown(o.yaml, o.messages));
  }, 0);
  page.append(el("section", {}, el("h2", {}, "Edit"), status.anonymous ? hint("You look without a token: what you change here is not applied until you log in with one.") : "", box,
    el("p", {}, el("button", {onclick: () => send(write, "?dryRun=true")}, "Try"), " ", el("button", {onclick: () => send(write)}, "Apply"), " ", fresh ? "" : el("button", {onclick: () => confirm(`Delete ${kind} ${ns}/${name}?`) && send("DELETE")}, "Delete")), told));
}
