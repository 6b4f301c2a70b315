#!/usr/bin/env python3
"""Every field of the xDS messages that the proxy decodes is read or refused by the decoder, and what it decodes is used.

usage: xds_fields.py GENERATED_DIR [--list]
The generated headers, and those of the runtime configuration, are copied with each field marked as deprecated under its
own name, and the sources are parsed with those copies: the warnings tell exactly which fields are named where.
  1. a field of a message that lib/config decodes, and that no code of lib/config names
  2. a field of the runtime configuration that neither the proxy nor what it stands on names
Either fails, unless xds_fields.txt has it with the reason, or (1) lib/config/refused.c refuses it by name.
"""
import concurrent.futures, os, re, shutil, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TABLE = os.path.join(ROOT, "test/lint/xds_fields.txt")
REFUSED = os.path.join(ROOT, "lib/config/refused.c")
CONFIG_HEADERS = ["lib/config/config.h", "lib/config/config_filter.h", "lib/route/route.h", "lib/route/match.h",
                  "lib/balance/balance.h", "lib/balance/outlier.h"]
STRUCT = re.compile(r"^struct\s+(\w+)\s*\{\n(.*?)^\}", re.M | re.S)

def mark_struct(name, body, fields):
    """Marks each declared member; members of nested structs go by the outer name."""
    def mark(m):
        out = []
        for d in m[3].split(","):
            n = re.match(r"\s*\**\s*(\w+)", d)[1]
            fields.add(f"{name}.{n}")
            out.append(f'{d.rstrip()} __attribute__((deprecated("{name}.{n}")))')
        return m[1] + m[2] + ",".join(out) + m[4]
    return re.sub(r"^(\s+)((?:const\s+|unsigned\s+|struct\s+|enum\s+)*\w+(?:\s+const)?(?=[\s*]))(\s*[^;:(){}/]+?)((?:\s*:\s*\d+)?\s*;)",
                  mark, body, flags=re.M)

def strip(text):
    return re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)

def copy_marked(src, dst, fields, types):
    text = strip(open(src).read())
    def one(m):
        body = mark_struct(m[1], m[2], fields)
        types[m[1]] = m[2]
        return f"struct {m[1]} {{\n{body}}}"
    text = STRUCT.sub(one, text)
    os.makedirs(os.path.dirname(dst), exist_ok=True)
    open(dst, "w").write(text)

def parse(args):
    source, includes = args
    r = subprocess.run(["clang", "-fsyntax-only", "-std=gnu11", "-D_GNU_SOURCE", "-Wno-everything",
                        "-Wdeprecated-declarations", "-ferror-limit=0", *includes, source],
                       capture_output=True, text=True, cwd=ROOT)
    if re.search(r"(?:fatal )?error:", r.stderr):
        sys.exit(f"xds_fields: {source}:\n{r.stderr[:2000]}")
    return set(re.findall(r"is deprecated: ([\w.]+) \[", r.stderr))

def named(sources, includes):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return set().union(*pool.map(parse, [(s, includes) for s in sources]))

def sources(*dirs):
    """The .c files of these folders and of the rooms below them."""
    return sorted(os.path.relpath(os.path.join(at, f), ROOT) for d in dirs for at, _, files in os.walk(os.path.join(ROOT, d))
                  for f in files if f.endswith(".c"))

def table():
    rows = {}
    for n, line in enumerate(open(TABLE), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        field, _, reason = line.partition(" ")
        if not reason.strip():
            sys.exit(f"{TABLE}:{n}: {field}: a reason is missing")
        rows[field] = reason.strip()
    return rows

def reachable(types, roots, dead):
    """Messages that can be met below the roots; what is not read or is refused leads nowhere."""
    seen, todo = set(), list(roots)
    while todo:
        t = todo.pop()
        if t in seen or t not in types:
            continue
        seen.add(t)
        for typ, name in re.findall(r"^\s+([A-Z]\w+)\s*\**\s*(\w+);", types[t], re.M):
            if f"{t}.{name}" not in dead:
                todo.append(typ)
    return seen

def c_name(message):
    """envoy.config.core.v3.HTTPFault -> the generated struct's name without its separators, in small letters."""
    return re.sub(r"[._]", "", message).lower()

def refused_rows(types, fields):
    """The table of refused.c as struct fields; what it names must exist."""
    by_name = {c_name(t): t for t in types}
    text = strip(open(REFUSED).read())
    body = re.search(r"\} refused\[\] = \{(.*?)^\};", text, re.M | re.S)[1]
    rows = set()
    for message, lists in re.findall(r'\{\s*((?:"[\w.]+"\s*)+),\s*((?:"[\w ]*"\s*)+)\}', body):
        message = "".join(re.findall(r'"([\w.]+)"', message))
        t = by_name.get(c_name(message))
        for f in "".join(re.findall(r'"([\w ]*)"', lists)).split():
            if not t or f"{t}.{f}" not in fields:
                sys.exit(f"{REFUSED}: {message}.{f}: there is no such field")
            rows.add(f"{t}.{f}")
    return rows

def decoder(gen, tmp, rows):
    fields, types = set(), {}
    for top, _, files in os.walk(gen):
        for f in files:
            if f.endswith(".pb-c.h"):
                src = os.path.join(top, f)
                copy_marked(src, os.path.join(tmp, "gen", os.path.relpath(src, gen)), fields, types)
    all_fields = set(fields)
    # base, the number of a list and the case of a oneof are not fields of their own
    fields = {f for f in fields if not (f.endswith(".base") or f.endswith("_case") or
                                        (".n_" in f and f.replace(".n_", ".") in all_fields))}
    read = {f.replace(".n_", ".") if ".n_" in f else f
            for f in named(sources("lib/config"), ["-I" + os.path.join(tmp, "gen"), "-Ilib"])}
    refused = refused_rows(types, fields)
    by_name = {t.replace("_", "").lower(): t for t in types}
    text = "".join(open(os.path.join(ROOT, x)).read() for x in sources("lib/config"))
    roots = {by_name.get(d.replace("_", "").lower()) for d in re.findall(r"&(\w+)__descriptor\b", text)} - {None}
    met = reachable(types, roots, {f for f in fields if f not in read or f in refused})
    met_fields = {f for f in fields if f.split(".")[0] in met}
    bad = sorted(f for f in met_fields if f not in read and f not in refused and f not in rows)
    stale = sorted(f for f in rows if "__" in f and (f not in fields or f in read or f in refused))
    return bad, stale, len(met_fields)

def runtime(gen, tmp, rows):
    fields, types = set(), {}
    inc = os.path.join(tmp, "config")
    for h in CONFIG_HEADERS:
        copy_marked(os.path.join(ROOT, h), os.path.join(inc, h[4:]), fields, types)
    fields = {f for f in fields if f.split(".")[1] not in ("arena", "refs")}
    # of lib/config those files that read what the others have decoded
    users = sources("lib/proxy", "lib/route", "lib/balance") + [
        "lib/config/" + f for f in ("build.c", "build_endpoint.c", "config.c", "config_chain.c", "rbac.c", "rbac_index.c")]
    read = named(users, ["-I" + inc, "-Ilib", "-I" + gen])
    bad = sorted(f for f in fields if f not in read and f not in rows)
    stale = sorted(f for f in rows if "__" not in f and (f not in fields or f in read))
    return bad, stale, len(fields)

def main():
    gen = os.path.abspath(sys.argv[1])
    rows = table() if os.path.exists(TABLE) else {}
    tmp = tempfile.mkdtemp(prefix="xds-fields-")
    failed = 0
    try:
        for what, fn in (("the decoder neither reads nor refuses", decoder), ("nothing uses", runtime)):
            bad, stale, n = fn(gen, tmp, rows)
            for f in bad:
                print(f"xds_fields: {f}: {what} it")
            for f in stale:
                print(f"xds_fields.txt: {f}: is used or does not exist: take the row out")
            failed += len(bad) + len(stale)
            if "--list" in sys.argv:
                print(f"{n} fields, {len(bad)} without use")
    finally:
        shutil.rmtree(tmp)
    return 1 if failed else 0

sys.exit(main())
