/* Redirection rules as text, and that a second run replaces the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "proxy/boot/capture.h"

static void rules_of_a_sidecar(void **state)
{
	static const char want[] =
		"*nat\n:ISTIO_INBOUND - [0:0]\n:ISTIO_REDIRECT - [0:0]\n:ISTIO_IN_REDIRECT - [0:0]\n:ISTIO_OUTPUT - "
		"[0:0]\n"
		"-A ISTIO_INBOUND -p tcp --dport 15008 -j RETURN\n"
		"-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001\n"
		"-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006\n"
		"-A PREROUTING -p tcp -j ISTIO_INBOUND\n"
		"-A ISTIO_INBOUND -p tcp --dport 15090 -j RETURN\n"
		"-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT\n"
		"-A OUTPUT -p tcp -j ISTIO_OUTPUT\n"
		"-A ISTIO_OUTPUT -o lo -s 127.0.0.6/32 -j RETURN\n"
		"-A ISTIO_OUTPUT -o lo ! -d 127.0.0.1/32 -p tcp ! --dport 15008 -m owner --uid-owner 1337 -j "
		"ISTIO_IN_REDIRECT\n"
		"-A ISTIO_OUTPUT -o lo -m owner ! --uid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -m owner --uid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -o lo ! -d 127.0.0.1/32 -p tcp ! --dport 15008 -m owner --gid-owner 1337 -j "
		"ISTIO_IN_REDIRECT\n"
		"-A ISTIO_OUTPUT -o lo -m owner ! --gid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -m owner --gid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -d 127.0.0.1/32 -j RETURN\n"
		"-A ISTIO_OUTPUT -d 10.0.0.0/8 -j RETURN\n"
		"-A ISTIO_OUTPUT -j ISTIO_REDIRECT\n"
		"COMMIT\n";
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct capture_settings s;

	(void)state;
	capture_settings_init(&s, &a);
	capture_list_parse(&a, "15090", &s.inbound_exclude);
	capture_list_parse(&a, "10.0.0.0/8, fd00::/8", &s.outbound_exclude_cidrs);
	capture_rules(&s, false, SLICE(""), &out);
	assert_string_equal(buf_str(&out), want);
}

static void a_second_run_replaces_the_first(void **state)
{
	static const char saved[] =
		"*filter\n-A OUTPUT -j ISTIO_X\nCOMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n:ISTIO_OUTPUT - "
		"[0:0]\n-A PREROUTING -p tcp -j ISTIO_INBOUND\n-A OUTPUT -p tcp -j ISTIO_OUTPUT\n-A OUTPUT "
		"-p udp -j ACCEPT\nCOMMIT\n";
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT, removed = BUF_INIT;
	struct capture_settings s;

	(void)state;
	capture_settings_init(&s, &a);
	capture_rules(&s, false, slice_str(saved), &out);
	assert_non_null(strstr(buf_str(&out), "-D PREROUTING -p tcp -j ISTIO_INBOUND\n"));
	assert_non_null(strstr(buf_str(&out), "-D OUTPUT -p tcp -j ISTIO_OUTPUT\n"));
	assert_null(strstr(buf_str(&out), "ISTIO_X"));
	assert_null(strstr(buf_str(&out), "udp"));
	capture_remove(slice_str(saved), &removed);
	assert_string_equal(buf_str(&removed), "*nat\n-D PREROUTING -p tcp -j ISTIO_INBOUND\n-D OUTPUT -p tcp -j "
					       "ISTIO_OUTPUT\n-F ISTIO_OUTPUT\n-X ISTIO_OUTPUT\nCOMMIT\n");
}

static void bad_options(void **state)
{
	static const struct {
		const char *uids, *ports, *cidrs, *message;
	} rows[] = {
		{"1337", "80,443", "10.0.0.0/8,fd00::/8,10.1.1.1", NULL},
		{"root", "80", "", "--proxy-uid: 'root' is not a number up to 4294967294"},
		{"1", "99999", "", "--istio-inbound-ports: '99999' is not a number up to 65535"},
		{"1", "80", "10.0.0.0/33", "--istio-service-cidr: '10.0.0.0/33' is not an address range"},
		{"1", "80; rm", "", "--istio-inbound-ports: '80; rm' is not a number up to 65535"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct capture_settings s;
		struct err e = ERR_INIT;
		capture_settings_init(&s, &a);
		capture_list_parse(&a, rows[i].uids, &s.uids);
		capture_list_parse(&a, rows[i].ports, &s.inbound_ports);
		capture_list_parse(&a, rows[i].cidrs, &s.outbound_cidrs);
		int r = capture_check(&s, &e);
		if (r != (rows[i].message ? -EINVAL : 0) || strcmp(e.msg, rows[i].message ? rows[i].message : "") != 0)
			fail_msg("row %zu: %d %s", i, r, e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rules_of_a_sidecar),
					   cmocka_unit_test(a_second_run_replaces_the_first),
					   cmocka_unit_test(bad_options)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
