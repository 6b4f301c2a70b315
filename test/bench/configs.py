"""Writes the same gateway for each peer: VHOSTS virtual hosts of ROUTES prefix routes to one origin, one worker, keep-alive.
Certificates lie in the directory: ca.pem, cert.pem, key.pem, both.pem. What differs by a feature is in features.py.
"""
import json, os

VHOSTS, ROUTES = 1000, 10

# Added to the base port.
PORTS = {name: n for n, name in enumerate((
    "relay", "nginx", "haproxy", "weft", "haproxy-client", "haproxy-server", "weft-client", "weft-server", "nginx-h2", "haproxy-h2",
    "envoy", "envoy-client", "envoy-server", "metrics", "origin-h2", "collector", "origin-grpc", "weft-h2", "haproxy-h2-h2", "envoy-h2",
    "weft-grpc", "haproxy-grpc", "nginx-grpc", "envoy-grpc", "jwt", "rules-1", "rules-1000", "tracing-1", "tracing-100",
    "who-1-client", "who-1-server", "who-1000-client", "who-1000-server"))}

def nginx(origin, port, h2):
    out = [f"""worker_processes 1; daemon off; pid nginx.pid; error_log nginx.err;
events {{ worker_connections 8192; }}
http {{
  access_log off; server_names_hash_max_size 8192; server_names_hash_bucket_size 128; keepalive_requests 1000000000; http2_max_concurrent_streams 256;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  upstream origin {{ server 127.0.0.1:{origin}; keepalive 2048; keepalive_requests 1000000000; }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;"""]
    for i in range(VHOSTS):
        routes = " ".join(f"location /route{j}/ {{ proxy_pass http://origin; }}" for j in range(ROUTES))
        out.append(f"  server {{ listen 127.0.0.1:{port}; listen 127.0.0.1:{h2} http2; server_name host{i}.example; {routes} }}")
    return "\n".join(out) + "\n}\n"

HAPROXY_HEAD = """global
  nbthread 1
  maxconn 8192
  tune.pool-low-fd-ratio 90
  tune.pool-high-fd-ratio 95
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
  server o 127.0.0.1:{origin} pool-purge-delay 1h
backend none
  http-request return status 404
"""

def haproxy_h2(origin, port):
    """HTTP/2 on both sides, gRPC as well."""
    return HAPROXY_HEAD + f"""frontend f
  bind 127.0.0.1:{port} proto h2
  default_backend origin
backend origin
  server o 127.0.0.1:{origin} proto h2
"""

def nginx_side(ports):
    """What the features need beside the peers: an origin of HTTP/2, a collector of spans; and nginx before gRPC."""
    return f"""worker_processes 1; daemon off; pid nginx-side.pid; error_log nginx-side.err;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; http2_max_concurrent_streams 256; client_max_body_size 16m; default_type text/plain;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  server {{ listen 127.0.0.1:{ports["origin-h2"]} http2; location / {{ return 200 "{"x" * 1024}"; }} }}
  server {{ listen 127.0.0.1:{ports["collector"]}; location / {{ return 202; }} }}
}}
"""

def nginx_grpc(ports):
    return f"""worker_processes 1; daemon off; pid nginx-grpc.pid; error_log nginx-grpc.err;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 1000000000; http2_max_concurrent_streams 256;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  upstream origin {{ server 127.0.0.1:{ports["origin-grpc"]}; keepalive 2048; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{ports["nginx-grpc"]} http2; location / {{ grpc_pass grpc://origin; }} }}
}}
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
  server o 127.0.0.1:{origin} pool-purge-delay 1h
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

def listener(name, port, virtual_hosts, filters=(), hcm=None, **chain):
    hcm = any_of(HCM, stat_prefix=name, route_config={"name": name, "virtual_hosts": virtual_hosts}, http_filters=[*filters, ROUTER], **(hcm or {}))
    return {"name": name, "address": address(port), "filter_chains": [
        {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": hcm}], **chain}]}

HOSTS = [{"name": f"host{i}", "domains": [f"host{i}.example", f"host{i}.example:*"],
          "routes": [{"match": {"prefix": f"/route{j}/"}, "route": {"cluster": "origin", "timeout": "0s"}} for j in range(ROUTES)]}
         for i in range(VHOSTS)]

def everything(to):
    return [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": to, "timeout": "0s"}}]}]

def gateway(origin, port, filters=(), **hcm):
    return {"static_resources": {"listeners": [listener("gateway", port, HOSTS, filters, hcm)], "clusters": [cluster("origin", origin)]}}

def tls_context(kind, d, **more):
    # Envoy's clients go no higher than TLS 1.2 unless they are told.
    common = {"tls_params": {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}, "alpn_protocols": ["istio"] if kind == "Upstream" else ["istio", "http/1.1"],
              "tls_certificates": [{"certificate_chain": {"filename": f"{d}/cert.pem"}, "private_key": {"filename": f"{d}/key.pem"}}],
              "validation_context": {"trusted_ca": {"filename": f"{d}/ca.pem"}}}
    return {"name": "envoy.transport_sockets.tls", "typed_config": any_of(
        f"envoy.extensions.transport_sockets.tls.v3.{kind}TlsContext", common_tls_context=common, **more)}

def weft_pair(origin, plain, tls, d, filters=()):
    client = {"static_resources": {"listeners": [listener("outbound", plain, everything("peer"))],
              "clusters": [cluster("peer", tls, transport_socket=tls_context("Upstream", d, sni="server.example"))]}}
    server = {"static_resources": {"listeners": [listener("inbound", tls, everything("origin"), filters,
              transport_socket=tls_context("Downstream", d, require_client_certificate=True))], "clusters": [cluster("origin", origin)]}}
    return client, server

def write_all(write, d, origin, ports):
    os.makedirs(f"{d}/tmp", exist_ok=True)
    write("nginx.conf", nginx(origin, ports["nginx"], ports["nginx-h2"]))
    write("haproxy.map", "".join(f"host{i}.example/route{j}/ origin\n" for i in range(VHOSTS) for j in range(ROUTES)))
    write("haproxy.cfg", haproxy(origin, ports["haproxy"], ports["haproxy-h2"], f"{d}/haproxy.map"))
    write("weft.json", gateway(origin, ports["weft"]))
    write("envoy.json", gateway(origin, ports["envoy"]))
    write("nginx-side.conf", nginx_side(ports))
    write("nginx-grpc.conf", nginx_grpc(ports))
    write("haproxy-h2.cfg", haproxy_h2(ports["origin-h2"], ports["haproxy-h2-h2"]))
    write("haproxy-grpc.cfg", haproxy_h2(ports["origin-grpc"], ports["haproxy-grpc"]))
    pairs = {"haproxy": haproxy_pair, "weft": weft_pair, "envoy": weft_pair}
    for who, make in pairs.items():
        ending = "cfg" if who == "haproxy" else "json"
        for side, text in zip(("client", "server"), make(origin, ports[f"{who}-client"], ports[f"{who}-server"], d)):
            write(f"{who}-{side}.{ending}", text)
