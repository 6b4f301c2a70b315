// Which page is shown, who looks, and the login.
import { api, el, field, loginPage, query, trouble } from "./dom.js";
import { graphPage } from "./graph.js";
import { applicationsPage, overviewPage, servicesPage, workloadsPage } from "./lists.js";
import { detailsPage } from "./details.js";
import { podPage } from "./pod.js";
import { configPage, objectPage } from "./config.js";
import { whyPage } from "./why.js";
import { tracePage, tracesPage } from "./traces.js";
import { dashboardPage } from "./dashboards.js";
import { docsPage } from "./docs.js";

const pages = [
  ["overview", "Overview", overviewPage, ["console"]],
  ["graph", "Graph", graphPage, ["console"]],
  ["applications", "Applications", applicationsPage, ["console"]],
  ["workloads", "Workloads", workloadsPage, ["console"]],
  ["services", "Services", servicesPage, ["console"]],
  ["config", "Istio Config", configPage, ["console"]],
  ["traces", "Distributed Tracing", tracesPage, ["console", "collector"]],
  ["why", "Why", whyPage, ["console"]],
  ["dashboards", "Dashboards", dashboardPage, ["console", "dashboards"]],
  ["docs", "Handbook", docsPage, ["console", "collector", "dashboards"]],
];
const home = {console: "overview", collector: "traces", dashboards: "dashboards"};

// Where a reader wanted to go: a page of ours, whatever the address says.
function wanted() {
  const then = query().get("then") || (query().has("login") ? "/" : location.pathname + location.search), url = new URL(then, location.origin);
  return url.origin === location.origin ? url.pathname + url.search : "/";
}

function loginForm(page, error) {
  const box = el("textarea", {rows: 5, name: "token", required: true, autocomplete: "off", "aria-describedby": "how"}), told = el("div", {}), other = el("div", {});
  const form = el("form", {onsubmit: async e => {
    e.preventDefault();
    try {
      await api("/api/login", {method: "POST", body: JSON.stringify({token: box.value.trim()})});
      location.assign(wanted());
    } catch (problem) { told.replaceChildren(trouble(problem)); }
  }}, field("Token", box), el("p", {id: "how"}, "A bearer token of the cluster: ", el("code", {}, "oc whoami -t"), ", or ",
    el("code", {}, "kubectl -n NAMESPACE create token SERVICE-ACCOUNT"), ". What you see here is what it may see: the namespaces in which it may get pods."),
    el("button", {}, "Log in"));
  page.replaceChildren(el("h1", {}, "Log in"), error.status === 401 ? "" : trouble(error), other, told, form);
  api("/api/login").then(ways => ways.oauth && other.replaceChildren(el("p", {}, el("a", {class: "button", href: "/oauth/login?then=" + encodeURIComponent(wanted())}, "Log in with OpenShift")),
    el("h2", {}, "Or with a token"))).catch(() => { /* a token does */ });
}

function navigation(status, current) {
  document.getElementById("nav").replaceChildren(...pages.filter(p => p[3].includes(status.part)).map(p =>
    el("a", {href: "/" + p[0], "aria-current": p[0] === current ? "page" : false}, p[1])));
  const who = document.getElementById("who");
  who.replaceChildren(status.user + " ");
  if (status.anonymous) who.append(el("a", {href: loginPage()}, "Log in"));
  else who.append(el("button", {onclick: async () => { await api("/api/logout", {method: "POST", body: "{}"}); location.assign("/"); }}, "Log out"));
}

function show(page, status, parts) {
  const [first, ns, name] = parts;
  const row = pages.find(p => p[0] === first);
  if (first === "trace") return tracePage(page, ns);
  if (first === "pods" && name) return podPage(page, ns, name);
  if (["applications", "workloads", "services"].includes(first) && name) return detailsPage(page, first, ns, name);
  if (first === "config" && parts.length === 4) return objectPage(page, parts[1], parts[2], parts[3], status);
  return row ? row[2](page, parts.slice(1), status) : page.append(trouble(new Error("There is no such page.")));
}

// A window has the name of what it shows.
function named(page) {
  const h = page.querySelector("h1");
  if (h) document.title = h.textContent + " – Weft";
}

async function start() {
  const page = document.getElementById("page");
  const parts = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  if (query().has("login")) return loginForm(page, {status: 401});
  let status;
  try { status = await api("/api/status"); } catch (e) { return parts[0] === "docs" ? (page.replaceChildren(), await docsPage(page, parts.slice(1)), named(page)) : loginForm(page, e); }
  if (!parts.length || parts[0] === "search") parts.splice(0, 1, home[status.part]);
  if (parts[0] === "dashboards" && parts.length === 1) parts.push("mesh");
  navigation(status, {trace: "traces", pods: "workloads"}[parts[0]] || parts[0]);
  page.replaceChildren();
  await show(page, status, parts);
  named(page);
}
start();
