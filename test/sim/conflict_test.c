/*
 * Two objects want one thing: the older one has it, the rest of the younger one works, its status names the winner,
 * and it takes over when the winner goes. Nothing that objects say makes the proxy refuse a resource.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api/networking/networking.h"
#include "api/istio/security.h"
#include "decide.h"

#define AT(second) "creationTimestamp: '2024-01-01T00:00:" second "Z'"
#define HEAD(group, kind, ns, name, second)                                                                            \
	"{apiVersion: " group ", kind: " kind ", metadata: {name: " name ", namespace: " ns ", " AT(second) "}, "      \
													    "spec: "
#define GW(ns, name, second, servers)                                                                                  \
	HEAD("networking.istio.io/v1beta1", "Gateway", ns, name, second)                                               \
	"{selector: {istio: ingressgateway}, servers: [" servers "]}}\n---\n"
#define VS(ns, name, second, spec)                                                                                     \
	HEAD("networking.istio.io/v1beta1", "VirtualService", ns, name, second) "{" spec "}}\n---\n"
#define SE(ns, name, second, spec)                                                                                     \
	HEAD("networking.istio.io/v1beta1", "ServiceEntry", ns, name, second) "{" spec "}}\n---\n"
#define DR(ns, name, second, spec)                                                                                     \
	HEAD("networking.istio.io/v1beta1", "DestinationRule", ns, name, second) "{" spec "}}\n---\n"
#define SIDECAR(ns, name, second, spec)                                                                                \
	HEAD("networking.istio.io/v1beta1", "Sidecar", ns, name, second) "{" spec "}}\n---\n"
#define PA(ns, name, second, spec)                                                                                     \
	HEAD("security.istio.io/v1beta1", "PeerAuthentication", ns, name, second) "{" spec "}}\n---\n"

#define HTTP(port, hosts) "{port: {number: " port ", name: h" port ", protocol: HTTP}, hosts: [" hosts "]}"
#define TLS(name, mode, hosts)                                                                                         \
	"{port: {number: 8443, name: " name ", protocol: HTTPS}, hosts: [" hosts "], tls: {mode: " mode                \
	", credentialName: c}}"
#define PASS(hosts) "{port: {number: 8443, name: p, protocol: TLS}, hosts: [" hosts "], tls: {mode: PASSTHROUGH}}"
#define TO(host) "route: [{destination: {host: " host "}}]"
#define SNI(host, to) "tls: [{match: [{sniHosts: ['" host "']}], " TO(to) "}]"

#define CATALOG "outbound|8080||catalog.shop.svc.cluster.local"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"
#define A_CATALOG "catalog.shop.svc.cluster.local"
#define A_INVENTORY "inventory.stock.svc.cluster.local"

/* A connection, for HTTP a request on it, and where it must go. */
struct ask {
	const char *listener; /* NULL: by address */
	const char *ip;
	uint16_t port;
	const char *sni, *host, *path; /* path NULL: the connection's bytes */
	const char *to, *after;        /* with both objects, and when the first, named "old", is gone */
};

struct row {
	const char *title, *yaml;
	const char *type, *ns, *labels; /* the proxy */
	const char *path, *text;        /* what is told about the object "young"; NULL path: nothing */
	struct ask asks[3];
	const struct api_kind *kind; /* of the object "old" */
	const char *old_ns;
};

#define ROUTER "router", "istio-system", "istio=ingressgateway"
#define CLIENT "sidecar", "shop", "app=catalog"

static const struct row rows[] = {
	{"one host on 8443 in Gateways of two namespaces",
	 GW("shop", "old", "01", TLS("https", "SIMPLE", "a.com"))
		 GW("stock", "young", "02", TLS("https", "SIMPLE", "A.com, b.com"))
			 VS("shop", "v1", "03", "hosts: [a.com], gateways: [old], http: [{" TO("catalog") "}]")
				 VS("stock", "v2", "04",
				    "hosts: [a.com, b.com], gateways: [young], http: [{" TO("inventory") "}]"),
	 ROUTER,
	 "spec.servers[0].hosts[0]",
	 "a.com is taken by Gateway shop/old",
	 {{"0.0.0.0_8443", NULL, 8443, "a.com", "a.com", "/", CATALOG, INVENTORY},
	  {"0.0.0.0_8443", NULL, 8443, "b.com", "b.com", "/", INVENTORY, INVENTORY}},
	 &api_kind_gateway,
	 "shop"},
	{"names decide between objects of one second",
	 GW("stock", "young", "01", TLS("https", "SIMPLE", "a.com"))
		 GW("shop", "old", "01", TLS("https", "SIMPLE", "a.com")),
	 ROUTER,
	 "spec.servers[0].hosts[0]",
	 "a.com is taken by Gateway shop/old",
	 {{"0.0.0.0_8443", NULL, 8443, "a.com", NULL, NULL, "(http)", "(http)"}},
	 &api_kind_gateway,
	 "shop"},
	{"two servers of one host in one Gateway: the first",
	 GW("shop", "young", "01",
	    TLS("https-mutual", "MUTUAL", "a.com") ", " TLS("https-simple", "SIMPLE", "a.com") ", " TLS("x", "SIMPLE",
													"b.com")),
	 ROUTER,
	 "spec.servers[1].hosts[0]",
	 "a.com is taken already by spec.servers[0].hosts; the first counts",
	 {{"0.0.0.0_8443", NULL, 8443, "a.com", NULL, NULL, "(http)", NULL},
	  {"0.0.0.0_8443", NULL, 8443, "b.com", NULL, NULL, "(http)", NULL}},
	 NULL,
	 NULL},
	{"two wildcards",
	 GW("shop", "old", "01", TLS("https", "SIMPLE", "'*.a.com'"))
		 GW("stock", "young", "02", TLS("https", "SIMPLE", "'*.a.com', x.a.com")),
	 ROUTER,
	 "spec.servers[0].hosts[0]",
	 "*.a.com is taken by Gateway shop/old",
	 {{"0.0.0.0_8443", NULL, 8443, "y.a.com", NULL, NULL, "(http)", "(http)"},
	  {"0.0.0.0_8443", NULL, 8443, "x.a.com", NULL, NULL, "(http)", "(http)"}},
	 &api_kind_gateway,
	 "shop"},
	{"any host, twice",
	 GW("shop", "old", "01", TLS("https", "SIMPLE", "'*'"))
		 GW("stock", "young", "02", TLS("https", "SIMPLE", "'*'")),
	 ROUTER,
	 "spec.servers[0].hosts",
	 "listener 0.0.0.0_8443 is taken by Gateway shop/old",
	 {{"0.0.0.0_8443", NULL, 8443, "y.a.com", NULL, NULL, "(http)", "(http)"}},
	 &api_kind_gateway,
	 "shop"},
	{"a port is HTTP or not",
	 GW("shop", "old", "01", HTTP("8443", "'*'")) GW("stock", "young", "02", TLS("https", "SIMPLE", "a.com")),
	 ROUTER,
	 "spec.servers[0].port.protocol",
	 "port 8443, with protocol HTTP, is taken by Gateway shop/old",
	 {{"0.0.0.0_8443", NULL, 8443, "a.com", NULL, NULL, "(http)", "(http)"}},
	 &api_kind_gateway,
	 "shop"},
	{"one name of TLS routes at a gateway that passes them on",
	 GW("shop", "g", "01", PASS("'*'")) VS("shop", "old", "02",
					       "hosts: [a.com], gateways: [g], " SNI("a.com", "catalog"))
		 VS("stock", "young", "03",
		    "hosts: [a.com, b.com], gateways: [shop/g], tls: [{match: [{sniHosts: [b.com, a.com]}], " TO(
			    "inventory") "}]"),
	 ROUTER,
	 "spec.tls[0].match[0].sniHosts[1]",
	 "a.com is taken by VirtualService shop/old",
	 {{"0.0.0.0_8443", NULL, 8443, "a.com", NULL, NULL, CATALOG, INVENTORY},
	  {"0.0.0.0_8443", NULL, 8443, "b.com", NULL, NULL, INVENTORY, INVENTORY}},
	 &api_kind_virtual_service,
	 "shop"},
	{"a name that is opened is not passed on as well",
	 GW("shop", "old", "01", TLS("https", "SIMPLE", "a.com")) GW("stock", "g", "02", PASS("'*.com'"))
		 VS("stock", "young", "03", "hosts: [a.com, b.com], gateways: [g], " SNI("a.com", "inventory")),
	 ROUTER,
	 "spec.tls[0].match[0].sniHosts[0]",
	 "a.com is taken by Gateway shop/old",
	 {{"0.0.0.0_8443", NULL, 8443, "a.com", NULL, NULL, "(http)", INVENTORY}},
	 &api_kind_gateway,
	 "shop"},
	{"hosts of a server with a namespace keep others out",
	 GW("shop", "g", "01", PASS("shop/a.com, b.com"))
		 VS("stock", "young", "02",
		    "hosts: [a.com, b.com], gateways: [shop/g], tls: [{match: "
		    "[{sniHosts: [a.com]}], " TO("inventory") "}, {match: "
							      "[{sniHosts: [b.com]}], " TO("inventory") "}]"),
	 ROUTER,
	 NULL,
	 NULL,
	 {{"0.0.0.0_8443", NULL, 8443, "a.com", NULL, NULL, "(none)", NULL},
	  {"0.0.0.0_8443", NULL, 8443, "b.com", NULL, NULL, INVENTORY, NULL}},
	 NULL,
	 NULL},
	{"two ways for plain connections of a gateway",
	 GW("shop", "g", "01", "{port: {number: 5000, name: t, protocol: TCP}, hosts: ['*']}")
		 VS("shop", "old", "02", "hosts: ['*'], gateways: [g], tcp: [{" TO("catalog") "}]")
			 VS("stock", "young", "03", "hosts: ['*'], gateways: [shop/g], tcp: [{" TO("inventory") "}]"),
	 ROUTER,
	 "spec.tcp",
	 "port 5000 of Gateway shop/g is taken by VirtualService shop/old",
	 {{"0.0.0.0_5000", NULL, 5000, NULL, NULL, NULL, "outbound|8080||" A_CATALOG, "outbound|80||" A_INVENTORY}},
	 &api_kind_virtual_service,
	 "shop"},
	{"routes of one host on one gateway are merged, one match is the older one's",
	 GW("shop", "g", "01", HTTP("9000", "'*'"))
		 VS("shop", "old", "02",
		    "hosts: [a.com], gateways: [g], http: [{match: [{uri: {prefix: /a}}], " TO("catalog") "}, {" TO(
			    "catalog") "}]") VS("stock", "young", "03",
						"hosts: [a.com], gateways: [shop/g], http: [{match: [{uri: {prefix: "
						"/b}}, {uri: {prefix: /a}}], " TO("inventory") "}]"),
	 ROUTER,
	 "spec.http[0].match[1]",
	 "this match for host a.com:9000 is taken by VirtualService shop/old",
	 {{"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/a", CATALOG, INVENTORY},
	  {"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/b", INVENTORY, INVENTORY},
	  {"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/c", CATALOG, "(none)"}},
	 &api_kind_virtual_service,
	 "shop"},
	{"merged routes: the older VirtualService's first",
	 GW("shop", "g", "01", HTTP("9000", "'*'"))
		 VS("stock", "young", "03",
		    "hosts: [a.com], gateways: [shop/g], http: [{match: [{uri: {prefix: /a/b}}], " TO("inventory") "}]")
			 VS("shop", "old", "02",
			    "hosts: [a.com], gateways: [g], http: [{match: [{uri: {exact: /a}}], " TO(
				    "catalog") "}, {match: [{uri: {prefix: /a}}], " TO("catalog") "}]"),
	 ROUTER,
	 NULL,
	 NULL,
	 {{"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/a/b", CATALOG, INVENTORY},
	  {"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/a", CATALOG, "(none)"}},
	 &api_kind_virtual_service,
	 "shop"},
	{"merged routes: who names the host before who covers it",
	 GW("shop", "g", "01",
	    HTTP("9000", "a.com")) VS("shop", "young", "02",
				      "hosts: ['*'], gateways: [g], http: [{match: [{uri: {prefix: /a}}], " TO(
					      "catalog") "}, {" TO("catalog") "}]")
		 VS("stock", "old", "03",
		    "hosts: [a.com], gateways: [shop/g], http: [{match: [{uri: {prefix: /a}}], " TO("inventory") "}]"),
	 ROUTER,
	 "spec.http[0].match[0]",
	 "this match for host a.com:9000 is taken by VirtualService stock/old",
	 {{"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/a", INVENTORY, CATALOG},
	  {"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/b", CATALOG, CATALOG}},
	 &api_kind_virtual_service,
	 "stock"},
	{"two that match everything: the older one's",
	 GW("shop", "g", "01", HTTP("9000", "'*'"))
		 VS("shop", "old", "02", "hosts: [a.com], gateways: [g], http: [{" TO("catalog") "}]")
			 VS("stock", "young", "03",
			    "hosts: [a.com], gateways: [shop/g], http: [{match: [{uri: {prefix: /b}}], " TO(
				    "inventory") "}, {" TO("inventory") "}]"),
	 ROUTER,
	 "spec.http[1]",
	 "this match for host a.com:9000 is taken by VirtualService shop/old",
	 {{"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/b", INVENTORY, INVENTORY},
	  {"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/c", CATALOG, INVENTORY}},
	 &api_kind_virtual_service,
	 "shop"},
	{"a redirect of one host is the older server's to say",
	 GW("shop", "old", "01",
	    HTTP("9000", "a.com")) GW("stock", "young", "02",
				      "{port: {number: 9000, name: h, protocol: HTTP}, hosts: [a.com, "
				      "b.com], tls: {httpsRedirect: true}}")
		 VS("shop", "v", "03", "hosts: [a.com], gateways: [old, stock/young], http: [{" TO("catalog") "}]"),
	 ROUTER,
	 "spec.servers[0].tls.httpsRedirect",
	 "host a.com on port 9000 is taken by Gateway shop/old",
	 {{"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/", CATALOG, "(https)"},
	  {"0.0.0.0_9000", NULL, 9000, NULL, "b.com", "/", "(https)", "(https)"}},
	 &api_kind_gateway,
	 "shop"},
	{"a redirect, in another case",
	 GW("shop", "old", "01",
	    "{port: {number: 9000, name: h, protocol: HTTP}, hosts: [a.com], tls: {httpsRedirect: true}}")
		 GW("stock", "young", "02", HTTP("9000", "A.com")),
	 ROUTER,
	 "spec.servers[0].tls.httpsRedirect",
	 "host A.com on port 9000 is taken by Gateway shop/old",
	 {{"0.0.0.0_9000", NULL, 9000, NULL, "a.com", "/", "(https)", "(none)"}},
	 &api_kind_gateway,
	 "shop"},
	{"one host inside the mesh",
	 VS("stock", "old", "01",
	    "hosts: [inventory], http: [{match: [{uri: {prefix: /one}}], directResponse: {status: 211}}]")
		 VS("stock", "young", "02", "hosts: [other, inventory], http: [{directResponse: {status: 212}}]"),
	 CLIENT,
	 "spec.hosts[1]",
	 "host inventory.stock.svc.cluster.local is taken by VirtualService stock/old",
	 {{NULL, "10.96.0.22", 80, NULL, "inventory.stock", "/one", "(direct 211)", "(direct 212)"},
	  {NULL, "10.96.0.22", 80, NULL, "other.stock.svc.cluster.local", "/one", "(direct 212)", "(direct 212)"}},
	 &api_kind_virtual_service,
	 "stock"},
	{"one host that no service has",
	 VS("stock", "old", "01", "hosts: [x.com], http: [{directResponse: {status: 211}}]")
		 VS("shop", "young", "02", "hosts: [X.com, y.com], http: [{directResponse: {status: 212}}]"),
	 CLIENT,
	 "spec.hosts[0]",
	 "host X.com on port 80 is taken by VirtualService stock/old",
	 {{NULL, "10.96.0.22", 80, NULL, "x.com", "/", "(direct 211)", "(direct 212)"},
	  {NULL, "10.96.0.22", 80, NULL, "y.com", "/", "(direct 212)", "(direct 212)"}},
	 &api_kind_virtual_service,
	 "stock"},
	{"TCP rules alone do not take a host's HTTP rules away",
	 VS("stock", "old", "01", "hosts: [inventory], tcp: [{" TO("inventory") "}]")
		 VS("stock", "young", "02", "hosts: [inventory], http: [{directResponse: {status: 212}}]"),
	 CLIENT,
	 NULL,
	 NULL,
	 {{NULL, "10.96.0.22", 80, NULL, "inventory.stock", "/", "(direct 212)", "(direct 212)"}},
	 &api_kind_virtual_service,
	 "stock"},
	{"TCP rules of one host inside the mesh",
	 VS("shop", "old", "01", "hosts: [db], tcp: [{" TO("catalog") "}]")
		 VS("shop", "young", "02", "hosts: [db], tcp: [{" TO("inventory.stock.svc.cluster.local") "}]"),
	 CLIENT,
	 "spec.tcp",
	 "port 5432 of host db.shop.svc.cluster.local is taken by VirtualService shop/old",
	 {{NULL, "10.96.0.23", 5432, NULL, NULL, NULL, CATALOG, INVENTORY}},
	 &api_kind_virtual_service,
	 "shop"},
	{"a TLS rule for an entry without address goes where it says",
	 SE("shop", "e", "01",
	    "hosts: [a.com, b.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS")
		 VS("shop", "old", "02",
		    "hosts: [a.com], gateways: [mesh, out], tls: [{match: [{gateways: [mesh], port: 443, sniHosts: "
		    "[a.com]}], " TO("catalog") "}, {match: [{gateways: [out], port: 443, sniHosts: [a.com]}], " TO(
			    "db") "}]")
			 VS("shop", "young", "03",
			    "hosts: [a.com, c.com], tls: [{match: [{port: 443, sniHosts: [c.com, a.com]}], " TO(
				    "inventory.stock.svc.cluster.local") "}]"),
	 CLIENT,
	 "spec.tls[0].match[0].sniHosts[1]",
	 "a.com is taken by VirtualService shop/old",
	 {{NULL, "9.9.9.9", 443, "a.com", NULL, NULL, CATALOG, INVENTORY},
	  {NULL, "9.9.9.9", 443, "b.com", NULL, NULL, "outbound|443||b.com", "outbound|443||b.com"},
	  {NULL, "9.9.9.9", 443, "c.com", NULL, NULL, INVENTORY, INVENTORY}},
	 &api_kind_virtual_service,
	 "shop"},
	{"entries of one host and port; the rest of the younger one works",
	 SE("shop", "old", "01", "hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS")
		 SE("stock", "young", "02",
		    "hosts: [a.com], ports: [{number: 9000, name: tcp, protocol: TCP}, {number: 443, name: tls, "
		    "protocol: TLS}], resolution: DNS"),
	 CLIENT,
	 "spec.ports[1]",
	 "port 443 of host a.com is taken by ServiceEntry shop/old",
	 {{NULL, "9.9.9.9", 443, "a.com", NULL, NULL, "outbound|443||a.com", "outbound|443||a.com"},
	  {NULL, "9.9.9.9", 9000, NULL, NULL, NULL, "outbound|9000||a.com", "outbound|9000||a.com"}},
	 &api_kind_service_entry,
	 "shop"},
	{"an entry that cannot be seen hides none",
	 SE("stock", "old", "01",
	    "hosts: [a.com], exportTo: [.], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS")
		 SE("shop", "young", "02",
		    "hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS"),
	 CLIENT,
	 NULL,
	 NULL,
	 {{NULL, "9.9.9.9", 443, "a.com", NULL, NULL, "outbound|443||a.com", "outbound|443||a.com"}},
	 &api_kind_service_entry,
	 "stock"},
	{"entries of one address and port",
	 SE("shop", "old", "01",
	    "hosts: [a.com], addresses: [192.0.2.1], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: "
	    "DNS") SE("stock", "young", "02",
		      "hosts: [b.com], addresses: [192.0.2.2, 192.0.2.1], ports: [{number: 9000, name: tcp, protocol: "
		      "TCP}], resolution: DNS"),
	 CLIENT,
	 "spec.addresses[1]",
	 "listener 192.0.2.1_9000 is taken by ServiceEntry shop/old",
	 {{NULL, "192.0.2.1", 9000, NULL, NULL, NULL, "outbound|9000||a.com", "outbound|9000||b.com"},
	  {NULL, "192.0.2.2", 9000, NULL, NULL, NULL, "outbound|9000||b.com", "outbound|9000||b.com"}},
	 &api_kind_service_entry,
	 "shop"},
	{"an HTTP entry beside a TCP entry of one port takes nothing but HTTP",
	 SE("stock", "old", "01", "hosts: [a.com], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: DNS")
		 SE("shop", "young", "02",
		    "hosts: [b.com], ports: [{number: 9000, name: http, protocol: HTTP}], resolution: DNS"),
	 CLIENT,
	 NULL,
	 NULL,
	 {{NULL, "9.9.9.9", 9000, NULL, NULL, NULL, "outbound|9000||a.com", "PassthroughCluster"},
	  {NULL, "9.9.9.9", 9000, NULL, "b.com", "/", "outbound|9000||b.com", "outbound|9000||b.com"}},
	 &api_kind_service_entry,
	 "stock"},
	{"an entry does not take the address of a Service",
	 SE("shop", "young", "01",
	    "hosts: [b.com], addresses: [10.96.0.22], ports: [{number: 80, name: tcp, protocol: TCP}], resolution: "
	    "DNS"),
	 CLIENT,
	 "spec.addresses[0]",
	 "port 80 of address 10.96.0.22 is taken by Service stock/inventory",
	 {{NULL, "10.96.0.22", 80, NULL, "inventory.stock", "/", INVENTORY, NULL}},
	 NULL,
	 NULL},
	{"nor, by its name, a connection to the address of a Service",
	 SE("shop", "young", "01",
	    "hosts: [a.com], addresses: [10.96.0.23], ports: [{number: 5432, name: tls, protocol: TLS}], resolution: "
	    "DNS") VS("shop", "v", "02", "hosts: [a.com], " SNI("a.com", "catalog")),
	 CLIENT,
	 "spec.addresses[0]",
	 "listener 10.96.0.23_5432 is taken by Service shop/db",
	 {{NULL, "10.96.0.23", 5432, "a.com", NULL, NULL, "outbound|5432||db.shop.svc.cluster.local", NULL}},
	 NULL,
	 NULL},
	{"a rule for some addresses leaves all else of the port where it was",
	 SE("shop", "e", "01", "hosts: [e.com], ports: [{number: 80, name: tls, protocol: TLS}], resolution: DNS")
		 VS("shop", "v", "02",
		    "hosts: [e.com], tls: [{match: [{sniHosts: [e.com], destinationSubnets: [10.0.0.0/8]}], " TO(
			    "db") "}]"),
	 CLIENT,
	 NULL,
	 NULL,
	 {{NULL, "10.96.0.22", 80, NULL, "inventory.stock", "/", INVENTORY, NULL}},
	 NULL,
	 NULL},
	{"nor does an HTTP entry",
	 SE("shop", "young", "01",
	    "hosts: [b.com], addresses: [10.96.0.23], ports: [{number: 5432, name: http, protocol: HTTP}], resolution: "
	    "DNS"),
	 CLIENT,
	 NULL,
	 NULL,
	 {{NULL, "10.96.0.23", 5432, NULL, NULL, NULL, "outbound|5432||db.shop.svc.cluster.local", NULL}},
	 NULL,
	 NULL},
	{"an entry of a Service's host and port",
	 SE("shop", "young", "01",
	    "hosts: [inventory.stock.svc.cluster.local], ports: [{number: 80, name: http, protocol: HTTP}], "
	    "resolution: STATIC, endpoints: [{address: 192.0.2.66}]"),
	 CLIENT,
	 "spec.ports[0]",
	 "port 80 of host inventory.stock.svc.cluster.local is taken by Service stock/inventory",
	 {{NULL, "10.96.0.22", 80, NULL, "inventory.stock", "/", INVENTORY, NULL}},
	 NULL,
	 NULL},
	{"an entry of another namespace adds no port to a Service's name",
	 SE("shop", "young", "01",
	    "hosts: [inventory.stock.svc.cluster.local], addresses: [192.0.2.1], ports: [{number: 9000, name: tcp, "
	    "protocol: "
	    "TCP}], resolution: STATIC, endpoints: [{address: 192.0.2.66}]"),
	 CLIENT,
	 "spec.ports[0]",
	 "port 9000 of host inventory.stock.svc.cluster.local is taken by Service stock/inventory",
	 {{NULL, "192.0.2.1", 9000, NULL, NULL, NULL, "PassthroughCluster", NULL}},
	 NULL,
	 NULL},
	{"but one of its own namespace does",
	 SE("stock", "young", "01",
	    "hosts: [inventory.stock.svc.cluster.local], addresses: [192.0.2.1], ports: [{number: 9000, name: tcp, "
	    "protocol: "
	    "TCP}], resolution: STATIC, endpoints: [{address: 192.0.2.66}]"),
	 CLIENT,
	 NULL,
	 NULL,
	 {{NULL, "192.0.2.1", 9000, NULL, NULL, NULL, "outbound|9000||inventory.stock.svc.cluster.local", NULL}},
	 NULL,
	 NULL},
	{"two Sidecars for one workload",
	 SIDECAR("shop", "old", "01", "outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ['./*']}]")
		 SIDECAR("shop", "young", "02", "egress: [{hosts: ['*/*']}]"),
	 CLIENT,
	 "spec.workloadSelector",
	 "the scope of workloads that it selects is taken by Sidecar shop/old",
	 {{NULL, "10.96.0.23", 5432, NULL, NULL, NULL, "outbound|5432||db.shop.svc.cluster.local",
	   "outbound|5432||db.shop.svc.cluster.local"}},
	 &api_kind_sidecar,
	 "shop"},
	{"two PeerAuthentications for one workload",
	 PA("shop", "old", "01", "selector: {matchLabels: {app: catalog}}, mtls: {mode: STRICT}")
		 PA("shop", "young", "02", "selector: {matchLabels: {app: catalog}}, mtls: {mode: DISABLE}"),
	 CLIENT,
	 "spec.selector",
	 "mutual TLS for the workloads it selects is taken by PeerAuthentication shop/old",
	 {{"virtualInbound", "10.244.0.5", 8080, NULL, NULL, NULL, "(none)", "(http)"}},
	 &api_kind_peer_authentication,
	 "shop"},
	{"two PeerAuthentications of the mesh",
	 PA("istio-system", "old", "01", "mtls: {mode: STRICT}")
		 PA("istio-system", "young", "02", "mtls: {mode: PERMISSIVE}"),
	 CLIENT,
	 "spec.selector",
	 "mutual TLS for the mesh is taken by PeerAuthentication istio-system/old",
	 {{"virtualInbound", "10.244.0.5", 8080, NULL, NULL, NULL, "(none)", "(http)"}},
	 &api_kind_peer_authentication,
	 "istio-system"},
	{"the workload's own PeerAuthentication is no conflict with its namespace's",
	 PA("shop", "old", "01", "mtls: {mode: STRICT}")
		 PA("shop", "young", "02", "selector: {matchLabels: {app: catalog}}, mtls: {mode: DISABLE}"),
	 CLIENT,
	 NULL,
	 NULL,
	 {{"virtualInbound", "10.244.0.5", 8080, NULL, NULL, NULL, "(http)", "(http)"}},
	 &api_kind_peer_authentication,
	 "shop"},
	{"subsets of one name",
	 DR("stock", "old", "01", "host: inventory, subsets: [{name: s, labels: {version: v1}}]")
		 DR("stock", "young", "02",
		    "host: inventory, subsets: [{name: s, labels: {version: v2}}, {name: t, labels: {version: v2}}]"),
	 CLIENT,
	 "spec.subsets[0].name",
	 "subset s of host inventory.stock.svc.cluster.local is taken by DestinationRule stock/old",
	 {{NULL, "10.96.0.22", 80, NULL, "inventory.stock", "/", INVENTORY, INVENTORY}},
	 &api_kind_destination_rule,
	 "stock"},
	{"policies of one host",
	 DR("stock", "old", "01", "host: inventory, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}")
		 DR("stock", "young", "02",
		    "host: inventory, trafficPolicy: {connectionPool: {tcp: {maxConnections: 8}}}"),
	 CLIENT,
	 "spec.trafficPolicy",
	 "the policy for host inventory.stock.svc.cluster.local is taken by DestinationRule stock/old",
	 {{NULL, "10.96.0.22", 80, NULL, "inventory.stock", "/", INVENTORY, INVENTORY}},
	 &api_kind_destination_rule,
	 "stock"},
};

static void check_asks(const struct row *r, const struct decide *d, bool after)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(r->asks) && r->asks[i].to; i++) {
		const struct ask *q = &r->asks[i];
		const struct decide_conn c = {.listener = q->listener,
					      .ip = q->ip,
					      .port = q->port,
					      .tls = q->sni != NULL,
					      .sni = q->sni,
					      .alpn = q->path && !q->listener ? "http/1.1" : NULL};
		const char *got = q->path ? decide_http(d, &a, &c, q->host, q->path) : decide_tcp(d, &a, &c);
		const char *want = after ? q->after : q->to;

		if (strcmp(got, want) != 0)
			fail_msg("%s: ask %zu%s: expected %s, got %s", r->title, i, after ? ", after" : "", want, got);
	}
}

static void check_notes(const struct row *r, const struct decide *d)
{
	bool told = false;

	for (size_t i = 0; i < d->result.n_notes; i++) {
		const struct compile_note *n = &d->result.notes[i];

		if (strcmp(n->name, "young") != 0)
			fail_msg("%s: %s is told %s: %s", r->title, n->name, n->path, n->text);
		if (!r->path)
			fail_msg("%s: told %s: %s", r->title, n->path, n->text);
		told |= strcmp(n->path, r->path) == 0 && strcmp(n->text, r->text) == 0 &&
			n->reason == COMPILE_CONFLICTED;
	}
	if (r->path && !told)
		fail_msg("%s: not told; the first of %zu: %s: %s", r->title, d->result.n_notes,
			 d->result.n_notes ? d->result.notes[0].path : "",
			 d->result.n_notes ? d->result.notes[0].text : "");
}

static void conflicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const struct row *r = &rows[i];
		const char *const yaml[] = {world_shop, r->yaml, NULL};
		const struct proxy p = world_proxy(&a, r->type, r->ns, r->labels);
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		check_asks(r, &d, false);
		check_notes(r, &d);
		decide_done(&d);
		if (r->kind) {
			store_remove(w.store, r->kind, r->old_ns, "old");
			world_rebuild(&w, mesh_change_of(r->kind));
			decide_init(&d, &w, &p);
			check_asks(r, &d, true);
			if (d.result.n_notes)
				fail_msg("%s: still told: %s", r->title, d.result.notes[0].text);
			decide_done(&d);
		}
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(conflicts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
