/*
 * Parsing of one DNS query and the answer to it. Names:
 *   SVC.NS.svc.cluster.local                 A (ClusterIP, or the addresses of a headless service), SRV of all ports
 *   _PORT._PROTO.SVC.NS.svc.cluster.local    SRV
 *   HOST.SVC.NS.svc.cluster.local            A of one address: its hostname, or the address with dashes
 *   A-B-C-D.NS.pod.cluster.local             A
 *   D.C.B.A.in-addr.arpa                     PTR
 * A service of type ExternalName is a CNAME, followed by the answer for the name it stands for where that is ours, too.
 */
#include "lab/net/dns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define TTL_S 5
#define ALIASES_MAX 8 /* one after the other */
#define NAME_BYTES (DNS_NAME_MAX_BYTES + 1)
#define LABEL_BYTES (DNS_LABEL_MAX_BYTES + 1)

struct answer {
	struct dns_reply reply;
	bool exists;
	const char *owner; /* of records; NULL: the question's name */
	const char *alias; /* the name to go on with */
};

static void put_record(struct answer *a, const char *owner, enum dns_type type, const struct buf *data)
{
	dns_reply_record(&a->reply, owner ? owner : a->owner, type, TTL_S, buf_slice(data));
}

static void put_a(struct answer *a, const char *ip)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;
	struct in_addr in;

	if (inet_pton(AF_INET, ip, &in) != 1)
		return;
	buf_append(&data, &in, sizeof(in));
	put_record(a, NULL, DNS_A, &data);
}

static void put_name_record(struct answer *a, enum dns_type type, const char *target)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;

	dns_put_name(&data, target);
	put_record(a, NULL, type, &data);
}

static void put_srv(struct answer *a, uint16_t port, const char *target)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;

	dns_put16(&data, 0);
	dns_put16(&data, 100);
	dns_put16(&data, port);
	dns_put_name(&data, target);
	put_record(a, NULL, DNS_SRV, &data);
}

/* ---- names of services ---- */

static bool wants(const struct dns_question *q, enum dns_type type)
{
	return q->type == type || q->type == DNS_ANY;
}

/* The label that names one address of a headless service. out holds 64 bytes. */
static const char *address_label(const struct svc_address *s, char *out)
{
	snprintf(out, LABEL_BYTES, "%s", s->hostname ? s->hostname : s->ip);
	for (char *c = out; !s->hostname && *c; c++)
		if (*c == '.')
			*c = '-';
	return out;
}

static void answer_addresses(struct answer *a, const struct svc *s)
{
	if (s->cluster_ip)
		put_a(a, s->cluster_ip);
	for (size_t i = 0; s->headless && i < s->addresses_n; i++)
		if (svc_shows(s, &s->addresses[i]))
			put_a(a, s->addresses[i].ip);
}

static void answer_srv(struct answer *a, const struct svc *s, const struct svc_port *p)
{
	char target[NAME_BYTES], label[LABEL_BYTES];

	if (!s->headless) {
		snprintf(target, sizeof(target), "%s.%s.svc.cluster.local", s->name, s->ns);
		put_srv(a, p->port, target);
		return;
	}
	for (size_t i = 0; i < p->targets_n; i++) {
		for (size_t k = 0; k < s->addresses_n; k++) {
			if (strcmp(s->addresses[k].ip, p->targets[i].ip) != 0)
				continue;
			snprintf(target, sizeof(target), "%s.%s.%s.svc.cluster.local",
				 address_label(&s->addresses[k], label), s->name, s->ns);
			put_srv(a, p->targets[i].port, target);
		}
	}
}

static void answer_service(struct answer *a, const struct dns_question *q, const struct svc *s)
{
	a->exists = true;
	if (s->external_name) {
		put_name_record(a, DNS_CNAME, s->external_name);
		a->alias = q->type == DNS_CNAME ? NULL : s->external_name;
		return;
	}
	if (wants(q, DNS_A))
		answer_addresses(a, s);
	for (size_t i = 0; wants(q, DNS_SRV) && i < s->ports_n; i++)
		answer_srv(a, s, &s->ports[i]);
}

static void answer_one_address(struct answer *a, const struct dns_question *q, const struct svc *s)
{
	char label[LABEL_BYTES];

	for (size_t i = 0; s->headless && i < s->addresses_n; i++) {
		if (!svc_shows(s, &s->addresses[i]) ||
		    !slice_eq_nocase(q->labels[0], slice_str(address_label(&s->addresses[i], label))))
			continue;
		a->exists = true;
		if (wants(q, DNS_A))
			put_a(a, s->addresses[i].ip);
	}
}

static void answer_port(struct answer *a, const struct dns_question *q, const struct svc *s)
{
	struct slice port = slice_from(q->labels[0], 1), protocol = slice_from(q->labels[1], 1);

	if (q->labels[0].ptr[0] != '_' || q->labels[1].ptr[0] != '_')
		return;
	for (size_t i = 0; i < s->ports_n; i++) {
		if (!slice_eq_nocase(port, slice_str(s->ports[i].name)) ||
		    !slice_eq_nocase(protocol, slice_str(s->ports[i].protocol)))
			continue;
		a->exists = true;
		if (wants(q, DNS_SRV))
			answer_srv(a, s, &s->ports[i]);
	}
}

static void answer_svc_zone(struct answer *a, const struct dns_question *q, const struct services *t)
{
	size_t n = q->n - 3; /* labels before svc.cluster.local */
	const struct svc *s = n >= 2 ? services_find(t, q->labels[n - 1], q->labels[n - 2]) : NULL;

	a->exists |= n == 0;
	if (!s)
		return;
	if (n == 2)
		answer_service(a, q, s);
	else if (n == 3)
		answer_one_address(a, q, s);
	else if (n == 4)
		answer_port(a, q, s);
}

/* The pod's address is its name: nothing is looked up, as in CoreDNS' "insecure" mode. */
static void answer_pod_zone(struct answer *a, const struct dns_question *q)
{
	char ip[LABEL_BYTES];
	struct in_addr in;

	if (q->n != 5)
		return;
	snprintf(ip, sizeof(ip), "%.*s", SLICE_ARG(q->labels[0]));
	for (char *c = ip; *c; c++)
		if (*c == '-')
			*c = '.';
	if (inet_pton(AF_INET, ip, &in) != 1)
		return;
	a->exists = true;
	if (wants(q, DNS_A))
		put_a(a, ip);
}

static void answer_ptr(struct answer *a, const struct dns_question *q, const struct services *t)
{
	char ip[64], name[NAME_BYTES], label[LABEL_BYTES];
	struct map_entry *e;

	if (q->n != 6)
		return;
	snprintf(ip, sizeof(ip), "%.*s.%.*s.%.*s.%.*s", SLICE_ARG(slice_head(q->labels[3], 3)),
		 SLICE_ARG(slice_head(q->labels[2], 3)), SLICE_ARG(slice_head(q->labels[1], 3)),
		 SLICE_ARG(slice_head(q->labels[0], 3)));
	for (size_t i = 0; (e = map_next(&t->by_key, &i));) {
		const struct svc *s = e->value;

		if (s->cluster_ip && strcmp(s->cluster_ip, ip) == 0) {
			a->exists = true;
			snprintf(name, sizeof(name), "%s.%s.svc.cluster.local", s->name, s->ns);
			if (wants(q, DNS_PTR))
				put_name_record(a, DNS_PTR, name);
		}
		for (size_t k = 0; s->headless && k < s->addresses_n; k++) {
			if (strcmp(s->addresses[k].ip, ip) != 0 || !svc_shows(s, &s->addresses[k]))
				continue;
			a->exists = true;
			snprintf(name, sizeof(name), "%s.%s.%s.svc.cluster.local",
				 address_label(&s->addresses[k], label), s->name, s->ns);
			if (wants(q, DNS_PTR))
				put_name_record(a, DNS_PTR, name);
		}
	}
}

static bool is_below(const struct dns_question *q, const char *zone)
{
	struct slice name = slice_str(q->name), z = slice_str(zone);

	if (!slice_ends(name, z))
		return false;
	return name.len == z.len || name.ptr[name.len - z.len - 1] == '.';
}

static void answer_question(struct answer *a, const struct dns_question *q, const struct services *t)
{
	if (is_below(q, "svc.cluster.local"))
		answer_svc_zone(a, q, t);
	else if (is_below(q, "pod.cluster.local"))
		answer_pod_zone(a, q);
	else if (is_below(q, "in-addr.arpa"))
		answer_ptr(a, q, t);
	else if (strcmp(q->name, "cluster.local") == 0)
		a->exists = true;
}

/* The answer, and what an alias stands for. */
static void answer_aliases(struct answer *a, const struct dns_question *q, const struct services *t)
{
	struct dns_question next = *q;
	unsigned n = 0;

	answer_question(a, q, t);
	while (a->alias && n++ < ALIASES_MAX) {
		a->owner = take(a->alias);
		if (dns_question_set_name(&next, a->owner) == 0 && next.n && strcmp(next.name, q->name) != 0)
			answer_question(a, &next, t);
	}
	a->owner = NULL;
}

/* ---- the message ---- */

/* What does not exist may be asked again soon: services come and go. */
static void put_soa(struct answer *a)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;
	static const uint32_t numbers[] = {1, 7200, 1800, 86400, TTL_S};

	dns_put_name(&data, "ns.dns.cluster.local");
	dns_put_name(&data, "hostmaster.cluster.local");
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		dns_put32(&data, numbers[i]);
	put_record(a, "cluster.local", DNS_SOA, &data);
}

int dns_answer(const struct services *t, struct slice query, size_t max, struct buf *out)
{
	struct dns_question q;
	struct answer a = {0};
	const int code = dns_question_parse(query, &q);

	if (code != DNS_OK) {
		if (code > 0)
			dns_reply_error(query, code, out);
		return code < 0 ? code : 0;
	}
	if (q.class != DNS_CLASS_IN && q.class != DNS_ANY) {
		dns_reply_error(query, DNS_REFUSED, out);
		return 0;
	}
	dns_reply_begin(&a.reply, query, &q, max, out);
	answer_aliases(&a, &q, t);
	if (!a.reply.n[0]) {
		a.reply.authority = true;
		put_soa(&a);
	}
	dns_reply_end(&a.reply, a.exists ? DNS_OK : DNS_NO_NAME);
	return 0;
}
