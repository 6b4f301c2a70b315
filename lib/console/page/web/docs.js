// The handbook: Markdown as it stands in docs/, shown; a search over all of it.
import { el, field, scrolls, trouble } from "./dom.js";

const books = [["README", "Contents"], ["tutorial", "Tutorial"], ["what-went-wrong", "What went wrong"], ["console", "Looking at the mesh"], ["traces", "Traces"], ["weftctl", "weftctl"], ["doors", "Doors"], ["limits", "What is not there yet"]];

// One task a page, and what operators do.
const tasks = [["expose", "Expose"], ["split", "Split and match"], ["mirror", "Mirror"], ["retry", "Time out and retry"], ["break", "Break the circuit"], ["near", "Stay near"], ["limit", "Limit the rate"], ["secure", "Secure"], ["observe", "Observe"], ["certificates", "Certificates"], ["meshes", "Several meshes"], ["egress", "Egress"], ["without-kubernetes", "Without Kubernetes"],
  ["operations", "Operations"], ["coming", "Coming from Istio"]];
const all = [...books, ...tasks];
// A heading's name in links to it, as everywhere where Markdown is shown.
const anchor = text => text.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-");

// Inline: code, strong, links to other pages of the handbook.
function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))/).filter(Boolean).map(part => {
    if (part.startsWith("`")) return el("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return el("strong", {}, part.slice(2, -2));
    const a = part.match(/^\[([^\]]+)\]\(([^)]+)\)$/);
    if (!a) return part;
    if (a[2].startsWith("#")) return el("a", {href: a[2]}, a[1]);
    const book = a[2].match(/([\w-]+)\.md(#.*)?$/);
    return book && all.some(b => b[0] === book[1]) ? el("a", {href: "/docs/" + book[1] + (book[2] || "")}, a[1]) : a[1];
  });
}

export function markdown(text) {
  const out = el("article", {}), lines = text.split("\n");
  let block = [], list = null;
  const flush = () => { if (block.length) (list ? list.lastElementChild : out).append(list ? " " : "", ...(list ? inline(block.join(" ")) : [el("p", {}, inline(block.join(" ")))])); block = []; };
  const end = () => { flush(); list = null; };
  for (let i = 0; i < lines.length; i++) {
    const l = lines[i], h = l.match(/^(#+) (.*)/), item = l.match(/^\s*(?:[-*]|\d+\.) (.*)/);
    if (l.startsWith("```")) {
      const code = [];
      end();
      while (++i < lines.length && !lines[i].startsWith("```")) code.push(lines[i]);
      out.append(scrolls(el("pre", {}, code.join("\n")), "Example"));
    } else if (/^ {4}/.test(l) && (!i || !lines[i - 1].trim() || lines[i - 1].startsWith("#"))) {
      const code = [];
      end();
      for (; i < lines.length && /^ {4}/.test(lines[i]); i++) code.push(lines[i].slice(4));
      i--;
      out.append(scrolls(el("pre", {}, code.join("\n")), "Example"));
    } else if (h) { end(); out.append(el("h" + Math.min(h[1].length, 4), {id: anchor(h[2])}, inline(h[2]))); }
    else if (l.startsWith("|")) {
      const rows = [];
      end();
      for (; i < lines.length && lines[i].startsWith("|"); i++) if (!/^\|[-| :]+\|$/.test(lines[i])) rows.push(lines[i].slice(1, -1).split(/(?<!\\)\|/).map(c => c.replaceAll("\\|", "|")));
      i--;
      out.append(scrolls(el("div", {class: "scroll"}, el("table", {}, rows.map((r, n) => el("tr", {}, r.map(c => el(n ? "td" : "th", n ? {} : {scope: "col"}, inline(c.trim()))))))), "Table"));
    } else if (item) { flush(); if (!list) out.append(list = el("ul", {})); list.append(el("li", {}, inline(item[1]))); }
    else if (!l.trim()) end();
    else block.push(l.trim());
  }
  end();
  return out;
}

const load = async name => (await fetch(`/static/docs/${name}.md`)).text();

export async function docsPage(page, parts) {
  const name = parts[0] || "README", found = el("div", {"aria-live": "polite"});
  const menu = (label, list) => el("nav", {"aria-label": label}, list.map(b => el("a", {href: "/docs/" + b[0], "aria-current": b[0] === name ? "page" : false}, b[1])));
  page.append(menu("Handbook", books), menu("Tasks", tasks),
    el("form", {class: "bar", onsubmit: async e => {
      e.preventDefault();
      const word = e.target.elements.word.value.toLowerCase(), hits = [];
      for (const [b, title] of all) for (const l of (await load(b)).split("\n")) if (word && l.toLowerCase().includes(word)) hits.push(el("li", {}, el("a", {href: "/docs/" + b}, title), ": ", l));
      found.replaceChildren(hits.length ? el("ul", {}, hits.slice(0, 100)) : el("p", {}, "The handbook does not say."));
    }}, field("Search the handbook", el("input", {name: "word", type: "search"})), el("button", {}, "Search")), found);
  if (!all.some(b => b[0] === name)) page.append(trouble(new Error("There is no such page in the handbook.")));
  else page.append(markdown(await load(name)));
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}
