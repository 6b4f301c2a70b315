/* Cluster DNS: answers by table, and what is malformed. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/net/dns.h"

static void add(struct services *t, const char *service, const char *endpoints)
{
	cJSON *s = cJSON_Parse(service), *e = endpoints ? cJSON_Parse(endpoints) : NULL;

	assert_non_null(s);
	services_put(t, svc_new(s, e));
	cJSON_Delete(s);
	cJSON_Delete(e);
}

static void add_alias(struct services *t, const char *name, const char *of)
{
	CLEANUP(freep)
	char *text = mem_printf("{\"metadata\":{\"name\":\"%s\",\"namespace\":\"shop\"},\"spec\":{\"type\":"
				"\"ExternalName\",\"externalName\":\"%s\"}}",
				name, of);

	add(t, text, NULL);
}

static void fill(struct services *t)
{
	add(t,
	    "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"},\"spec\":{\"clusterIP\":\"10.96.1.2\",\"ports\":["
	    "{\"name\":\"http\",\"port\":80,\"targetPort\":8080}]}}",
	    "{\"subsets\":[{\"addresses\":[{\"ip\":\"10.244.0.7\"}],\"ports\":[{\"name\":\"http\",\"port\":8080}]}]}");
	add(t,
	    "{\"metadata\":{\"name\":\"db\",\"namespace\":\"shop\"},\"spec\":{\"clusterIP\":\"None\",\"ports\":["
	    "{\"name\":\"pg\",\"port\":5432}]}}",
	    "{\"subsets\":[{\"addresses\":[{\"ip\":\"10.244.0.8\",\"hostname\":\"db-0\"},{\"ip\":\"10.244.0.9\"}],"
	    "\"notReadyAddresses\":[{\"ip\":\"10.244.0.10\"}],\"ports\":[{\"name\":\"pg\",\"port\":5432}]}]}");
	add(t,
	    "{\"metadata\":{\"name\":\"ext\",\"namespace\":\"shop\"},\"spec\":{\"type\":\"ExternalName\","
	    "\"externalName\":\"example.org\"}}",
	    NULL);
	add_alias(t, "alias", "web.shop.svc.cluster.local");
	add_alias(t, "twice", "Alias.shop.svc.cluster.local.");
	add_alias(t, "headless", "db.shop.svc.cluster.local");
	add_alias(t, "dangling", "nobody.shop.svc.cluster.local");
	add_alias(t, "loop", "loop.shop.svc.cluster.local");
	add_alias(t, "ring", "back.shop.svc.cluster.local");
	add_alias(t, "back", "ring.shop.svc.cluster.local");
}

static void query(struct buf *out, const char *name, uint16_t type)
{
	static const char header[] = {0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
	struct slice rest = slice_str(name);

	buf_append(out, header, sizeof(header));
	while (rest.len) {
		struct slice label = slice_split(&rest, '.');

		buf_append_char(out, (char)label.len);
		buf_append_slice(out, label);
	}
	buf_append_char(out, 0);
	buf_append_char(out, (char)(type >> 8));
	buf_append_char(out, (char)type);
	buf_append(out, "\0\1", 2);
}

static void answers(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
		int rcode, n;
		const char *address; /* the last four bytes of the answer, or NULL */
	} rows[] = {
		{"web.shop.svc.cluster.local", 1, 0, 1, "10.96.1.2"},
		{"WEB.Shop.svc.cluster.LOCAL", 1, 0, 1, "10.96.1.2"},
		{"web.shop.svc.cluster.local", 28, 0, 0, NULL},
		{"web.shop.svc.cluster.local", 33, 0, 1, NULL},
		{"_http._tcp.web.shop.svc.cluster.local", 33, 0, 1, NULL},
		{"_http._udp.web.shop.svc.cluster.local", 33, 3, 0, NULL},
		{"db.shop.svc.cluster.local", 1, 0, 2, "10.244.0.9"},
		{"db-0.db.shop.svc.cluster.local", 1, 0, 1, "10.244.0.8"},
		{"10-244-0-9.db.shop.svc.cluster.local", 1, 0, 1, "10.244.0.9"},
		{"10-244-0-10.db.shop.svc.cluster.local", 1, 3, 0, NULL},
		{"_pg._tcp.db.shop.svc.cluster.local", 33, 0, 2, NULL},
		{"ext.shop.svc.cluster.local", 1, 0, 1, NULL},
		{"alias.shop.svc.cluster.local", 1, 0, 2, "10.96.1.2"},
		{"alias.shop.svc.cluster.local", 28, 0, 1, NULL},
		{"alias.shop.svc.cluster.local", 5, 0, 1, NULL},
		{"twice.shop.svc.cluster.local", 1, 0, 3, "10.96.1.2"},
		{"headless.shop.svc.cluster.local", 1, 0, 3, "10.244.0.9"},
		{"dangling.shop.svc.cluster.local", 1, 0, 1, NULL},
		{"loop.shop.svc.cluster.local", 1, 0, 1, NULL},
		{"ring.shop.svc.cluster.local", 1, 0, 2, NULL},
		{"10-244-0-7.shop.pod.cluster.local", 1, 0, 1, "10.244.0.7"},
		{"x.shop.pod.cluster.local", 1, 3, 0, NULL},
		{"2.1.96.10.in-addr.arpa", 12, 0, 1, NULL},
		{"8.0.244.10.in-addr.arpa", 12, 0, 1, NULL},
		{"3.1.96.10.in-addr.arpa", 12, 3, 0, NULL},
		{"nothing.shop.svc.cluster.local", 1, 3, 0, NULL},
		{"web.shop.svc.cluster.local.shop.svc.cluster.local", 1, 3, 0, NULL},
		{"example.org", 1, 3, 0, NULL},
		{"xsvc.cluster.local", 1, 3, 0, NULL},
		{"svc.cluster.local", 1, 0, 0, NULL},
	};
	struct services t = {0};

	(void)state;
	fill(&t);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf q = BUF_INIT;
		CLEANUP(buf_done) struct buf a = BUF_INIT;
		struct in_addr in;

		query(&q, rows[i].name, rows[i].type);
		assert_int_equal(dns_answer(&t, buf_slice(&q), DNS_UDP_MAX_BYTES, &a), 0);
		if ((a.ptr[3] & 15) != rows[i].rcode || a.ptr[7] != rows[i].n)
			fail_msg("%s %u: rcode %d, %d answers", rows[i].name, rows[i].type, a.ptr[3] & 15, a.ptr[7]);
		if (!rows[i].address)
			continue;
		inet_pton(AF_INET, rows[i].address, &in);
		assert_memory_equal(a.ptr + a.len - 4, &in, 4);
	}
	services_done(&t);
}

static void truncation(void **state)
{
	struct buf endpoints = BUF_INIT, q = BUF_INIT, a = BUF_INIT;
	struct services t = {0};

	(void)state;
	buf_append_str(&endpoints, "{\"subsets\":[{\"addresses\":[");
	for (int i = 0; i < 100; i++)
		buf_printf(&endpoints, "%s{\"ip\":\"10.244.1.%d\"}", i ? "," : "", i);
	buf_append_str(&endpoints, "]}]}");
	add(&t, "{\"metadata\":{\"name\":\"many\",\"namespace\":\"shop\"},\"spec\":{\"clusterIP\":\"None\"}}",
	    buf_str(&endpoints));
	query(&q, "many.shop.svc.cluster.local", 1);
	assert_int_equal(dns_answer(&t, buf_slice(&q), DNS_EDNS_MAX_BYTES, &a), 0);
	assert_true(a.len <= DNS_UDP_MAX_BYTES);
	assert_true(a.ptr[2] & 2);
	buf_clear(&a);
	assert_int_equal(dns_answer(&t, buf_slice(&q), DNS_TCP_MAX_BYTES, &a), 0);
	assert_int_equal((uint8_t)a.ptr[7], 100);
	assert_false(a.ptr[2] & 2);
	buf_done(&endpoints);
	buf_done(&q);
	buf_done(&a);
	services_done(&t);
}

static void malformed(void **state)
{
	struct services t = {0};
	struct buf q = BUF_INIT, a = BUF_INIT;

	(void)state;
	query(&q, "a.b", 1);
	for (size_t n = 0; n < q.len; n++) {
		buf_clear(&a);
		assert_int_equal(dns_answer(&t, slice_make(q.ptr, n), DNS_UDP_MAX_BYTES, &a), n < 12 ? -EBADMSG : 0);
		if (n >= 12)
			assert_int_equal(a.ptr[3] & 15, 1);
	}
	q.ptr[2] |= (char)0x80;
	assert_int_equal(dns_answer(&t, buf_slice(&q), DNS_UDP_MAX_BYTES, &a), -EBADMSG);
	buf_done(&q);
	buf_done(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(truncation),
		cmocka_unit_test(malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
