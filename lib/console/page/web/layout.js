// Where nodes, boxes and edges stand. Small graphs are dagre's as a whole; of larger ones, and of those that dagre's boxes cannot
// hold, each namespace is laid out by itself and the boxes as nodes of a graph of their own.
const WHOLE = 60, DAGRE = 120, LARGE = 300, DAGRE_IN_LARGE = 30, MANY = 40, COLUMN = 30;
const key = e => `${e.source} ${e.target} ${e.protocol}`;
const options = {rankdir: "LR", nodesep: 30, ranksep: 130, marginx: 20, marginy: 24};
const graphOf = compound => new dagre.graphlib.Graph({compound, multigraph: true}).setGraph({...options}).setDefaultEdgeLabel(() => ({}));

function whole(nodes, edges, boxes) {
  const g = graphOf(boxes);
  for (const n of nodes) {
    g.setNode(n.id, {width: n.width, height: n.height});
    if (!boxes || !n.namespace) continue;
    if (!g.hasNode("box " + n.namespace)) g.setNode("box " + n.namespace, {});
    g.setParent(n.id, "box " + n.namespace);
  }
  for (const e of edges) g.setEdge(e.source, e.target, {}, e.protocol);
  dagre.layout(g);
  const found = {nodes: new Map(), edges: new Map(), boxes: new Map(), width: g.graph().width || 300, height: g.graph().height || 100};
  for (const id of g.nodes()) (id.startsWith("box ") ? found.boxes.set(id.slice(4), g.node(id)) : found.nodes.set(id, g.node(id)));
  for (const e of edges) found.edges.set(key(e), g.edge(e.source, e.target, e.protocol).points);
  return found;
}

// Columns by how far from its first caller a node is; what closes a circle does not count. In a column by where the callers stand.
function columns(nodes, edges) {
  const out = new Map(nodes.map(n => [n.id, []])), from = new Map(nodes.map(n => [n.id, []])), rank = new Map(), state = new Map(), order = [];
  for (const e of edges) if (e.source !== e.target) { out.get(e.source).push(e.target); from.get(e.target).push(e.source); }
  for (const n of nodes) {
    const stack = [[n.id, 0]];
    while (stack.length) {
      const top = stack.at(-1), next = out.get(top[0])[top[1]++];
      if (!state.has(top[0])) state.set(top[0], 1);
      if (next === undefined) { stack.pop(); if (state.get(top[0]) === 1) order.push(top[0]); state.set(top[0], 2); } else if (!state.has(next)) stack.push([next, 0]);
    }
  }
  const place = new Map(order.reverse().map((id, i) => [id, i]));
  for (const id of order) rank.set(id, Math.max(0, ...from.get(id).filter(f => place.get(f) < place.get(id)).map(f => rank.get(f) + 1)));
  const byRank = [], at = new Map(), by = new Map(nodes.map(n => [n.id, n]));
  for (const id of order) (byRank[rank.get(id)] ||= []).push(id);
  let x = options.marginx, height = 0;
  for (const column of byRank) {
    const mean = id => { const seen = from.get(id).filter(f => at.has(f)).map(f => at.get(f).y); return seen.length ? seen.reduce((a, b) => a + b) / seen.length : 0; };
    const sorted = column.map(id => [mean(id), id]).sort((a, b) => a[0] - b[0]).map(s => s[1]);
    for (let i = 0; i < sorted.length; i += COLUMN) {
      const part = sorted.slice(i, i + COLUMN), width = Math.max(...part.map(id => by.get(id).width));
      let y = options.marginy;
      for (const id of part) {
        const n = by.get(id);
        at.set(id, {x: x + width / 2, y: y + n.height / 2, width: n.width, height: n.height});
        y += n.height + options.nodesep;
      }
      height = Math.max(height, y - options.nodesep + options.marginy);
      x += width + (i + COLUMN < sorted.length ? 30 : 0);
    }
    x += options.ranksep;
  }
  return {nodes: at, edges: new Map(), width: Math.max(100, x - options.ranksep + options.marginx), height: Math.max(90, height)};
}

// From side to side, by the shorter way.
function straight(a, b) {
  const right = b.x >= a.x, from = {x: a.x + (right ? a.width : -a.width) / 2, y: a.y}, to = {x: b.x + (right ? -b.width : b.width) / 2, y: b.y};
  return [from, {x: (from.x + to.x) / 2, y: (from.y + to.y) / 2}, to];
}

// Boxes beside each other, as nodes of what is between them; too many for dagre in columns.
function arrange(laid, home, edges) {
  const boxes = [...laid].map(([name, l]) => ({id: "g " + name, width: l.width, height: l.height})), between = new Map();
  for (const e of edges) {
    const source = "g " + home.get(e.source), target = "g " + home.get(e.target);
    if (source !== target) between.set(source + "|" + target, {source, target, protocol: "all"});
  }
  if (boxes.length > MANY) return columns(boxes, [...between.values()]);
  return whole(boxes, [...between.values()], false);
}

function parts(nodes, edges, boxes) {
  const groups = new Map(), home = new Map(), found = {nodes: new Map(), edges: new Map(), boxes: new Map()};
  for (const n of nodes) {
    const name = boxes ? n.namespace : "";
    home.set(n.id, name);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(n);
  }
  const inside = new Map([...groups.keys()].map(name => [name, []]));
  for (const e of edges) if (home.get(e.source) === home.get(e.target)) inside.get(home.get(e.source)).push(e);
  const laid = new Map([...groups].map(([name, own]) => [name, own.length <= (nodes.length > LARGE ? DAGRE_IN_LARGE : DAGRE) ? whole(own, inside.get(name), false) : columns(own, inside.get(name))]));
  const g = arrange(laid, home, edges);
  for (const [name, l] of laid) {
    const b = g.nodes.get("g " + name), dx = b.x - b.width / 2, dy = b.y - b.height / 2;
    if (name) found.boxes.set(name, b);
    for (const [id, n] of l.nodes) found.nodes.set(id, {...n, x: n.x + dx, y: n.y + dy});
    for (const [id, points] of l.edges) found.edges.set(id, points.map(p => ({x: p.x + dx, y: p.y + dy})));
  }
  for (const e of edges) if (!found.edges.has(key(e))) found.edges.set(key(e), straight(found.nodes.get(e.source), found.nodes.get(e.target)));
  return {...found, width: g.width, height: g.height};
}

// nodes: {id, namespace, width, height}. Gives {nodes: id to {x, y, width, height} of the middle, edges: "source target protocol" to points,
// boxes: namespace to the same, width, height}.
export function layout(nodes, edges, boxes) {
  if (nodes.length <= WHOLE) try { return whole(nodes, edges, boxes); } catch { /* dagre's boxes are not for all graphs */ }
  return parts(nodes, edges, boxes);
}
