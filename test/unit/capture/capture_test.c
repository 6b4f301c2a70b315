/* Redirection rules as text, and that a second run replaces the first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "capture/capture.h"
#include "capture/options.h"
#include "capture/probe.h"

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

/* As iptables-save prints them: in another form, and among other rules. */
static void missing_rules(void **state)
{
	static const char saved[] =
		"*nat\n:ISTIO_OUTPUT - [0:0]\n-A PREROUTING -p tcp -j ISTIO_INBOUND\n-A OUTPUT -p tcp -j ISTIO_OUTPUT\n"
		"-A OUTPUT -d 10.0.0.1/32 -j DNAT --to 10.0.0.2\n%s-A ISTIO_INBOUND -p tcp -m tcp --dport 15008 -j "
		"RETURN\n"
		"-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT\n-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001\n"
		"-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006\n-A ISTIO_OUTPUT -s 127.0.0.6/32 -o lo -j "
		"RETURN\n"
		"-A ISTIO_OUTPUT 1\n-A ISTIO_OUTPUT 2\n-A ISTIO_OUTPUT 3\n-A ISTIO_OUTPUT 4\n-A ISTIO_OUTPUT 5\n"
		"-A ISTIO_OUTPUT 6\n-A ISTIO_OUTPUT -d 127.0.0.1/32 -j RETURN\n-A ISTIO_OUTPUT -j "
		"ISTIO_REDIRECT\nCOMMIT\n";
	static const struct {
		const char *cut, *missing;
	} rows[] = {
		{NULL, NULL},
		{"-A PREROUTING -p tcp -j ISTIO_INBOUND\n", "PREROUTING"},
		{"-A OUTPUT -p tcp -j ISTIO_OUTPUT\n", "OUTPUT"},
		{"-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT\n", "ISTIO_INBOUND"},
		{"-A ISTIO_OUTPUT 3\n", "ISTIO_OUTPUT"},
		{"*nat\n", "PREROUTING"},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct capture_settings s;

	(void)state;
	capture_settings_init(&s, &a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *text = arena_printf(&a, saved, "");
		char *at = rows[i].cut ? strstr(text, rows[i].cut) : NULL;
		const char *missing;

		if (at)
			memmove(at, at + strlen(rows[i].cut), strlen(at + strlen(rows[i].cut)) + 1);
		missing = capture_missing(&s, false, slice_str(text));
		if (strcmp(missing ? missing : "", rows[i].missing ? rows[i].missing : "") != 0)
			fail_msg("row %zu: %s", i, missing);
	}
}

/* Questions of DNS: the servers of resolv.conf alone, each in the rules of its family; the proxy's own go out. */
static void dns(void **state)
{
	static const char want[] =
		"-A OUTPUT -p tcp -j ISTIO_OUTPUT\n"
		"-A OUTPUT -p udp --dport 53 -j ISTIO_OUTPUT_DNS\n"
		"-A ISTIO_OUTPUT_DNS -p udp --dport 53 -m owner --uid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT_DNS -p udp --dport 53 -m owner --gid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT_DNS -d 10.96.0.10 -p udp --dport 53 -j REDIRECT --to-ports 15053\n"
		"-A ISTIO_OUTPUT -o lo -s 127.0.0.6/32 -j RETURN\n"
		"-A ISTIO_OUTPUT -o lo ! -d 127.0.0.1/32 -p tcp -m multiport ! --dports 53,15008 -m owner "
		"--uid-owner 1337 -j ISTIO_IN_REDIRECT\n"
		"-A ISTIO_OUTPUT -o lo -p tcp ! --dport 53 -m owner ! --uid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -m owner --uid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -o lo ! -d 127.0.0.1/32 -p tcp ! --dport 15008 -m owner --gid-owner 1337 -j "
		"ISTIO_IN_REDIRECT\n"
		"-A ISTIO_OUTPUT -o lo -p tcp ! --dport 53 -m owner ! --gid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -m owner --gid-owner 1337 -j RETURN\n"
		"-A ISTIO_OUTPUT -d 10.96.0.10 -p tcp --dport 53 -j REDIRECT --to-ports 15053\n"
		"-A ISTIO_OUTPUT -d 127.0.0.1/32 -j RETURN\n"
		"-A ISTIO_OUTPUT -j ISTIO_REDIRECT\n"
		"COMMIT\n"
		"*raw\n:ISTIO_INBOUND - [0:0]\n:ISTIO_OUTPUT_DNS - [0:0]\n"
		"-A PREROUTING -p udp -j ISTIO_INBOUND\n-A OUTPUT -p udp -j ISTIO_OUTPUT_DNS\n"
		"-A ISTIO_OUTPUT_DNS -p udp --dport 53 -m owner --uid-owner 1337 -j CT --zone 1\n"
		"-A ISTIO_OUTPUT_DNS -p udp --dport 53 -m owner --gid-owner 1337 -j CT --zone 1\n"
		"-A ISTIO_OUTPUT_DNS -p udp --sport 15053 -m owner --uid-owner 1337 -j CT --zone 2\n"
		"-A ISTIO_OUTPUT_DNS -p udp --sport 15053 -m owner --gid-owner 1337 -j CT --zone 2\n"
		"-A ISTIO_OUTPUT_DNS -d 10.96.0.10 -p udp --dport 53 -j CT --zone 2\n"
		"-A ISTIO_INBOUND -s 10.96.0.10 -p udp --sport 53 -j CT --zone 1\n"
		"COMMIT\n";
	static const char *const args[] = {"--redirect-dns"};
	CLEANUP(buf_done) struct buf v4 = BUF_INIT, v6 = BUF_INIT, all = BUF_INIT;
	struct capture_options o;

	(void)state;
	assert_int_equal(capture_options_read(args, 1, &o, NULL), 0);
	capture_rules(&o.settings, false, SLICE(""), &all);
	assert_non_null(strstr(buf_str(&all), "-A ISTIO_OUTPUT -p tcp --dport 53 -j REDIRECT --to-ports 15053\n"));
	capture_options_set_dns(&o,
				SLICE("# x\nsearch a.b\nnameserver 10.96.0.10\nnameserver fd00::10\nnameserver x\n"));
	capture_rules(&o.settings, false, SLICE(""), &v4);
	assert_string_equal(strstr(buf_str(&v4), "-A OUTPUT"), want);
	assert_null(capture_missing(&o.settings, false, buf_slice(&v4)));
	assert_string_equal(capture_missing(&o.settings, false, slice_head(buf_slice(&v4), v4.len - 72)),
			    "ISTIO_INBOUND");
	capture_rules(&o.settings, true, SLICE(""), &v6);
	assert_non_null(strstr(buf_str(&v6), "-A ISTIO_OUTPUT_DNS -d fd00::10 -p udp --dport 53 -j REDIRECT"));
	assert_null(strstr(buf_str(&v6), "10.96.0.10"));
	o.settings.all_dns = true;
	buf_clear(&v4);
	capture_rules(&o.settings, false, SLICE(""), &v4);
	assert_string_equal(buf_str(&v4), buf_str(&all));
	capture_options_done(&o);
}

/* Arguments of a container: nothing but settings comes of them. */
static void arguments(void **state)
{
	static const struct {
		const char *args[6];
		const char *message;
	} rows[] = {
		{{"-u", "7", "-d", "1,2", "--run-validation"}, NULL},
		{{"-u", "7", "--log_output_level=debug"}, NULL},
		{{"-m", "TPROXY"}, "-m TPROXY is not supported; use REDIRECT"},
		{{"-u", "7", "--redirect-dns", "--capture-all-dns"}, NULL},
		{{"x"}, "unexpected argument 'x'"},
		{{"-p", "0"}, "-p: '0' is not a port"},
	};
	const enum log_level level = log_get_level();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct capture_options o;
		struct err e = ERR_INIT;
		size_t n = 0;
		int r;

		while (rows[i].args[n])
			n++;
		r = capture_options_read(rows[i].args, n, &o, &e);
		if ((r == 0) != !rows[i].message || (r && strcmp(e.msg, rows[i].message) != 0))
			fail_msg("row %zu: %s", i, e.msg);
		if (r == 0) {
			assert_true(slice_eq(o.settings.uids.v[0], SLICE("7")));
			assert_true(slice_eq(o.settings.gids.v[0], SLICE("7")));
			assert_int_equal(o.validate, i == 0);
			assert_int_equal(o.settings.redirect_dns, i == 3);
			assert_int_equal(o.settings.all_dns, i == 3);
			capture_options_done(&o);
		}
	}
	assert_int_equal(log_get_level(), level);
}

/* A port that the rules turn aside. */
static void probe_ports(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct capture_settings s;

	(void)state;
	capture_settings_init(&s, &a);
	assert_int_equal(capture_probe_port(&s), 15002);
	capture_list_parse(&a, "15002,15003", &s.outbound_exclude_ports);
	assert_int_equal(capture_probe_port(&s), 15004);
	s.inbound_port = 15004;
	assert_int_equal(capture_probe_port(&s), 15005);
	capture_list_parse(&a, "eth1,lo", &s.exclude_interfaces);
	assert_int_equal(capture_probe_port(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rules_of_a_sidecar),
					   cmocka_unit_test(a_second_run_replaces_the_first),
					   cmocka_unit_test(bad_options),
					   cmocka_unit_test(missing_rules),
					   cmocka_unit_test(arguments),
					   cmocka_unit_test(probe_ports),
					   cmocka_unit_test(dns)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
