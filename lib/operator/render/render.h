/*
 * All objects of a control plane, from the values and the templates, in the stages in which they are installed:
 *   0 istio-discovery   1 mesh-config   2 prometheus, istio-ingress, istio-egress, add-ons
 * Pods of the last stage need what those before bring, and nothing of one another.
 * Pure.
 */
#ifndef OPERATOR_RENDER_H
#define OPERATOR_RENDER_H

#include "api/object.h"
#include "base/vec.h"
#include "kube/store.h"
#include "operator/render/values.h"

#define LABEL_OWNER "maistra.io/owner"
#define LABEL_OWNER_NAME "maistra.io/owner-name"
#define LABEL_MEMBER_OF "maistra.io/member-of"
#define LABEL_MANAGED_BY "app.kubernetes.io/managed-by"
#define LABEL_COMPONENT "app.kubernetes.io/component"
#define MANAGED_BY "maistra-istio-operator"
#define ANNOTATION_INTERNAL "maistra.io/internal"
#define ANNOTATION_GENERATION "maistra.io/mesh-generation"
#define LABEL_ADDON "maistra.io/addon" /* on an add-on's pods: the component */
#define ANNOTATION_PROFILES "maistra.io/profiles-hash"
#define FINALIZER "maistra.io/istio-operator"
#define RENDER_LACKS "this cluster serves no %s (%s)" /* kind, group */

enum render_component {
	RENDER_DISCOVERY,
	RENDER_MESH_CONFIG,
	RENDER_PROMETHEUS,
	RENDER_INGRESS,
	RENDER_EGRESS,
	RENDER_TRACING, /* add-ons from here on: nothing waits for them */
	RENDER_GRAFANA,
	RENDER_KIALI,
	RENDER_COMPONENT_COUNT
};

struct rendered {
	struct api_object *obj; /* owned reference */
	enum render_component component;
	unsigned stage;
	unsigned order; /* in the stage: configuration, bindings, services, workloads, what needs them */
	bool create_only;
};

struct rendering {
	VEC(struct rendered) objects;     /* by stage */
	bool has[RENDER_COMPONENT_COUNT]; /* the components that are configured at all */
	struct buf addons;                /* "kiali: reason" lines: add-ons that are wanted and made of nothing here */
	struct buf substituted;           /* "kiali" lines: add-ons in whose place Weft's console answers */
	struct buf left_out;              /* "Route ns/name: reason" lines: objects of kinds that are absent */
};

/* Whose images the add-ons have. */
enum addons_from {
	ADDONS_BY_CLUSTER, /* their makers', but on the embedded cluster, which fetches none */
	ADDONS_STOCK,      /* their makers' there, too: somebody has loaded them */
	ADDONS_OWN,        /* Weft's own console is in their place */
};

struct render_input {
	const struct store *store; /* for the namespaces of gateways */
	const struct api_object *smcp;
	const struct maistra_smcp_spec *spec; /* resolved */
	const char *operator_version;
	const char *const *members; /* configured members, sorted */
	size_t n_members;
	const struct api_kind *const *absent; /* kinds that the cluster does not serve */
	size_t n_absent;
	const struct api_object *const *revisions; /* all control planes of the mesh; none: this one alone */
	size_t n_revisions;
	const struct api_object *revision_of; /* the one that it stands beside, NULL: none */
	const struct operator_images *images;
	const struct render_cni *cni; /* NULL: as the platform has it */
	const char *fresh_secret;     /* for what needs one and has none yet; NULL: that is not made */
	enum addons_from addons;
	bool embedded;     /* this machine's own cluster: who comes from it may look */
	uint64_t profiles; /* a hash of the users' profiles in spec, 0 = none: what they no longer say goes from objects
			    */
};

/* Whether the kind is one of those n. */
bool render_lacks(const struct api_kind *const *absent, size_t n, const struct api_kind *kind);

/* "istio-discovery" ... */
const char *render_component_str(enum render_component c);
/* Whether it is an add-on, which nothing waits for, and which is no part of the control plane's being ready. */
bool render_component_is_addon(enum render_component c);
/* The step of the installation it belongs to; lower ones are ready first. */
unsigned render_component_stage(enum render_component c);

#define CHART_VERSION_MAX 16
/* What a control plane of spec.version "v2.5" is called in its status and on its objects: "2.5.0". Returns ret. */
const char *render_chart_version(const char *version, char ret[CHART_VERSION_MAX]);

/* Renders all objects of a mesh. 0 and *ret (free it with rendering_done), or a negative code with the reason and
 * *ret untouched. */
int render_mesh(const struct render_input *in, struct rendering *ret, struct err *e);
/* Where the CNI plugin's installer runs and what it writes to. Borrowed; NULL: as the platform has it. */
struct render_cni {
	const char *ns;                 /* of the installer */
	const char *bin_dir, *conf_dir; /* of the nodes */
	bool no_multus;                 /* in the nodes' chain even where Multus is there */
};

/* Whether Multus calls the plugin, for pods that name its network: then it is in no chain. */
bool render_by_multus(const struct render_cni *in, const struct api_kind *const *absent, size_t n_absent);

/* Whether the namespace is one of OpenShift's, which assigns user ids and refuses fixed ones. */
bool render_on_openshift(const struct store *s, const char *ns);

/* Where the plugin's kubeconfig is on nodes. The caller frees it. */
char *render_cni_kubeconfig(const struct render_cni *in);

/* Renders what installs the CNI plugin; no mesh owns it. As render_mesh(). */
int render_cni(const struct render_cni *in, bool openshift, bool multus, const char *image, struct rendering *ret,
	       struct err *e);

/* Gives back the objects; r is empty afterwards. */
void rendering_done(struct rendering *r);

#endif
