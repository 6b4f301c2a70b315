"""Which fields of the kinds' structs the code reads, found by the compiler.

Each member of the structs in lib/api/{rooms} is marked deprecated, with its name as the text, in copies of the headers; all
code that is not about the rows themselves is parsed with these, and the compiler's warnings are the reads.
"""
import concurrent.futures, os, re, subprocess, tempfile

# The rows, what only checks, lists or tells fields, and the embedded cluster.
NO_READERS = re.compile(r"lib/(api|lab|msg|validate)/|lib/operator/(spec/spec_validate|spec/spec_honoured|webhook/admission)\.c")

def mark_headers(root, rooms, to):
    for room in rooms:
        os.makedirs(os.path.join(to, "api", room))
        for f in os.listdir(os.path.join(root, "lib/api", room)):
            if not f.endswith(".h"):
                continue
            out, struct = [], None
            for line in open(os.path.join(root, "lib/api", room, f)):
                begin, member = re.match(r"struct (\w+) \{$", line), re.match(r"(\t.*?\b(\w+));(.*\n)", line)
                if begin:
                    struct = begin[1]
                elif line.startswith("}"):
                    struct = None
                elif struct and member:
                    line = f'{member[1]} __attribute__((deprecated("FIELD {struct}.{member[2]}")));{member[3]}'
                out.append(line)
            open(os.path.join(to, "api", room, f), "w").write("".join(out))

def reads(root, rooms):
    """({(struct, member)} that code reads, [what could not be parsed])"""
    files = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard", "lib", "cmd"], capture_output=True,
                           text=True, check=True).stdout.split()
    files = [f for f in files if f.endswith(".c") and not NO_READERS.match(f) and os.path.exists(os.path.join(root, f))]
    with tempfile.TemporaryDirectory() as to:
        mark_headers(root, rooms, to)

        def parse(f):
            p = subprocess.run(["gcc", "-fsyntax-only", "-std=gnu11", "-D_GNU_SOURCE", f"-I{to}", "-Ilib", "-Ibuild/gen", f],
                               cwd=root, capture_output=True, text=True)
            found = set(re.findall(r"FIELD (\w+)\.(\w+)", p.stderr))
            return found, f"{f}: cannot be parsed: {p.stderr[:300]}" if p.returncode else None

        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            results = list(pool.map(parse, files))
    return set().union(*(r for r, _ in results)), [bad for _, bad in results if bad]
