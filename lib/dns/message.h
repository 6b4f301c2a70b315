/*
 * Single messages of DNS: the question of a query, and the answer to it (RFC 1035; EDNS: RFC 6891). Queries are foreign
 * bytes: what is malformed is told apart from what nobody answers. Pure; any thread.
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define DNS_UDP_MAX_BYTES 512   /* without EDNS */
#define DNS_EDNS_MAX_BYTES 4096 /* what we take and send at most over UDP */
#define DNS_TCP_MAX_BYTES 65535
#define DNS_HEADER_BYTES 12
#define DNS_NAME_MAX_BYTES 254 /* as text with the last dot: one less than on the wire */
#define DNS_LABEL_MAX_BYTES 63
#define DNS_LABELS_MAX 127

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_OPT = 41,
	DNS_ANY = 255,
};

#define DNS_CLASS_IN 1

enum dns_rcode {
	DNS_OK = 0,
	DNS_FORMAT = 1,
	DNS_SERVER_FAILURE = 2,
	DNS_NO_NAME = 3,
	DNS_NOT_IMPLEMENTED = 4,
	DNS_REFUSED = 5,
};

/* Bits of the header's second number. */
#define DNS_FLAG_RESPONSE 0x8000
#define DNS_FLAG_AUTHORITATIVE 0x0400
#define DNS_FLAG_TRUNCATED 0x0200
#define DNS_FLAG_RECURSION_DESIRED 0x0100
#define DNS_FLAG_RECURSION_AVAILABLE 0x0080
#define DNS_RCODE_MASK 0x000f

struct dns_question {
	char name[DNS_NAME_MAX_BYTES + 1];   /* small letters, dots, no last dot */
	struct slice labels[DNS_LABELS_MAX]; /* of name */
	size_t n;
	bool plain; /* no label holds a dot or a NUL: the text says all */
	size_t end; /* offset behind the question in the query */
	uint16_t type, class;
	bool edns;
	uint16_t udp_bytes; /* what the asker takes over UDP, at least DNS_UDP_MAX_BYTES */
};

/* The number at an offset; there must be two bytes. */
static inline uint16_t dns_get16(struct slice s, size_t at)
{
	return (uint16_t)((uint8_t)s.ptr[at] << 8 | (uint8_t)s.ptr[at + 1]);
}

/*
 * Reads the only question of a query. DNS_OK; -EBADMSG: it deserves no answer (not a query, no header); else the code
 * to answer with: DNS_FORMAT, DNS_NOT_IMPLEMENTED. Names are not compressed there. The labels are views of ret->name.
 */
int dns_question_parse(struct slice query, struct dns_question *ret);

/* The same of a name in text ("a.example.com", a last dot counts for nothing): fills name and labels. -EBADMSG. */
int dns_question_set_name(struct dns_question *q, const char *name);

/* --- writing --- */

/* Appends a number in network byte order. */
void dns_put16(struct buf *b, unsigned v);
/* The same of 32 bits. */
void dns_put32(struct buf *b, uint32_t v);
/* Appends a name, uncompressed; empty labels are left out, too long ones cut. */
void dns_put_name(struct buf *b, const char *name);

/* An answer while it is written. */
struct dns_reply {
	struct buf *out;
	size_t start; /* where it begins in out */
	size_t max;   /* bytes for all but EDNS */
	const struct dns_question *question;
	unsigned n[2];  /* records: answers, authority */
	bool authority; /* what follows is of that section */
	bool truncated; /* a record found no room: it is left out, and all after it */
};

/*
 * Appends header and question. max: of the medium, DNS_TCP_MAX_BYTES for TCP; over UDP what the asker takes counts,
 * too. The question and out are borrowed until dns_reply_end.
 */
void dns_reply_begin(struct dns_reply *r, struct slice query, const struct dns_question *q, size_t max,
		     struct buf *out);
/* A record of that owner (NULL: the question's name); data is copied. */
void dns_reply_record(struct dns_reply *r, const char *owner, enum dns_type type, uint32_t ttl_s, struct slice data);
/* Sets the numbers and the code, marks what was cut (not over TCP), and answers EDNS. */
void dns_reply_end(struct dns_reply *r, enum dns_rcode code);

/* Appends an answer that is a header alone; the query has one. */
void dns_reply_error(struct slice query, enum dns_rcode code, struct buf *out);
/* Appends an answer that is a code alone; with the question, without which resolvers do not believe it. */
void dns_reply_code(struct slice query, const struct dns_question *q, enum dns_rcode code, struct buf *out);
/* The same that says no more than that the answer was too long. */
void dns_reply_truncated(struct slice query, const struct dns_question *q, struct buf *out);

#endif
