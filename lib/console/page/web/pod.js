// One pod: what its proxy was sent (listeners, routes, clusters with their endpoints), its certificate, and its containers' logs.
import { api, el, field, hint, link, query, scrolls, select, setQuery, table, trouble } from "./dom.js";

const left = s => s > 2 * 86400 ? `${Math.floor(s / 86400)} days` : s > 2 * 3600 ? `${Math.floor(s / 3600)} hours` : `${Math.max(0, Math.floor(s / 60))} minutes`;
const holds = (x, word) => JSON.stringify(x).toLowerCase().includes(word);
const service = name => {
  const m = /^(?:outbound|inbound)[^|]*\|(\d*)\|([^|]*)\|([^.|]+)\.([^.|]+)\.svc\./.exec(name);
  return m ? [name, " (", link("services", m[4], m[3], "service"), ")"] : name;
};

const lists = {
  Listeners: x => table([["Name", l => l.name], ["Address", l => l.address], ["Direction", l => (l.direction || "").toLowerCase()],
    ["What becomes of connections", l => l.chains.map(c => el("div", {}, `${c.match}: ${c.does || "–"}`))]], x, "No listener is like that."),
  Routes: x => el("div", {}, x.map(r => el("section", {}, el("h3", {}, r.name), table([["Hosts", h => h.domains], ["Routes", h => h.routes.map(t => el("div", {}, `${t.match} → ${t.to || "nothing"}${t.name && t.name !== "default" ? ` (${t.name})` : ""}`))]], r.hosts, "It has no host.")))),
  Clusters: x => table([["Name", c => service(c.name)], ["Type", c => c.type], ["Policy", c => c.policy], ["Endpoints", c => c.endpoints.map(e => el("div", {}, `${e.address}${e.health === "HEALTHY" ? "" : " " + e.health.toLowerCase()}`))]], x, "No cluster is like that."),
  Secrets: x => table([["Name", s => s]], x, "It was sent no certificate; its own it makes itself."),
};

function proxy(ns, name) {
  const word = el("input", {name: "word", value: query().get("word") || ""}), shown = el("div", {}), page = el("section", {}, el("h2", {}, "Proxy"));
  const bar = el("form", {class: "bar", onsubmit: e => e.preventDefault()}, field("Holds", word)), part = select("part", Object.keys(lists), query().get("part") || "Listeners", () => show());
  let found;
  const show = () => {
    const rows = (found[part.value.toLowerCase()] || []).filter(x => holds(x, word.value.toLowerCase()));
    setQuery({word: word.value, part: part.value});
    shown.replaceChildren(el("p", {role: "status"}, `${rows.length} of ${(found[part.value.toLowerCase()] || []).length}`), lists[part.value](rows));
  };
  word.addEventListener("input", () => show());
  bar.append(field("Show", part));
  api(`/api/namespaces/${ns}/pods/${name}/proxy`).then(json => {
    found = json;
    const ends = json.certificateEndsInSeconds === undefined ? hint(`Certificate: ${json.certificateHint}`) : el("p", {}, `Its certificate ends in ${left(json.certificateEndsInSeconds)}; proxies renew theirs before.`);
    page.append(...[hint(json.error), json.synced === undefined ? hint("The control plane tells of no such proxy: it is not connected, or to another replica.") : el("p", {}, json.synced ? "Synced: it has acknowledged all that it was sent. " : "Not synced: it has not acknowledged all that it was sent. ", `Version ${json.version}.`),
      ends, json.leftOut ? hint(`${json.leftOut} rows more than are shown.`) : ""].filter(Boolean));
    if (!json.error) { page.append(bar, shown); show(); }
  }).catch(e => page.append(trouble(e)));
  return page;
}

function logs(ns, name) {
  const text = scrolls(el("pre", {}), "Log"), container = el("input", {name: "container", value: query().get("container") || "istio-proxy"}), word = el("input", {name: "log", value: query().get("log") || ""});
  const lines = select("lines", ["50", "200", "1000", "5000"], "200", () => again()), previous = el("input", {type: "checkbox", onchange: () => again()}), told = el("div", {});
  const section = el("section", {}, el("h2", {}, "Log"), el("form", {class: "bar", onsubmit: e => { e.preventDefault(); again(); }}, field("Container", container), field("Lines", lines), field("Lines hold", word),
    el("label", {class: "box"}, previous, "of the one before"), el("button", {}, "Read")), told, text);
  let all = "";
  const show = () => {
    // A line of an access log leads to the page that explains it.
    text.replaceChildren(...all.split("\n").filter(l => l && l.includes(word.value)).map(l => el("span", {class: "line"}, l, / HTTP\/[0-9.]+" \d{3} |"response_code"/.test(l) ? el("a", {href: "/why?text=" + encodeURIComponent(l.replace(/^\S+Z (?=[[{])/, ""))}, " Why?") : "", "\n")));
  };
  const again = async () => {
    setQuery({container: container.value, log: word.value});
    try {
      all = (await api(`/api/namespaces/${ns}/pods/${name}/logs?container=${encodeURIComponent(container.value)}&lines=${lines.value}&previous=${previous.checked}`)).text;
      told.replaceChildren(all ? "" : hint("The container has said nothing yet. Access logs are switched on by spec.proxy.accessLogging.file.name, or by a Telemetry object."));
    } catch (e) { all = ""; told.replaceChildren(trouble(e)); }
    show();
  };
  word.addEventListener("input", show);
  again();
  return section;
}

export function podPage(page, ns, name) {
  page.append(el("h1", {}, `Pod ${name} in ${ns}`), proxy(ns, name), logs(ns, name));
}
