/* The table of names: what is refused, and what a question's name finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "istio/nds.pb-c.h"
#include "proxy/dns/table.h"
#include "xds/json.h"
#include "xds/pb.h"

static void pack(const char *json, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	cJSON *j = cJSON_Parse(json);
	const ProtobufCMessage *m = pb_from_json(&a, &istio__networking__nds__v1__name_table__descriptor, j, &e);

	if (!m)
		fail_msg("%s", e.msg);
	pb_pack(m, out);
	cJSON_Delete(j);
}

#define KUBERNETES(name, ns, ip)                                                                                       \
	"\"" name "." ns ".svc.cluster.local\":{\"ips\":[" ip "],\"registry\":\"Kubernetes\",\"shortname\":\"" name    \
	"\",\"namespace\":\"" ns "\"},"
#define EXTERNAL(host, ips) "\"" host "\":{\"ips\":[" ips "],\"registry\":\"External\"}"

static const char table[] = "{\"table\":{" KUBERNETES("web", "shop", "\"10.0.0.1\"") KUBERNETES(
	"db", "stock", "\"10.0.0.2\"") KUBERNETES("db-0.db", "stock", "\"10.0.0.3\"")
	EXTERNAL("Api.Example.com", "\"10.0.0.4\",\"fd00::4\"") "," EXTERNAL("*.example.com", "\"10.0.0.5\"") "," EXTERNAL(
		"*.eu.example.com",
		"\"10.0.0.6\"") "," EXTERNAL("plain", "\"10.0.0.7\"") "," EXTERNAL("other.stock.svc.cluster.local",
										   "\"10.0.0.8\"") "}}";

#define SEARCH ".shop.svc.cluster.local"

static void found(void **state)
{
	static const struct {
		const char *name;
		int last; /* byte of its address, 0 = the table does not know it */
		const char *alias;
	} rows[] = {
		{"web.shop.svc.cluster.local", 1, ""},
		{"web", 1, ""},
		{"web.shop", 1, ""},
		{"web.shop.svc", 1, ""},
		{"web.shop.svc.cluster", 0, ""},
		{"db", 0, ""},
		{"db.stock", 2, ""},
		{"db.stock.svc", 2, ""},
		{"db-0.db.stock", 3, ""},
		{"db-0.db.stock.svc.cluster.local", 3, ""},
		{"db-0.db", 0, ""},
		{"other.stock", 0, ""},
		{"other.stock.svc.cluster.local", 8, ""},
		{"plain", 7, ""},
		{"plain.shop", 0, ""},
		{"api.example.com", 4, ""},
		{"www.example.com", 5, ""},
		{"a.b.example.com", 5, ""},
		{"www.eu.example.com", 6, ""},
		{"eu.example.com", 5, ""},
		{"example.com", 0, ""},
		{"xexample.com", 0, ""},
		{"com", 0, ""},
		{"", 0, ""},
		{"api.example.com" SEARCH, 4, "api.example.com"},
		{"www.eu.example.com" SEARCH, 6, "www.eu.example.com"},
		{"db.stock" SEARCH, 2, "db.stock"},
		{"db.stock.svc.cluster.local" SEARCH, 2, "db.stock.svc.cluster.local"},
		{"plain" SEARCH, 7, "plain"},
		{"api.example.com.svc.cluster.local", 0, ""},
		{"api.example.com.xshop.svc.cluster.local", 0, ""},
		{"shop.svc.cluster.local", 0, ""},
		{SEARCH, 0, ""},
	};
	const struct name_scope scope = {"shop", "svc.cluster.local", "shop.svc.cluster.local"};
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	struct name_table *t;

	(void)state;
	pack(table, &bytes);
	t = name_table_decode(buf_slice(&bytes), NULL);
	assert_non_null(t);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct name_found f;
		const bool is = name_table_find(t, &scope, slice_str(rows[i].name), &f);

		if (is != (rows[i].last > 0) || (is && (f.entry->n4 != 1 || f.entry->v4[3] != rows[i].last)))
			fail_msg("%s: %d", rows[i].name, is ? f.entry->v4[3] : 0);
		if (!slice_eq_str(f.alias_of, rows[i].alias))
			fail_msg("%s is an alias of '%.*s'", rows[i].name, SLICE_ARG(f.alias_of));
	}
	name_table_free(t);
}

/* Without search domain and domain nothing but whole names is known. */
static void nothing_short(void **state)
{
	const struct name_scope scope = {"shop", "", ""};
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	struct name_found f;
	struct name_table *t;

	(void)state;
	pack(table, &bytes);
	t = name_table_decode(buf_slice(&bytes), NULL);
	assert_false(name_table_find(t, &scope, SLICE("web"), &f));
	assert_false(name_table_find(t, &scope, SLICE("web.shop"), &f));
	assert_true(name_table_find(t, &scope, SLICE("web.shop.svc.cluster.local"), &f));
	assert_true(name_table_find(t, &scope, SLICE("api.example.com"), &f));
	assert_int_equal(f.entry->n6, 1);
	assert_int_equal(f.entry->v6[15], 4);
	name_table_free(t);
}

static void refused(void **state)
{
	static const struct {
		const char *json, *why; /* NULL = it is taken */
	} rows[] = {
		{"{}", NULL},
		{"{\"table\":{\"a\":{\"ips\":[]}}}", NULL},
		{"{\"table\":{\"a\":{\"ips\":[\"10.0.0.1\",\"x\"]}}}", "table: a: ips: 'x' is no address"},
		{"{\"table\":{\"a\":{\"ips\":[\"10.0.0.0/8\"]}}}", "table: a: ips: '10.0.0.0/8' is no address"},
		{"{\"table\":{\"a\":{\"ips\":[\"10.0.0.1/32\"]}}}", "table: a: ips: '10.0.0.1/32' is no address"},
		{"{\"table\":{\"\":{\"ips\":[\"10.0.0.1\"]}}}", "table: entry 0 has no host name"},
		{"{\"table\":{\".\":{\"ips\":[\"10.0.0.1\"]}}}", "table: entry 0 has no host name"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf bytes = BUF_INIT;
		struct err e = ERR_INIT;
		struct name_table *t;

		pack(rows[i].json, &bytes);
		t = name_table_decode(buf_slice(&bytes), &e);
		if (!t != !!rows[i].why || (!t && strcmp(e.msg, rows[i].why) != 0))
			fail_msg("row %zu: %s", i, e.msg);
		name_table_free(t);
	}
	assert_null(name_table_decode(SLICE("\x0a\xff"), NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(found), cmocka_unit_test(nothing_short),
					   cmocka_unit_test(refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
