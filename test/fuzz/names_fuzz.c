/* Foreign bytes as the table of names, and as a question to it: whose answer is no longer than its asker takes. */
#include <stdlib.h>

#include "dns/message.h"
#include "proxy/dns/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct name_table *t, struct slice query)
{
	static const struct name_scope scope = {"shop", "svc.cluster.local", "shop.svc.cluster.local"};
	struct buf out = BUF_INIT;
	struct dns_question q;
	struct dns_reply reply;
	struct name_found found;

	if (dns_question_parse(query, &q) != DNS_OK)
		return;
	if (name_table_find(t, &scope, slice_str(q.name), &found) && !found.entry->n4 && !found.entry->n6)
		abort();
	dns_reply_begin(&reply, query, &q, DNS_EDNS_MAX_BYTES, &out);
	for (size_t i = 0; i < 300; i++)
		dns_reply_record(&reply, NULL, DNS_A, 1, SLICE("\1\2\3\4"));
	dns_reply_end(&reply, DNS_OK);
	if (out.len > q.udp_bytes || out.len > DNS_EDNS_MAX_BYTES)
		abort();
	buf_done(&out);
}

/* The first byte says how much of the rest is the question. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice all = slice_make(data, size);
	struct name_table *t;
	struct slice query;

	if (!size)
		return 0;
	query = slice_head(slice_from(all, 1), data[0]);
	t = name_table_decode(slice_from(all, 1 + query.len), NULL);
	if (t)
		ask(t, query);
	name_table_free(t);
	return 0;
}
