/* Foreign bytes as a DNS query. */
#include <stdlib.h>

#include "lab/net/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct services table;

static void fill(void)
{
	cJSON *s = cJSON_Parse("{\"metadata\":{\"name\":\"db\",\"namespace\":\"s\"},\"spec\":{\"clusterIP\":\"None\","
			       "\"ports\":[{\"name\":\"pg\",\"port\":5432}]}}");
	cJSON *e = cJSON_Parse("{\"subsets\":[{\"addresses\":[{\"ip\":\"10.244.0.8\",\"hostname\":\"h\"}],"
			       "\"ports\":[{\"name\":\"pg\",\"port\":5432}]}]}");

	services_put(&table, svc_new(s, e));
	cJSON_Delete(s);
	cJSON_Delete(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT;

	if (!table.by_key.n)
		fill();
	if (dns_answer(&table, slice_make(data, size), DNS_EDNS_MAX_BYTES, &out) == 0 && out.len > DNS_EDNS_MAX_BYTES)
		abort();
	buf_clear(&out);
	(void)dns_answer(&table, slice_make(data, size), DNS_TCP_MAX_BYTES, &out);
	buf_done(&out);
	return 0;
}
