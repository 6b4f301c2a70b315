// Why a request was answered so: a line of an access log, a trace or a request's identifier, told step by step; flags and details are
// explained by the rows of the handbook's page.
import { api, el, facts, field, hint, query, setQuery, table, trouble } from "./dom.js";

// The rows of the handbook's tables: what stands in their first cell, with what it means and what to look at.
async function handbook() {
  const rows = [], inline = t => t.replace(/`/g, "").trim();
  let text = "";
  try { text = await (await fetch("/static/docs/what-went-wrong.md")).text(); } catch { /* without it flags stand alone */ }
  for (const line of text.split("\n")) {
    const cells = line.split("|").map(inline).slice(1, -1);
    if (cells.length >= 3 && !/^-+$/.test(cells[0])) rows.push(cells);
  }
  return {flag: f => rows.find(r => r.length === 4 && r[0] === f), detail: d => rows.find(r => r.length === 3 && r[0] && d && d.startsWith(r[0].split("[")[0]))};
}

const paths = {Service: (ns, name) => `/services/${ns}/${name}`, Pod: (ns, name) => `/pods/${ns}/${name}`};
const target = s => s.kind ? el("a", {href: paths[s.kind] ? paths[s.kind](s.namespace, s.name) : `/config/${s.kind}/${s.namespace}/${s.name}`}, `${s.kind} ${s.name}`) : "";

function meaning(hop, book) {
  const rows = hop.flags.map(f => [f, book.flag(f)]).filter(r => r[1]).map(([f, r]) => el("li", {}, el("strong", {}, f), ` (status ${r[1]}): ${r[2]} `, el("em", {}, "Look at: "), r[3]));
  const detail = !hop.flags.length && book.detail(hop.details);
  if (detail) rows.push(el("li", {}, el("strong", {}, detail[0]), ` (status ${detail[1]}): ${detail[2]}`));
  return rows.length ? el("ul", {class: "cause"}, rows) : "";
}

function hopSection(hop, book, title) {
  const verdict = hop.answered ? `This proxy answered ${hop.code || "itself"}${hop.flags.length ? ` with ${hop.flags.join(", ")}` : ""}${hop.details ? `, ${hop.details}` : ""}.`
    : `It passed on what came back${hop.code ? `, ${hop.code}` : ""}.`;
  return el("section", {class: "card hop"}, el("h3", {}, title), el("p", {class: hop.answered ? "trouble" : ""}, verdict), hop.reason ? el("p", {}, hop.reason) : "", meaning(hop, book),
    table([["Step", s => s.what], ["What", s => s.text], ["Now", s => s.now || ""], ["Object", target]], hop.steps, "Nothing is known of its way."),
    el("details", {}, el("summary", {}, "All that was written down"), facts(Object.entries(hop.fields))));
}

// Who made the answer: of several proxies the last one on the way that did not pass it on.
function conclusion(spans) {
  const own = spans.filter(h => h.answered), last = own[own.length - 1], code = spans.map(h => h.code).find(Boolean);
  if (!spans.length) return "";
  if (last) return el("p", {class: "trouble"}, `The answer was made by the proxy ${last.proxy || last.service}: ${last.flags.join(", ") || last.code}.`);
  return el("p", {class: "hint"}, +code >= 400 ? `No proxy made this answer: the application behind the last one answered ${code} itself. Its log says more.` : "All proxies passed it on: nothing went wrong here.");
}

export function whyPage(page) {
  const box = el("textarea", {rows: 4, name: "text", required: true, "aria-describedby": "what", spellcheck: "false"}, query().get("text") || ""), found = el("div", {"aria-live": "polite"});
  const run = async () => {
    const text = box.value.trim();
    if (!text) return;
    setQuery({text});
    try {
      const [json, book] = await Promise.all([api(`/api/why?text=${encodeURIComponent(text)}`), handbook()]);
      const spans = json.spans || [];
      found.replaceChildren(...[hint(json.hint), el("h2", {}, "What became of it"), json.line && hopSection(json.line, book, "The line"), conclusion(spans),
        json.trace && el("p", {}, el("a", {href: `/trace/${json.trace}`}, "The trace with all its spans")),
        ...spans.map((h, i) => hopSection(h, book, `${i + 1}. ${h.service}, proxy ${h.proxy || "?"}`)), el("p", {}, "See also ", el("a", {href: "/docs/what-went-wrong"}, "What went wrong"), " in the handbook.")].filter(Boolean));
    } catch (e) { found.replaceChildren(trouble(e)); }
  };
  page.append(el("h1", {}, "Why"), el("form", {onsubmit: e => { e.preventDefault(); run(); }}, field("A line of an access log, an x-request-id, a trace", box),
    el("p", {id: "what"}, "From a client's answer (", el("code", {}, "x-request-id"), "), a trace's page, or the log of a proxy, which a ", el("a", {href: "/workloads"}, "workload's pods"), " show. Spans are there for requests that were sampled."),
    el("button", {}, "Explain")), found);
  run();
}
