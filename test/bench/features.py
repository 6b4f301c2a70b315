"""Configurations of weft-proxy that differ by one feature: the standard metrics, HTTP/2 upstream, JWT, authorization, tracing.

What weftd sends is written here as weftd does it (lib/compile): the same filters in the same order.
"""
import base64, json, os, subprocess

from configs import any_of, cluster, everything, gateway, listener, weft_pair

TOKENS = 1000
RULES = 1000

def http_filter(name, kind, **fields):
    return {"name": name, "typed_config": any_of(kind, **fields)}

# ---- the standard metrics ----

HEADERS, WORKLOAD = {"istio_headers": {}}, {"workload_discovery": {}}
METADATA = http_filter("istio.metadata_exchange", "io.istio.http.peer_metadata.Config",
                       upstream_discovery=[HEADERS, WORKLOAD], upstream_propagation=[HEADERS])
ALPN = http_filter("istio.alpn", "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig", alpn_override=[
    {"upstream_protocol": version, "alpn_override": names} for version, names in (
        ("HTTP10", ["istio-http/1.0", "istio", "http/1.0"]), ("HTTP11", ["istio-http/1.1", "istio", "http/1.1"]),
        ("HTTP2", ["istio-h2", "istio", "h2"]))])
METRICS = [METADATA, ALPN, http_filter("envoy.filters.http.fault", "envoy.extensions.filters.http.fault.v3.HTTPFault"),
           http_filter("envoy.filters.http.cors", "envoy.extensions.filters.http.cors.v3.Cors"),
           http_filter("istio.stats", "stats.PluginConfig")]

# ---- HTTP/2 on both sides ----

def h2_cluster(name, port):
    options = any_of("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", explicit_http_config={"http2_protocol_options": {}})
    return cluster(name, port, typed_extension_protocol_options={"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options})

# ---- JWT ----

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout

def jwt(d):
    """Signs TOKENS tokens (RS256), writes the script with which wrk sends them in turn; the filter that checks them."""
    key = os.path.join(d, "jwt.pem")
    openssl("genrsa", "-out", key, "2048")
    modulus = bytes.fromhex(openssl("rsa", "-in", key, "-noout", "-modulus").decode().strip().split("=")[1])
    head, tokens = b64(b'{"alg":"RS256","kid":"k"}'), []
    for i in range(TOKENS):
        claims = {"iss": "https://issuer.example", "sub": f"user{i}", "exp": 4102444800}
        text = head + "." + b64(json.dumps(claims).encode())
        tokens.append(text + "." + b64(openssl("dgst", "-sha256", "-sign", key, data=text.encode())))
    with open(os.path.join(d, "jwt.lua"), "w") as out:
        out.write("local t = {" + ",".join(f'"{t}"' for t in tokens) + "}\nlocal i = 0\nrequest = function()\n  i = i % #t + 1\n"
                  '  wrk.headers["Authorization"] = "Bearer " .. t[i]\n  return wrk.format()\nend\n')
    jwks = json.dumps({"keys": [{"kty": "RSA", "kid": "k", "alg": "RS256", "n": b64(modulus), "e": "AQAB"}]})
    return http_filter("envoy.filters.http.jwt_authn", "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
                       providers={"p": {"issuer": "https://issuer.example", "forward": True, "local_jwks": {"inline_string": jwks}}},
                       rules=[{"match": {"prefix": "/"}, "requires": {"provider_name": "p"}}])

# ---- authorization ----

def rbac(n, by):
    """n rules of which the last one lets the load pass: each for another path, or for another client."""
    policies = {}
    for i in range(n):
        mine = i == n - 1
        path = "/route7/x" if mine else f"/service{i}/list"
        who = "spiffe://cluster.local/ns/bench/sa/" + ("bench" if mine else f"client{i}")
        exact = lambda text: {"exact": text}
        policies[f"ns[bench]-policy[p{i}]-rule[0]"] = {
            "permissions": [{"and_rules": {"rules": [{"or_rules": {"rules": [{"url_path": {"path": exact(path)}}]}}]}} if by == "path" else {"any": True}],
            "principals": [{"any": True} if by == "path" else
                           {"and_ids": {"ids": [{"or_ids": {"ids": [{"authenticated": {"principal_name": exact(who)}}]}}]}}]}
    return http_filter("envoy.filters.http.rbac", "envoy.extensions.filters.http.rbac.v3.RBAC",
                       rules={"action": "ALLOW", "policies": policies})

# ---- tracing ----

def tracing(percent):
    provider = {"name": "envoy.tracers.zipkin", "typed_config": any_of(
        "envoy.config.trace.v3.ZipkinConfig", collector_cluster="collector", collector_endpoint="/api/v2/spans",
        collector_endpoint_version="HTTP_JSON", trace_id_128bit=True, shared_span_context=False)}
    share = lambda v: {"value": v}
    return {"provider": provider, "client_sampling": share(100), "random_sampling": share(percent), "overall_sampling": share(100)}

def write_all(write, rows, d, origin, ports):
    """The files of the rows that were asked for."""
    plain = lambda port, filters=(), **hcm: gateway(origin, port, filters, **hcm)
    write("weft-metrics.json", plain(ports["metrics"], METRICS))
    for who in ("weft", "envoy"):
        for kind in ("h2", "grpc"):
            to = h2_cluster("origin", ports["origin-" + kind])
            write(f"{who}-{kind}.json", {"static_resources": {"listeners": [listener("gateway", ports[f"{who}-{kind}"], everything("origin"))], "clusters": [to]}})
    if "jwt" in rows:
        check = jwt(d)
        write("weft-jwt.json", plain(ports["jwt"], [check]))
    for n in (1, RULES):
        write(f"weft-rules-{n}.json", plain(ports[f"rules-{n}"], [rbac(n, "path")]))
        pair = weft_pair(origin, ports[f"who-{n}-client"], ports[f"who-{n}-server"], d, [rbac(n, "client")])
        for side, config in zip(("client", "server"), pair):
            write(f"weft-who-{n}-{side}.json", config)
    for percent in (1, 100):
        config = plain(ports[f"tracing-{percent}"], tracing=tracing(percent))
        config["static_resources"]["clusters"].append(cluster("collector", ports["collector"]))
        write(f"weft-tracing-{percent}.json", config)
