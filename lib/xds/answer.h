/*
 * Answers that many sessions get: one comparison and one encoding for all whose peers hold and ask for the same. The
 * bytes of resources are not copied: an answer's pieces are the heads around them and the resources themselves.
 * One thread, but for the shared bytes.
 */
#ifndef XDS_ANSWER_H
#define XDS_ANSWER_H

#include "base/arena.h"
#include "base/shared.h"
#include "xds/session.h"

#define XDS_ANSWERS_KEPT 1024      /* of a cache: first answers of many views, when all connect at once */
#define XDS_ANSWERS_WHOLE_TICKS 10 /* how often xds_answers_age may find a first answer unused */

/* One comparison's result, with references to all that it was made of. */
struct xds_answer {
	struct shared_bytes
		wire; /* the fields `resources` and `removed_resources` of a response; its count is the answer's */
	struct arena arena;
	struct xds_set *held, *set; /* held may be NULL */
	struct xds_names *names;
	bool delta, wildcard, always;
	bool encoded;                /* wire is made: when it is first sent */
	bool pack_tried;             /* likewise packed */
	struct shared_bytes *packed; /* the same bytes compressed; NULL = not worth it; reference */
	size_t bytes;                /* of resources */
	unsigned unused;             /* ticks since it was last found */
	struct ads_answer a;
};

#define XDS_LEAVING_KEPT 64

/* The last answers, found by what they were made of. Zeroed = empty. */
struct xds_answers {
	struct xds_answer *v[XDS_ANSWERS_KEPT];
	struct {
		struct xds_set *set, *old, *kept;
	} leaving[XDS_LEAVING_KEPT];
};

/* Gives all references back; it can be used again at once. */
void xds_answers_clear(struct xds_answers *x);
/*
 * A tick of some clock: gives back what is for those alone who hold something, and of first answers, which others who
 * connect may need, those that were not used for some ticks. True when any is left.
 */
bool xds_answers_age(struct xds_answers *x);

/* The answer to what is due to a session; the caller gets a reference (xds_answer_unref). */
struct xds_answer *xds_answers_get(struct xds_answers *x, const struct ads_sub *s, bool delta, struct xds_set *set);
/* NULL is fine. */
void xds_answer_unref(struct xds_answer *a);
DEFINE_CLEANUP(struct xds_answer *, xds_answer_unref)

/* Its bytes on the wire, borrowed: as long as the answer, or a reference taken of them. */
struct shared_bytes *xds_answer_wire(struct xds_answer *a);

/* Its bytes compressed (grpc_compress), borrowed likewise; NULL when that is not worth it, and for secrets. */
struct shared_bytes *xds_answer_packed(struct xds_answer *a);

/* What should be, and what was and is not to be any more but may still be referred to: a reference, NULL when all of
 * old is in set. */
struct xds_set *xds_answers_with_leaving(struct xds_answers *x, struct xds_set *set, struct xds_set *old);

#endif
