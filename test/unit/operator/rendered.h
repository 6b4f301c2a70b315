/* A control plane rendered from a spec in YAML, on a cluster with or without Routes. Include in tests of this folder.
 */
#ifndef TEST_OPERATOR_RENDERED_H
#define TEST_OPERATOR_RENDERED_H

#include "api/object.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/render/render.h"

#define RENDERED_PLAIN "{version: v2.6, addons: {prometheus: {enabled: true}}}"
/* Every template and most of what they ask for. */
#define RENDERED_EVERYTHING                                                                                            \
	"{version: v2.6, mode: ClusterWide, cluster: {name: east, network: n1}, security: {trust: {domain: td}, "      \
	"dataPlane: {mtls: true}, identity: {type: ThirdParty}}, gateways: {ingress: {service: {type: LoadBalancer, "  \
	"metadata: {labels: {l: v}, annotations: {a: w}}}, runtime: {deployment: {autoScaling: {enabled: true, "       \
	"minReplicas: 2, maxReplicas: 4}}, pod: {tolerations: [{key: k, operator: Exists}], nodeSelector: {n: s}}}, "  \
	"volumes: [{volume: {secret: {secretName: s}}, volumeMount: {name: v, mountPath: /v}}]}, additionalIngress: "  \
	"{other: {namespace: apps, service: {ports: [{name: tcp, port: 31400, targetPort: 31400}]}}}}, runtime: "      \
	"{defaults: {deployment: {podDisruption: {enabled: true, minAvailable: 1}}}, components: {pilot: "             \
	"{deployment: "                                                                                                \
	"{replicas: 2}, pod: {affinity: {podAntiAffinity: {requiredDuringScheduling: [{key: app, operator: In, "       \
	"values: "                                                                                                     \
	"[istiod]}]}}}, container: {resources: {requests: {cpu: 1}}, env: {PILOT_X: '1'}}}}}, addons: {prometheus: "   \
	"{enabled: true}, grafana: {enabled: true, install: {persistence: {enabled: true}}}, kiali: {enabled: true}, " \
	"jaeger: {install: {}}}, tracing: {type: Jaeger}}"

struct rendered_mesh {
	struct store *store;
	struct api_object *smcp;
	struct arena arena;
	cJSON *applied;
	struct rendering out;
};

static inline void rendered_put(struct store *s, const char *yaml)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (yaml_parse(slice_str(yaml), &json, &e) < 0 || api_object_decode(json, NULL, NULL, &o, &e) < 0)
		fail_msg("%s: %s", yaml, e.msg);
	store_put(s, o);
}

/* Renders; what is in m->store counts. Without Routes there are no operators of Kiali and Jaeger, either. */
static inline void rendered_again(struct rendered_mesh *m, const char *spec_yaml, bool routes)
{
	static const struct api_kind *const absent[] = {&api_kind_route, &api_kind_kiali, &api_kind_jaeger};
	CLEANUP(json_freep) cJSON *json = NULL;
	struct render_input in = {.store = m->store,
				  .smcp = m->smcp,
				  .operator_version = "1.0.0",
				  .absent = absent,
				  .n_absent = routes ? 0 : ARRAY_LEN(absent),
				  .images = &operator_images_default};
	struct err e = ERR_INIT;

	rendering_done(&m->out);
	json_freep(&m->applied);
	if (yaml_parse(slice_str(spec_yaml), &json, &e) < 0)
		fail_msg("%s: %s", spec_yaml, e.msg);
	in.spec = msg_new_from_json(&maistra_smcp_spec_desc, json, &m->arena, &e);
	if (in.spec)
		in.spec = spec_resolve(in.spec, NULL, &m->arena, &m->applied, &e);
	if (!in.spec || render_mesh(&in, &m->out, &e) < 0)
		fail_msg("%s: %s", spec_yaml, e.msg);
}

static inline struct rendered_mesh rendered_mesh(const char *spec_yaml, bool routes)
{
	struct rendered_mesh m = {.store = store_new(), .arena = ARENA_INIT};

	rendered_put(m.store, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
	rendered_put(m.store, "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, "
			      "namespace: istio-system, uid: u-1, generation: 1}}");
	m.smcp = store_get(m.store, &api_kind_smcp, "istio-system", "basic");
	rendered_again(&m, spec_yaml, routes);
	return m;
}

/* The rendered object, or NULL; borrowed. */
static inline const struct api_object *rendered_get(const struct rendered_mesh *m, const struct api_kind *kind,
						    const char *name)
{
	for (size_t i = 0; i < m->out.objects.n; i++) {
		const struct api_object *o = m->out.objects.v[i].obj;

		if (o->kind == kind && !strcmp(api_object_name(o), name))
			return o;
	}
	return NULL;
}

static inline void rendered_mesh_done(struct rendered_mesh *m)
{
	rendering_done(&m->out);
	json_freep(&m->applied);
	arena_done(&m->arena);
	store_free(m->store);
}

#endif
