/* What the two files of what is left out share. */
#ifndef DISCOVERY_LEFT_OUT_INTERNAL_H
#define DISCOVERY_LEFT_OUT_INTERNAL_H

#include "discovery/internal.h"

#define LEFT_OUT_MAX 32 /* objects of one view; beyond, resources are left out whole */

/* An object that one view is made without. */
struct left_out {
	const struct api_kind *kind;
	char *ns, *name;
	char *text; /* the proxy's words */
	uint64_t intent;
	enum xds_type type; /* of what was refused */
	bool by_peer;       /* a proxy said so, not the decoder */
	bool sure, told;
};

struct left_outs {
	VEC(struct left_out) v;
};

/* A content that a proxy of a view refused. */
struct left_refusal {
	struct xds_resource *resource; /* reference */
	char *text;                    /* its words */
};

struct view_left {
	VEC(struct left_refusal) refused; /* the oldest first */
	struct left_outs now;
	struct left_outs more; /* while `trying`: the guesses before */
	bool trying;           /* fewer guesses are being tried */
	enum xds_type trying_type;
	bool tried;                            /* and will not be again */
	bool hopeless;                         /* no object is at fault; until the objects change */
	struct xds_set *taken[XDS_TYPE_COUNT]; /* what a proxy last acknowledged; references */
};

struct left_suspects {
	const struct left_outs *out; /* left out already */
	const struct mesh_object **v;
	size_t n; /* of them left out, too */
};

/* Frees the strings of one. */
void left_done(struct left_out *x);
/* Frees all of a list, which is empty then. */
void left_outs_done(struct left_outs *l);
/* A copy with strings of its own. */
struct left_out left_copy(const struct left_out *x);
/* The object's entry, or NULL. */
const struct left_out *left_find(const struct left_outs *l, const struct api_object *o);

/* Adds the object to what the view is made without; why is copied. */
void left_add(struct view *v, const struct api_object *o, enum xds_type type, const char *why, bool by_peer, bool sure);

/*
 * Tells what is left out for good, once; what is in `before` (may be NULL) was told already. Of what proxies refused
 * only that of a type is told, XDS_TYPE_NONE: nothing.
 */
void left_tell(struct discovery *d, struct view *v, const struct left_outs *before, enum xds_type type);

/* The objects that resources of a type were made of, youngest change first; their number. Free *ret. */
size_t left_candidates(struct discovery *d, const struct compile_result *r, enum xds_type type,
		       const struct mesh_object ***ret);

/* The view's resources of these types without what is left out and the suspects. */
void left_compile_without(struct discovery *d, struct view *v, struct left_suspects *s, unsigned types,
			  struct compile_result *ret);

#endif
