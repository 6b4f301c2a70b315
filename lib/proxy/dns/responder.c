/* Questions to answers: the table's, or a server's. */
#include "proxy/dns/responder.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/rand.h"
#include "dns/message.h"
#include "dns/server.h"

#define ADDRESSES 2 /* 127.0.0.1, ::1 */

struct responder {
	struct loop *loop;
	struct name_scope scope;
	struct dns_server *servers[ADDRESSES];
	struct dns_forwarder *forwarder;
	struct name_table *table; /* NULL = none yet */
	struct rand rand;
	struct buf answer;
	uint64_t requests;
};

/* ---- answers from the table ---- */

static void put_alias(struct dns_reply *reply, const char *of)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;

	dns_put_name(&data, of);
	dns_reply_record(reply, NULL, DNS_CNAME, RESPONDER_TTL_S, buf_slice(&data));
}

/* In turn: whoever takes the first one does not always take the same. */
static void put_addresses(struct responder *r, struct dns_reply *reply, const char *owner, const struct name_entry *e)
{
	const bool v6 = reply->question->type == DNS_AAAA;
	const uint8_t *v = v6 ? e->v6 : e->v4;
	const size_t n = v6 ? e->n6 : e->n4, size = v6 ? 16 : 4;
	const size_t first = n ? rand_below(&r->rand, (uint32_t)n) : 0;

	for (size_t i = 0; i < n; i++)
		dns_reply_record(reply, owner, v6 ? DNS_AAAA : DNS_A, RESPONDER_TTL_S,
				 slice_make(v + (first + i) % n * size, size));
}

/* A name without addresses of the family exists all the same: no records, and no error. */
static void answer_found(struct responder *r, struct dns_request *rq, const struct dns_question *q,
			 const struct name_found *found)
{
	char alias[DNS_NAME_MAX_BYTES + 1];
	const bool is_alias = found->alias_of.len > 0;
	const size_t n = q->type == DNS_AAAA ? found->entry->n6 : found->entry->n4;
	struct dns_reply reply;

	buf_clear(&r->answer);
	dns_reply_begin(&reply, dns_request_query(rq), q, dns_request_max(rq), &r->answer);
	if (is_alias) {
		memcpy(alias, found->alias_of.ptr, found->alias_of.len);
		alias[found->alias_of.len] = '\0';
	}
	if (is_alias && n)
		put_alias(&reply, alias);
	put_addresses(r, &reply, is_alias ? alias : NULL, found->entry);
	dns_reply_end(&reply, DNS_OK);
	dns_request_end(rq, buf_slice(&r->answer));
}

static void answer_code(struct responder *r, struct dns_request *rq, const struct dns_question *q, enum dns_rcode code)
{
	buf_clear(&r->answer);
	if (q)
		dns_reply_code(dns_request_query(rq), q, code, &r->answer);
	else
		dns_reply_error(dns_request_query(rq), code, &r->answer);
	dns_request_end(rq, buf_slice(&r->answer));
}

/* Questions that only addresses can answer, about names that text can hold. */
static bool finds(const struct responder *r, const struct dns_question *q, struct name_found *ret)
{
	return q->class == DNS_CLASS_IN && (q->type == DNS_A || q->type == DNS_AAAA) && q->plain &&
	       name_table_find(r->table, &r->scope, slice_str(q->name), ret);
}

static void on_request(void *user, struct dns_request *rq)
{
	struct responder *r = user;
	struct dns_question q;
	struct name_found found;
	const int code = dns_question_parse(dns_request_query(rq), &q);

	r->requests++;
	if (code < 0)
		dns_request_end(rq, SLICE(""));
	else if (code != DNS_OK)
		answer_code(r, rq, NULL, code);
	else if (!r->table)
		answer_code(r, rq, &q, DNS_SERVER_FAILURE);
	else if (finds(r, &q, &found))
		answer_found(r, rq, &q, &found);
	else
		dns_forwarder_ask(r->forwarder, rq, &q);
}

/* ---- life ---- */

static int listen_at(struct responder *r, size_t i, struct slice host, uint16_t port, struct err *e)
{
	CLEANUP(closep) int udp = -1;
	CLEANUP(closep) int tcp = -1;
	char text[ADDR_TEXT_MAX];
	struct addr a;

	addr_parse(host, port, &a);
	udp = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (udp < 0 || bind(udp, &a.sa, a.len) < 0)
		return err_errno(e, errno, "listen on %s over UDP", addr_format(&a, text));
	tcp = socket_listen(&a, DNS_CONNECTIONS_MAX, 0, e);
	if (tcp < 0)
		return tcp;
	return dns_server_start(
		r->loop,
		&(struct dns_server_params){.udp = take_fd(&udp), .tcp = take_fd(&tcp), .fn = on_request, .user = r},
		&r->servers[i], e);
}

static bool has_v6(const struct dns_resolv *conf)
{
	for (size_t i = 0; i < conf->n_servers; i++)
		if (conf->servers[i].sa.sa_family == AF_INET6)
			return true;
	return false;
}

int responder_start(struct loop *l, const struct responder_params *p, struct responder **ret, struct err *e)
{
	struct responder *r = NEW(struct responder);
	int code;

	r->loop = l;
	r->scope = p->scope;
	rand_init(&r->rand);
	r->forwarder = dns_forwarder_new(l, &p->conf, p->try_ms);
	code = listen_at(r, 0, SLICE("127.0.0.1"), p->port, e);
	if (code == 0 && has_v6(&p->conf))
		code = listen_at(r, 1, SLICE("::1"), p->port, e);
	if (code < 0) {
		responder_free(r);
		return code;
	}
	*ret = r;
	return 0;
}

void responder_free(struct responder *r)
{
	if (!r)
		return;
	dns_forwarder_free(r->forwarder);
	for (size_t i = 0; i < ADDRESSES; i++)
		dns_server_free(r->servers[i]);
	name_table_free(r->table);
	buf_done(&r->answer);
	free(r);
}

void responder_set_table(struct responder *r, struct name_table *t)
{
	name_table_free(r->table);
	r->table = t;
}

bool responder_ready(const struct responder *r)
{
	return r->table != NULL;
}

static void counter(struct buf *out, const char *name, uint64_t value)
{
	buf_printf(out, "# TYPE istio_agent_%s counter\nistio_agent_%s %llu\n", name, name, (unsigned long long)value);
}

void responder_metrics(const struct responder *r, struct buf *out)
{
	static const char name[] = "istio_agent_dns_upstream_request_duration_seconds";
	const struct dns_forward_stats *s = dns_forwarder_stats(r->forwarder);
	uint64_t below = 0;

	counter(out, "dns_requests_total", r->requests);
	counter(out, "dns_upstream_requests_total", s->requests);
	counter(out, "dns_upstream_failures_total", s->failures);
	buf_printf(out, "# TYPE %s histogram\n", name);
	for (size_t i = 0; i < DNS_FORWARD_BUCKETS; i++) {
		below += s->buckets[i];
		buf_printf(out, "%s_bucket{le=\"%g\"} %llu\n", name, dns_forward_bounds_s[i],
			   (unsigned long long)below);
	}
	buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %g\n%s_count %llu\n", name,
		   (unsigned long long)s->answered, name, s->took_s, name, (unsigned long long)s->answered);
}
