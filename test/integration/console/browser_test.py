#!/usr/bin/python3
"""The console's pages in Debian's chromium, clicked through its DevTools protocol: what a reader does, and that no page breaks a
rule that the console itself sets (CSP). Screenshots are kept below build/screenshots. Prints "N passed, N failed" last.
"""
import asyncio, base64, json, os, re, shutil, subprocess, sys, time, urllib.parse, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import accessible
import console_test as world
from console_test import ASAN, ROOT, TMP, WAIT_S, check, free_port, wait_for
import websockets

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--remote-debugging-port=0", "--window-size=1280,900", "--hide-scrollbars"]

class Page:
    def __init__(self, socket, base):
        self.socket, self.base, self.n, self.faults = socket, base, 0, []

    async def call(self, method, **params):
        self.n += 1
        await self.socket.send(json.dumps({"id": self.n, "method": method, "params": params}))
        while True:
            m = json.loads(await asyncio.wait_for(self.socket.recv(), WAIT_S))
            if m.get("method") == "Runtime.exceptionThrown":
                self.faults.append(m["params"]["exceptionDetails"].get("exception", {}).get("description", "an exception"))
            if m.get("method") == "Log.entryAdded" and m["params"]["entry"]["level"] == "error":
                self.faults.append(m["params"]["entry"]["text"] + " " + m["params"]["entry"].get("url", ""))
            if m.get("id") == self.n:
                return m.get("result", {})

    async def run(self, js):
        r = await self.call("Runtime.evaluate", expression=js, awaitPromise=True, returnByValue=True)
        return r.get("result", {}).get("value")

    async def until(self, name, js):
        """js is asked until it is true."""
        end, seen = asyncio.get_event_loop().time() + WAIT_S, None
        while asyncio.get_event_loop().time() < end:
            seen = await self.run(js)
            if seen:
                return check(name, True)
            await asyncio.sleep(0.05)      # between looks: there is nothing to wait on
        return check(name, False, await self.run("document.body.innerText.slice(0, 700)"))

    async def open(self, path):
        await self.call("Page.navigate", url=self.base + path)

    async def shows(self, name, *texts):
        await self.until(name, "[%s].every(t => document.body.innerText.includes(t))" % ",".join(json.dumps(t) for t in texts))

    async def shoot(self, name):
        folder = os.path.join(ROOT, "build/screenshots")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name + ".png"), "wb") as f:
            f.write(base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"]))

def click(text, what="button, a, summary"):
    return "(e => e && (e.click(), true))([...document.querySelectorAll(%s)].find(e => e.textContent.includes(%s)))" % (json.dumps(what), json.dumps(text))

def typed(selector, text):
    return "(e => e && (e.value = %s, e.dispatchEvent(new Event('input', {bubbles: true})), e.dispatchEvent(new Event('change', {bubbles: true})), true))(document.querySelector(%s))" % (
        json.dumps(text), json.dumps(selector))

# A mesh of that many workloads in ten namespaces, as the API tells of one, laid out by the page's own module: every node has a place of its
# own, every edge its way. What it took is told.
LARGE = """(async n => {
  const { layout } = await import("/static/layout.js");
  const nodes = [], edges = [];
  for (let i = 0; i < n; i++) nodes.push({id: "n" + i, namespace: "ns" + i % 10, width: 100, height: 44});
  for (let i = 1; i < n; i++) edges.push({source: "n" + (i * 7919 % i), target: "n" + i, protocol: "http"});
  for (let i = 0; i < n; i++) edges.push({source: "n" + (i * 104729 % n), target: "n" + (i * 15485863 % n), protocol: "tcp"});
  const began = performance.now(), at = layout(nodes, edges, true), took = performance.now() - began, v = [...at.nodes.values()];
  const overlaps = v.flatMap((a, i) => v.slice(i + 1).filter(b => Math.abs(a.x - b.x) < 99 && Math.abs(a.y - b.y) < 43)).length;
  return {took, overlaps, nodes: at.nodes.size, boxes: at.boxes.size, ways: edges.filter(e => (at.edges.get(`${e.source} ${e.target} ${e.protocol}`) || []).length > 1).length, edges: edges.length};
})(COUNT)"""

async def large(p):
    for n in (60, 500):
        seen = await p.run(LARGE.replace("COUNT", str(n)))
        check(f"{n} workloads are laid out, in {seen and round(seen['took'])} ms", seen and seen["nodes"] == n and seen["boxes"] == 10 and not seen["overlaps"] and seen["ways"] == seen["edges"], seen)

# The graph's page with an answer of that many workloads: how long from the answer until they are drawn, with their labels.
DRAWN = """(n => {
  const nodes = [], edges = [], real = window.fetch, answer = o => new Response(JSON.stringify(o), {headers: {"content-type": "application/json"}});
  for (let i = 0; i < n; i++) nodes.push({id: "n" + i, kind: "workload", namespace: "ns" + i % 10, workload: "workload-" + i, app: "", version: "", service: "", badges: [], in: i, out: i});
  const edge = (s, t, protocol) => edges.push({source: "n" + s, target: "n" + t, protocol, rate: 1 + t % 7, errorRate: t % 10 ? 0 : .2, avg: t, p50: t, p95: t, p99: t, mtls: true, mtlsShare: 1, codes: {200: 1}, flags: {}});
  for (let i = 1; i < n; i++) { edge(i * 7919 % i, i, "http"); if (i * 104729 % n !== i) edge(i * 104729 % n, i, "tcp"); }
  window.fetch = async (path, options) => {
    if (String(path).startsWith("/api/live")) return answer({known: 0, proxies: 0, nodes: [], edges: [], covered: []});
    if (!String(path).startsWith("/api/graph")) return real(path, options);
    window.began ??= performance.now();
    return answer({nodes, edges});
  };
  new MutationObserver((_, o) => {
    if (document.querySelectorAll(".graph [data-node] text").length < n) return;
    o.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => window.took = performance.now() - window.began));
  }).observe(document, {childList: true, subtree: true});
})(COUNT)"""

async def cpu_ms(p):
    """What the page's own thread has had of a processor, in tasks of all kinds."""
    return next(m["value"] for m in (await p.call("Performance.getMetrics"))["metrics"] if m["name"] == "TaskDuration") * 1000

async def drawn(p, n):
    await p.call("Performance.enable", timeDomain="threadTicks")
    script = (await p.call("Page.addScriptToEvaluateOnNewDocument", source=DRAWN.replace("COUNT", str(n))))["identifier"]
    await p.open("/graph")
    await p.until(f"a graph of {n} workloads is drawn", "window.took")
    cpu = await cpu_ms(p)       # counted from the page's beginning
    print(f"     {n} workloads were drawn in {await p.run('Math.round(window.took)')} ms, of {round(cpu)} ms of a processor")
    check("with their labels and ways", await p.run(f"document.querySelectorAll('.graph [data-node]').length === {n} && document.querySelectorAll('.graph .edge').length > {n} && !!document.querySelector('.graph .edge.bad text').textContent"))
    await p.call("Page.removeScriptToEvaluateOnNewDocument", identifier=script)

async def walk(p):
    await p.open("/")
    await p.shows("Overview: namespaces, with their control plane", "istio-system (control plane)", "shop", "bank")
    await p.shoot("overview")
    await p.open("/graph")
    await p.until("the graph's page is there", "document.querySelector('h1').textContent === 'Graph' && typeof dagre === 'object'")
    await large(p)
    await drawn(p, 500)
    await p.open("/")
    await p.shows("back at the overview", "istio-system (control plane)")
    await p.until("Graph is a click away", click("Graph", "nav a"))
    await p.until("its labels are texts in the page", "[...document.querySelectorAll('.graph svg text')].map(t => t.textContent).join(' ').includes('catalog')")
    await p.until("Traffic Animation is on", "document.querySelector('input[name=animate]').checked && document.querySelectorAll('animateMotion').length > 0")
    await p.until("an edge is chosen", "(e => e && (e.dispatchEvent(new MouseEvent('click', {bubbles: true})), true))(document.querySelector('.edge'))")
    await p.shows("its panel has codes and flags", "gateway → catalog", "503: 7", "UO: 7")
    await p.until("and its charts", "document.querySelectorAll('aside svg polyline').length > 0")
    await p.until("an edge with errors is red", "document.querySelector('.edge').classList.contains('bad')")
    await p.shoot("graph")
    if world.proxy():
        world.kubectl("apply", "-f", "-", text=world.POD)
        world.kubectl("patch", "pod", "catalog-1", "-n", "shop", "--subresource=status", "--type=merge", "-p", json.dumps({"status": {"phase": "Running", "podIP": world.PROXY_IP}}))
        await p.shows("values are its proxies' own as soon as one tells", "Live: 1 of 1 proxies")
        await p.until("the edge is what it says, not what Prometheus knew", "!document.querySelector('.edge').classList.contains('bad') && !document.querySelector('.edge text').textContent.includes('errors')")
        await p.until("the drawing stays, and what was chosen", "document.querySelectorAll('.edge.chosen').length === 1")
        await p.open("/workloads/shop/catalog")
        await p.until("a pod is a click away", "[...document.querySelectorAll('a')].some(a => a.getAttribute('href') === '/pods/shop/catalog-1')")
        await p.open("/pods/shop/catalog-1")
        await p.shows("its proxy: synced, its certificate, and logs want a token", "Synced", "Its certificate ends in", "log in with a token of your own")
        await p.until("its clusters are chosen", typed("select[name=part]", "Clusters"))
        await p.shows("and shown with their endpoints", "outbound|80||catalog.shop.svc.cluster.local", "10.1.2.3:80")
        await p.shoot("pod")
        await p.open("/graph")
        await p.shows("back at the graph it is live again", "Live: 1 of 1 proxies")
        world.kubectl("delete", "pod", "catalog-1", "-n", "shop", "--wait=false", "--grace-period=0", "--force")
        await p.shows("without it Prometheus counts, and it is said", "From Prometheus")
    await p.until("a node is chosen by keyboard", "(e => e && (e.focus(), e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})), true))(document.querySelector('[data-node*=catalog]'))")
    await p.until("its panel leads to its details", "[...document.querySelectorAll('aside a')].some(a => a.href.endsWith('/workloads/shop/catalog'))")
    await p.open("/workloads")
    await p.shows("Workloads are listed", "catalog", "vault")
    await p.until("a filter is typed", typed("input[name=name]", "cat"))
    await p.until("and counts", "document.querySelector('tbody') && !document.querySelector('tbody').innerText.includes('vault') && document.querySelector('tbody').innerText.includes('catalog')")
    await p.open("/workloads/shop/catalog")
    await p.shows("a workload's details", "Inbound traffic", "gateway", "Configuration", "VirtualService")
    await p.open("/config")
    await p.shows("Istio Config", "VirtualService", "catalog")
    await p.open("/config/VirtualService/shop/catalog")
    await p.until("an object is shown and can be edited", "document.querySelector('textarea').value.includes('hosts:') && document.querySelector('pre').innerText.includes('hosts:')")
    await p.until("without a token Apply is tried", click("Apply"))
    await p.shows("and refused in words", "log in with a token of your own")
    await p.open("/why")
    await p.until("a line of an access log is pasted", typed("textarea", world.LINE))
    await p.until("Explain", click("Explain"))
    await p.shows("Why: who answered, what its flag means and what to look at, and the object behind it", "This proxy answered 503 with UO", "A limit of the circuit breaker was reached", "connectionPool", "VirtualService catalog")
    await p.shoot("why")
    await p.open("/dashboards/mesh")
    await p.until("the mesh dashboard draws", "document.querySelectorAll('.card svg polyline').length >= 3")
    await p.shoot("dashboard")
    await p.open("/dashboards/query")
    await p.until("an expression is typed", typed("textarea", "istio_requests_total"))
    await p.until("Execute", click("Execute"))
    await p.shows("gives a table", "1 series", "gateway")
    await p.until("Graph", click("Graph", "form button"))
    await p.until("gives a chart", "document.querySelectorAll('figure polyline').length === 1")
    await p.open("/traces")
    await p.shows("traces that are not there say what to do", "tracing.type: Jaeger")
    await p.open("/docs")
    await p.shows("the handbook", "For those who run a mesh with Weft")
    await p.until("is searched", typed("input[name=word]", "AddonsReady") + " && " + click("Search", "form button"))
    await p.shows("and found", "AddonsReady")

async def login(p, token):
    """By the page, which leads to where a reader wanted to go, and nowhere else."""
    for then, path in [("/workloads?name=cat", "/workloads"), ("//evil.example/x", "/"), ("https://evil.example/x", "/")]:
        await p.open("/docs?login&then=" + urllib.parse.quote(then))
        await p.until("a token is pasted", typed("textarea[name=token]", token))
        await p.until("Log in", click("Log in", "form button"))
        await p.until(f"a login with {then} leads to {path}", f"location.href.split('?')[0] === {json.dumps(p.base + path)} && document.querySelector('#who')?.textContent.includes('dev')")
        await p.until("Log out", click("Log out", "#who button"))
        await p.shows("and is over", "anonymous")

def unbroken(p):
    told = [f for f in p.faults if not re.search(r"status of (40[0134]|502)", f)]       # answers that were asked for
    check("no page broke a rule, or threw", not told, told)

# --- each page, for everybody ---

has = lambda text: "document.body.innerText.includes(%s)" % json.dumps(text)
CHARTS = "document.querySelectorAll('.card svg polyline, .card .hint').length >= 3"
PAGES = [      # path, when it is there, whether something changes on it
    ("/", has("istio-system (control plane)"), False), ("/graph", "document.querySelectorAll('.graph svg text').length > 2", True), ("/applications", has("catalog"), True),
    ("/workloads", has("vault"), True), ("/services", has("catalog"), True), ("/workloads/shop/catalog", has("Inbound traffic"), False), ("/applications/shop/catalog", has("Inbound traffic"), False),
    ("/services/shop/catalog", has("Inbound traffic"), False), ("/pods/shop/catalog-1", "document.querySelectorAll('h2').length > 1 && !!document.querySelector('.trouble')", True), ("/config", has("VirtualService"), True),
    ("/config/VirtualService/shop/catalog", "document.querySelector('textarea')?.value.includes('hosts:')", True), ("/why?text=" + urllib.parse.quote(world.LINE), has("This proxy answered"), True),
    ("/dashboards/mesh", CHARTS + " && !!document.querySelector('table')", False), ("/dashboards/workload?namespace=shop&workload=catalog", CHARTS, False), ("/dashboards/service?namespace=shop&service=catalog", CHARTS, False),
    ("/dashboards/performance", CHARTS, False), ("/dashboards/control-plane", CHARTS, False), ("/dashboards/query?expr=istio_requests_total&tab=graph", "!!document.querySelector('figure')", True),
    ("/docs", has("For those who run a mesh"), True), ("/docs/what-went-wrong", "document.querySelectorAll('table').length > 1", True), ("/docs?login", has("A bearer token of the cluster"), False)]

async def for_everybody(p, pages):
    for path, ready, live in pages:
        name = path.split("?")[0]
        await p.open(path)
        await p.until(f"{name} is there", f"document.readyState === 'complete' && !!document.querySelector('h1') && ({ready})")
        await accessible.judge(p, name, check, header="login" not in path, live=live)

# --- traces, by the collector ---

def span(i, parent, service, name, began, took, error=False):
    s = {"traceId": "0123456789abcdef", "id": f"{i:016x}", "name": name, "timestamp": began, "duration": took, "localEndpoint": {"serviceName": service}, "tags": {"error": "true"} if error else {}}
    return s | ({"parentId": f"{parent:016x}"} if parent else {})

def spans():
    """A gateway calls the catalog, which calls the inventory three times, once in vain; and itself, which is no call."""
    t = int(time.time() * 1e6)
    out = [span(1, 0, "gateway", "GET /", t, 90000), span(2, 1, "catalog", "GET /products", t + 5000, 80000), span(3, 2, "catalog", "work", t + 6000, 1000)]
    return out + [span(4 + i, 2, "inventory", "GET /stock", t + 10000 * (i + 1), 4000 * (i + 1), error=i == 2) for i in range(3)]

def collector():
    """The process and its pages' port, with one trace in it."""
    port, zipkin, log = free_port(), free_port(), open(os.path.join(TMP, "collector.log"), "w")
    p = subprocess.Popen([os.path.join(ASAN, "weft-console"), "collector", "--host=127.0.0.1", f"--port={port}", f"--zipkin-port={zipkin}", f"--otlp-port={free_port()}", f"--grpc-port={free_port()}", "--anonymous"], stdout=log, stderr=log)
    wait_for("the collector answers", lambda: (world.ask(port, "/healthz")[0] == 200, ""))
    check("it takes spans", world.ask(zipkin, "/api/v2/spans", json.dumps(spans()), "POST", content_type="application/json")[0] in (200, 202))
    return p, port

async def traces(p):
    await p.open("/traces?service=gateway")
    await p.until("a trace is a click away", click("GET /", "td a"))
    await p.until("its services are nodes, labels are texts", "[...document.querySelectorAll('.graph svg text')].map(t => t.textContent).join('|').includes('inventory')")
    edges = await p.run("[...document.querySelectorAll('.graph .edge')].map(g => g.getAttribute('aria-label'))")
    check("calls between services are edges, with count, time and what failed", edges == ["gateway to catalog: 1 call, 80 ms, the longest 80 ms", "catalog to inventory: 3 calls, 24 ms, 1 failed, the longest 12 ms"], edges)
    check("what failed is marked", await p.run("document.querySelectorAll('.graph .edge.bad').length === 1 && document.querySelectorAll('.graph g.bad rect.node').length === 1"))
    await p.until("an edge is chosen by keyboard", "(e => e && (e.focus(), e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})), true))(document.querySelector('[data-id^=\"catalog \"]'))")
    await p.shows("and the timeline has its calls alone, which is said", "3 of 6: calls from catalog to inventory")
    check("the others are away", await p.run("[...document.querySelectorAll('.span')].filter(e => e.checkVisibility()).length === 3 && document.querySelectorAll('.graph [aria-pressed=true]').length === 1"))
    await p.shoot("trace")
    await p.until("a service is chosen", "(e => (e.dispatchEvent(new MouseEvent('click', {bubbles: true})), true))(document.querySelector('[data-id=catalog]'))")
    await p.shows("with its spans", "2 of 6: spans of catalog")
    await p.until("all are back", click("All spans", "button"))
    await p.shows("and said", "All 6 spans.")
    check("the graph is a table, too", await p.run("[...document.querySelector('.graph').parentElement.querySelectorAll('details tbody tr')].map(r => r.textContent).includes('cataloginventory3124 ms12 ms')"))
    await for_everybody(p, [("/traces?service=gateway", has("1 trace"), True), ("/trace/0123456789abcdef", has("Timeline"), True)])

async def browse(port, traces_port, token):
    profile = os.path.join(TMP, "chromium")
    chromium = subprocess.Popen(["chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        active = os.path.join(profile, "DevToolsActivePort")
        while not (os.path.exists(active) and "\n" in open(active).read()) and chromium.poll() is None:
            await asyncio.sleep(0.05)      # between looks: there is nothing to wait on
        tools = open(active).read().split("\n")[0]
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{tools}/json", timeout=WAIT_S))
        url = next(t["webSocketDebuggerUrl"] for t in pages if t["type"] == "page")
        async with websockets.connect(url, max_size=None) as socket:
            p = Page(socket, f"http://127.0.0.1:{port}")
            for domain in ("Page", "Runtime", "Log", "Accessibility"):
                await p.call(domain + ".enable")
            await walk(p)
            await login(p, token)
            await for_everybody(p, PAGES)
            await accessible.carried(p, check)
            p.base = f"http://127.0.0.1:{traces_port}"
            await traces(p)
            unbroken(p)
    finally:
        chromium.terminate()
        chromium.wait(WAIT_S)

def main():
    if not shutil.which("chromium"):
        print("chromium is not installed: make deps-test\n0 passed, 1 failed")
        return 1
    world.own_network.enter()
    lab, p, spans_kept, prometheus = os.path.join(TMP, "lab"), None, None, None
    try:
        prometheus = world.world(lab)
        p, port = world.start(prometheus)
        spans_kept, traces_port = collector()
        asyncio.run(browse(port, traces_port, world.kubectl("create", "token", "dev", "-n", "shop")))
        p.terminate()
        spans_kept.terminate()
        check("the collector ends cleanly", spans_kept.wait(WAIT_S) == 0, open(os.path.join(TMP, "collector.log")).read())
        check("the console ends cleanly", p.wait(WAIT_S) == 0, open(os.path.join(TMP, "console.log")).read())
    finally:
        for q in (p, spans_kept):
            if q and q.poll() is None:
                q.kill()
        if prometheus:
            prometheus.shutdown()
        subprocess.run([os.path.join(world.BIN, "weft-lab"), "down", "--data", lab], stdout=subprocess.DEVNULL)
    print(f"{world.passed} passed, {world.failed} failed")
    return world.failed != 0

sys.exit(main())
