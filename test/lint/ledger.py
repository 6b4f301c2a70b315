#!/usr/bin/env python3
"""The ledger of fields: what becomes of each field that a user can write.

usage: ledger.py [--write]
Reads the rows of lib/api/{networking,istio,maistra} and fails for a row that says neither DONE, TOLD nor MOOT; for one that says
DONE and that no code reads, or that no test sets; and when docs/coverage.md differs from what the rows say (--write makes it,
without asking who reads them).
"""
import collections, glob, os, re, sys
import field_reads

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOMS = ("networking", "istio", "maistra")
OUT = "docs/coverage.md"
TABLE = re.compile(r"#define T struct (\w+)\n(.*?)#undef T", re.S)
ROW = re.compile(r'\bF\((\w+),\s*"([^"]+)",\s*(\w+)((?:[^()"]|"(?:[^"\\]|\\.)*"|\((?:[^()"]|"(?:[^"\\]|\\.)*"|\([^()]*\))*\))*)\)')
FATE = re.compile(r',\s*(DONE\b|(?:TOLD|MOOT|TOLD_UNLESS)\(((?:\s*"(?:[^"\\]|\\.)*"\s*)+)((?:,\s*"[^"]*"\s*)*)\))')
# Kinds in the order of the page: title, what holds the fields, the words that a test of it has.
KINDS = [
    ("ServiceMeshControlPlane", "maistra_smcp_spec", "ServiceMeshControlPlane|smcp"),
    ("ServiceMeshMemberRoll", "maistra_smmr_spec", "ServiceMeshMemberRoll|smmr"),
    ("ServiceMeshMember", "maistra_smm_spec", "ServiceMeshMember|smm"),
    ("MeshConfig (ConfigMap istio-NAME, key mesh)", "istio_mesh_config", "mesh"),
    ("VirtualService", "istio_virtual_service_spec", "VirtualService"),
    ("DestinationRule", "istio_destination_rule_spec", "DestinationRule"),
    ("Gateway", "istio_gateway_spec", "Gateway"),
    ("ServiceEntry", "istio_service_entry_spec", "ServiceEntry"),
    ("WorkloadEntry", "istio_workload_entry_spec", "WorkloadEntry|ServiceEntry"),
    ("WorkloadGroup", "istio_workload_group_spec", "WorkloadGroup"),
    ("Sidecar", "istio_sidecar_spec", "Sidecar"),
    ("ProxyConfig", "istio_proxy_config_spec", "ProxyConfig"),
    ("PeerAuthentication", "istio_peer_authentication_spec", "PeerAuthentication"),
    ("AuthorizationPolicy", "istio_authorization_policy_spec", "AuthorizationPolicy"),
    ("RequestAuthentication", "istio_request_authentication_spec", "RequestAuthentication"),
    ("Telemetry", "istio_telemetry_spec", "Telemetry"),
    ("EnvoyFilter", "istio_envoy_filter_spec", "EnvoyFilter"),
    ("WasmPlugin", "istio_wasm_plugin_spec", "WasmPlugin"),
]
# Messages that are passed on whole, so that no code names their fields: to where.
WHOLE = {"maistra_gateway_service_config": "the gateway's Service", "maistra_gateway_volume": "the gateway's pods",
         **dict.fromkeys(("maistra_extension_provider_config", "maistra_extension_provider_zipkin_tracing_config",
                          "maistra_extension_provider_otel_tracing_config", "maistra_extension_provider_envoy_otel_log_config",
                          "maistra_extension_provider_envoy_external_authorization_http_config",
                          "maistra_extension_provider_envoy_external_authorization_grpc_config",
                          "maistra_extension_provider_envoy_external_authorization_request_body_config"),
                         "the mesh's settings")}
# Messages of which code reads JSON by the fields' names: where.
BY_NAME = {"istio_mesh_config": "lib/inject", "istio_mesh_proxy_config": "lib/inject lib/proxy/boot"}
# Kinds with a test that walks the rows: it sets every field and fails for one that neither shows nor is told.
PROOF = {"ServiceMeshControlPlane|smcp": "unit/operator/honoured_test.c"}
Row = collections.namedtuple("Row", "member json kind desc fate note unless where shared")

def below(tables, struct, seen):
    """The messages that stand in one, itself included."""
    if struct in tables and struct not in seen:
        seen.add(struct)
        for r in tables[struct]:
            below(tables, r.desc, seen)
    return seen

def read_rows():
    tables, bad = {}, []
    for room in ROOMS:
        for path in sorted(glob.glob(os.path.join(ROOT, "lib/api", room, "*.c"))):
            text, name = open(path).read(), os.path.relpath(path, ROOT)
            for t in TABLE.finditer(text):
                rows = []
                for r in ROW.finditer(t[2]):
                    f, d = FATE.match(r[4]), re.search(r"\.desc = &(\w+)_desc", r[4])
                    if not f:
                        bad.append(f"{name}: {t[1]}.{r[2]}: says neither DONE, TOLD nor MOOT")
                    note = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', f[2] or "")) if f else ""
                    unless = re.findall(r'"([^"]*)"', f[3] or "") if f else []
                    rows.append(Row(r[1], r[2], r[3], d and d[1], f[1][:4] if f else None, note, unless, name, False))
                if t[2].count("\tF(") != len(rows):
                    bad.append(f"{name}: {t[1]}: a row that this script does not understand")
                tables[t[1]] = rows
    # A message that stands in several kinds may be set by a test of another one.
    reached = collections.Counter(s for _, top, _ in KINDS for s in below(tables, top, set()))
    for struct, rows in tables.items():
        tables[struct] = [r._replace(shared=reached[struct] > 1) for r in rows]
    return tables, bad

def names_in(folders):
    """The texts that stand in the code of these folders."""
    files = [f for d in folders.split() for f in glob.glob(os.path.join(ROOT, d, "*.c"))]
    return {w for f in files for w in re.findall(r'"(\w+)"', open(f).read())}

def unread(tables, read, top):
    """The rows below a kind that say DONE, with nothing of theirs read."""
    out, found = [], []
    by_name = {struct: names_in(folders) for struct, folders in BY_NAME.items()}
    walk(tables, top, "", set(), out)
    for at, row, within in out:
        only_told = row.desc in tables and all(r.fate != "DONE" for r in tables[row.desc])
        if row.fate == "DONE" and not only_told and within not in WHOLE and (within, row.member) not in read and \
                row.json not in by_name.get(within, ()):
            found.append(f"{row.where}: {within}: {at}: says DONE, but no code reads it")
    return found

def tests():
    found = []
    for d, _, files in os.walk(os.path.join(ROOT, "test")):
        if re.search(r"/(bench|lint|fuzz|foreign|unit/validate|unit/ctl)\b", d):
            continue   # that a field is checked does not show that it is carried out
        for f in sorted(files):
            path = os.path.join(d, f)
            if re.match(r"validate_|nullable_|convert_test", f):
                continue
            if f.endswith(("_test.c", "_test.sh", "_test.py", ".yaml", ".json", ".wt")):
                text = open(path, errors="replace").read()
                keys = set(re.findall(r"([A-Za-z][\w-]*)\\?[\"']?\s*:", text)) | set(re.findall(r"\.([a-z]\w+)", text))
                found.append((os.path.relpath(path, os.path.join(ROOT, "test")), text, keys))
    order = ["unit/compile", "sim", "unit/inject", "unit/operator", "unit/mesh", "unit"]
    rank = lambda name: next((i for i, o in enumerate(order) if name.startswith(o)), len(order))
    return sorted(found, key=lambda t: (rank(t[0]), t[0]))

def test_of(row, words, found):
    if words in PROOF:
        return PROOF[words]
    of_kind = (name for name, text, keys in found if row.json in keys and re.search(words, text))
    shared = (name for name, _, keys in found if row.json in keys and row.shared)
    return next(of_kind, None) or next(shared, None)

def area_of(title):
    """The folder of a kind's scenarios: VirtualService -> virtual-service."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", title.split(" ")[0]).lower()

def scenarios_of(title, fields):
    """By field the scenarios that are named after it: the longest path that a name begins with."""
    found = collections.defaultdict(list)
    for path in sorted(glob.glob(os.path.join(ROOT, "test/scenario", area_of(title), "*.wt"))):
        name = os.path.basename(path).removesuffix(".wt")
        parts = name.split(".")
        field = next((f for f in (".".join(parts[:n]) for n in range(len(parts), 0, -1)) if f in fields), None)
        if field:
            found[field].append(name)
    return found

def named(names):
    shown = [f"`{n}`" for n in names[:3]]
    return ", ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

def walk(tables, struct, path, seen, out):
    for row in tables.get(struct, []):
        at = f"{path}.{row.json}" if path else row.json
        out.append((at, row, struct))
        if row.desc in tables and row.desc not in seen and (row.fate == "DONE" or row.unless):
            seen.add(row.desc)
            walk(tables, row.desc, at, seen, out)

def page(tables, bad):
    found, lines = tests(), []
    lines += ["# What becomes of each field", "",
              "Generated from the rows of `lib/api` by `test/lint/ledger.py --write`. A field is carried out, or who writes it is told",
              "so by its path (in the object's status, for ServiceMeshControlPlane in `SpecHonored`, for MeshConfig in weftd's log),",
              "or there is nothing to carry out. The last column names a test that sets the field. A message that stands in several",
              "places is written out in the first; what lies below a field that is not carried out is not listed. Scenarios that prove a",
              "field are named after it and lie in `test/scenario/<kind>`.", ""]
    for title, struct, words in KINDS:
        if struct not in tables:
            bad.append(f"{struct}: has no rows")
            continue
        out = []
        walk(tables, struct, "", set(), out)
        proven = scenarios_of(title, {at for at, _, _ in out})
        lines += [f"## {title}", "", "| field | | test | scenarios |", "|---|---|---|---|"] if proven else \
            [f"## {title}", "", "| field | | test |", "|---|---|---|"]
        for at, row, within in out:
            test = test_of(row, words, found) if row.fate == "DONE" else None
            told = f"told, unless {' or '.join(row.unless)}" if row.unless else "told"
            what = {"DONE": "carried out", "TOLD": f"{told}: {row.note}", "MOOT": f"nothing to do: {row.note}"}.get(row.fate, "")
            lines.append(f"| `{at}` | {what} | {test or ''} |" + (f" {named(proven[at])} |" if proven else ""))
            if row.fate == "DONE" and not test:
                bad.append(f"{row.where}: {struct}: {at}: says DONE, but no test sets it")
        lines.append("")
    return "\n".join(lines)

def main():
    tables, bad = read_rows()
    text = page(tables, bad)
    path = os.path.join(ROOT, OUT)
    if "--write" in sys.argv:
        open(path, "w").write(text)
    else:
        if not os.path.exists(path) or open(path).read() != text:
            bad.append(f"{OUT}: differs from the rows; test/lint/ledger.py --write")
        read, broken = field_reads.reads(ROOT, ROOMS)
        bad += broken + [line for _, top, _ in KINDS for line in unread(tables, read, top)]
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0

if __name__ == "__main__":
    sys.exit(main())
