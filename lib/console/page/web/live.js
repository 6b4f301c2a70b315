// What the proxies on screen say now, laid over what Prometheus knew last: the graph keeps its shape, its values are of the last seconds.
const key = e => `${e.source} ${e.target} ${e.protocol}`;
const quiet = {rate: 0, errorRate: 0, avg: undefined, p50: undefined, p95: undefined, p99: undefined, codes: {}, flags: {}, live: true};

// An edge that the proxies tell of has their values, and is new where Prometheus has none. One that they would tell of, as all
// proxies of its client (or else of its server) were heard, and do not, has no traffic now. Of others Prometheus' word stands.
export function merge(base, live) {
  if (!live || !live.known) return base;
  const nodes = new Map([...live.nodes, ...base.nodes].map(n => [n.id, n])), now = new Map(live.edges.map(e => [key(e), e])), covered = new Set(live.covered);
  const is = id => covered.has(`${nodes.get(id).namespace}/${nodes.get(id).workload}`);
  const edges = base.edges.map(e => {
    const l = now.get(key(e));
    now.delete(key(e));
    return l ? {...e, ...quiet, ...l, mtls: e.mtls, mtlsShare: e.mtlsShare} : is(e.source) || is(e.target) ? {...e, ...quiet} : e;
  }).concat([...now.values()].map(e => ({...e, live: true})));
  const used = new Set(edges.flatMap(e => [e.source, e.target])), sums = (id, end) => edges.filter(e => e[end] === id && e.protocol !== "tcp").reduce((s, e) => s + e.rate, 0);
  return {...base, edges, nodes: [...nodes.values()].filter(n => used.has(n.id)).map(n => ({...n, in: sums(n.id, "target"), out: sums(n.id, "source")}))};
}

// What a reader is told of how old the values are.
export function freshness(live, at) {
  if (at) return "As Prometheus saw it then.";
  if (!live) return "";
  if (live.known && !live.hint) return `Live: ${live.known} of ${live.proxies} proxies tell of the last seconds.`;
  const why = live.hint || (live.proxies ? "the proxies have not answered twice yet" : "no proxy runs in these namespaces");
  return live.known ? `Live from ${live.known} of ${live.proxies} proxies: ${why}. The rest is Prometheus' word, some seconds old.` : `From Prometheus, some seconds old: ${why}.`;
}

export const shape = graph => [graph.nodes.map(n => n.id + (n.badges || [])).sort().join(), graph.edges.map(key).sort().join()].join("\n");
