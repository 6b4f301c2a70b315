/* Who is on the other side: what labels have room for, and what rules go by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "base/base64.h"

static struct rig r;

/* However many names a peer has made us keep: who it is by its certificate is known, though no label says so. */
static void a_principal_needs_no_label(void **state)
{
	static const struct tls_peer peer = {.uri = "spiffe://cluster.local/ns/a/sa/b"};
	struct down early = {.worker = &r.worker}, late = early, none = early;
	char text[32];

	(void)state;
	rig_begin(&r);
	down_learn_principal(&early, &peer);
	assert_string_equal(early.principal, peer.uri);
	assert_string_equal(early.principal_label, peer.uri);
	free((void *)early.principal);
	rig_stop(&r);

	rig_begin(&r);
	for (int i = 0; i < STATS_STRINGS_MAX; i++) {
		snprintf(text, sizeof(text), "%d", i);
		assert_non_null(stats_intern(&r.worker, slice_str(text)));
	}
	down_learn_principal(&late, &peer);
	assert_string_equal(late.principal, peer.uri);
	assert_null(late.principal_label);
	free((void *)late.principal);
	down_learn_principal(&none, NULL);
	assert_null(none.principal);
	rig_stop(&r);
}

static void long_strings_are_not_kept(void **state)
{
	char text[STATS_STRING_MAX_BYTES + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	rig_begin(&r);
	assert_non_null(stats_intern(&r.worker, slice_make(text, sizeof(text) - 1)));
	assert_null(stats_intern(&r.worker, slice_make(text, sizeof(text))));
	rig_stop(&r);
}

/* x-envoy-peer-metadata of a workload: base64 of google.protobuf.Struct {WORKLOAD_NAME: name}. */
static void put_metadata(struct buf *out, const char *name)
{
	CLEANUP(buf_done) struct buf entry = BUF_INIT, all = BUF_INIT;
	size_t n = strlen(name);

	buf_append_str(&entry, "\x0a\x0dWORKLOAD_NAME\x12");
	buf_append_char(&entry, (char)(n + 2));
	buf_append_char(&entry, 0x1a);
	buf_append_char(&entry, (char)n);
	buf_append_str(&entry, name);
	buf_append_char(&all, 0x0a);
	buf_append_char(&all, (char)entry.len);
	buf_append_slice(&all, buf_slice(&entry));
	base64_encode(buf_slice(&all), out);
}

static struct down *the_down(void)
{
	return LIST_FIRST(&r.worker.downs, struct down, link);
}

/* One connection may carry what many say: each is who its header says. */
static void metadata_is_of_the_request(void **state)
{
	static const char *const names[] = {"one", "two", "two", "one"};
	int client = -1, origin = -1;

	(void)state;
	rig_start(&r, rig_http_yaml(
			      &(struct rig_http){.filters = "{name: m, typed_config: {'@type': type.googleapis.com/"
							    "io.istio.http.peer_metadata.Config, downstream_discovery: "
							    "[{istio_headers: {}}]}}, "}));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		buf_append_str(&text, "GET / HTTP/1.1\r\nHost: a\r\nX-Envoy-Peer-Metadata: ");
		put_metadata(&text, names[i]);
		buf_append_str(&text, "\r\n\r\n");
		if (client < 0)
			client = rig_request(&r, buf_str(&text));
		else
			rig_send(&r, client, buf_str(&text));
		int up = rig_accept(&r);
		if (i == 0)
			assert_true(up >= 0);
		assert_string_equal(the_down()->source->workload, names[i]);
		origin = up >= 0 ? up : origin;
		assert_null(strcasestr(loopback_got(origin), "peer-metadata"));
		rig_send(&r, origin, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	}
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_principal_needs_no_label),
		cmocka_unit_test(long_strings_are_not_kept),
		cmocka_unit_test(metadata_is_of_the_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
