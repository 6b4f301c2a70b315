#!/usr/bin/env python3
"""Writes the same gateway for each peer: VHOSTS virtual hosts of ROUTES prefix routes to one origin, one worker, keep-alive.

usage: configs.py DIR ORIGIN-PORT BASE-PORT
Ports: BASE+0 relay, +1 nginx, +2 haproxy, +3 weft; the mTLS pairs: +4 haproxy client side, +5 haproxy server side,
+6 weft client side, +7 weft server side. Envoy: +10, the pair +11 and +12. HTTP/2 in plain text: +8 nginx, +9 haproxy, +3 weft as before. Certificates lie in DIR: ca.pem, cert.pem, key.pem, both.pem.
"""
import json, os, sys

VHOSTS, ROUTES = 1000, 10

def nginx(origin, port, h2):
    out = [f"""worker_processes 1; daemon off; pid nginx.pid; error_log nginx.err;
events {{ worker_connections 4096; }}
http {{
  access_log off; server_names_hash_max_size 8192; server_names_hash_bucket_size 128; keepalive_requests 1000000000; http2_max_concurrent_streams 256;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 512; keepalive_requests 1000000000; }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;"""]
    for i in range(VHOSTS):
        routes = " ".join(f"location /route{j}/ {{ proxy_pass http://origin; }}" for j in range(ROUTES))
        out.append(f"  server {{ listen 127.0.0.1:{port}; listen 127.0.0.1:{h2} http2; server_name host{i}.example; {routes} }}")
    return "\n".join(out) + "\n}\n"

HAPROXY_HEAD = """global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
"""

def haproxy(origin, port, h2, mapfile):
    return HAPROXY_HEAD + f"""frontend f
  bind 127.0.0.1:{port}
  bind 127.0.0.1:{h2} proto h2
  use_backend %[base,map_beg({mapfile},none)]
backend origin
  server o 127.0.0.1:{origin}
backend none
  http-request return status 404
"""

def haproxy_pair(origin, plain, tls, d):
    client = HAPROXY_HEAD + f"""frontend f
  bind 127.0.0.1:{plain}
  default_backend peer
backend peer
  server s 127.0.0.1:{tls} ssl verify required ca-file {d}/ca.pem crt {d}/both.pem ssl-min-ver TLSv1.3 sni str(server.example)
"""
    server = HAPROXY_HEAD + f"""frontend f
  bind 127.0.0.1:{tls} ssl crt {d}/both.pem ca-file {d}/ca.pem verify required ssl-min-ver TLSv1.3
  default_backend origin
backend origin
  server o 127.0.0.1:{origin}
"""
    return client, server

def any_of(kind, **fields):
    return {"@type": f"type.googleapis.com/{kind}", **fields}

HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
ROUTER = {"name": "envoy.filters.http.router", "typed_config": any_of("envoy.extensions.filters.http.router.v3.Router")}

def address(port):
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}

def cluster(name, port, **more):
    return {"name": name, "type": "STATIC", "connect_timeout": "5s",
            "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address(port)}}]}]},
            "circuit_breakers": {"thresholds": [{"max_connections": 4096, "max_pending_requests": 4096, "max_requests": 4096}]}, **more}

def listener(name, port, virtual_hosts, **chain):
    hcm = any_of(HCM, stat_prefix=name, route_config={"name": name, "virtual_hosts": virtual_hosts}, http_filters=[ROUTER])
    return {"name": name, "address": address(port), "filter_chains": [
        {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": hcm}], **chain}]}

def weft(origin, port):
    hosts = [{"name": f"host{i}", "domains": [f"host{i}.example", f"host{i}.example:*"],
              "routes": [{"match": {"prefix": f"/route{j}/"}, "route": {"cluster": "origin", "timeout": "0s"}} for j in range(ROUTES)]}
             for i in range(VHOSTS)]
    return {"static_resources": {"listeners": [listener("gateway", port, hosts)], "clusters": [cluster("origin", origin)]}}

def tls_context(kind, d, **more):
    # Envoy's clients go no higher than TLS 1.2 unless they are told.
    common = {"tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}, "alpn_protocols": ["istio"] if kind == "Upstream" else ["istio", "http/1.1"],
              "tls_certificates": [{"certificate_chain": {"filename": f"{d}/cert.pem"}, "private_key": {"filename": f"{d}/key.pem"}}],
              "validation_context": {"trusted_ca": {"filename": f"{d}/ca.pem"}}}
    return {"name": "envoy.transport_sockets.tls", "typed_config": any_of(
        f"envoy.extensions.transport_sockets.tls.v3.{kind}TlsContext", common_tls_context=common, **more)}

def weft_pair(origin, plain, tls, d):
    everything = lambda c: [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": c, "timeout": "0s"}}]}]
    client = {"static_resources": {"listeners": [listener("outbound", plain, everything("peer"))],
              "clusters": [cluster("peer", tls, transport_socket=tls_context("Upstream", d, sni="server.example"))]}}
    server = {"static_resources": {"listeners": [listener("inbound", tls, everything("origin"),
              transport_socket=tls_context("Downstream", d, require_client_certificate=True))], "clusters": [cluster("origin", origin)]}}
    return client, server

def main():
    d, origin, base = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(f"{d}/tmp", exist_ok=True)
    write = lambda name, text: open(os.path.join(d, name), "w").write(text if isinstance(text, str) else json.dumps(text))
    write("nginx.conf", nginx(origin, base + 1, base + 8))
    write("haproxy.map", "".join(f"host{i}.example/route{j}/ origin\n" for i in range(VHOSTS) for j in range(ROUTES)))
    write("haproxy.cfg", haproxy(origin, base + 2, base + 9, f"{d}/haproxy.map"))
    write("weft.json", weft(origin, base + 3))
    write("envoy.json", weft(origin, base + 10))
    for name, text in zip(("haproxy-client.cfg", "haproxy-server.cfg"), haproxy_pair(origin, base + 4, base + 5, d)): write(name, text)
    for name, text in zip(("weft-client.json", "weft-server.json"), weft_pair(origin, base + 6, base + 7, d)): write(name, text)
    for name, text in zip(("envoy-client.json", "envoy-server.json"), weft_pair(origin, base + 11, base + 12, d)): write(name, text)

main()
