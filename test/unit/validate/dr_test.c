/* Validation of DestinationRules. */
#include "rows.h"

#define WHOLE(spec) NET("DestinationRule", spec)
#define DR(policy) WHOLE("{host: a, trafficPolicy: " policy "}")
#define POOL(pool) DR("{connectionPool: " pool "}")
#define OUTLIER(outlier) DR("{outlierDetection: " outlier "}")
#define BALANCER(balancer) DR("{loadBalancer: " balancer "}")
#define LOCALITY(setting) DR("{loadBalancer: {localityLbSetting: " setting "}, outlierDetection: {interval: 1s}}")
#define TLS(tls) DR("{tls: " tls "}")
#define TUNNEL(tunnel) DR("{tunnel: " tunnel "}")
#define PORT(port) DR("{portLevelSettings: [" port "]}")
#define FROM(list) LOCALITY("{distribute: [" list "]}")
#define LOC "spec.trafficPolicy.loadBalancer.localityLbSetting"

static const struct row whole[] = {
	{WHOLE("{host: '*.b.c', subsets: [{name: v1, labels: {version: v1}}]}"), FINE, NULL, NULL},
	{WHOLE("{}"), REFUSED, "spec.host", "empty domain name"},
	{WHOLE("{host: a_b}"), REFUSED, "spec.host", "label \"a_b\""},
	{WHOLE("{host: 10.0.0.1}"), REFUSED, "spec.host", "all-numeric"},
	{WHOLE("{host: a, subsets: [{name: 'b c'}]}"), REFUSED, "spec.subsets[0]", "subset name is invalid: b c"},
	{WHOLE("{host: a, subsets: [{labels: {a: b}}]}"), REFUSED, "spec.subsets[0]", "subset name is invalid"},
	{WHOLE("{host: a, subsets: [{name: v1, labels: {a: 'b c'}}]}"), REFUSED, "spec.subsets[0].labels", "\"b c\""},
	{WHOLE("{host: a, subsets: [{name: v1, trafficPolicy: {}}]}"), REFUSED, "spec.subsets[0].trafficPolicy",
	 "at least one field"},
	{WHOLE("{host: a, exportTo: ['*', b]}"), REFUSED, "spec.exportTo", "both public"},
	{WHOLE("{host: a, exportTo: ['~']}"), REFUSED, "spec.exportTo", "ServiceEntries only"},
	{WHOLE("{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [.]}"), FINE, NULL, NULL},
	{WHOLE("{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [stock]}"), FINE, NULL, NULL},
	{WHOLE("{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [b]}"), REFUSED, "spec.exportTo",
	 "beyond current namespace"},
	{WHOLE("{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: [., b]}"), REFUSED, "spec.exportTo",
	 "multiple entries"},
	{WHOLE("{host: a, workloadSelector: {}}"), WARNED, "spec.workloadSelector", "selects all workloads"},
	{DR("{}"), REFUSED, "spec.trafficPolicy", "at least one field"},
	{DR("{retryBudget: {}}"), FINE, NULL, NULL},
	{DR("{retryBudget: {percent: 100, minRetryConcurrency: 1}}"), FINE, NULL, NULL},
	{DR("{retryBudget: {percent: 101}}"), REFUSED, "spec.trafficPolicy.retryBudget.percent", "0..100"},
	{DR("{retryBudget: {percent: -1}}"), REFUSED, "spec.trafficPolicy.retryBudget.percent", "0..100"},
	{PORT("{port: {number: 80}, tls: {mode: SIMPLE}}"), FINE, NULL, NULL},
	{PORT("{tls: {mode: SIMPLE}}"), REFUSED, "spec.trafficPolicy.portLevelSettings[0]", "must have valid port"},
	{PORT("{port: {number: 70000}, tls: {mode: SIMPLE}}"), REFUSED,
	 "spec.trafficPolicy.portLevelSettings[0].port.number", "70000"},
	{PORT("{port: {number: 80}}"), REFUSED, "spec.trafficPolicy.portLevelSettings[0]", "at least one field"},
	{PORT("{port: {number: 80}, connectionPool: {}}"), REFUSED,
	 "spec.trafficPolicy.portLevelSettings[0].connectionPool", "at least one field"},
	{PORT("{port: {number: 80}, outlierDetection: {interval: 0s}}"), REFUSED,
	 "spec.trafficPolicy.portLevelSettings[0].outlierDetection.interval", "greater than 1ms"},
	{PORT("{port: {number: 80}, tls: {mode: MUTUAL}}"), REFUSED, "spec.trafficPolicy.portLevelSettings[0].tls",
	 "client certificate required"},
	{PORT("{port: {number: 80}, loadBalancer: {consistentHash: {httpCookie: {}}}}"), REFUSED,
	 "spec.trafficPolicy.portLevelSettings[0].loadBalancer.consistentHash.httpCookie", "name required"},
};

static const struct row pools[] = {
	{POOL("{}"), REFUSED, "spec.trafficPolicy.connectionPool", "at least one field"},
	{POOL("{tcp: {maxConnections: -1}}"), REFUSED, "spec.trafficPolicy.connectionPool",
	 "max connections must be non-negative"},
	{POOL("{tcp: {connectTimeout: 0s}}"), REFUSED, "spec.trafficPolicy.connectionPool.tcp.connectTimeout", "1ms"},
	{POOL("{tcp: {maxConnectionDuration: 0s}}"), REFUSED,
	 "spec.trafficPolicy.connectionPool.tcp.maxConnectionDuration", "1ms"},
	{POOL("{http: {http1MaxPendingRequests: -1}}"), REFUSED, "spec.trafficPolicy.connectionPool",
	 "http1 max pending"},
	{POOL("{http: {http2MaxRequests: -1}}"), REFUSED, "spec.trafficPolicy.connectionPool", "http2 max requests"},
	{POOL("{http: {maxRequestsPerConnection: -1}}"), REFUSED, "spec.trafficPolicy.connectionPool",
	 "per connection"},
	{POOL("{http: {maxRetries: -1}}"), REFUSED, "spec.trafficPolicy.connectionPool", "max retries"},
	{POOL("{http: {idleTimeout: 0.0001s}}"), REFUSED, "spec.trafficPolicy.connectionPool.http.idleTimeout", "1ms"},
	{POOL("{http: {h2UpgradePolicy: UPGRADE, useClientProtocol: true}}"), REFUSED,
	 "spec.trafficPolicy.connectionPool", "use client protocol"},
	{POOL("{http: {useClientProtocol: true}}"), FINE, NULL, NULL},
	{OUTLIER("{interval: 1s, baseEjectionTime: 3m, maxEjectionPercent: 100}"), FINE, NULL, NULL},
	{OUTLIER("{interval: 0.0005s}"), REFUSED, "spec.trafficPolicy.outlierDetection.interval", "1ms"},
	{OUTLIER("{baseEjectionTime: 1.0005s}"), REFUSED, "spec.trafficPolicy.outlierDetection.baseEjectionTime",
	 "ms precision"},
	{OUTLIER("{maxEjectionPercent: 101}"), REFUSED, "spec.trafficPolicy.outlierDetection.maxEjectionPercent",
	 "percentage 101"},
	{OUTLIER("{minHealthPercent: -1}"), REFUSED, "spec.trafficPolicy.outlierDetection.minHealthPercent",
	 "percentage -1"},
	{OUTLIER("{consecutiveErrors: 1}"), WARNED, "spec.trafficPolicy.outlierDetection.consecutiveErrors",
	 "deprecated"},
	{OUTLIER("{consecutiveLocalOriginFailures: 1}"), REFUSED, "spec.trafficPolicy.outlierDetection",
	 "split external"},
	{OUTLIER("{consecutiveLocalOriginFailures: 0}"), FINE, NULL, NULL},
	{OUTLIER("{consecutiveLocalOriginFailures: 1, splitExternalLocalOriginErrors: true}"), FINE, NULL, NULL},
};

static const struct row tls[] = {
	{TLS("{mode: MUTUAL, privateKey: k}"), REFUSED, "spec.trafficPolicy.tls", "client certificate required"},
	{TLS("{mode: MUTUAL, clientCertificate: c}"), REFUSED, "spec.trafficPolicy.tls", "private key required"},
	{TLS("{mode: MUTUAL, credentialName: c}"), FINE, NULL, NULL},
	{TLS("{mode: SIMPLE, credentialName: c, caCertificates: d}"), REFUSED, "spec.trafficPolicy.tls",
	 "If credentialName is set"},
	{TLS("{mode: SIMPLE, credentialName: c, clientCertificate: ''}"), FINE, NULL, NULL},
	{TLS("{mode: MUTUAL, credentialName: c, privateKey: d}"), REFUSED, "spec.trafficPolicy.tls",
	 "If credentialName is set"},
	{TLS("{mode: SIMPLE, insecureSkipVerify: true, caCertificates: c}"), REFUSED, "spec.trafficPolicy.tls",
	 "InsecureSkipVerify"},
	{TLS("{mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [a]}"), REFUSED, "spec.trafficPolicy.tls",
	 "InsecureSkipVerify"},
	{TLS("{mode: SIMPLE, insecureSkipVerify: false, subjectAltNames: [a]}"), FINE, NULL, NULL},
	{TLS("{mode: MUTUAL, insecureSkipVerify: true, credentialName: c}"), FINE, NULL, NULL},
	{TLS("{mode: MUTUAL, insecureSkipVerify: true, credentialName: c, subjectAltNames: [a]}"), REFUSED,
	 "spec.trafficPolicy.tls", "InsecureSkipVerify"},
	{TUNNEL("{protocol: CONNECT, targetHost: a.b, targetPort: 80}"), FINE, NULL, NULL},
	{TUNNEL("{targetHost: '::1', targetPort: 80}"), FINE, NULL, NULL},
	{TUNNEL("{protocol: GET, targetHost: a.b, targetPort: 80}"), REFUSED, "spec.trafficPolicy.tunnel.protocol",
	 "\"CONNECT\" or \"POST\""},
	{TUNNEL("{targetHost: '*.b', targetPort: 80}"), REFUSED, "spec.trafficPolicy.tunnel.targetHost", "\"*.b\""},
	{TUNNEL("{targetPort: 80}"), REFUSED, "spec.trafficPolicy.tunnel.targetHost", "neither"},
	{TUNNEL("{targetHost: a.b}"), REFUSED, "spec.trafficPolicy.tunnel.targetPort", "is invalid: 0"},
};

static const struct row balancing[] = {
	{BALANCER("{consistentHash: {httpCookie: {ttl: 1s}}}"), REFUSED,
	 "spec.trafficPolicy.loadBalancer.consistentHash.httpCookie", "name required"},
	{BALANCER("{consistentHash: {useSourceIp: true, minimumRingSize: 5, maglev: {}}}"), REFUSED,
	 "spec.trafficPolicy.loadBalancer", "only one of MinimumRingSize"},
	{BALANCER("{consistentHash: {useSourceIp: true, minimumRingSize: 5}}"), WARNED,
	 "spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize", "deprecated"},
	{LOCALITY("{failover: [{from: a, to: b}]}"), FINE, NULL, NULL},
	{BALANCER("{localityLbSetting: {failover: [{from: a, to: b}]}}"), WARNED, LOC, "outlier detection"},
	{BALANCER("{localityLbSetting: {failoverPriority: [a]}}"), WARNED, LOC, "outlier detection"},
	{LOCALITY("{failover: [{from: a, to: a}]}"), REFUSED, LOC ".failover[0]", "different regions"},
	{LOCALITY("{failover: [{from: a/b, to: c}]}"), REFUSED, LOC ".failover[0]", "only specify region"},
	{LOCALITY("{failover: [{from: a, to: 'c*'}]}"), REFUSED, LOC ".failover[0]", "no wildcards"},
	{LOCALITY("{failover: [{from: a, to: b}], failoverPriority: [topology.kubernetes.io/region]}"), REFUSED,
	 LOC ".failoverPriority[0]", "topology.kubernetes.io/region"},
	{LOCALITY("{failover: [{from: a, to: b}], failoverPriority: [topology.kubernetes.io/zone]}"), REFUSED,
	 LOC ".failoverPriority[0]", "topology.kubernetes.io/zone"},
	{LOCALITY("{failover: [{from: a, to: b}], failoverPriority: [topology.istio.io/subzone]}"), REFUSED,
	 LOC ".failoverPriority[0]", "topology.istio.io/subzone"},
	{LOCALITY("{failover: [{from: a, to: b}], failoverPriority: [version]}"), FINE, NULL, NULL},
	{LOCALITY("{failover: [{from: a, to: b}], distribute: [{from: a, to: {b: 100}}]}"), REFUSED, LOC,
	 "'distribute' and 'failover'"},
	{FROM("{from: a/b/*, to: {a/b/c: 80, a/d: 20}}, {from: a/c/*, to: {a: 100}}"), FINE, NULL, NULL},
	{FROM("{from: a, to: {b: 101}}"), REFUSED, LOC ".distribute[0].to", "in range [1, 100]"},
	{FROM("{from: a, to: {b: 0, c: 100}}"), REFUSED, LOC ".distribute[0].to", "in range [1, 100]"},
	{FROM("{from: a, to: {b: 80}}"), REFUSED, LOC ".distribute[0].to", "total locality weight 80"},
	{FROM("{from: a, to: {b: 80, b/c: 20}}"), REFUSED, LOC ".distribute[0].to", "overlap"},
	{FROM("{from: a, to: {b: 100}}, {from: a/b, to: {b: 100}}"), REFUSED, LOC ".distribute",
	 "locality a/b overlap"},
	{FROM("{from: a/*, to: {b: 100}}, {from: a/b/c, to: {b: 100}}"), REFUSED, LOC ".distribute", "overlap"},
	{FROM("{from: '*', to: {b: 100}}, {from: a/b/c, to: {b: 100}}"), REFUSED, LOC ".distribute", "overlap"},
	{FROM("{from: '*/b', to: {b: 100}}"), REFUSED, LOC ".distribute", "must be in the end"},
	{FROM("{from: a//c, to: {b: 100}}"), REFUSED, LOC ".distribute", "must not contain empty"},
	{FROM("{from: a/, to: {b: 100}}"), REFUSED, LOC ".distribute", "must not contain empty"},
};

TEST_ROWS(whole)
TEST_ROWS(pools)
TEST_ROWS(tls)
TEST_ROWS(balancing)

static void test_many_localities(void **state)
{
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;
	struct row r = {.want = REFUSED, .path = LOC ".distribute", .text = "513 localities"};

	(void)state;
	buf_append_str(&yaml, "{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: x, "
			      "namespace: stock}, "
			      "spec: {host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [");
	for (int i = 0; i < 513; i++)
		buf_printf(&yaml, "{from: r%d, to: {a: 100}},", i);
	buf_append_str(&yaml, "]}}}}}");
	r.yaml = buf_str(&yaml);
	check_row(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),     cmocka_unit_test(test_pools),           cmocka_unit_test(test_tls),
		cmocka_unit_test(test_balancing), cmocka_unit_test(test_many_localities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
