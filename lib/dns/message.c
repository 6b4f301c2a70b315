/* Reading questions and writing answers. */
#include "dns/message.h"

#include <ctype.h>
#include <errno.h>

#include "base/cleanup.h"

#define OPT_BYTES 11
#define POINTER 0xc0 /* the upper bits of a length: a compressed name goes on elsewhere */

/* ---- reading ---- */

/* A question's name has no compression; a pointer is malformed here. Returns 0 or -EBADMSG. */
static int parse_name(struct slice query, size_t at, struct dns_question *q)
{
	size_t len = 0;

	q->n = 0;
	q->plain = true;
	while (at < query.len) {
		const uint8_t n = (uint8_t)query.ptr[at++];

		if (n == 0) {
			q->name[len ? len - 1 : 0] = '\0';
			q->end = at;
			return 0;
		}
		if (n > DNS_LABEL_MAX_BYTES || at + n > query.len || len + n + 1 > DNS_NAME_MAX_BYTES ||
		    q->n == DNS_LABELS_MAX)
			return -EBADMSG;
		q->labels[q->n++] = slice_make(q->name + len, n);
		for (uint8_t i = 0; i < n; i++) {
			const char c = query.ptr[at + i];

			q->plain &= c != '.' && c != '\0';
			q->name[len++] = (char)tolower((unsigned char)c);
		}
		q->name[len++] = '.';
		at += n;
	}
	return -EBADMSG;
}

/* Passes over a name in any section. Returns the offset behind, or 0. */
static size_t skip_name(struct slice query, size_t at)
{
	while (at < query.len) {
		const uint8_t n = (uint8_t)query.ptr[at];

		if (n == 0)
			return at + 1;
		if ((n & POINTER) == POINTER)
			return at + 2 <= query.len ? at + 2 : 0;
		if (n > DNS_LABEL_MAX_BYTES)
			return 0;
		at += n + 1u;
	}
	return 0;
}

/* Looks for EDNS among the records behind the question. */
static void parse_edns(struct slice query, struct dns_question *q)
{
	unsigned records = dns_get16(query, 6) + dns_get16(query, 8) + dns_get16(query, 10);
	size_t at = q->end;

	while (records-- && (at = skip_name(query, at)) && at + 10 <= query.len) {
		if (dns_get16(query, at) == DNS_OPT) {
			q->edns = true;
			q->udp_bytes = MAX(dns_get16(query, at + 2), (uint16_t)DNS_UDP_MAX_BYTES);
			return;
		}
		at += 10u + dns_get16(query, at + 8);
	}
}

int dns_question_parse(struct slice query, struct dns_question *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->udp_bytes = DNS_UDP_MAX_BYTES;
	if (query.len < DNS_HEADER_BYTES || dns_get16(query, 2) & DNS_FLAG_RESPONSE)
		return -EBADMSG;
	if (dns_get16(query, 2) >> 11 & 15)
		return DNS_NOT_IMPLEMENTED;
	if (dns_get16(query, 4) != 1 || parse_name(query, DNS_HEADER_BYTES, ret) < 0 || ret->end + 4 > query.len)
		return DNS_FORMAT;
	ret->type = dns_get16(query, ret->end);
	ret->class = dns_get16(query, ret->end + 2);
	ret->end += 4;
	parse_edns(query, ret);
	return DNS_OK;
}

int dns_question_set_name(struct dns_question *q, const char *name)
{
	CLEANUP(buf_done) struct buf wire = BUF_INIT;

	dns_put_name(&wire, name);
	return parse_name(buf_slice(&wire), 0, q);
}

/* ---- writing ---- */

void dns_put16(struct buf *b, unsigned v)
{
	buf_append_char(b, (char)(v >> 8));
	buf_append_char(b, (char)v);
}

void dns_put32(struct buf *b, uint32_t v)
{
	dns_put16(b, v >> 16);
	dns_put16(b, v & 0xffff);
}

void dns_put_name(struct buf *b, const char *name)
{
	struct slice rest = slice_str(name);

	while (rest.len) {
		const struct slice label = slice_head(slice_split(&rest, '.'), DNS_LABEL_MAX_BYTES);

		if (!label.len)
			continue;
		buf_append_char(b, (char)label.len);
		buf_append_slice(b, label);
	}
	buf_append_char(b, 0);
}

static void put_header(struct slice query, unsigned flags, struct buf *out)
{
	buf_append(out, query.ptr, 2);
	dns_put16(out, DNS_FLAG_RESPONSE | DNS_FLAG_RECURSION_AVAILABLE | flags |
			       (dns_get16(query, 2) & DNS_FLAG_RECURSION_DESIRED));
	for (int i = 0; i < 4; i++)
		dns_put16(out, 0);
}

static void set16(const struct dns_reply *r, size_t at, unsigned v)
{
	r->out->ptr[r->start + at] = (char)(v >> 8);
	r->out->ptr[r->start + at + 1] = (char)v;
}

void dns_reply_begin(struct dns_reply *r, struct slice query, const struct dns_question *q, size_t max, struct buf *out)
{
	*r = (struct dns_reply){.out = out, .start = out->len, .question = q, .max = max};
	if (max != DNS_TCP_MAX_BYTES)
		r->max = MIN(max, (size_t)q->udp_bytes);
	r->max -= OPT_BYTES;
	put_header(query, DNS_FLAG_AUTHORITATIVE, out);
	buf_append(out, query.ptr + DNS_HEADER_BYTES, q->end - DNS_HEADER_BYTES);
	set16(r, 4, 1);
}

void dns_reply_record(struct dns_reply *r, const char *owner, enum dns_type type, uint32_t ttl_s, struct slice data)
{
	const size_t before = r->out->len;

	if (r->truncated)
		return;
	if (owner)
		dns_put_name(r->out, owner);
	else
		dns_put16(r->out, POINTER << 8 | DNS_HEADER_BYTES);
	dns_put16(r->out, type);
	dns_put16(r->out, DNS_CLASS_IN);
	dns_put32(r->out, ttl_s);
	dns_put16(r->out, (unsigned)data.len);
	buf_append_slice(r->out, data);
	if (r->out->len - r->start > r->max) {
		r->out->len = before;
		r->truncated = true;
		return;
	}
	r->n[r->authority]++;
}

void dns_reply_end(struct dns_reply *r, enum dns_rcode code)
{
	const bool cut = r->truncated && r->max != DNS_TCP_MAX_BYTES - OPT_BYTES;

	set16(r, 2,
	      dns_get16(slice_make(r->out->ptr + r->start, DNS_HEADER_BYTES), 2) | code |
		      (cut ? DNS_FLAG_TRUNCATED : 0u));
	set16(r, 6, r->n[0]);
	set16(r, 8, r->n[1]);
	if (!r->question->edns)
		return;
	buf_append_char(r->out, 0);
	dns_put16(r->out, DNS_OPT);
	dns_put16(r->out, DNS_EDNS_MAX_BYTES);
	dns_put32(r->out, 0);
	dns_put16(r->out, 0);
	set16(r, 10, 1);
}

void dns_reply_error(struct slice query, enum dns_rcode code, struct buf *out)
{
	put_header(query, code, out);
}

void dns_reply_code(struct slice query, const struct dns_question *q, enum dns_rcode code, struct buf *out)
{
	struct dns_reply r;

	dns_reply_begin(&r, query, q, DNS_EDNS_MAX_BYTES, out);
	dns_reply_end(&r, code);
}

void dns_reply_truncated(struct slice query, const struct dns_question *q, struct buf *out)
{
	struct dns_reply r;

	dns_reply_begin(&r, query, q, DNS_EDNS_MAX_BYTES, out);
	r.truncated = true;
	dns_reply_end(&r, DNS_OK);
}
