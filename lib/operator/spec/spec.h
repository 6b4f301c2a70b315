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
#include "kube/store.h"

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

/* The ConfigMap in the operator's namespace with the users' own profiles, ServiceMeshControlPlanes by name. */
#define SPEC_PROFILES_CONFIG_MAP "smcp-templates"

/* Where profiles come from beside the built-in ones, and what is said of them. */
struct spec_profiles {
	const struct str_map *users; /* name, or name.yaml, to text; they go before built-in ones of that name */
	uint64_t *used;              /* becomes a hash of those that were filled in, 0 = none; NULL: not wanted */
	struct buf *told; /* "profile \"x\": path: reason" lines: what of them has no effect; NULL: not told */
};

/* Those of the ConfigMap; NULL when there is none. Borrowed from the store. */
const struct str_map *spec_user_profiles(const struct store *s, const char *operator_ns);

/*
 * The spec with its profiles filled in (a later profile wins over an earlier one, the spec over all, and "default"
 * comes last of all where no profile names it), in the arena; as JSON in *ret_json, which the caller frees. p may be
 * NULL. NULL and a message: an unknown profile, one that cannot be read, or one that includes itself.
 */
struct maistra_smcp_spec *spec_resolve(const struct maistra_smcp_spec *spec, const struct spec_profiles *p,
				       struct arena *arena, cJSON **ret_json, struct err *e);

/* Contradictions, in Maistra's words. Returns 0 or -EINVAL with the first one in e. */
int spec_validate(const struct maistra_smcp_spec *spec, struct err *e);

/* The control plane that this one stands beside: spec.techPreview.revisionOf, "<namespace>/<name>". */
#define SPEC_REVISION_OF "revisionOf"
/* Its two parts, borrowed; false where the spec (NULL is fine) names none, or what is no such name. */
bool spec_revision_of(const struct maistra_smcp_spec *spec, struct slice *ret_ns, struct slice *ret_name);

/* Whether the CNI plugin redirects the traffic of the mesh's pods: as the spec says, else on OpenShift, whose
 * constraints let no init container do so. */
bool spec_by_cni(const struct maistra_smcp_spec *spec, bool openshift);

/*
 * Appends one "path: reason" per line for each field of the user's own spec (not of the profiles) that is accepted but
 * has no effect. Returns how many.
 */
size_t spec_unsupported(const struct maistra_smcp_spec *spec, struct buf *out);

#endif
