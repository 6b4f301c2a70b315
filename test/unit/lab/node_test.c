/* Parts of the node that need no container: environment, payloads, ClusterIP rules, addresses, routes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "lab/node/node_internal.h"
#include "lab/net/router_internal.h"
#include "lab/node/payload.h"
#include "lab/view/table_internal.h"

static void expansion(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"$(A)", "one"},  {"x$(A)y$(B)z", "xoney2z"},
		{"$(C)", "$(C)"}, {"$$(A)", "$(A)"},
		{"$", "$"},       {"$A", "$A"},
		{"$(A", "$(A"},   {"$$", "$"},
		{"$(E)", ""},     {"", ""},
	};
	cJSON *env = cJSON_Parse("[\"A=one\",\"B=2\",\"E=\",\"AB=no\"]");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = env_expand(rows[i].text, env);

		assert_string_equal(got, rows[i].want);
		free(got);
	}
	cJSON_Delete(env);
}

static void resources(void **state)
{
	static const struct {
		const char *resource, *divisor, *want;
	} rows[] = {
		{"limits.memory", "1", "134217728"}, {"limits.memory", "1Mi", "128"}, {"limits.cpu", "1", "2"},
		{"limits.cpu", "1m", "1500"},        {"requests.cpu", NULL, "0"},
	};
	cJSON *c = cJSON_Parse("{\"resources\":{\"limits\":{\"memory\":\"128Mi\",\"cpu\":\"1500m\"}}}");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = pod_resource(c, rows[i].resource, rows[i].divisor);

		assert_string_equal(got, rows[i].want);
		free(got);
	}
	cJSON_Delete(c);
}

static void expect_file(const char *dir, const char *name, const char *want)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (!want) {
		assert_int_not_equal(access(path, F_OK), 0);
		return;
	}
	assert_int_equal(file_read(path, 4096, &text, NULL), 0);
	assert_string_equal(buf_str(&text), want);
}

static void write_payload(const char *dir, const char *const (*files)[2])
{
	struct payload p = {.arena = ARENA_INIT};
	struct err e = ERR_INIT;

	for (; (*files)[0]; files++)
		assert_int_equal(payload_add(&p, (*files)[0], slice_str((*files)[1]), 0644, &e), 0);
	assert_int_equal(payload_write(&p, dir, (gid_t)-1, &e), 0);
	payload_done(&p);
}

static void payloads(void **state)
{
	static const char *const first[][2] = {{"a", "1"}, {"d/b", "2"}, {NULL, NULL}};
	static const char *const second[][2] = {{"a", "3"}, {NULL, NULL}};
	struct payload bad = {.arena = ARENA_INIT};
	char dir[] = "/tmp/weft-payload-XXXXXX";
	struct err e = ERR_INIT;

	(void)state;
	assert_non_null(mkdtemp(dir));
	write_payload(dir, first);
	expect_file(dir, "a", "1");
	expect_file(dir, "d/b", "2");
	write_payload(dir, second);
	expect_file(dir, "a", "3");
	expect_file(dir, "d/b", NULL);
	assert_int_equal(payload_add(&bad, "../x", SLICE(""), 0644, &e), -EINVAL);
	assert_int_equal(payload_add(&bad, "/x", SLICE(""), 0644, &e), -EINVAL);
	assert_int_equal(payload_add(&bad, "a/../../x", SLICE(""), 0644, &e), -EINVAL);
	payload_done(&bad);
	assert_int_equal(file_remove_tree(dir, NULL), 0);
}

static void pool(void **state)
{
	struct net_pool *p = calloc(1, sizeof(*p));
	char ip[NET_POD_IP_TEXT];

	(void)state;
	assert_int_equal(net_pool_take(p, ip), 0);
	assert_string_equal(ip, "10.244.0.2");
	net_pool_reserve(p, "10.244.0.3");
	assert_int_equal(net_pool_take(p, ip), 0);
	assert_string_equal(ip, "10.244.0.4");
	net_pool_give(p, "10.244.0.2");
	assert_int_equal(net_pool_take(p, ip), 0);
	assert_string_equal(ip, "10.244.0.5");
	while (net_pool_take(p, ip) == 0)
		;
	net_pool_give(p, "10.244.9.9");
	net_pool_give(p, "192.168.0.1");
	assert_int_equal(net_pool_take(p, ip), 0);
	assert_string_equal(ip, "10.244.9.9");
	assert_int_equal(net_pool_take(p, ip), -ENOSPC);
	free(p);
}

static void nft(void **state)
{
	struct services t = {0};
	struct buf out = BUF_INIT;
	cJSON *s =
		cJSON_Parse("{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"},\"spec\":{\"clusterIP\":\"10.96.1.1\","
			    "\"ports\":[{\"port\":80,\"targetPort\":8080},{\"name\":\"none\",\"port\":81}]}}");
	cJSON *e = cJSON_Parse("{\"subsets\":[{\"addresses\":[{\"ip\":\"10.244.0.2\"},{\"ip\":\"10.244.0.3\"},"
			       "{\"ip\":\"; drop\"}],\"ports\":[{\"port\":8080}]}]}");

	(void)state;
	services_put(&t, svc_new(s, e));
	services_write_nft(&t, &out);
	assert_non_null(
		strstr(buf_str(&out), "numgen random mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.0.3 . 8080 }"));
	assert_non_null(strstr(buf_str(&out), "10.96.1.1 . tcp . 80 : goto s0"));
	assert_null(strstr(buf_str(&out), " . tcp . 81 "));
	assert_null(strstr(buf_str(&out), "drop"));
	cJSON_Delete(s);
	cJSON_Delete(e);
	buf_done(&out);
	services_done(&t);
}

/* What slices say counts, whoever wrote them; of other families nothing does. */
static void slices(void **state)
{
	static const char *const texts[] = {
		"{\"addressType\":\"IPv4\",\"endpoints\":[{\"addresses\":[\"10.0.0.1\"]},{\"addresses\":[\"10.0.0.2\"],"
		"\"conditions\":{\"ready\":false},\"hostname\":\"h\"}],\"ports\":[{\"name\":\"\",\"port\":8080}]}",
		"{\"addressType\":\"IPv6\",\"endpoints\":[{\"addresses\":[\"::1\"]}],\"ports\":[{\"port\":8080}]}",
		"{\"addressType\":\"IPv4\",\"endpoints\":[{\"addresses\":[\"10.0.0.3\"],\"conditions\":{\"ready\":true}"
		"},"
		"{\"addresses\":[]}],\"ports\":[{\"name\":\"\",\"port\":9090}]}",
	};
	cJSON *service = cJSON_Parse("{\"metadata\":{\"name\":\"a\",\"namespace\":\"n\"},\"spec\":{\"clusterIP\":"
				     "\"10.96.1.1\",\"ports\":[{\"port\":80}]}}");
	cJSON *endpoints = cJSON_CreateObject();
	struct svc *s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		cJSON *slice = cJSON_Parse(texts[i]);

		svc_add_slice(endpoints, slice);
		cJSON_Delete(slice);
	}
	s = svc_new(service, endpoints);
	assert_int_equal(s->ports[0].targets_n, 2);
	assert_string_equal(s->ports[0].targets[0].ip, "10.0.0.1");
	assert_int_equal(s->ports[0].targets[0].port, 8080);
	assert_string_equal(s->ports[0].targets[1].ip, "10.0.0.3");
	assert_int_equal(s->ports[0].targets[1].port, 9090);
	assert_int_equal(s->addresses_n, 3);
	assert_false(s->addresses[1].ready);
	assert_string_equal(s->addresses[1].hostname, "h");
	svc_free(s);
	cJSON_Delete(service);
	cJSON_Delete(endpoints);
}

/* What `kubectl get pods` shows of a pod with a sidecar among its init containers. */
static void sidecar_cells(void **state)
{
	static const struct {
		const char *sidecar, *initialized, *ready, *restarts, *status;
	} rows[] = {
		{"\"started\":false,\"state\":{\"running\":{}}", "False", "\"0/2\"", "3", "\"Init:1/2\""},
		{"\"started\":true,\"ready\":true,\"state\":{\"running\":{}}", "True", "\"2/2\"", "2", "\"Running\""},
		{"\"started\":true,\"ready\":false,\"state\":{\"running\":{}}", "True", "\"1/2\"", "2", "\"Running\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		cJSON *(*const cells[])(const cJSON *, int64_t) = {pod_ready_cell, pod_restarts_cell, pod_status_cell};
		const char *const want[] = {rows[i].ready, rows[i].restarts, rows[i].status};

		buf_printf(&text,
			   "{\"spec\":{\"initContainers\":[{\"name\":\"one\"},{\"name\":\"side\",\"restartPolicy\":"
			   "\"Always\"}],\"containers\":[{\"name\":\"c\"}]},\"status\":{\"phase\":\"%s\","
			   "\"conditions\":[{\"type\":\"Initialized\",\"status\":\"%s\"}],\"initContainerStatuses\":[{"
			   "\"name\":\"one\",\"restartCount\":1,\"ready\":true,\"state\":{\"terminated\":{\"exitCode\":"
			   "0}}},"
			   "{\"name\":\"side\",\"restartCount\":2,%s}],\"containerStatuses\":[{\"name\":\"c\","
			   "\"ready\":%s,"
			   "\"state\":{\"%s\":{}}}]}}",
			   i ? "Running" : "Pending", rows[i].initialized, rows[i].sidecar, i ? "true" : "false",
			   i ? "running" : "waiting");
		cJSON *pod = cJSON_Parse(buf_str(&text));

		assert_non_null(pod);
		for (size_t k = 0; k < ARRAY_LEN(cells); k++) {
			cJSON *cell = cells[k](pod, 0);
			char *have = cJSON_PrintUnformatted(cell);

			if (strcmp(have, want[k]) != 0)
				fail_msg("row %zu, cell %zu: %s, want %s", i, k, have, want[k]);
			cJSON_free(have);
			cJSON_Delete(cell);
		}
		cJSON_Delete(pod);
	}
}

static struct lab_route *route(const char *name, const char *host, const char *path)
{
	char text[500];
	struct lab_route *r;
	cJSON *o;

	snprintf(text, sizeof(text),
		 "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"n\"},\"spec\":{\"host\":\"%s\",\"path\":\"%s\","
		 "\"to\":{\"name\":\"a\"}},\"status\":{\"ingress\":[{\"conditions\":[{\"type\":\"Admitted\","
		 "\"status\":\"True\"}]}]}}",
		 name, host, path);
	o = cJSON_Parse(text);
	r = lab_route_new(o);
	cJSON_Delete(o);
	return r;
}

static void routes(void **state)
{
	static const struct {
		const char *host, *path, *want;
	} rows[] = {
		{"shop.example", "/", "n/all"},     {"SHOP.example:8080", "/x", "n/all"},
		{"shop.example", "/api", "n/api"},  {"shop.example", "/api/v1?q", "n/api"},
		{"shop.example", "/apix", "n/all"}, {"shop.example", "/api?q=1", "n/api"},
		{"other.example", "/", NULL},       {"", "/", NULL},
	};
	struct router r = {0};
	struct lab_route *all = route("all", "shop.example", ""), *api = route("api", "Shop.example", "/api");

	(void)state;
	map_set(&r.routes, slice_str(all->key), all);
	map_set(&r.routes, slice_str(api->key), api);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct lab_route *got =
			router_match(&r, ROUTER_ENTRY_PLAIN, slice_str(rows[i].host), slice_str(rows[i].path));

		assert_int_equal(got != NULL, rows[i].want != NULL);
		if (got)
			assert_string_equal(got->key, rows[i].want);
	}
	map_done(&r.routes);
	lab_route_free(all);
	lab_route_free(api);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(expansion),     cmocka_unit_test(resources), cmocka_unit_test(payloads),
		cmocka_unit_test(pool),          cmocka_unit_test(nft),       cmocka_unit_test(slices),
		cmocka_unit_test(sidecar_cells), cmocka_unit_test(routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
