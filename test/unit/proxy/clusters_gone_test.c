/*
 * Clusters that go: what is under way ends as it would, and afterwards nothing of them is left, so that their slots are
 * others'. Configurations come and go as with a control plane whose services are renamed all the time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* HTTP to a cluster of this name. */
static const char *to(const char *name)
{
	static char action[100];

	snprintf(action, sizeof(action), "route: {cluster: %s}", name);
	return rig_http_yaml(&(struct rig_http){.action = action, .more = rig_cluster_yaml(name, RIG_ORIGIN, "")});
}

static void drop(struct rig *r, const char *name)
{
	const struct slice removed = slice_str(name);

	assert_int_equal(
		0, build_apply(r->build,
			       &(struct build_update){.type = XDS_CLUSTER, .removed = &removed, .n_removed = 1}, NULL));
	rig_apply(r);
}

static uint32_t slot(const struct rig *r, const char *name)
{
	return config_cluster_slot(r->worker.current->config, slice_str(name));
}

static void ever_new_clusters(void **state)
{
	char name[2][20] = {"n0", ""};
	struct rig r;
	int client = -1, up;

	(void)state;
	rig_start(&r, to("n0"));
	for (int i = 1; i < 100; i++) {
		char *now = name[i % 2], *before = name[(i + 1) % 2];

		if (client < 0)
			client = rig_request(&r, GET);
		else
			rig_send(&r, client, GET);
		up = rig_accept(&r);
		(void)loopback_got(up);
		rig_send(&r, up, OK);
		assert_non_null(strstr(loopback_got(client), "200 OK"));
		snprintf(name[i % 2], sizeof(name[0]), "n%d", i);
		rig_configure(&r, to(now));
		drop(&r, before);
		assert_true(loopback_ended(up)); /* nobody needs the connection */
		assert_int_equal(CONFIG_NO_SLOT, slot(&r, before));
		rig_close(&r, up);
	}
	assert_true(r.worker.current->config->n_clusters <= 4);
	assert_true(r.worker.n_clusters <= 8);
	rig_stop(&r);
}

static void a_request_keeps_its_cluster(void **state)
{
	struct rig r;
	int client, up;
	uint32_t old;

	(void)state;
	rig_start(&r, to("old"));
	old = slot(&r, "old");
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_configure(&r, to("new"));
	drop(&r, "old");
	rig_configure(&r, to("newer"));
	assert_int_not_equal(old, slot(&r, "newer"));
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
	rig_send(&r, up, "lf");
	assert_non_null(strstr(loopback_got(client), "half"));
	assert_true(loopback_ended(up));
	/* The client's connection went on to the present configuration with the request's end. */
	assert_int_equal(CONFIG_NO_SLOT, slot(&r, "old"));
	rig_configure(&r, to("newest"));
	assert_int_equal(old, slot(&r, "newest"));
	rig_send(&r, client, GET);
	up = rig_accept(&r);
	rig_send(&r, up, OK);
	assert_non_null(strstr(loopback_got(client), "200 OK"));
	rig_stop(&r);
}

/* The first endpoint ends the connection without an answer: the second is asked, though the cluster is gone. */
static void a_retry_finds_the_cluster_that_is_gone(void **state)
{
	const char *yaml = rig_http_yaml(
		&(struct rig_http){.action = "route: {cluster: old, retry_policy: {retry_on: reset, num_retries: 2}}",
				   .more = rig_cluster_yaml("old", RIG_ORIGIN, "")});
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, yaml);
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_configure(&r, to("new"));
	drop(&r, "old");
	rig_close(&r, up);
	rig_advance(&r, 100);
	up = rig_accept(&r);
	assert_true(up >= 0);
	rig_send(&r, up, OK);
	assert_non_null(strstr(loopback_got(client), "200 OK"));
	assert_int_equal(CONFIG_NO_SLOT, slot(&r, "old"));
	rig_stop(&r);
}

static void a_connection_keeps_its_cluster(void **state)
{
	struct rig r;
	int client, up;
	uint32_t old;

	(void)state;
	rig_start(&r, rig_tcp_yaml(NULL, NULL));
	old = slot(&r, "c");
	client = rig_request(&r, "hello");
	up = rig_accept(&r);
	rig_configure(&r, to("new"));
	drop(&r, "c");
	rig_send(&r, up, "bytes");
	assert_string_equal("bytes", loopback_got(client));
	assert_int_equal(old, slot(&r, "c"));
	rig_close(&r, client);
	rig_close(&r, up);
	rig_apply(&r);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ever_new_clusters),
		cmocka_unit_test(a_request_keeps_its_cluster),
		cmocka_unit_test(a_retry_finds_the_cluster_that_is_gone),
		cmocka_unit_test(a_connection_keeps_its_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
