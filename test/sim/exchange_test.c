/*
 * From what users write to what a request meets: objects -> snapshot -> xDS bytes -> configuration -> a worker of the
 * proxy over sockets in memory. Each row is one policy and what follows of it at a gateway.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "view.h"

#define GATEWAY "10.244.0.99:8080"
#define ONE "10.244.1.1:8080"
#define TWO "10.244.1.2:8080"
#define GET "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

#define NET "{apiVersion: networking.istio.io/v1beta1, kind: "

/* A service of two versions, one pod each, and a gateway for everything. */
static const char objects[] =
	"{apiVersion: v1, kind: Service, metadata: {name: app, namespace: shop}, spec: {clusterIP: 10.96.0.1, "
	"selector: "
	"{app: app}, ports: [{name: http, port: 80, targetPort: 8080}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Pod, metadata: {name: app-1, namespace: shop, labels: {app: app, version: v1}}, spec: "
	"{containers: [{name: a, image: x}]}, status: {podIP: 10.244.1.1, phase: Running, conditions: [{type: Ready, "
	"status: 'True'}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Pod, metadata: {name: app-2, namespace: shop, labels: {app: app, version: v2}}, spec: "
	"{containers: [{name: a, image: x}]}, status: {podIP: 10.244.1.2, phase: Running, conditions: [{type: Ready, "
	"status: 'True'}]}}\n"
	"---\n"
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: app-x, namespace: shop, labels: "
	"{kubernetes.io/service-name: app}}, addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: ["
	"{addresses: [10.244.1.1], conditions: {ready: true}, targetRef: {kind: Pod, name: app-1, namespace: shop}}, "
	"{addresses: [10.244.1.2], conditions: {ready: true}, targetRef: {kind: Pod, name: app-2, namespace: shop}}]}\n"
	"---\n" NET
	"Gateway, metadata: {name: gw, namespace: shop}, spec: {selector: {istio: ingressgateway}, servers: "
	"[{port: {number: 8080, name: http, protocol: HTTP}, hosts: ['*']}]}}\n";

static struct rig r;
static int servers[2];

/* The VirtualService's one route and the DestinationRule's policy, in YAML's flow style; NULL = as without. */
static void start(const char *http, const char *policy)
{
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;
	const char *texts[] = {objects, NULL, NULL};

	buf_printf(&yaml,
		   NET
		   "VirtualService, metadata: {name: app, namespace: shop}, spec: {hosts: ['*'], gateways: [gw], "
		   "http: [{%s}]}}\n---\n" NET
		   "DestinationRule, metadata: {name: app, namespace: shop}, spec: {host: app, subsets: [{name: v1, "
		   "labels: {version: v1}}, {name: v2, labels: {version: v2}}]%s%s}}\n",
		   http ? http : "route: [{destination: {host: app}}]", policy ? ", trafficPolicy: " : "",
		   policy ? policy : "");
	texts[1] = buf_str(&yaml);
	rig_begin(&r);
	view_fill(r.build, texts, "router", "shop", "istio=ingressgateway");
	rig_apply(&r);
	servers[0] = loopback_listen(ONE);
	servers[1] = loopback_listen(TWO);
}

static int client_of(const char *request)
{
	int fd = loopback_connect(GATEWAY);

	rig_send(&r, fd, request);
	return fd;
}

/* The next connection to either server that brought a request; its text stays in what was sent. */
static char sent[8192];

static int next_at(int *ret_which)
{
	for (int i = 0; i < 2; i++) {
		int fd = loopback_accept(servers[i]);

		if (fd < 0)
			continue;
		snprintf(sent, sizeof(sent), "%s", loopback_got(fd));
		*ret_which = i;
		return fd;
	}
	return -1;
}

/* One exchange after another; every try is answered in the same way. Returns the number of tries, counted by server. */
static int exchange(const char *request, const char *answer, int *n, char *got, size_t size)
{
	int client = client_of(request), tries = 0, which, fd;

	while (tries < 50 && (fd = next_at(&which)) >= 0) {
		tries++;
		n[which]++;
		loopback_send(fd, answer);
		rig_run(&r);
		rig_close(&r, fd);
		rig_advance(&r, 300);
	}
	snprintf(got, size, "%s", loopback_got(client));
	rig_close(&r, client);
	return tries;
}

static int status_of(const char *got)
{
	return strncmp(got, "HTTP/1.1 ", 9) == 0 ? atoi(got + 9) : 0;
}

#define ROUTE "route: [{destination: {host: app}}]"
#define UNAVAILABLE "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"
#define INTERNAL "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"

static void how_often_it_is_tried(void **state)
{
	static const struct {
		const char *retries, *answer;
		int tries;
	} rows[] = {
		{NULL, UNAVAILABLE, 3}, /* Istio's default: two more */
		{NULL, INTERNAL, 1},
		{"attempts: 0", UNAVAILABLE, 1},
		{"attempts: 1", UNAVAILABLE, 2},
		{"attempts: 4, retryOn: 5xx", INTERNAL, 5},
		{"attempts: 4, retryOn: gateway-error", INTERNAL, 1},
		{"attempts: 3, retryOn: '500'", INTERNAL, 4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char http[300], got[4096];
		int n[2] = {0}, tries;

		snprintf(http, sizeof(http), ROUTE "%s%s%s", rows[i].retries ? ", retries: {" : "",
			 rows[i].retries ? rows[i].retries : "", rows[i].retries ? "}" : "");
		start(http, NULL);
		tries = exchange(GET, rows[i].answer, n, got, sizeof(got));
		if (tries != rows[i].tries)
			fail_msg("%s: %d tries, not %d", http, tries, rows[i].tries);
		/* A further try goes to the other. */
		if (tries == 2)
			assert_true(n[0] == 1 && n[1] == 1);
		rig_stop(&r);
	}
}

static void how_long_it_may_take(void **state)
{
	int client, which, fd;

	(void)state;
	start(ROUTE ", timeout: 2s", NULL);
	client = client_of(GET);
	rig_advance(&r, 1900);
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 200);
	assert_int_equal(status_of(loopback_got(client)), 504);
	rig_stop(&r);
	start(ROUTE ", timeout: 10s, retries: {attempts: 1, perTryTimeout: 1s, retryOn: 5xx}", NULL);
	client = client_of(GET);
	assert_true(next_at(&which) >= 0);
	rig_advance(&r, 1100);
	fd = next_at(&which);
	assert_true(fd >= 0);
	rig_send(&r, fd, OK);
	assert_int_equal(status_of(loopback_got(client)), 200);
	rig_stop(&r);
	/* None is none. */
	start(ROUTE, NULL);
	client = client_of(GET);
	rig_advance(&r, 3600000);
	assert_string_equal(loopback_got(client), "");
	assert_false(loopback_ended(client));
	rig_stop(&r);
}

#define SUBSET(name, weight) "{destination: {host: app, subset: " name "}, weight: " weight "}"

static void where_it_goes(void **state)
{
	static const struct {
		const char *http;
		int percent; /* to the second */
	} rows[] = {
		{"route: [" SUBSET("v1", "80") ", " SUBSET("v2", "20") "]", 20},
		{"route: [" SUBSET("v1", "5") ", " SUBSET("v2", "95") "]", 95},
		{"route: [" SUBSET("v1", "100") ", " SUBSET("v2", "0") "]", 0},
		{"match: [{headers: {x: {exact: abc}}}], route: [" SUBSET("v2", "100") "]}, {route: [" SUBSET(
			 "v1", "100") "]",
		 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char got[4096];
		int n[2] = {0}, slack = rows[i].percent % 100 ? 6 : 0;

		start(rows[i].http, NULL);
		for (int k = 0; k < 300; k++)
			assert_int_equal(exchange(GET, OK, n, got, sizeof(got)), 1);
		if (n[1] < (rows[i].percent - slack) * 3 || n[1] > (rows[i].percent + slack) * 3)
			fail_msg("%s: %d of 300 to the second", rows[i].http, n[1]);
		rig_stop(&r);
	}
}

static void faults(void **state)
{
	static const int percent[] = {0, 25, 100};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(percent); i++) {
		char http[300], got[4096];
		int n[2] = {0}, hit = 0, slack = percent[i] % 100 ? 8 : 0;

		snprintf(http, sizeof(http), "fault: {abort: {httpStatus: 418, percentage: {value: %d}}}, " ROUTE,
			 percent[i]);
		start(http, NULL);
		for (int k = 0; k < 300; k++) {
			(void)exchange(GET, OK, n, got, sizeof(got));
			hit += status_of(got) == 418;
		}
		assert_in_range(hit, (percent[i] - slack) * 3, (percent[i] + slack) * 3);
		assert_int_equal(hit + n[0] + n[1], 300);
		rig_stop(&r);
	}
}

static void mirrors(void **state)
{
	int client, which, fd, mirror;

	(void)state;
	start("route: [" SUBSET("v1", "100") "], mirror: {host: app, subset: v2}", NULL);
	client = client_of("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nbody");
	fd = next_at(&which);
	assert_int_equal(which, 0);
	rig_send(&r, fd, OK);
	assert_int_equal(status_of(loopback_got(client)), 200);
	mirror = next_at(&which);
	assert_true(mirror >= 0 && which == 1);
	assert_non_null(strstr(sent, "\r\n\r\nbody"));
	assert_non_null(strstr(sent, "host: a.example-shadow\r\n"));
	rig_stop(&r);
}

static void headers(void **state)
{
	char got[4096];
	int n[2] = {0};

	(void)state;
	start("headers: {request: {set: {x-a: '1'}, remove: [x-gone]}, response: {add: {x-b: '2'}, remove: "
	      "[x-secret]}}, "
	      "rewrite: {uri: /new, authority: other.example}, " ROUTE,
	      NULL);
	exchange("GET /old HTTP/1.1\r\nHost: a.example\r\nX-A: 0\r\nX-Gone: 1\r\nX-Forwarded-Client-Cert: "
		 "URI=spiffe://x\r\n\r\n",
		 "HTTP/1.1 200 OK\r\nX-Secret: 1\r\nContent-Length: 0\r\n\r\n", n, got, sizeof(got));
	assert_non_null(strstr(sent, "GET /newold HTTP/1.1\r\n"));
	assert_non_null(strstr(sent, "host: other.example\r\n"));
	assert_non_null(strstr(sent, "x-a: 1\r\n"));
	assert_null(strcasestr(sent, "x-gone"));
	assert_null(strcasestr(sent, "x-a: 0"));
	/* A client at the gateway can't say who it is. */
	assert_null(strcasestr(sent, "spiffe://x"));
	assert_non_null(strstr(got, "x-b: 2\r\n"));
	assert_null(strcasestr(got, "x-secret"));
	rig_stop(&r);
}

static void limits(void **state)
{
	int client[3];

	(void)state;
	start(ROUTE ", retries: {attempts: 0}", "{connectionPool: {http: {http2MaxRequests: 2}}}");
	for (int i = 0; i < 3; i++)
		client[i] = client_of(GET);
	assert_string_equal(loopback_got(client[0]), "");
	assert_string_equal(loopback_got(client[1]), "");
	assert_int_equal(status_of(loopback_got(client[2])), 503);
	rig_stop(&r);
	start(ROUTE ", retries: {attempts: 0}",
	      "{connectionPool: {tcp: {maxConnections: 1}, http: {http1MaxPendingRequests: 1}}, loadBalancer: {simple: "
	      "ROUND_ROBIN}}");
	/* A connection to each endpoint is always allowed; one more waits; the next is refused. */
	for (int i = 0; i < 4; i++)
		client[i % 3] = client_of(GET);
	assert_int_equal(status_of(loopback_got(client[0])), 503);
	rig_stop(&r);
}

static void outliers(void **state)
{
	char got[4096];
	int n[2] = {0};

	(void)state;
	start(ROUTE ", retries: {attempts: 0}", "{outlierDetection: {consecutive5xxErrors: 2, interval: 1s, "
						"baseEjectionTime: 60s, maxEjectionPercent: 50}}");
	for (int i = 0; i < 40; i++)
		(void)exchange(GET, INTERNAL, n, got, sizeof(got));
	/* Whoever failed twice first is out; the other must stay. */
	assert_int_equal(MIN(n[0], n[1]), 2);
	assert_int_equal(n[0] + n[1], 40);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_often_it_is_tried),
		cmocka_unit_test(how_long_it_may_take),
		cmocka_unit_test(where_it_goes),
		cmocka_unit_test(faults),
		cmocka_unit_test(mirrors),
		cmocka_unit_test(headers),
		cmocka_unit_test(limits),
		cmocka_unit_test(outliers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
