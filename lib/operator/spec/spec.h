/*
 * The spec of a ServiceMeshControlPlane: profiles filled in, checked, and what it asks for that Weft does not do. Pure.
 */
#ifndef OPERATOR_SPEC_H
#define OPERATOR_SPEC_H

#include "api/maistra/smcp.h"
#include "api/maistra/smcp_addons.h"
#include "api/maistra/smcp_gateways.h"
#include "api/maistra/smcp_proxy.h"
#include "api/maistra/smcp_runtime.h"
#include "base/buf.h"

#define SPEC_PROFILES_DEPTH_MAX 8
#define SPEC_DEFAULT_VERSION "v2.6"

/* p->a, p->a->b, ...; zero as soon as one of the pointers is NULL. */
#define AT1(p, a) ((p) ? (p)->a : 0)
#define AT2(p, a, b) ((p) && (p)->a ? (p)->a->b : 0)
#define AT3(p, a, b, c) ((p) && (p)->a && (p)->a->b ? (p)->a->b->c : 0)
#define AT4(p, a, b, c, d) ((p) && (p)->a && (p)->a->b && (p)->a->b->c ? (p)->a->b->c->d : 0)

/* The value of an optional bool, or its default. */
static inline bool flag(const bool *p, bool dflt)
{
	return p ? *p : dflt;
}

static inline const char *text_or(const char *s, const char *dflt)
{
	return s && *s ? s : dflt;
}

/* Names in techPreview.meshConfig that the control plane sets itself: what is said there has no effect, and is told. */
extern const char *const spec_mesh_own[];
extern const size_t spec_mesh_own_n;

/*
 * The spec with its profiles filled in (a later profile wins over an earlier one, the spec over all), in the arena; as
 * JSON in *ret_json, which the caller frees. NULL and a message: an unknown profile, or one that includes itself.
 */
struct maistra_smcp_spec *spec_resolve(const struct maistra_smcp_spec *spec, struct arena *arena, cJSON **ret_json,
				       struct err *e);

/* Contradictions, in Maistra's words. Returns 0 or -EINVAL with the first one in e. */
int spec_validate(const struct maistra_smcp_spec *spec, struct err *e);

/*
 * Appends one "path: reason" per line for each field of the user's own spec (not of the profiles) that is accepted but
 * has no effect. Returns how many.
 */
size_t spec_unsupported(const struct maistra_smcp_spec *spec, struct buf *out);

#endif
