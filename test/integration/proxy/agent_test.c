/*
 * The agent against a control plane in the same process: certificate, configuration, refusal of a bad resource, and a
 * restart from saved state without a control plane.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "agent_world.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "codecs/codecs.h"
#include "config/config_parts.h"

static void send_bad_listener(struct agent_world *w)
{
	CLEANUP(freep) char *good = mem_printf(agent_world_listener, w->front_port);
	static const char bad[] =
		"{\"name\":\"bad\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\","
		"\"port_value\":1}},\"filter_chains\":[{\"filters\":[{\"name\":\"x\",\"typed_config\":"
		"{\"@type\":\"type.googleapis.com/envoy.config.cluster.v3.Cluster\"}}]}]}";

	agent_world_set(w, XDS_LISTENER, (const char *[]){"front", good, "bad", bad}, 2);
	xds_server_push(w->xds);
}

static void from_nothing_to_restart(void **state)
{
	struct agent_world w;

	(void)state;
	agent_world_init(&w);
	agent_world_start_control(&w);
	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_int_equal(agent_world_get(&w, w.front_port, "/x"), 200);
	assert_string_equal(w.body, "/one/x");
	WAIT_FOR(&w, w.csrs == 1);

	agent_world_set_route(&w, "/two/");
	xds_server_push(w.xds);
	WAIT_FOR(&w, agent_world_get(&w, w.front_port, "/x") == 200 && strcmp(w.body, "/two/x") == 0);

	send_bad_listener(&w);
	WAIT_FOR(&w, w.nack[0]);
	assert_non_null(strstr(w.nack, "listener 'bad': filter_chains[0] '': filters[0]: filter 'x': type "
				       "'envoy.config.cluster.v3.Cluster' is not supported"));
	assert_int_equal(agent_world_get(&w, w.front_port, "/y"), 200);

	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_int_equal(agent_world_get(&w, w.front_port, "/x"), 200);
	assert_string_equal(w.body, "/two/x");
	assert_string_equal(w.agent->config->node->principal, "spiffe://cluster.local/ns/shop/sa/web");

	agent_world_set_all(&w);
	agent_world_start_control(&w);
	WAIT_FOR(&w, agent_world_get(&w, w.front_port, "/x") == 200 && strcmp(w.body, "/one/x") == 0);
	assert_int_equal(w.csrs, 1); /* the saved certificate is still good */

	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_done(&w);
}

static ino_t saved_file(struct agent_world *w, const char *type)
{
	CLEANUP(freep) char *path = mem_printf("%s/weft-state-%s.bin", w->dir, type);
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Of the state only the types that changed are written again. */
static void saves_what_changed(void **state)
{
	struct agent_world w;
	ino_t clusters, listeners, routes;

	(void)state;
	agent_world_init(&w);
	agent_world_start_control(&w);
	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	WAIT_FOR(&w, saved_file(&w, "CDS") && saved_file(&w, "LDS") && saved_file(&w, "RDS") && saved_file(&w, "EDS"));
	clusters = saved_file(&w, "CDS");
	listeners = saved_file(&w, "LDS");
	routes = saved_file(&w, "RDS");
	agent_world_set_route(&w, "/two/");
	xds_server_push(w.xds);
	WAIT_FOR(&w, saved_file(&w, "RDS") != routes);
	assert_int_equal(saved_file(&w, "CDS"), clusters);
	assert_int_equal(saved_file(&w, "LDS"), listeners);
	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_done(&w);
}

#define PODS_BACK                                                                                                      \
	"{\"name\":\"back\",\"type\":\"ORIGINAL_DST\",\"lb_policy\":\"CLUSTER_PROVIDED\",\"connect_timeout\":\"1s\","  \
	"\"metadata\":{\"filter_metadata\":{\"weft\":{\"pods\":\"p\"}}},\"transport_socket_matches\":[{\"name\":"      \
	"\"p\","                                                                                                       \
	"\"match\":{\"a\":\"b\"},\"transport_socket\":{\"name\":\"r\",\"typed_config\":{\"@type\":\"type.googleapis."  \
	"com/"                                                                                                         \
	"envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer\"}}}]}"

static bool knows(const struct agent_world *w, const char *ip)
{
	struct addr a;

	assert_int_equal(0, addr_parse(slice_str(ip), 80, &a));
	return config_pods_mutual(w->agent->config->pods, &a);
}

static bool wants_pods(const struct agent_world *w)
{
	return build_wants_pods(w->agent->build);
}

/* As the workers have it. */
static bool config_wants_pods(const struct agent_world *w)
{
	const struct config *c = w->agent->config;

	return config_cluster_get(c, config_cluster_slot(c, SLICE("back"))).spec->to_pods;
}

/* Addresses of pods are asked for, waited for and saved where a cluster names their transport. */
static void addresses_of_pods(void **state)
{
	static const char one[] = "{\"name\":\"10.1.2.0/24\",\"mutual\":\"AAE=\"}";
	static const char two[] = "{\"name\":\"10.1.3.0/24\",\"mutual\":\"AAE=\"}";
	struct agent_world w;

	(void)state;
	agent_world_init(&w);
	agent_world_start_control(&w);
	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_null(xds_client_set(w.agent->xds, XDS_POD_BLOCK));
	agent_world_set(&w, XDS_CLUSTER, (const char *[]){"back", PODS_BACK}, 1);
	xds_server_push(w.xds);
	WAIT_FOR(&w, wants_pods(&w));
	assert_false(config_wants_pods(&w));

	agent_world_set(&w, XDS_POD_BLOCK, (const char *[]){"10.1.2.0/24", one, "10.1.3.0/24", two}, 2);
	xds_server_push(w.xds);
	WAIT_FOR(&w, knows(&w, "10.1.2.8"));
	assert_true(knows(&w, "10.1.3.8"));
	assert_false(knows(&w, "10.1.2.9"));
	WAIT_FOR(&w, saved_file(&w, "PODS") && saved_file(&w, "CDS"));

	agent_world_set(&w, XDS_POD_BLOCK, (const char *[]){"10.1.2.0/24", one}, 1);
	xds_server_push(w.xds);
	WAIT_FOR(&w, !knows(&w, "10.1.3.8"));
	assert_true(knows(&w, "10.1.2.8"));
	agent_world_stop(&w);
	agent_world_stop_control(&w);

	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_true(knows(&w, "10.1.2.8"));
	agent_world_stop(&w);
	agent_world_done(&w);
}

#define NAMES(ip) "{\"table\":{\"db.example.com\":{\"ips\":[\"" ip "\"]}}}"

/* The last byte of the address that the pod is told; -1: nothing yet, -2: a failure. */
static int resolved(struct agent_world *w, int fd)
{
	static const char query[] = "\0\7\1\0\0\1\0\0\0\0\0\0\2db\7example\3com\0\0\1\0\1";
	char got[512];
	ssize_t n;
	int64_t until = clock_mono_ns() + AGENT_WORLD_WAIT_MS * (int64_t)NS_PER_MS;

	assert_int_equal(send(fd, query, sizeof(query) - 1, 0), sizeof(query) - 1);
	while ((n = recv(fd, got, sizeof(got), MSG_DONTWAIT)) < 0 && clock_mono_ns() < until)
		loop_turn(w->loop, 5);
	assert_true(n >= 12);
	return got[3] & 15 ? -2 : got[7] ? (uint8_t)got[n - 1] : -1;
}

/* Names are asked for where the pod's DNS is redirected: it is not ready before them, and has them after a restart. */
static void names_of_the_pod(void **state)
{
	struct agent_world w;
	struct addr at;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	agent_world_init(&w);
	w.dns_port = agent_world_free_port();
	addr_parse(SLICE("127.0.0.1"), w.dns_port, &at);
	assert_int_equal(connect(fd, &at.sa, at.len), 0);
	agent_world_start_control(&w);
	agent_world_start(&w);
	WAIT_FOR(&w, w.agent->state == AGENT_SERVING);
	assert_false(agent_world_ready(&w));
	assert_int_equal(resolved(&w, fd), -2);

	agent_world_set(&w, XDS_NAME_TABLE, (const char *[]){"names", NAMES("10.0.0.8")}, 1);
	xds_server_push(w.xds);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_int_equal(resolved(&w, fd), 8);
	agent_world_set(&w, XDS_NAME_TABLE, (const char *[]){"names", NAMES("nonsense")}, 1);
	xds_server_push(w.xds);
	WAIT_FOR(&w, strstr(w.nack, "names: table: db.example.com: ips: 'nonsense' is no address"));
	assert_int_equal(resolved(&w, fd), 8);
	agent_world_set(&w, XDS_NAME_TABLE, (const char *[]){"names", NAMES("10.0.0.9")}, 1);
	xds_server_push(w.xds);
	WAIT_FOR(&w, resolved(&w, fd) == 9);
	WAIT_FOR(&w, saved_file(&w, "NDS"));
	agent_world_stop(&w);
	agent_world_stop_control(&w);

	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_int_equal(resolved(&w, fd), 9);
	agent_world_stop(&w);
	agent_world_done(&w);
	close(fd);
}

#define SILENT                                                                                                         \
	"{\"name\":\"silent\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":%u}},"         \
	"\"traffic_direction\":\"INBOUND\",\"listener_filters_timeout\":\"0.05s\",\"continue_on_listener_filters_"     \
	"timeout\":"                                                                                                   \
	"true,\"listener_filters\":[{\"name\":\"i\",\"typed_config\":{\"@type\":\"type.googleapis.com/"                \
	"envoy.extensions."                                                                                            \
	"filters.listener.tls_inspector.v3.TlsInspector\"}}],\"filter_chains\":[{\"filters\":[{\"name\":\"t\","        \
	"\"typed_config\":{\"@type\":\"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy\","  \
	"\"stat_prefix\":\"s\",\"cluster\":\"back\"}}]}]}"

/* Ports where a protocol was waited for in vain are reported, and again when the control plane comes back. */
static void silent_ports_are_reported(void **state)
{
	CLEANUP(closep) int fd = -1;
	char want[64];
	struct agent_world w;
	struct addr to;

	(void)state;
	agent_world_init(&w);
	CLEANUP(freep) char *listener = mem_printf(SILENT, w.front_port);
	agent_world_set(&w, XDS_LISTENER, (const char *[]){"silent", listener}, 1);
	agent_world_start_control(&w);
	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_int_equal(0, addr_parse(SLICE("127.0.0.1"), w.front_port, &to));
	fd = socket_connect(&to, 0);
	assert_true(fd >= 0);
	snprintf(want, sizeof(want), "weft.mesh.v1.DetectionTimeouts: %u", w.front_port);
	WAIT_FOR(&w, strcmp(w.other, want) == 0);
	assert_int_equal(1, w.others);
	agent_world_stop_control(&w);
	agent_world_start_control(&w);
	WAIT_FOR(&w, w.others == 2);
	assert_string_equal(want, w.other);
	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_done(&w);
}

/* An endpoint that is a socket of the machine: by path, or by an abstract name. */
static void a_unix_socket(void **state)
{
	struct agent_world w;

	(void)state;
	agent_world_init(&w);
	for (int i = 0; i < 2; i++) {
		CLEANUP(freep) char *path = mem_printf(i ? "@%s" : "%s/sock", w.dir);
		CLEANUP(freep)
		char *endpoints = mem_printf("{\"cluster_name\":\"back\",\"endpoints\":[{\"lb_endpoints\":[{"
					     "\"endpoint\":{\"address\":{\"pipe\":{\"path\":\"%s\"}}}}]}]}",
					     path);
		struct addr at;

		http_server_free(w.back);
		assert_int_equal(0, addr_parse(slice_str(path), 0, &at));
		assert_int_equal(0,
				 http_server_new(w.loop, &at, codecs_http1(), agent_world_answer, &w, &w.back, NULL));
		agent_world_set(&w, XDS_ENDPOINT, (const char *[]){"back", endpoints}, 1);
		agent_world_start_control(&w);
		agent_world_start(&w);
		WAIT_FOR(&w, agent_world_ready(&w));
		WAIT_FOR(&w, agent_world_get(&w, w.front_port, "/x") == 200);
		assert_string_equal("/one/x", w.body);
		agent_world_stop(&w);
		agent_world_stop_control(&w);
	}
	agent_world_done(&w);
}

static void certificates_rotate(void **state)
{
	struct agent_world w;

	(void)state;
	agent_world_init(&w);
	setenv("SECRET_TTL", "4s", 1);
	agent_world_start_control(&w);
	agent_world_start(&w);
	unsetenv("SECRET_TTL");
	WAIT_FOR(&w, agent_world_ready(&w) && w.csrs == 1);
	for (unsigned n = 2; n <= 3; n++) {
		struct config_ref ref = {
			"default", config_names_find(w.agent->config->names, CONFIG_NAME_SECRET, SLICE("default"))};
		WAIT_FOR(&w, config_secret_get(w.agent->config, ref));
		uint64_t generation = config_secret_get(w.agent->config, ref)->generation;
		WAIT_FOR(&w, w.csrs >= n && config_secret_get(w.agent->config, ref)->generation != generation);
		assert_int_equal(agent_world_get(&w, w.front_port, "/x"), 200);
	}
	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_done(&w);
}

/* Other roots in the namespace bring another certificate, soon, and with it these roots; the same ones do not. */
static void other_roots_are_fetched(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *next = NULL;
	CLEANUP(buf_done) struct buf roots = BUF_INIT;
	CLEANUP(freep) char *path = NULL;
	struct pki_ca *old;
	struct agent_world w;

	(void)state;
	agent_world_init(&w);
	path = mem_printf("%s/root.pem", w.dir);
	agent_world_start_control(&w);
	agent_world_start(&w);
	w.boot.roots_spread_ms = 1;
	WAIT_FOR(&w, agent_world_ready(&w) && w.csrs == 1);
	old = w.ca;
	assert_int_equal(pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, clock_wall_ns() / NS_PER_S, 86400,
					 &next, NULL),
			 0);
	buf_append_slice(&roots, pki_ca_roots_pem(old));
	buf_append_slice(&roots, pki_ca_roots_pem(next));
	assert_int_equal(pki_ca_load(pki_ca_cert_pem(old), pki_ca_key_pem(old), SLICE(""), buf_slice(&roots),
				     clock_wall_ns() / NS_PER_S, &w.ca, NULL),
			 0);
	assert_int_equal(file_write(path, buf_slice(&roots), 0600, NULL), 0);
	WAIT_FOR(&w, w.csrs == 2 && slice_eq(agent_secrets_root(w.agent->secrets), buf_slice(&roots)));
	assert_int_equal(agent_world_get(&w, w.front_port, "/x"), 200);
	pki_ca_unref(old);
	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_nothing_to_restart), cmocka_unit_test(other_roots_are_fetched),
		cmocka_unit_test(saves_what_changed),      cmocka_unit_test(a_unix_socket),
		cmocka_unit_test(addresses_of_pods),       cmocka_unit_test(silent_ports_are_reported),
		cmocka_unit_test(certificates_rotate),     cmocka_unit_test(names_of_the_pod)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
