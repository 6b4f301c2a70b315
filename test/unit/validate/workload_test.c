/* Validation of ServiceEntries, WorkloadEntries and WorkloadGroups. */
#include "rows.h"

#define SE(spec) NET("ServiceEntry", spec)
#define H80 "ports: [{number: 80, name: http, protocol: HTTP}]"
#define HOSTS(hosts) SE("{hosts: [" hosts "], " H80 "}")
#define PORTS(ports) SE("{hosts: [a.b], addresses: [10.0.0.1], ports: [" ports "]}")
#define STATIC(endpoint) SE("{hosts: [a.b], resolution: STATIC, " H80 ", endpoints: [" endpoint "]}")
#define DNS(endpoints) SE("{hosts: [a.b], resolution: DNS, " H80 ", endpoints: [" endpoints "]}")
#define EP "spec.endpoints[0]"

static const struct row entries[] = {
	{HOSTS("a.b, '*.c'"), FINE, NULL, NULL},
	{SE("{" H80 "}"), REFUSED, "spec.hosts", "at least one host"},
	{HOSTS("'*'"), REFUSED, "spec.hosts[0]", "invalid host *"},
	{HOSTS("10.0.0.1"), REFUSED, "spec.hosts[0]", "all-numeric"},
	{HOSTS("'*a.b'"), WARNED, "spec.hosts[0]", "whole labels"},
	{SE("{hosts: [a.b], addresses: [10.0.0.0/8, 10.0.0.1], " H80 "}"), FINE, NULL, NULL},
	{SE("{hosts: [a.b], addresses: [10.0.0.0/33], " H80 "}"), REFUSED, "spec.addresses[0]", "10.0.0.0/33"},
	{SE("{hosts: [a.b], addresses: [x], " H80 "}"), REFUSED, "spec.addresses[0]", "\"x\" is no IP"},
	{SE("{hosts: [a.b], resolution: DNS, addresses: [10.0.0.0/8], " H80 "}"), REFUSED, "spec.addresses[0]",
	 "NONE/STATIC"},
	{SE("{hosts: [a.b], workloadSelector: {labels: {a: b}}, endpoints: [{address: 10.0.0.1}], resolution: "
	    "STATIC, " H80 "}"),
	 REFUSED, "spec", "only one of WorkloadSelector or Endpoints"},
	{SE("{hosts: [a.b], workloadSelector: {labels: {'*': b}}, " H80 "}"), REFUSED, "spec.workloadSelector",
	 "wildcard"},
	{SE("{hosts: [a.b], workloadSelector: {}, " H80 "}"), WARNED, "spec.workloadSelector", "all workloads"},
	{SE("{hosts: [a.b], exportTo: ['~'], " H80 "}"), FINE, NULL, NULL},
	{SE("{hosts: [a.b], exportTo: ['~', other], " H80 "}"), REFUSED, "spec.exportTo", "must be the only entry"},
	{PORTS("{number: 80, name: x, protocol: TCP}, {number: 81, name: x, protocol: TCP}"), REFUSED, "spec.ports[1]",
	 "name \"x\" already defined"},
	{PORTS("{number: 80, name: x, protocol: TCP}, {number: 80, name: z, protocol: TCP}"), REFUSED, "spec.ports[1]",
	 "port 80 already defined"},
	{PORTS("{number: 80, protocol: TCP}"), REFUSED, "spec.ports[0].name", "must be a DNS label"},
	{PORTS("{number: 80, name: x_, protocol: TCP}"), REFUSED, "spec.ports[0].name", "\"x_\""},
	{PORTS("{number: 0, name: x, protocol: TCP}"), REFUSED, "spec.ports[0].number", "port number 0"},
	{PORTS("{number: 80, name: x, protocol: FTP}"), REFUSED, "spec.ports[0].protocol", "FTP"},
	{PORTS("{number: 80, name: x, targetPort: 70000}"), REFUSED, "spec.ports[0].targetPort", "70000"},
	{SE("{hosts: [a.b], ports: [{number: 80, name: x, protocol: TCP}]}"), WARNED, "spec.ports[0]",
	 "addresses are required"},
	{SE("{hosts: [a.b], ports: [{number: 80, name: x}]}"), WARNED, "spec.ports[0]", "addresses are required"},
	{SE("{hosts: [a.b], ports: [{number: 80, name: x, protocol: TCP}], resolution: DNS}"), FINE, NULL, NULL},
	{SE("{hosts: [c.d, '*.b'], ports: [{number: 80, name: x, protocol: TLS}], resolution: STATIC}"), FINE, NULL,
	 NULL},
	{SE("{hosts: ['*.b'], ports: [{number: 80, name: x, protocol: TCP}], resolution: STATIC}"), WARNED,
	 "spec.ports[0]", "addresses are required"},
	{SE("{hosts: [a.b], resolution: NONE, " H80 ", endpoints: [{address: 10.0.0.1}]}"), REFUSED, "spec.endpoints",
	 "no endpoints should be provided"},
	{SE("{hosts: ['*.b'], resolution: DNS, " H80 "}"), REFUSED, "spec.hosts[0]", "must be FQDN"},
	{SE("{hosts: ['*.b'], resolution: DNS_ROUND_ROBIN, " H80 "}"), REFUSED, "spec.hosts[0]", "DNS_ROUND_ROBIN"},
	{SE("{hosts: [a.b], resolution: DNS_ROUND_ROBIN, " H80 ", endpoints: [{address: a.b}, {address: c.d}]}"),
	 REFUSED, "spec.endpoints", "0 or 1 endpoint"},
	{SE("{hosts: [a.b, c.d], resolution: STATIC, ports: [{number: 1, name: x, protocol: TCP}], addresses: "
	    "[10.0.0.1]}"),
	 REFUSED, "spec.ports[0]", "multiple hosts"},
	{SE("{hosts: [a.b, c.d], resolution: STATIC, ports: [{number: 1, name: x}], addresses: [10.0.0.1]}"), REFUSED,
	 "spec.ports[0]", "multiple hosts"},
	{SE("{hosts: [a.b, c.d], ports: [{number: 1, name: x, protocol: TCP}], addresses: [10.0.0.1]}"), FINE, NULL,
	 NULL},
	{SE("{hosts: [a.b, c.d], resolution: DNS, ports: [{number: 1, name: x, protocol: TLS}], addresses: "
	    "[10.0.0.1]}"),
	 WARNED, "spec.hosts", "can't be told apart"},
};

static const struct row endpoints[] = {
	{STATIC("{address: 10.0.0.1, ports: {http: 8080}}"), FINE, NULL, NULL},
	{STATIC("{address: 'unix:///a'}"), FINE, NULL, NULL},
	{STATIC("{address: a.b}"), REFUSED, EP ".address", "not a valid IP address"},
	{STATIC("{}"), REFUSED, EP ".address", "an address is required"},
	{STATIC("{network: net}"), WARNED, EP ".address", "network net"},
	{STATIC("{address: 'unix://a'}"), REFUSED, EP ".address", "begin with /"},
	{STATIC("{address: 'unix:///a', ports: {http: 1}}"), REFUSED, EP ".ports", "must not include ports"},
	{SE("{hosts: [a.b], resolution: STATIC, endpoints: [{address: 'unix:///a'}]}"), REFUSED, EP,
	 "exactly one port"},
	{STATIC("{address: 10.0.0.1, ports: {x: 1}}"), REFUSED, EP ".ports[x]", "not defined by the service entry"},
	{STATIC("{address: 10.0.0.1, ports: {http: 70000}}"), REFUSED, EP ".ports[http]", "1 to 65535"},
	{STATIC("{address: 10.0.0.1, labels: {a: 'b c'}}"), REFUSED, EP ".labels", "\"b c\""},
	{DNS("{address: a.b}"), FINE, NULL, NULL},
	{DNS("{address: a_b}"), REFUSED, EP ".address", "\"a_b\" is not a valid FQDN"},
	{DNS("{address: 'unix:///a'}"), REFUSED, EP ".address", "not a valid FQDN"},
	{DNS("{address: a.b, ports: {x: 1}}"), REFUSED, EP ".ports[x]", "not defined"},
	{DNS("{address: a.b, labels: {'a b': c}}"), REFUSED, EP ".labels", "\"a b\""},
};

#define WE(spec) NET("WorkloadEntry", spec)

static const struct row workloads[] = {
	{WE("{address: a.b, ports: {any: 1}}"), FINE, NULL, NULL},
	{WE("{address: 'fe80::1%eth0'}"), FINE, NULL, NULL},
	{WE("{}"), REFUSED, "spec.address", "an address is required"},
	{WE("{network: net}"), WARNED, "spec.address", "network net"},
	{WE("{address: a_b}"), REFUSED, "spec.address", "\"a_b\" is not a valid FQDN"},
	{WE("{address: '@a'}"), REFUSED, "spec.address", "not a valid FQDN"},
	{WE("{address: 'unix:///a', ports: {x: 1}}"), REFUSED, "spec.ports", "must not include ports"},
	{WE("{address: a.b, ports: {x_: 1}}"), REFUSED, "spec.ports[x_]", "\"x_\""},
	{WE("{address: a.b, ports: {x: 0}}"), REFUSED, "spec.ports[x]", "1 to 65535"},
	{WE("{address: a.b, labels: {'': c}}"), REFUSED, "spec.labels", "\"\" is no key"},
};

#define WG(spec) NET("WorkloadGroup", spec)
#define PROBE(probe) WG("{template: {}, probe: " probe "}")
#define TCP "tcpSocket: {port: 80}"

static const struct row groups[] = {
	{WG("{template: {}}"), FINE, NULL, NULL},
	{WG("{}"), REFUSED, "spec.template", "is required"},
	{WG("{template: {}, metadata: {labels: {a: 'b c'}}}"), REFUSED, "spec.metadata.labels", "\"b c\""},
	{PROBE("{" TCP "}"), FINE, NULL, NULL},
	{PROBE("{}"), REFUSED, "spec.probe", "one of httpGet, tcpSocket and exec"},
	{PROBE("{" TCP ", periodSeconds: -1}"), REFUSED, "spec.probe.periodSeconds", "-1"},
	{PROBE("{" TCP ", initialDelaySeconds: -1}"), REFUSED, "spec.probe.initialDelaySeconds", "-1"},
	{PROBE("{" TCP ", timeoutSeconds: -1}"), REFUSED, "spec.probe.timeoutSeconds", "-1"},
	{PROBE("{" TCP ", successThreshold: -1}"), REFUSED, "spec.probe.successThreshold", "-1"},
	{PROBE("{" TCP ", failureThreshold: -1}"), REFUSED, "spec.probe.failureThreshold", "-1"},
	{PROBE("{tcpSocket: {}}"), REFUSED, "spec.probe.tcpSocket.port", "port number 0"},
	{PROBE("{httpGet: {port: 80, scheme: HTTPS, httpHeaders: [{name: a}]}}"), FINE, NULL, NULL},
	{PROBE("{httpGet: {}}"), REFUSED, "spec.probe.httpGet.port", "port number 0"},
	{PROBE("{httpGet: {port: 80, scheme: ftp}}"), REFUSED, "spec.probe.httpGet.scheme", "\"ftp\""},
	{PROBE("{httpGet: {port: 80, httpHeaders: [{value: a}]}}"), REFUSED, "spec.probe.httpGet.httpHeaders[0].name",
	 "cannot be empty"},
	{PROBE("{exec: {command: [a]}}"), FINE, NULL, NULL},
	{PROBE("{exec: {}}"), REFUSED, "spec.probe.exec.command", "is required"},
};

TEST_ROWS(entries)
TEST_ROWS(endpoints)
TEST_ROWS(workloads)
TEST_ROWS(groups)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_workloads),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
