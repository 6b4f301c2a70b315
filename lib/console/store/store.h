/*
 * The spans of a collector, in SQLite: bounded by number, by size and by age, the oldest go first; what is refused or
 * goes is counted. A span that comes again (an exporter's second try) is kept once. One thread.
 */
#ifndef CONSOLE_STORE_H
#define CONSOLE_STORE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/cleanup.h"
#include "console/span/span.h"

struct span_store;

struct span_store_params {
	const char *path;   /* of the database; NULL or "": in memory */
	uint64_t max_spans; /* 0 = SPAN_STORE_SPANS */
	uint64_t max_bytes; /* of texts and identifiers; 0 = SPAN_STORE_BYTES */
	int64_t max_age_s;  /* since a span began; 0 = SPAN_STORE_AGE_S */
};

#define SPAN_STORE_SPANS 100000u
#define SPAN_STORE_BYTES (64u << 20)
#define SPAN_STORE_AGE_S (48 * 3600)
/* What may be counted in anything that is asked for: of traces, of one's spans, of an answer. */
#define SPAN_QUERY_TRACES_MAX 1500u
#define SPAN_QUERY_TRACES_DEFAULT 20u
#define SPAN_QUERY_SPANS_MAX 10000u
#define SPAN_QUERY_ANSWER_MAX_BYTES (16u << 20)
#define SPAN_QUERY_NAMES_MAX 5000u

struct span_counts {
	uint64_t received, stored, refused; /* refused: broken, or over a limit of a batch */
	uint64_t again;                     /* had been stored before */
	uint64_t evicted, expired;          /* for room; for age */
	uint64_t failed;                    /* the database could not take them */
	uint64_t spans, bytes;              /* now */
};

/* NULL with a sentence in e when the database cannot be opened. The caller frees it with span_store_free. */
struct span_store *span_store_new(const struct span_store_params *p, struct err *e);
/* NULL is fine. */
void span_store_free(struct span_store *s);

/* Adds the spans of a batch, in one transaction; makes room. Returns 0 or -EIO: then none of them was taken. */
int span_store_add(struct span_store *s, const struct span_batch *b, int64_t now_us, struct err *e);
/* Removes what is too old now. */
void span_store_expire(struct span_store *s, int64_t now_us);
/* Counters since the start, and what is in it now. */
struct span_counts span_store_counts(const struct span_store *s);

/* What is searched for; empty texts and zeros mean anything. */
struct span_query {
	struct slice service, operation; /* empty = any; without a service all spans are gone through */
	int64_t start_us, end_us;        /* when spans of the service began */
	int64_t min_us, max_us;          /* their durations */
	const cJSON *tags;               /* an object of texts; all must be there */
	uint64_t limit;                  /* traces, newest first */
};

/*
 * Each appends a whole answer of Jaeger's query API: {"data":[...],...}. Returns 0, -ENOENT (no such trace) or -EIO
 * with a sentence in e; then nothing was appended.
 */
int span_store_services(struct span_store *s, struct buf *out, struct err *e);
/* Operations of a service: names alone (/api/services/X/operations), or with their kinds (/api/operations). */
int span_store_operations(struct span_store *s, struct slice service, bool kinds, struct buf *out, struct err *e);
int span_store_traces(struct span_store *s, const struct span_query *q, struct buf *out, struct err *e);
int span_store_trace(struct span_store *s, const uint8_t trace_id[16], struct buf *out, struct err *e);
/* Which service calls which, of the newest spans that began between the two times. */
int span_store_dependencies(struct span_store *s, int64_t start_us, int64_t end_us, struct buf *out, struct err *e);

#endif
