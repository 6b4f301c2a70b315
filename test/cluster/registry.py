"""A registry that has the images of the given archives, whatever registry they are named after: what a node can pull when
there is no network. Anything else is not found. It listens on the node alone, on plain HTTP.
usage: registry.py PORT LIST    LIST: a file with the archives' paths, read again when it changes"""
import http.server, json, os, re, sys, tarfile, urllib.parse

port, listing = int(sys.argv[1]), sys.argv[2]


class Contents:
    """What the archives hold: manifests by name, and every blob's place."""

    def __init__(self):
        self.read_at, self.manifests, self.blobs = None, {}, {}

    def add(self, path):
        with tarfile.open(path) as t:
            for m in t:
                if m.name.startswith("blobs/sha256/"):
                    self.blobs["sha256:" + m.name.rsplit("/", 1)[1]] = (path, m.offset_data, m.size)
            for m in json.load(t.extractfile("index.json"))["manifests"]:
                self.manifests[m["annotations"]["io.containerd.image.name"]] = (m["digest"], m["mediaType"])

    def refresh(self):
        if os.stat(listing).st_mtime_ns != self.read_at:
            self.read_at = os.stat(listing).st_mtime_ns
            with open(listing) as f:
                for path in f.read().split("\n")[:-1]:
                    self.add(path)


contents = Contents()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def found(self):
        """The digest and type of what is asked for."""
        url = urllib.parse.urlparse(self.path)
        registry = urllib.parse.parse_qs(url.query).get("ns", [""])[0]
        m = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/]+)", url.path)
        if not m:
            return None
        name, kind, ref = m.groups()
        if ref.startswith("sha256:"):
            types = dict(contents.manifests.values())
            return (ref, types.get(ref, "application/octet-stream")) if ref in contents.blobs else None
        return contents.manifests.get(f"{registry}/{name}:{ref}") if kind == "manifests" else None

    def answer(self, body):
        contents.refresh()
        found = self.found()
        if not found:
            self.send_response(200 if self.path == "/v2/" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, offset, size = contents.blobs[found[0]]
        self.send_response(200)
        self.send_header("Content-Type", found[1])
        self.send_header("Docker-Content-Digest", found[0])
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if body:
            with open(path, "rb") as f:
                f.seek(offset)
                self.wfile.write(f.read(size))

    def do_GET(self):
        self.answer(True)

    def do_HEAD(self):
        self.answer(False)


http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
