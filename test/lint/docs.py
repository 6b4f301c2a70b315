#!/usr/bin/env python3
"""The sentences that kubectl explain shows, as the rows of lib/api/{networking,istio,maistra} have them.

Fails for a sentence that was picked by a field's name instead of its place:
- it stands in more than SHARED_MAX messages, not counting the rows that every kind has (apiVersion to status), which mean the same;
- it only says the field's or the message's name again ("Policy." for policy; "Settings: proxy." for ProxyConfig);
- it is no sentence: no capital letter or digit at the start, no full stop at the end, or longer than WIDTH_MAX.
"""
import collections, glob, os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import ledger

SHARED_MAX = 8
WIDTH_MAX = 140
KIND_ROWS = {"apiVersion", "kind", "metadata", "spec", "status"}
TEXT = r'(?:"(?:[^"\\]|\\.)*"\s*)+'
DOC = re.compile(r"\.doc = (%s)" % TEXT)
DESC = re.compile(r'\bDESC(?:_EMPTY)?\((\w+),\s*"([^"]*)",\s*(%s)[,)]' % TEXT)
# Words that say no more than that there is something.
EMPTY = {"a", "an", "of", "the", "one", "name", "setting", "policy", "condition", "selector", "rule", "source", "reference"}

def text_of(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"').replace("\\\\", "\\")

def words(text):
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_", " ", text)
    return {w.rstrip("s") for w in re.findall(r"[a-z0-9]+", apart.lower())}

def files():
    return sorted(p for room in ledger.ROOMS for p in glob.glob(os.path.join(ledger.ROOT, "lib/api", room, "*.c")))

def faults_of(doc, *names):
    if len(doc) > WIDTH_MAX:
        yield "longer than %d characters" % WIDTH_MAX
    if not re.match(r"[A-Z0-9]", doc) or not doc.endswith("."):
        yield "no sentence"
    if words(doc) <= EMPTY.union(*(words(n) for n in names)):
        yield "says only the name again"

def main():
    bad, places = [], collections.defaultdict(set)
    for path in files():
        text, path = open(path).read(), os.path.relpath(path, ledger.ROOT)
        for table in ledger.TABLE.finditer(text):
            rows = [(r[2], DOC.search(r[0])) for r in ledger.ROW.finditer(table[2])]
            is_kind = KIND_ROWS <= {json for json, _ in rows}
            for json, doc in rows:
                if not doc:
                    continue
                doc = text_of(doc[1])
                bad += ["%s: %s.%s: %s: %s" % (path, table[1], json, why, doc) for why in faults_of(doc, json)]
                if not (is_kind and json in KIND_ROWS):
                    places[doc].add(table[1])
        for d in DESC.finditer(text):
            doc = text_of(d[3])
            bad += ["%s: %s: %s: %s" % (path, d[1], why, doc) for why in faults_of(doc, d[1], d[2])]
    for doc, structs in sorted(places.items()):
        if len(structs) > SHARED_MAX:
            bad.append("in %d messages: %s (%s, ...)" % (len(structs), doc, ", ".join(sorted(structs)[:3])))
    if bad:
        sys.exit("\n".join(bad + ["A sentence must be right for its place, or be left out."]))

if __name__ == "__main__":
    main()
