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
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum {
	TYPE_A = 1,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_PTR = 12,
	TYPE_AAAA = 28,
	TYPE_SRV = 33,
	TYPE_OPT = 41,
	TYPE_ANY = 255
};
enum { RCODE_OK = 0, RCODE_FORMAT = 1, RCODE_NO_NAME = 3, RCODE_NOT_IMPLEMENTED = 4, RCODE_REFUSED = 5 };

#define CLASS_IN 1
#define TTL_S 5
#define HEADER_BYTES 12
#define NAME_MAX_BYTES 255
#define LABEL_MAX_BYTES 63
#define LABELS_MAX 32
#define ALIASES_MAX 8 /* one after the other */
#define FLAG_RESPONSE 0x8000
#define FLAG_AUTHORITATIVE 0x0400
#define FLAG_TRUNCATED 0x0200
#define FLAG_RECURSION_DESIRED 0x0100
#define FLAG_RECURSION_AVAILABLE 0x0080

struct question {
	char name[NAME_MAX_BYTES + 1]; /* lower case, dots, no last dot */
	struct slice labels[LABELS_MAX];
	size_t n;
	size_t end; /* offset behind it in the query */
	uint16_t type, class;
	bool edns;
	uint16_t udp_bytes;
};

struct answer {
	struct buf *out;
	size_t start; /* where this message begins in out */
	size_t max;
	unsigned answers;
	bool exists, truncated;
	const char *owner; /* of records; NULL: the question's name */
	const char *alias; /* the name to go on with */
};

static uint16_t get16(struct slice s, size_t at)
{
	return (uint16_t)((uint8_t)s.ptr[at] << 8 | (uint8_t)s.ptr[at + 1]);
}

static void put16(struct buf *b, unsigned v)
{
	buf_append_char(b, (char)(v >> 8));
	buf_append_char(b, (char)v);
}

static void put32(struct buf *b, uint32_t v)
{
	put16(b, v >> 16);
	put16(b, v & 0xffff);
}

/* ---- parsing ---- */

/* A question's name has no compression; a pointer is malformed here. Returns 0 or -EBADMSG. */
static int parse_name(struct slice query, size_t at, struct question *q)
{
	size_t len = 0;

	while (at < query.len) {
		uint8_t n = (uint8_t)query.ptr[at++];

		if (n == 0) {
			q->name[len ? len - 1 : 0] = '\0';
			q->end = at;
			return 0;
		}
		if (n > LABEL_MAX_BYTES || at + n > query.len || len + n + 1 > NAME_MAX_BYTES || q->n == LABELS_MAX)
			return -EBADMSG;
		q->labels[q->n++] = slice_make(q->name + len, n);
		for (uint8_t i = 0; i < n; i++)
			q->name[len++] = (char)tolower((unsigned char)query.ptr[at + i]);
		q->name[len++] = '.';
		at += n;
	}
	return -EBADMSG;
}

/* Passes over a name in any section. Returns the offset behind, or 0. */
static size_t skip_name(struct slice query, size_t at)
{
	while (at < query.len) {
		uint8_t n = (uint8_t)query.ptr[at];

		if (n == 0)
			return at + 1;
		if ((n & 0xc0) == 0xc0)
			return at + 2 <= query.len ? at + 2 : 0;
		if (n > LABEL_MAX_BYTES)
			return 0;
		at += n + 1u;
	}
	return 0;
}

/* Looks for EDNS among the records behind the question. */
static void parse_edns(struct slice query, struct question *q)
{
	unsigned records = get16(query, 6) + get16(query, 8) + get16(query, 10);
	size_t at = q->end;

	while (records-- && (at = skip_name(query, at)) && at + 10 <= query.len) {
		if (get16(query, at) == TYPE_OPT) {
			q->edns = true;
			q->udp_bytes = get16(query, at + 2);
			return;
		}
		at += 10u + get16(query, at + 8);
	}
}

static int parse_question(struct slice query, struct question *q)
{
	if (get16(query, 4) != 1 || parse_name(query, HEADER_BYTES, q) < 0 || q->end + 4 > query.len)
		return -EBADMSG;
	q->type = get16(query, q->end);
	q->class = get16(query, q->end + 2);
	q->end += 4;
	parse_edns(query, q);
	return 0;
}

/* ---- writing ---- */

static void put_name(struct buf *b, const char *name)
{
	struct slice rest = slice_str(name);

	while (rest.len) {
		struct slice label = slice_head(slice_split(&rest, '.'), LABEL_MAX_BYTES);

		if (!label.len)
			continue;
		buf_append_char(b, (char)label.len);
		buf_append_slice(b, label);
	}
	buf_append_char(b, 0);
}

/* A record of owner, or of what is being asked for; rdata is copied. Left out and marked truncated when there is no
 * room.
 */
static void put_record(struct answer *a, const char *owner, uint16_t type, const struct buf *rdata)
{
	size_t before = a->out->len;

	if (a->truncated)
		return;
	owner = owner ? owner : a->owner;
	if (owner)
		put_name(a->out, owner);
	else
		put16(a->out, 0xc000 | HEADER_BYTES);
	put16(a->out, type);
	put16(a->out, CLASS_IN);
	put32(a->out, TTL_S);
	put16(a->out, (unsigned)rdata->len);
	buf_append(a->out, rdata->ptr, rdata->len);
	if (a->out->len - a->start > a->max) {
		a->out->len = before;
		a->truncated = true;
		return;
	}
	a->answers++;
}

static void put_a(struct answer *a, const char *ip)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;
	struct in_addr in;

	if (inet_pton(AF_INET, ip, &in) != 1)
		return;
	buf_append(&data, &in, sizeof(in));
	put_record(a, NULL, TYPE_A, &data);
}

static void put_name_record(struct answer *a, uint16_t type, const char *target)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;

	put_name(&data, target);
	put_record(a, NULL, type, &data);
}

static void put_srv(struct answer *a, uint16_t port, const char *target)
{
	CLEANUP(buf_done) struct buf data = BUF_INIT;

	put16(&data, 0);
	put16(&data, 100);
	put16(&data, port);
	put_name(&data, target);
	put_record(a, NULL, TYPE_SRV, &data);
}

/* ---- names of services ---- */

static bool wants(const struct question *q, uint16_t type)
{
	return q->type == type || q->type == TYPE_ANY;
}

/* The label that names one address of a headless service. out holds 64 bytes. */
static const char *address_label(const struct svc_address *s, char *out)
{
	snprintf(out, LABEL_MAX_BYTES + 1, "%s", s->hostname ? s->hostname : s->ip);
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
	char target[NAME_MAX_BYTES + 1], label[LABEL_MAX_BYTES + 1];

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

static void answer_service(struct answer *a, const struct question *q, const struct svc *s)
{
	a->exists = true;
	if (s->external_name) {
		put_name_record(a, TYPE_CNAME, s->external_name);
		a->alias = q->type == TYPE_CNAME ? NULL : s->external_name;
		return;
	}
	if (wants(q, TYPE_A))
		answer_addresses(a, s);
	for (size_t i = 0; wants(q, TYPE_SRV) && i < s->ports_n; i++)
		answer_srv(a, s, &s->ports[i]);
}

static void answer_one_address(struct answer *a, const struct question *q, const struct svc *s)
{
	char label[LABEL_MAX_BYTES + 1];

	for (size_t i = 0; s->headless && i < s->addresses_n; i++) {
		if (!svc_shows(s, &s->addresses[i]) ||
		    !slice_eq_nocase(q->labels[0], slice_str(address_label(&s->addresses[i], label))))
			continue;
		a->exists = true;
		if (wants(q, TYPE_A))
			put_a(a, s->addresses[i].ip);
	}
}

static void answer_port(struct answer *a, const struct question *q, const struct svc *s)
{
	struct slice port = slice_from(q->labels[0], 1), protocol = slice_from(q->labels[1], 1);

	if (q->labels[0].ptr[0] != '_' || q->labels[1].ptr[0] != '_')
		return;
	for (size_t i = 0; i < s->ports_n; i++) {
		if (!slice_eq_nocase(port, slice_str(s->ports[i].name)) ||
		    !slice_eq_nocase(protocol, slice_str(s->ports[i].protocol)))
			continue;
		a->exists = true;
		if (wants(q, TYPE_SRV))
			answer_srv(a, s, &s->ports[i]);
	}
}

static void answer_svc_zone(struct answer *a, const struct question *q, const struct services *t)
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
static void answer_pod_zone(struct answer *a, const struct question *q)
{
	char ip[LABEL_MAX_BYTES + 1];
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
	if (wants(q, TYPE_A))
		put_a(a, ip);
}

static void answer_ptr(struct answer *a, const struct question *q, const struct services *t)
{
	char ip[64], name[NAME_MAX_BYTES + 1], label[LABEL_MAX_BYTES + 1];
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
			if (wants(q, TYPE_PTR))
				put_name_record(a, TYPE_PTR, name);
		}
		for (size_t k = 0; s->headless && k < s->addresses_n; k++) {
			if (strcmp(s->addresses[k].ip, ip) != 0 || !svc_shows(s, &s->addresses[k]))
				continue;
			a->exists = true;
			snprintf(name, sizeof(name), "%s.%s.%s.svc.cluster.local",
				 address_label(&s->addresses[k], label), s->name, s->ns);
			if (wants(q, TYPE_PTR))
				put_name_record(a, TYPE_PTR, name);
		}
	}
}

static bool is_below(const struct question *q, const char *zone)
{
	struct slice name = slice_str(q->name), z = slice_str(zone);

	if (!slice_ends(name, z))
		return false;
	return name.len == z.len || name.ptr[name.len - z.len - 1] == '.';
}

static void answer_question(struct answer *a, const struct question *q, const struct services *t)
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

/* The same question about another name; false when that is no name. */
static bool ask_instead(struct question *q, const char *name)
{
	CLEANUP(buf_done) struct buf wire = BUF_INIT;

	put_name(&wire, name);
	q->n = 0;
	return parse_name(buf_slice(&wire), 0, q) == 0 && q->n;
}

/* The answer, and what an alias stands for. */
static void answer_aliases(struct answer *a, const struct question *q, const struct services *t)
{
	struct question next = *q;
	unsigned n = 0;

	answer_question(a, q, t);
	while (a->alias && n++ < ALIASES_MAX) {
		a->owner = take(a->alias);
		if (ask_instead(&next, a->owner) && strcmp(next.name, q->name) != 0)
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

	put_name(&data, "ns.dns.cluster.local");
	put_name(&data, "hostmaster.cluster.local");
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		put32(&data, numbers[i]);
	put_record(a, "cluster.local", TYPE_SOA, &data);
}

static void set16(struct answer *a, size_t at, unsigned v)
{
	a->out->ptr[a->start + at] = (char)(v >> 8);
	a->out->ptr[a->start + at + 1] = (char)v;
}

static void put_header(struct answer *a, struct slice query, unsigned rcode)
{
	unsigned flags = FLAG_RESPONSE | FLAG_AUTHORITATIVE | FLAG_RECURSION_AVAILABLE |
			 (get16(query, 2) & FLAG_RECURSION_DESIRED) | rcode;

	buf_append(a->out, query.ptr, 2);
	put16(a->out, flags);
	for (int i = 0; i < 4; i++)
		put16(a->out, 0);
}

static void answer_full(struct answer *a, const struct services *t, const struct question *q, struct slice query)
{
	unsigned authority = 0, flags;

	buf_append(a->out, query.ptr + HEADER_BYTES, q->end - HEADER_BYTES);
	set16(a, 4, 1);
	answer_aliases(a, q, t);
	set16(a, 6, a->answers);
	if (!a->answers) {
		put_soa(a);
		authority = a->answers;
	}
	set16(a, 8, authority);
	flags = get16(slice_make(a->out->ptr + a->start, HEADER_BYTES), 2);
	if (!a->exists)
		flags |= RCODE_NO_NAME;
	if (a->truncated)
		flags |= FLAG_TRUNCATED;
	set16(a, 2, flags);
	if (!q->edns)
		return;
	buf_append_char(a->out, 0);
	put16(a->out, TYPE_OPT);
	put16(a->out, DNS_EDNS_MAX_BYTES);
	put32(a->out, 0);
	put16(a->out, 0);
	set16(a, 10, 1);
}

int dns_answer(const struct services *t, struct slice query, size_t max, struct buf *out)
{
	struct question q = {.udp_bytes = DNS_UDP_MAX_BYTES};
	struct answer a = {.out = out, .start = out->len, .max = max};

	if (query.len < HEADER_BYTES || get16(query, 2) & FLAG_RESPONSE)
		return -EBADMSG;
	if (get16(query, 2) >> 11 & 15) {
		put_header(&a, query, RCODE_NOT_IMPLEMENTED);
		return 0;
	}
	if (parse_question(query, &q) < 0) {
		put_header(&a, query, RCODE_FORMAT);
		return 0;
	}
	if (q.class != CLASS_IN && q.class != TYPE_ANY) {
		put_header(&a, query, RCODE_REFUSED);
		return 0;
	}
	if (max != DNS_TCP_MAX_BYTES) /* UDP: what the asker can take */
		a.max = MIN(max, (size_t)MAX(q.edns ? q.udp_bytes : 0, DNS_UDP_MAX_BYTES));
	a.max -= 11; /* the OPT record */
	put_header(&a, query, RCODE_OK);
	answer_full(&a, t, &q, query);
	return 0;
}
