/* Validation of Gateways and Sidecars. */
#include "rows.h"

#define GW(server) NET("Gateway", "{selector: {a: b}, servers: [" server "]}")
#define HTTP "port: {number: 80, name: h, protocol: HTTP}"
#define HTTPS "port: {number: 443, name: s, protocol: HTTPS}"
#define HOST(host) GW("{hosts: ['" host "'], " HTTP "}")
#define PORT(port) GW("{hosts: [a.b], port: " port "}")
#define BIND(bind) GW("{hosts: [a.b], bind: '" bind "', " HTTP "}")
#define TLS(tls) GW("{hosts: [a.b], " HTTPS ", tls: " tls "}")
#define ON_HTTP(tls) GW("{hosts: [a.b], " HTTP ", tls: " tls "}")
#define S0 "spec.servers[0]"

static const struct row servers[] = {
	{HOST("a.b"), FINE, NULL, NULL},
	{HOST("*"), FINE, NULL, NULL},
	{HOST("*.b"), FINE, NULL, NULL},
	{HOST("10.0.0.1"), FINE, NULL, NULL},
	{HOST("./a.b"), FINE, NULL, NULL},
	{HOST("*/a.b"), FINE, NULL, NULL},
	{NET("Gateway", "{selector: {a: b}}"), REFUSED, "spec.servers", "at least one server"},
	{"{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: a.b, namespace: stock}, "
	 "spec: {servers: [{hosts: [a.b], " HTTP "}]}}",
	 REFUSED, "metadata.name", "\"a.b\""},
	{GW("{" HTTP "}"), REFUSED, S0, "at least one host"},
	{HOST("a"), REFUSED, S0 ".hosts[0]", "short names (non FQDN) are not allowed"},
	{HOST("a.b:8080"), REFUSED, S0 ".hosts[0]", "\"a.b:8080\" invalid"},
	{HOST("*a.b"), REFUSED, S0 ".hosts[0]", "* stands alone"},
	{HOST("n_/a.b"), REFUSED, S0 ".hosts[0]", "namespace value \"n_\""},
	{HOST("~/a.b"), REFUSED, S0 ".hosts[0]", "namespace value \"~\""},
	{HOST("/a.b"), REFUSED, S0 ".hosts[0]", "may be empty"},
	{HOST("n/"), REFUSED, S0 ".hosts[0]", "may be empty"},
	{GW("{hosts: [a.b]}"), REFUSED, S0 ".port", "port is required"},
	{PORT("{number: 80, protocol: HTTP}"), REFUSED, S0 ".port", "port name must be set: 80"},
	{PORT("{number: 80, name: x, protocol: FTP}"), REFUSED, S0 ".port", "invalid protocol \"FTP\""},
	{PORT("{number: 0, name: x, protocol: HTTP}"), REFUSED, S0 ".port", "port number 0"},
	{PORT("{number: 80, name: x, protocol: HTTP, targetPort: 8080}"), REFUSED, S0 ".port",
	 "targetPort has no impact"},
	{GW("{hosts: [a.b], " HTTP "}, {hosts: [c.d], " HTTP "}"), REFUSED, "spec.servers[1].port.name",
	 "duplicate name h"},
	{BIND("127.0.0.1"), FINE, NULL, NULL},
	{BIND("a.b"), REFUSED, S0 ".bind", "\"a.b\" is no IP"},
	{BIND("unix:///a"), REFUSED, S0 ".bind", "port number must be 0"},
	{GW("{hosts: [a.b], bind: 'unix://@a', port: {name: h, protocol: HTTP}}"), FINE, NULL, NULL},
	{GW("{hosts: [a.b], bind: 'unix://a', port: {name: h, protocol: HTTP}}"), REFUSED, S0 ".bind", "begin with /"},
	{GW("{hosts: [a.b], bind: 'unix:///a/', port: {name: h, protocol: HTTP}}"), REFUSED, S0 ".bind", "name a file"},
	{GW("{hosts: [a.b], bind: 'unix://', port: {name: h, protocol: HTTP}}"), REFUSED, S0 ".bind",
	 "path of a socket"},
};

static const struct row tls[] = {
	{TLS("{mode: SIMPLE, credentialName: c}"), FINE, NULL, NULL},
	{GW("{hosts: [a.b], " HTTPS "}"), REFUSED, S0 ".tls", "must have TLS settings"},
	{ON_HTTP("{httpsRedirect: true}"), FINE, NULL, NULL},
	{ON_HTTP("{mode: SIMPLE, credentialName: c}"), REFUSED, S0 ".tls", "plain text HTTP"},
	{ON_HTTP("{mode: SIMPLE, credentialName: c, httpsRedirect: true}"), REFUSED, S0 ".tls", "plain text HTTP"},
	{ON_HTTP("{caCertificates: c}"), REFUSED, S0 ".tls", "plain text HTTP"},
	{GW("{hosts: [a.b], port: {number: 1, name: t, protocol: TCP}, tls: {}}"), REFUSED, S0 ".tls", "non HTTPS/TLS"},
	{TLS("{httpsRedirect: true}"), WARNED, S0 ".tls.httpsRedirect", "only be used with http"},
	{TLS("{mode: SIMPLE, privateKey: k}"), REFUSED, S0 ".tls", "requires a server certificate"},
	{TLS("{mode: SIMPLE, serverCertificate: c}"), REFUSED, S0 ".tls", "requires a private key"},
	{TLS("{mode: MUTUAL, privateKey: k, serverCertificate: c}"), REFUSED, S0 ".tls", "client CA bundle"},
	{TLS("{mode: OPTIONAL_MUTUAL, privateKey: k, serverCertificate: c}"), REFUSED, S0 ".tls", "client CA bundle"},
	{TLS("{mode: MUTUAL, credentialName: c}"), FINE, NULL, NULL},
	{TLS("{mode: ISTIO_MUTUAL}"), FINE, NULL, NULL},
	{TLS("{mode: ISTIO_MUTUAL, serverCertificate: c}"), REFUSED, S0 ".tls", "server certificate"},
	{TLS("{mode: ISTIO_MUTUAL, privateKey: c}"), REFUSED, S0 ".tls", "private key"},
	{TLS("{mode: ISTIO_MUTUAL, caCertificates: c}"), REFUSED, S0 ".tls", "CA bundle"},
	{TLS("{mode: ISTIO_MUTUAL, credentialName: c}"), REFUSED, S0 ".tls", "credentialName"},
	{TLS("{mode: PASSTHROUGH, credentialName: c}"), WARNED, S0 ".tls", "are not used"},
	{TLS("{mode: AUTO_PASSTHROUGH, privateKey: c}"), WARNED, S0 ".tls", "are not used"},
	{TLS("{minProtocolVersion: TLSV1_0}"), WARNED, S0 ".tls.cipherSuites", "below 1.2"},
	{TLS("{minProtocolVersion: TLSV1_1, cipherSuites: [AES128-SHA]}"), FINE, NULL, NULL},
	{TLS("{cipherSuites: [ALL, '[AES128-SHA|AES256-SHA]']}"), FINE, NULL, NULL},
	{TLS("{cipherSuites: [foo]}"), WARNED, S0 ".tls.cipherSuites[0]", "\"foo\""},
	{TLS("{cipherSuites: [AES128-SHA, AES128-SHA]}"), WARNED, S0 ".tls.cipherSuites[1]", "twice"},
};

#define SC(spec) NET("Sidecar", spec)
#define INGRESS(listener) SC("{ingress: [" listener "]}")
#define EGRESS(listener) SC("{egress: [" listener "]}")
#define P80 "port: {number: 80, protocol: HTTP, name: h}"
#define I0 "spec.ingress[0]"
#define E0 "spec.egress[0]"

static const struct row ingress[] = {
	{INGRESS("{" P80 ", defaultEndpoint: '127.0.0.1:8080'}"), FINE, NULL, NULL},
	{INGRESS("{" P80 ", defaultEndpoint: ':8080'}"), FINE, NULL, NULL},
	{INGRESS("{" P80 ", defaultEndpoint: '[::1]:8080'}"), FINE, NULL, NULL},
	{INGRESS("{" P80 ", defaultEndpoint: 'unix:///a'}"), FINE, NULL, NULL},
	{SC("{}"), REFUSED, "spec", "empty configuration"},
	{SC("{workloadSelector: {}, outboundTrafficPolicy: {}}"), WARNED, "spec.workloadSelector", "all workloads"},
	{SC("{workloadSelector: {labels: {'a*': b}}, outboundTrafficPolicy: {}}"), REFUSED, "spec.workloadSelector",
	 "wildcard"},
	{INGRESS("{defaultEndpoint: ':80'}"), REFUSED, I0, "port is required"},
	{INGRESS("{port: {number: 80, protocol: FTP}}"), REFUSED, I0 ".port.protocol", "FTP"},
	{INGRESS("{port: {number: 80, name: h_}}"), REFUSED, I0 ".port.name", "\"h_\""},
	{INGRESS("{port: {number: 80, targetPort: 1}}"), REFUSED, I0 ".port.targetPort", "no impact"},
	{INGRESS("{port: {number: 0}}"), REFUSED, I0 ".port.number", "port number 0"},
	{INGRESS("{" P80 "}, {" P80 "}"), REFUSED, "spec.ingress[1].port", "must be unique"},
	{INGRESS("{" P80 ", bind: a}"), REFUSED, I0 ".bind", "\"a\" is no IP"},
	{INGRESS("{" P80 ", defaultEndpoint: a}"), REFUSED, I0 ".defaultEndpoint", "not a number"},
	{INGRESS("{" P80 ", defaultEndpoint: ':0'}"), REFUSED, I0 ".defaultEndpoint", "not a number"},
	{INGRESS("{" P80 ", defaultEndpoint: '10.0.0.1:80'}"), REFUSED, I0 ".defaultEndpoint", "127.0.0.1:PORT"},
	{INGRESS("{" P80 ", defaultEndpoint: 'unix://a'}"), REFUSED, I0 ".defaultEndpoint", "begin with /"},
	{INGRESS("{" HTTPS ", tls: {mode: SIMPLE, privateKey: k, serverCertificate: c}}"), FINE, NULL, NULL},
	{INGRESS("{" P80 ", tls: {mode: SIMPLE, privateKey: k, serverCertificate: c}}"), REFUSED, I0 ".tls",
	 "non HTTPS/TLS"},
	{INGRESS("{" HTTPS ", tls: {mode: SIMPLE}}"), REFUSED, I0 ".tls", "server certificate"},
	{INGRESS("{" HTTPS ", tls: {mode: SIMPLE, credentialName: c}}"), REFUSED, I0 ".tls", "credentialName"},
	{INGRESS("{" HTTPS ", tls: {subjectAltNames: [c]}}"), REFUSED, I0 ".tls", "subjectAltNames"},
	{INGRESS("{" HTTPS ", tls: {httpsRedirect: true}}"), REFUSED, I0 ".tls", "httpsRedirect"},
	{INGRESS("{" HTTPS ", tls: {mode: ISTIO_MUTUAL}}"), REFUSED, I0 ".tls", "ISTIO_MUTUAL"},
	{INGRESS("{" HTTPS ", tls: {mode: AUTO_PASSTHROUGH}}"), REFUSED, I0 ".tls", "AUTO_PASSTHROUGH"},
};

#define HOSTS(hosts) EGRESS("{hosts: [" hosts "]}")
#define PROXY(policy) SC("{outboundTrafficPolicy: " policy "}")

static const struct row egress[] = {
	{HOSTS("'*/*'"), FINE, NULL, NULL},
	{HOSTS("./a.b, ~/*, 'n/*.b'"), FINE, NULL, NULL},
	{EGRESS("{}"), REFUSED, E0, "at least one host"},
	{HOSTS("a.b"), REFUSED, E0 ".hosts[0]", "of form namespace/dnsName"},
	{HOSTS("/a.b"), REFUSED, E0 ".hosts[0]", "neither part empty"},
	{HOSTS("n/"), REFUSED, E0 ".hosts[0]", "neither part empty"},
	{HOSTS("n_/a.b"), REFUSED, E0 ".hosts[0]", "namespace value \"n_\""},
	{HOSTS("n/a"), REFUSED, E0 ".hosts[0]", "short names"},
	{HOSTS("n/*a.b"), REFUSED, E0 ".hosts[0]", "* stands alone"},
	{HOSTS("n/10.0.0.1"), REFUSED, E0 ".hosts[0]", "all-numeric"},
	{HOSTS("n/a.b, n/a.b"), WARNED, E0 ".hosts[1]", "duplicated egress host: n/a.b"},
	{HOSTS("n/*, n/a.b"), WARNED, E0 ".hosts[1]", "duplicated"},
	{HOSTS("./a.b, stock/a.b"), WARNED, E0 ".hosts[1]", "duplicated"},
	{HOSTS("n/a.b, '*/*'"), WARNED, E0 ".hosts", "add nothing"},
	{EGRESS("{hosts: ['*/*']}, {hosts: [n/*]}"), REFUSED, E0, "should be the last listener"},
	{EGRESS("{" P80 ", hosts: [n/*]}, {hosts: ['*/*']}"), FINE, NULL, NULL},
	{EGRESS("{" P80 ", hosts: [n/*]}, {" P80 ", hosts: [n/*]}"), REFUSED, "spec.egress[1]", "IP bound listeners"},
	{EGRESS("{" P80 ", bind: a, hosts: [n/*]}"), REFUSED, E0 ".bind", "\"a\" is no IP"},
	{EGRESS("{port: {number: 80, targetPort: 1}, hosts: [n/*]}"), REFUSED, E0 ".port.targetPort", "no impact"},
	{EGRESS("{port: {number: 70000}, hosts: [n/*]}"), REFUSED, E0 ".port.number", "70000"},
	{EGRESS("{port: {name: s}, hosts: [n/*]}"), REFUSED, E0, "unix domain socket bind address"},
	{EGRESS("{port: {name: s}, bind: 'unix:///a', hosts: [n/*]}"), FINE, NULL, NULL},
	{EGRESS("{port: {name: s}, bind: 'unix://a', hosts: [n/*]}"), REFUSED, E0, "begin with /"},
	{EGRESS("{port: {name: s}, bind: 'unix:///a', captureMode: IPTABLES, hosts: [n/*]}"), REFUSED, E0,
	 "captureMode"},
	{EGRESS("{port: {}, bind: 'unix:///a', hosts: [n/*]}, {port: {}, bind: 'unix:///a', hosts: [n/*]}"), REFUSED,
	 "spec.egress[1]", "must be unique"},
	{EGRESS("{port: {}, bind: 'unix:///a', hosts: [n/*]}, {port: {}, bind: 'unix:///b', hosts: [n/*]}"), FINE, NULL,
	 NULL},
	{PROXY("{mode: ALLOW_ANY, egressProxy: {host: a.b, port: {number: 80}}}"), FINE, NULL, NULL},
	{PROXY("{egressProxy: {host: a.b, port: {number: 80}}}"), REFUSED, "spec.outboundTrafficPolicy.egressProxy",
	 "only with ALLOW_ANY"},
	{PROXY("{mode: ALLOW_ANY, egressProxy: {host: '*.b', port: {number: 80}}}"), REFUSED,
	 "spec.outboundTrafficPolicy.egressProxy.host", "label \"*\""},
	{PROXY("{mode: ALLOW_ANY, egressProxy: {host: a.b}}"), REFUSED, "spec.outboundTrafficPolicy.egressProxy.port",
	 "must be set"},
	{PROXY("{mode: ALLOW_ANY, egressProxy: {host: a.b, subset: c_, port: {number: 80}}}"), REFUSED,
	 "spec.outboundTrafficPolicy.egressProxy.subset", "c_"},
};

TEST_ROWS(servers)
TEST_ROWS(tls)
TEST_ROWS(ingress)
TEST_ROWS(egress)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_ingress),
		cmocka_unit_test(test_egress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
