"""Whether a page of the console can be used by everybody, by what the browser itself computes: names and headings of its accessibility
tree, stops of the Tab key and whether the focus shows, contrast of texts in light and dark, landmarks, what is said when something
changes, tables in place of drawings, and a window of 360 pixels."""
import json, os

NAMED = {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "slider", "spinbutton", "img", "image", "region", "navigation", "DisclosureTriangle", "figure", "table"}
UNNAMED_IS_FINE = {"table", "figure"}      # rows and captions say it
CONTRAST, NARROW = 4.5, 360

# Of every text that is seen: its colour over what is behind it, alpha and opacity taken into account.
TEXTS = """(least => {
  const c = Object.assign(document.createElement("canvas"), {width: 1, height: 1}).getContext("2d", {willReadFrequently: true}), memo = new Map();
  const rgba = text => {
    if (!memo.has(text)) { c.clearRect(0, 0, 1, 1); c.fillStyle = text; c.fillRect(0, 0, 1, 1); const d = c.getImageData(0, 0, 1, 1).data; memo.set(text, [d[0], d[1], d[2], d[3] / 255]); }
    return memo.get(text);
  };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const probe = document.body.appendChild(document.createElement("div"));
  probe.style.background = "Canvas";
  const base = rgba(getComputedStyle(probe).backgroundColor);
  probe.remove();
  const behind = e => e ? over(rgba(getComputedStyle(e).backgroundColor), behind(e.parentElement)) : base;
  const clear = e => e ? getComputedStyle(e).opacity * clear(e.parentElement) : 1;
  const light = v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }, luminance = a => .2126 * light(a[0]) + .7152 * light(a[1]) + .0722 * light(a[2]);
  const ratio = (a, b) => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
  const bad = [];
  let seen = 0;
  const judge = (e, colour, text, ...on) => {
    const a = [...rgba(colour)];
    a[3] *= clear(e);
    for (const back of on) { const r = ratio(over(a, back), back); seen++; if (r < least) bad.push(`${text.trim().slice(0, 30)}: ${r.toFixed(2)}`); }
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walk.nextNode());) {
    const e = n.parentElement;
    if (!n.data.trim() || e.closest("script, style, noscript, option, title, datalist, .faded") || !e.checkVisibility({visibilityProperty: true})) continue;
    const s = getComputedStyle(e);
    if (!(e instanceof SVGElement)) { judge(e, s.color, n.data, behind(e)); continue; }
    const box = e.parentElement.querySelector(":scope > rect.node"), soft = document.querySelector("rect.ns"), html = behind(e.closest("svg").parentElement);
    judge(e, s.fill, n.data, ...(box ? [over(rgba(getComputedStyle(box).fill), html)] : soft ? [html, over(rgba(getComputedStyle(soft).fill), html)] : [html]));
  }
  for (const e of document.querySelectorAll("input, textarea, select")) {
    if (!e.checkVisibility({visibilityProperty: true}) || e.type === "checkbox" || e.type === "range") continue;
    judge(e, getComputedStyle(e).color, e.value || "value of " + e.name, behind(e));
    if (e.placeholder) judge(e, getComputedStyle(e, "::placeholder").color, e.placeholder, behind(e));
  }
  return {seen, bad: [...new Set(bad)]};
})(%s)"""

STOPS = """const key = e => [e.tagName, e.getAttribute("href"), e.name, e.dataset.id, (e.textContent || "").trim().slice(0, 60)].join("|");
const stops = () => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}));"""

WIDER = """(() => {
  const root = document.documentElement, clipped = e => { for (let p = e.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX !== "visible") return true; return false; };
  const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > %d + 1 && !clipped(e) && !e.closest(".skip")).map(e => e.tagName + "." + (e.getAttribute("class") || "") + " " + (e.textContent || "").trim().slice(0, 30));
  return root.scrollWidth > %d ? [root.scrollWidth, ...out.slice(0, 4)] : [];
})()"""

# What is drawn and what tells the same: a figure has its table, a graph one beside it, a small line its numbers.
ALTERNATIVES = """(() => {
  const bad = [];
  for (const f of document.querySelectorAll("figure")) if (f.querySelector("svg") && !f.querySelector("details")) bad.push("figure " + f.textContent.slice(0, 30));
  for (const g of document.querySelectorAll(".graph")) if (g.querySelector("svg") && !g.parentElement.querySelector("details table, details p")) bad.push("graph");
  for (const s of document.querySelectorAll("svg.chart")) if (!s.closest("figure") && !/[0-9]/.test(s.getAttribute("aria-label")) && !document.querySelector("main table")) bad.push("chart " + s.getAttribute("aria-label"));
  return bad;
})()"""

async def tree(p):
    nodes = (await p.call("Accessibility.getFullAXTree")).get("nodes", [])
    return [(n["role"]["value"], (n.get("name") or {}).get("value", "").strip(), {x["name"]: x["value"].get("value") for x in n.get("properties", [])}) for n in nodes if not n.get("ignored") and "role" in n]

def headings_fault(levels):
    if levels.count(1) != 1 or levels[:1] != [1]:
        return f"one h1, and first: {levels}"
    return next((f"h{b} below h{a}: {levels}" for a, b in zip(levels, levels[1:]) if b > a + 1), "")

async def tab_faults(p):
    """Presses Tab until every stop was the focus; gives those that were not, and those whose focus does not show."""
    await p.run("document.activeElement.blur(), window.scrollTo(0, 0)")
    wanted = set(await p.run(f"(() => {{ {STOPS} return stops().map(key); }})()") or [])
    dim, presses = [], 2 * len(wanted) + 10
    left = set(wanted)
    while left and presses:
        presses -= 1
        await p.call("Input.dispatchKeyEvent", type="rawKeyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        seen = await p.run(f"""(() => {{ {STOPS} const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
          return e === document.body ? null : {{key: key(e), shows: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1, here: r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth}}; }})()""")
        if seen:
            left.discard(seen["key"])
            if not (seen["shows"] and seen["here"]):
                dim.append(seen["key"])
    return len(wanted), sorted(left)[:4], sorted(set(dim))[:4]

async def axe(p, name, check):
    """What axe-core says of the page, where AXE names it (`make axe`); of a script of this size the test itself has no need."""
    if not os.environ.get("AXE"):
        return
    await p.call("Runtime.evaluate", expression=open(os.environ["AXE"]).read())
    found = await p.run("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(', ')}`), e => [String(e)])")
    check(f"{name}: axe finds nothing", found == [], found)

async def judge(p, name, check, header=True, live=False):
    """name: of the page that is open."""
    nodes = await tree(p)
    roles = [r for r, _, _ in nodes]
    nameless = [f"{r} {x}" for r, n, x in nodes if r in NAMED - UNNAMED_IS_FINE and not n]
    check(f"{name}: everything has a name", not nameless, nameless[:5])
    fault = headings_fault([int(x["level"]) for r, _, x in nodes if r == "heading"])
    check(f"{name}: headings are in order", not fault, fault)
    outside = await p.run("[...document.body.children].filter(e => !['HEADER', 'MAIN', 'NOSCRIPT', 'SCRIPT'].includes(e.tagName) && !e.matches('.skip')).map(e => e.tagName)")
    check(f"{name}: all is in a landmark", roles.count("main") == 1 and not outside and (not header or {"banner", "navigation"} <= set(roles)), [sorted(set(roles)), outside])
    drawn = await p.run(ALTERNATIVES)
    check(f"{name}: what is drawn is told, too", not drawn, drawn)
    if live:
        check(f"{name}: what changes is said", await p.run("!!document.querySelector('main [role=status], main [aria-live], main [role=alert]')"))
    for scheme in ("light", "dark"):
        await p.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        texts = await p.run(TEXTS % CONTRAST)
        check(f"{name}: texts are legible, {scheme}", texts and texts["seen"] and not texts["bad"], texts and texts["bad"][:8])
    await p.call("Emulation.setEmulatedMedia", features=[])
    await axe(p, name, check)
    n, left, dim = await tab_faults(p)
    check(f"{name}: Tab reaches all of {n}, and shows it", n and not left and not dim, {"not reached": left, "not shown": dim})
    await p.call("Emulation.setDeviceMetricsOverride", width=NARROW, height=740, deviceScaleFactor=1, mobile=False)
    wide = await p.run(WIDER % (NARROW, NARROW))
    check(f"{name}: fits {NARROW} pixels", wide == [], wide)
    await p.call("Emulation.clearDeviceMetricsOverride")

# Something is put in another's place while the keyboard is in it, and something in it is open.
CARRIED = """(async () => {
  const { el, replace } = await import("/static/dom.js"), make = () => el("div", {}, el("a", {href: "/a"}, "a"), el("a", {href: "/b"}, "b"), el("details", {}, el("summary", {}, "more"), "text"));
  const old = make(), fresh = make();
  document.querySelector("main").append(old);
  old.querySelector("details").open = true;
  old.querySelector("[href='/b']").focus();
  replace(old, fresh);
  const kept = fresh.contains(document.activeElement) && document.activeElement.textContent === "b" && fresh.querySelector("details").open;
  fresh.remove();
  return kept;
})()"""

async def carried(p, check):
    check("who is somewhere when a page is brought up to date stays there", await p.run(CARRIED))
