/*
 * ServiceMeshControlPlanes of v1 as v2 and back: what each value becomes; that nothing is lost, for every field of v2
 * from the rows, for what people wrote for OpenShift Service Mesh 1.1, and after changes in the other version.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/maistra/smcp.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/vec.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/convert/convert.h"
#include "operator/spec/spec.h"

static cJSON *yaml(const char *text)
{
	cJSON *json = NULL;
	struct err e = ERR_INIT;

	if (yaml_parse(slice_str(text), &json, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	return json;
}

static cJSON *object(const char *api_version, const cJSON *spec)
{
	cJSON *o = yaml("{kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: istio-system, uid: u1,"
			" resourceVersion: '7', labels: {a: b}}}");

	json_set_str(o, "apiVersion", api_version);
	json_set(o, "spec", cJSON_Duplicate(spec, true));
	return o;
}

static cJSON *convert(const cJSON *o, const char *to)
{
	struct err e = ERR_INIT;
	cJSON *ret = NULL;

	if (convert_smcp(o, to, &ret, &e) < 0)
		fail_msg("%s: %s", to, e.msg);
	assert_string_equal(json_get_str(ret, "apiVersion"), to);
	return ret;
}

static void expect(const char *what, const cJSON *got, const cJSON *want)
{
	CLEANUP(freep) char *g = json_to_text(got);
	CLEANUP(freep) char *w = json_to_text(want);

	if (!json_equal(got, want))
		fail_msg("%s:\n got  %s\n want %s", what, g, w);
}

static const char *other(const char *version)
{
	return strcmp(version, CONVERT_V1) ? CONVERT_V1 : CONVERT_V2;
}

/* There and back it is the same object. Returns the note that the way needed, or NULL. */
static char *round_trip(const char *what, const cJSON *o)
{
	const char *from = json_get_str(o, "apiVersion"), *to = other(from);
	CLEANUP(json_freep) cJSON *there = convert(o, to);
	CLEANUP(json_freep) cJSON *back = convert(there, from);
	const cJSON *annotations = json_at(there, "metadata.annotations");
	const char *note = json_get_str(annotations, strcmp(to, CONVERT_V1) ? CONVERT_NOTE_OF_V1 : CONVERT_NOTE_OF_V2);

	expect(what, back, o);
	return note ? mem_strdup(note) : NULL;
}

/* --- values --- */

/* Specs that follow from each other; both_ways: v1 is what v2 becomes, too. */
static const struct {
	const char *v1, *v2;
	bool both_ways;
} table[] = {
	{"{version: v2.5}", "{version: v2.5}", true},
	{"{template: mine}", "{profiles: [mine]}"},
	{"{profiles: [a], template: a}", "{profiles: [a]}", true},
	{"{profiles: [a, b]}", "{profiles: [a, b]}", true},
	{"{istio: {pilot: {traceSampling: 100}}}", "{tracing: {sampling: 10000}}", true},
	{"{istio: {pilot: {traceSampling: 0.01}}}", "{tracing: {sampling: 1}}", true},
	{"{istio: {pilot: {traceSampling: lots}}}", "{techPreview: {pilot: {traceSampling: lots}}}", true},
	{"{istio: {global: {mtls: {enabled: true}}}}", "{security: {dataPlane: {mtls: true}}}", true},
	{"{istio: {global: {mtls: {auto: true}}}}", "{security: {dataPlane: {automtls: true}}}"},
	{"{istio: {meshConfig: {enableAutoMtls: false}, global: {mtls: {auto: true}}}}",
	 "{security: {dataPlane: {automtls: false}}}"},
	{"{istio: {global: {proxy: {accessLogFile: /dev/stdout}}}}",
	 "{proxy: {accessLogging: {file: {name: /dev/stdout}}}}"},
	{"{istio: {global: {proxy: {accessLogFile: /l}}, meshConfig: {accessLogFile: /l}}}",
	 "{proxy: {accessLogging: {file: {name: /l}}}}", true},
	{"{istio: {global: {proxy: {excludeInboundPorts: '1,2', includeIPRanges: ''}}}}",
	 "{proxy: {networking: {trafficControl: {inbound: {excludedPorts: [1, 2]},"
	 " outbound: {includedIPRanges: ['']}}}}}",
	 true},
	{"{istio: {global: {proxy: {excludeInboundPorts: '1,x'}}}}",
	 "{techPreview: {global: {proxy: {excludeInboundPorts: '1,x'}}}}", true},
	{"{istio: {global: {logging: {level: 'a:info,b:debug'}}}}",
	 "{general: {logging: {componentLevels: {a: info, b: debug}}}}", true},
	{"{istio: {global: {logging: {level: info}}}}", "{techPreview: {global: {logging: {level: info}}}}", true},
	{"{istio: {global: {proxy: {autoInject: enabled}}}}", "{proxy: {injection: {autoInject: true}}}"},
	{"{istio: {sidecarInjectorWebhook: {enableNamespacesByDefault: false}}}",
	 "{proxy: {injection: {autoInject: false}}}"},
	{"{istio: {tracing: {enabled: true, jaeger: {template: all-in-one}}}}",
	 "{tracing: {type: Jaeger}, addons: {jaeger: {install: {storage: {type: Memory}}}}}"},
	{"{istio: {tracing: {enabled: false}}}", "{tracing: {type: None}}"},
	{"{istio: {tracing: {jaeger: {agentImage: a, annotations: {b: c}}}}}",
	 "{runtime: {components: {tracing.jaeger.agent: {container: {imageName: a}},"
	 " tracing.jaeger: {pod: {metadata: {annotations: {b: c}}}}}}}",
	 true},
	{"{istio: {mixer: {policy: {enabled: true}}}}", "{policy: {type: Mixer}}"},
	{"{istio: {mixer: {policy: {autoscaleEnabled: false}, telemetry: {autoscaleEnabled: false}}}}",
	 "{runtime: {components: {mixer.policy: {deployment: {autoScaling: {enabled: false}}},"
	 " mixer.telemetry: {deployment: {autoScaling: {enabled: false}}}}}}",
	 true},
	{"{istio: {global: {disablePolicyChecks: true}}}", "{policy: {mixer: {enableChecks: false}}}", true},
	{"{istio: {policy: {implementation: Remote}, global: {disablePolicyChecks: true}, mixer: {policy: {enabled: "
	 "false}}}}",
	 "{policy: {type: Remote, remote: {enableChecks: false}}}", true},
	{"{istio: {security: {selfSigned: false}}}",
	 "{security: {certificateAuthority: {type: Istiod, istiod: {type: PrivateKey}}}}"},
	{"{istio: {pilot: {ca: {implementation: Custom}}, global: {caAddress: 'ca:1'}}}",
	 "{security: {certificateAuthority: {type: Custom, custom: {address: 'ca:1'}}}}", true},
	{"{istio: {pilot: {ca: {implementation: cert-manager}}, global: {caAddress: 'ca:1'}}}",
	 "{security: {certificateAuthority: {type: cert-manager, cert-manager: {address: 'ca:1'}}}}", true},
	{"{istio: {global: {caAddress: 'ca:1'}}}", "{techPreview: {global: {caAddress: 'ca:1'}}}", true},
	{"{istio: {pilot: {env: {TOKEN_ISSUER: i, A: b}}, global: {jwtPolicy: third-party-jwt}}}",
	 "{security: {identity: {type: ThirdParty, thirdParty: {issuer: i}}},"
	 " runtime: {components: {pilot: {container: {env: {A: b}}}}}}",
	 true},
	{"{istio: {global: {tls: {cipherSuites: 'a,b'}}}}", "{security: {controlPlane: {tls: {cipherSuites: [a, b]}}}}",
	 true},
	{"{istio: {global: {hub: h, tag: 1.1, imagePullSecrets: [s], defaultResources: {requests: {cpu: 10m}}}}}",
	 "{runtime: {defaults: {container: {imageRegistry: h, imageTag: '1.1', imagePullSecrets: [{name: s}],"
	 " resources: {requests: {cpu: 10m}}}}}}"},
	{"{istio: {pilot: {replicaCount: 2, autoscaleMin: 2, cpu: {targetAverageUtilization: 60}, rollingMaxSurge: "
	 "1}}}",
	 "{runtime: {components: {pilot: {deployment: {replicas: 2, autoScaling: {minReplicas: 2,"
	 " targetCPUUtilizationPercentage: 60}, strategy: {rollingUpdate: {maxSurge: 1}}}}}}}",
	 true},
	{"{istio: {pilot: {podAntiAffinityLabelSelector: [{key: k, operator: In, values: 'a,b', topologyKey: t}]}}}",
	 "{runtime: {components: {pilot: {pod: {affinity: {podAntiAffinity: {requiredDuringScheduling:"
	 " [{key: k, operator: In, values: [a, b], topologyKey: t}]}}}}}}}",
	 true},
	{"{istio: {gateways: {istio-ingressgateway: {ior_enabled: true}}}}",
	 "{gateways: {openshiftRoute: {enabled: true}}}", true},
	{"{istio: {gateways: {istio-egressgateway: {autoscaleEnabled: false}, istio-ingressgateway: {type: NodePort,"
	 " labels: {a: b}, env: {ISTIO_META_ROUTER_MODE: sni-dnat, X: z}, secretVolumes: [{name: v, secretName: s,"
	 " mountPath: /m}]}}}}",
	 "{gateways: {egress: {runtime: {deployment: {autoScaling: {enabled: false}}}}, ingress: {service: {type:"
	 " NodePort, metadata: {labels: {a: b}}}, routerMode: sni-dnat, runtime: {container: {env: {X: z}}},"
	 " volumes: [{volume: {secret: {secretName: s}}, volumeMount: {name: v, mountPath: /m}}]}}}"},
	{"{istio: {gateways: {more: {name: more, gatewayType: egress, enabled: true, env:"
	 " {ISTIO_META_REQUESTED_NETWORK_VIEW: 'a,b'}}}}}",
	 "{gateways: {additionalEgress: {more: {enabled: true, requestedNetworkView: [a, b]}}}}", true},
	{"{istio: {gateways: {more: {ports: [{port: 80, name: http}]}}}}",
	 "{gateways: {additionalIngress: {more: {service: {ports: [{port: 80, name: http}]}}}}}"},
	{"{istio: {kiali: {enabled: true, dashboard: {viewOnlyMode: true}, service: {nodePort: {enabled: true, port:"
	 " 30001}}}}}",
	 "{addons: {kiali: {enabled: true, install: {dashboard: {viewOnly: true}, service: {nodePort: 30001}}}}}",
	 true},
	{"{istio: {grafana: {enabled: true, env: {A: b}, ingress: {hosts: [h], contextPath: /g}, contextPath: /g}}}",
	 "{addons: {grafana: {enabled: true, install: {config: {env: {A: b}}, service: {ingress: {hosts: [h],"
	 " contextPath: /g}}}}}}",
	 true},
	{"{threeScale: {enabled: true, PARAM_THREESCALE_LISTEN_ADDR: 3333}}",
	 "{addons: {3scale: {enabled: true, listen_addr: 3333}}}", true},
	{"{threeScale: {OTHER: 1}}", "{techPreview: {3scale: {OTHER: 1}}}", true},
	{"{networkType: subnet}", "{techPreview: {networkType: subnet}}", true},
	{"{istio: {global: {clusterWide: true}}}", "{mode: ClusterWide}", true},
	{"{istio: {global: {proxy: {envoyMetricsService: {enabled: true, host: h, port: '1'}}}}}",
	 "{proxy: {envoyMetricsService: {enabled: true, address: 'h:1'}}}"},
	{"{istio: {frobnicate: {a: [1]}, techPreview: {meshConfig: {x: 1}}}}",
	 "{techPreview: {frobnicate: {a: [1]}, meshConfig: {x: 1}}}"},
	/* of a type that v2 does not have: whole, and why */
	{"{version: v2.5, istio: {mixer: {policy: {enabled: true}}, pilot: {podLabels: {a: [1]}}}}",
	 "{version: v2.5, techPreview: {errored: {message: 'runtime.components[pilot].pod.metadata.labels[a]:"
	 " must be a string, not array', istio: {mixer: {policy: {enabled: true}}, pilot: {podLabels: {a: [1]}}}}}}",
	 true},
};

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		CLEANUP(json_freep) cJSON *v1 = yaml(table[i].v1);
		CLEANUP(json_freep) cJSON *v2 = yaml(table[i].v2);
		CLEANUP(json_freep) cJSON *to_v2 = convert_spec_to_v2(v1);
		CLEANUP(json_freep) cJSON *to_v1 = convert_spec_to_v1(v2);
		CLEANUP(json_freep) cJSON *o1 = object(CONVERT_V1, v1);
		CLEANUP(json_freep) cJSON *o2 = object(CONVERT_V2, v2);

		expect(table[i].v1, to_v2, v2);
		if (table[i].both_ways)
			expect(table[i].v2, to_v1, v1);
		free(round_trip(table[i].v1, o1));
		free(round_trip(table[i].v2, o2));
	}
}

/* --- every field of v2 --- */

struct walk {
	VEC(char *) noted; /* paths that v1 cannot say */
	cJSON *all;        /* everything at once */
	int fields;
};

static cJSON *nest(const char *path, const cJSON *value)
{
	CLEANUP(freep) char *first = mem_strdup(path);
	char *rest = strchr(first, '/');
	cJSON *outer, *inner;

	if (rest)
		*rest++ = 0;
	inner = rest ? nest(rest, value) : cJSON_Duplicate(value, true);
	outer = strcmp(first, "0") == 0 ? cJSON_CreateArray() : cJSON_CreateObject();
	if (cJSON_IsArray(outer))
		cJSON_AddItemToArray(outer, inner);
	else
		cJSON_AddItemToObject(outer, first, inner);
	return outer;
}

static void merge(cJSON *into, const cJSON *from)
{
	if (cJSON_IsArray(from)) {
		if (cJSON_GetArrayItem(into, 0) && cJSON_IsObject(from->child))
			merge(cJSON_GetArrayItem(into, 0), from->child);
		return;
	}
	JSON_EACH(m, from)
	{
		cJSON *have = json_get(into, m->string);

		if (have && m->child && cJSON_IsObject(m) == cJSON_IsObject(have))
			merge(have, m);
		else if (have && (cJSON_IsObject(m) || cJSON_IsArray(m)))
			continue;
		else
			json_set(into, m->string, cJSON_Duplicate(m, true));
	}
}

/* As an API server has it: what lacks a field that it needs is not there. */
static bool is_valid(const cJSON *json)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct maistra_smcp_spec spec = {0};

	return msg_from_json(&maistra_smcp_spec_desc, &spec, json, &a, NULL) == 0 &&
	       msg_check(&maistra_smcp_spec_desc, &spec, NULL) == 0;
}

static void field(struct walk *w, const char *path, const char *value)
{
	CLEANUP(json_freep) cJSON *v = yaml(value);
	CLEANUP(json_freep) cJSON *spec = nest(path, v);
	CLEANUP(json_freep) cJSON *o = object(CONVERT_V2, spec);
	CLEANUP(freep) char *note = round_trip(path, o);

	w->fields++;
	if (note && strcmp(value, "{}") && is_valid(spec))
		vec_push(&w->noted, mem_strdup(path));
	if (is_valid(spec))
		merge(w->all, spec);
}

static void walk_message(struct walk *w, const struct msg_desc *d, const char *path, int depth);

static void walk_scalar(struct walk *w, const struct msg_field *f, const char *path)
{
	static const char *const texts[] = {"x", "7s", "1,2"};

	if (f->enums) {
		for (size_t i = 0; i < f->enums->n; i++) {
			CLEANUP(freep) char *word = mem_printf("\"%s\"", f->enums->values[i].name);

			field(w, path, word);
		}
	} else if (f->type == MSG_BOOL) {
		field(w, path, "false");
		field(w, path, "true");
	} else if (f->type == MSG_STRING || f->type == MSG_QUANTITY) {
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			field(w, path, texts[i]);
	} else if (f->type == MSG_INT_OR_STR) {
		field(w, path, "7");
		field(w, path, "7%");
	} else if (f->type == MSG_STR_MAP) {
		field(w, path, "{k.x: v}");
	} else if (f->type == MSG_JSON) {
		field(w, path, "{k: [1]}");
	} else {
		field(w, path, "7");
	}
}

static void walk_field(struct walk *w, const struct msg_field *f, const char *path, int depth)
{
	CLEANUP(freep) char *below = f->flags & MSG_LIST ? mem_printf("%s/0", path) : mem_strdup(path);

	if (f->type == MSG_MESSAGE) {
		walk_message(w, f->desc, below, depth + 1);
	} else if (f->type == MSG_MAP) {
		CLEANUP(freep)
		char *member = mem_printf("%s/%s", below,
					  f->desc == &maistra_component_runtime_config_desc ? "mixer.policy" : "more");

		walk_message(w, f->desc, member, depth + 1);
	} else {
		walk_scalar(w, f, below);
	}
}

static void walk_message(struct walk *w, const struct msg_desc *d, const char *path, int depth)
{
	if (depth > 12)
		return;
	if (*path)
		field(w, path, "{}");
	for (size_t i = 0; i < d->n_fields; i++) {
		CLEANUP(freep) char *p = mem_printf("%s%s%s", path, *path ? "/" : "", d->fields[i].name);

		walk_field(w, &d->fields[i], p, depth);
	}
}

/* What v1 cannot say of a single field, so that it is in the note: why. */
static const struct {
	const char *part, *why;
} unsaid[] = {
	{"/volumes/", "a volume has a source and a place"},
	{"/deployment/strategy/type", "charts knew only what a rolling update may do"},
	{"policy/remote/", "shared with Mixer's where the type is not Remote"},
	{"telemetry/remote/batching/", "shared with Mixer's where the type is not Remote"},
	{"security/certificateAuthority/", "settings of a type that is not said"},
	{"security/identity/thirdParty/", "settings of a type that is not said"},
	{"/envoyService/address", "without a port v1 has 80"},
	{"envoyMetricsService/address", "without a port v1 has 80"},
	{"/includedPorts/0", "an element with a comma"},
	{"IPRanges/0", "an element with a comma"},
	{"security/controlPlane/tls/", "an element with a comma"},
	{"/requestedNetworkView/0", "an element with a comma"},
	{"/selfManaged", "nothing in v1"},
};

static bool is_unsaid(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(unsaid); i++)
		if (strstr(path, unsaid[i].part))
			return true;
	return false;
}

static void every_field_of_v2(void **state)
{
	struct walk w = {.all = cJSON_CreateObject()};
	CLEANUP(json_freep) cJSON *o = NULL;
	bool failed = false;

	(void)state;
	walk_message(&w, &maistra_smcp_spec_desc, "", 0);
	o = object(CONVERT_V2, w.all);
	free(round_trip("everything at once", o));
	assert_true(w.fields > 1500);
	for (size_t i = 0; i < w.noted.n; i++) {
		if (!is_unsaid(w.noted.v[i])) {
			print_error("spec/%s: no row says it in v1\n", w.noted.v[i]);
			failed = true;
		}
		free(w.noted.v[i]);
	}
	vec_done(&w.noted);
	cJSON_Delete(w.all);
	assert_false(failed);
}

/* --- what people wrote --- */

/* OpenShift Service Mesh 1.1's basic-install, with more of what its documentation has. */
static const char basic_install[] =
	"{istio: {gateways: {istio-egressgateway: {autoscaleEnabled: false}, istio-ingressgateway: {autoscaleEnabled:"
	" false, ior_enabled: false}}, mixer: {policy: {autoscaleEnabled: false}, telemetry: {autoscaleEnabled: "
	"false}},"
	" pilot: {autoscaleEnabled: false, traceSampling: 100}, kiali: {enabled: true}, grafana: {enabled: true},"
	" prometheus: {enabled: true}, tracing: {enabled: true, jaeger: {template: all-in-one}},"
	" global: {tls: {minProtocolVersion: TLSv1_2}, proxy: {resources: {requests: {cpu: 100m}}},"
	" multitenant: true, omitSidecarInjectorConfigMap: true}}}";

static void basic(void **state)
{
	CLEANUP(json_freep) cJSON *v1 = yaml(basic_install);
	CLEANUP(json_freep) cJSON *v2 = convert_spec_to_v2(v1);
	CLEANUP(json_freep) cJSON *o = object(CONVERT_V1, v1);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf told = BUF_INIT;
	struct maistra_smcp_spec spec = {0};

	(void)state;
	free(round_trip("basic-install", o));
	assert_int_equal(msg_from_json(&maistra_smcp_spec_desc, &spec, v2, &a, NULL), 0);
	assert_int_equal(*spec.tracing->sampling, 10000);
	assert_string_equal(spec.tracing->type, "Jaeger");
	assert_false(*spec.gateways->openshift_route->enabled);
	assert_true(*spec.addons->grafana->enabled);
	/* what nobody knows any more is told by path */
	spec_unsupported(&spec, &told);
	assert_non_null(strstr(buf_str(&told), "spec.techPreview.global.multitenant: "));
	assert_non_null(strstr(buf_str(&told), "spec.techPreview.global.omitSidecarInjectorConfigMap: "));
}

static cJSON *form(unsigned *seed)
{
	static const char *const forms[] = {"x",    "'enabled'", "true", "false", "7",      "1.5",
					    "null", "{}",        "[]",   "[a]",   "{a: b}", "{enabled: {a: 1}}"};
	const char *text = forms[(size_t)rand_r(seed) % ARRAY_LEN(forms)];

	return strcmp(text, "null") ? yaml(text) : cJSON_CreateNull();
}

/* Values of any form at places that v1 has, by chance. */
static void random_values(void **state)
{
	static const char *const places[] = {
		"global.proxy.accessLogFile",
		"meshConfig.accessLogFile",
		"global.mtls.enabled",
		"global.mtls",
		"pilot",
		"pilot.env",
		"pilot.env.TOKEN_ISSUER",
		"global.jwtPolicy",
		"tracing",
		"tracing.enabled",
		"tracing.provider",
		"tracing.jaeger.template",
		"gateways",
		"gateways.enabled",
		"gateways.istio-ingressgateway",
		"gateways.istio-ingressgateway.ior_enabled",
		"gateways.istio-ingressgateway.name",
		"gateways.a.gatewayType",
		"gateways.a.ports",
		"gateways.a.env",
		"gateways.a.sds.enabled",
		"mixer",
		"mixer.policy.enabled",
		"mixer.policy.adapters",
		"security.selfSigned",
		"security",
		"kiali.service.nodePort.enabled",
		"kiali.service.nodePort.port",
		"kiali.contextPath",
		"kiali.ingress.contextPath",
		"3scale",
		"networkType",
		"techPreview",
		"techPreview.errored.message",
		"errored.message",
		"global.podDNSSearchNamespaces",
		"global.imagePullSecrets",
		"global.tag",
		"global.proxy_init.image",
		"gateways.istio-ilbgateway.enabled",
		"global.meshExpansion.useILB",
		"sidecarInjectorWebhook.alwaysInjectSelector",
	};
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		CLEANUP(json_freep) cJSON *spec = cJSON_CreateObject();
		CLEANUP(json_freep) cJSON *o = NULL;
		CLEANUP(freep) char *what = mem_printf("random values %d", i);
		const char *version = i % 2 ? CONVERT_V1 : CONVERT_V2;

		for (int n = 1 + i % 8; n > 0; n--) {
			struct slice rest = slice_str(places[(size_t)rand_r(&seed) % ARRAY_LEN(places)]);
			cJSON *at = json_object(spec, i % 2 ? "istio" : "techPreview");

			while (rest.len) {
				struct slice part = slice_split(&rest, '.');
				CLEANUP(freep) char *name = mem_printf("%.*s", SLICE_ARG(part));

				if (rest.len)
					at = json_object(at, name);
				else
					json_set(at, name, form(&seed));
			}
		}
		o = object(version, spec);
		free(round_trip(what, o));
	}
}

/* --- changes in the other version --- */

/* What is changed counts; what was said of the rest comes back. */
static void changes(void **state)
{
	CLEANUP(json_freep)
	cJSON *v1 = yaml("{istio: {global: {proxy: {accessLogFile: /a}}, tracing: {enabled: true}}}");
	CLEANUP(json_freep) cJSON *o1 = object(CONVERT_V1, v1);
	CLEANUP(json_freep) cJSON *o2 = convert(o1, CONVERT_V2);
	CLEANUP(json_freep) cJSON *back = NULL;
	CLEANUP(json_freep) cJSON *again = NULL;
	CLEANUP(json_freep) cJSON *want = NULL;
	const char *const way[] = {"spec", "proxy", "accessLogging", "file"};
	cJSON *at = o2;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(way); i++)
		at = json_get(at, way[i]);
	json_set_str(at, "name", "/b");
	back = convert(o2, CONVERT_V1);
	want = yaml("{istio: {global: {proxy: {accessLogFile: /b}}, meshConfig: {accessLogFile: /b},"
		    " tracing: {enabled: true}}}");
	/* of the log nothing comes back that was said before: both places have the new name */
	expect("changed in v2", json_get(back, "spec"), want);
	again = convert(back, CONVERT_V2);
	expect("changed in v2, and back", json_get(again, "spec"), json_get(o2, "spec"));
}

static void changed_in_v1(void **state)
{
	CLEANUP(json_freep)
	cJSON *v2 = yaml("{addons: {grafana: {install: {selfManaged: true}}}, tracing: {sampling: 7}}");
	CLEANUP(json_freep) cJSON *o2 = object(CONVERT_V2, v2);
	CLEANUP(json_freep) cJSON *o1 = convert(o2, CONVERT_V1);
	CLEANUP(json_freep) cJSON *back = NULL;
	CLEANUP(json_freep)
	cJSON *want = yaml("{addons: {grafana: {install: {selfManaged: true}}}, tracing: {sampling: 5000}}");

	(void)state;
	json_set(json_at(o1, "spec.istio.pilot"), "traceSampling", cJSON_CreateNumber(50));
	back = convert(o1, CONVERT_V2);
	expect("changed in v1", json_get(back, "spec"), want);
	/* the note of v1 does not stay on an object of v2 */
	assert_null(json_get(json_at(back, "metadata.annotations"), CONVERT_NOTE_OF_V2));
}

/* --- statuses, metadata, refusals --- */

static void statuses(void **state)
{
	CLEANUP(json_freep) cJSON *spec = yaml("{version: v2.6}");
	CLEANUP(json_freep) cJSON *o = object(CONVERT_V2, spec);
	CLEANUP(json_freep) cJSON *v1 = NULL;

	(void)state;
	json_set(
		o, "status",
		yaml("{annotations: {readyComponentCount: 3/3}, conditions: [{type: Ready, status: 'True'}],"
		     " observedGeneration: 4, operatorVersion: 2.6.0-1, chartVersion: 2.6.0, readiness: {components:"
		     " {ready: [istiod]}}, appliedSpec: {profiles: [default], version: v2.6, tracing: {type: None}}}"));
	free(round_trip("status", o));
	v1 = convert(o, CONVERT_V1);
	assert_string_equal(json_str(v1, "status.reconciledVersion"), "2.6.0-1-4");
	assert_string_equal(json_str(v1, "status.lastAppliedConfiguration.template"), "default");
	assert_string_equal(json_str(v1, "status.lastAppliedConfiguration.version"), "v2.6");
	assert_string_equal(json_str(v1, "status.lastAppliedConfiguration.istio.tracing.provider"), "none");
	assert_string_equal(json_str(v1, "status.annotations.readyComponentCount"), "3/3");
	assert_null(json_at(v1, "status.chartVersion"));
}

/* An API server takes changes of labels and annotations only. */
static void metadata(void **state)
{
	CLEANUP(json_freep) cJSON *spec = yaml("{istio: {global: {proxy: {accessLogFile: /a}}}}");
	CLEANUP(json_freep) cJSON *o = object(CONVERT_V1, spec);
	CLEANUP(json_freep) cJSON *v2 = convert(o, CONVERT_V2);
	cJSON *meta = json_get(v2, "metadata");

	(void)state;
	assert_non_null(json_get(json_get(meta, "annotations"), CONVERT_NOTE_OF_V1));
	json_remove(meta, "annotations");
	expect("metadata", meta, json_get(o, "metadata"));
}

/* Notes that somebody else wrote do no harm. */
static void bad_notes(void **state)
{
	static const char *const notes[] = {
		"",
		"x",
		"7",
		"{}",
		"[1, {}, {\"at\": 1}, {\"at\": []}, {\"at\": [1]}]",
		"[{\"at\": [\"spec\"], \"derived\": 1, \"said\": 2}, {\"at\": [\"spec\", 7], \"said\": 2}]",
		"[{\"at\": [\"metadata\", \"name\"], \"said\": \"other\"}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		CLEANUP(json_freep) cJSON *spec = yaml("{tracing: {sampling: 1}}");
		CLEANUP(json_freep) cJSON *o = object(CONVERT_V2, spec);
		CLEANUP(json_freep) cJSON *v1 = NULL;

		json_set_str(json_object(json_get(o, "metadata"), "annotations"), CONVERT_NOTE_OF_V1, notes[i]);
		v1 = convert(o, CONVERT_V1);
		assert_string_equal(json_str(v1, "metadata.name"), "basic");
		assert_non_null(json_at(v1, "spec.istio.pilot.traceSampling"));
		assert_null(json_at(v1, "metadata.annotations"));
	}
}

static void refusals(void **state)
{
	CLEANUP(json_freep) cJSON *spec = yaml("{}");
	CLEANUP(json_freep) cJSON *o = object(CONVERT_V2, spec);
	CLEANUP(freep) char *long_text = mem_alloc(CONVERT_NOTE_MAX_BYTES + 1);
	cJSON *ret = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(convert_smcp(o, "maistra.io/v3", &ret, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "cannot convert maistra.io/v2 to maistra.io/v3"));
	memset(long_text, 'x', CONVERT_NOTE_MAX_BYTES);
	long_text[CONVERT_NOTE_MAX_BYTES] = 0;
	json_set_str(json_get(o, "spec"), "unknown", long_text);
	assert_int_equal(convert_smcp(o, CONVERT_V1, &ret, &e), -EMSGSIZE);
	json_set_str(o, "kind", "ServiceMeshMemberRoll");
	assert_int_equal(convert_smcp(o, CONVERT_V1, &ret, &e), -EINVAL);
	assert_null(ret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),        cmocka_unit_test(every_field_of_v2), cmocka_unit_test(basic),
		cmocka_unit_test(random_values), cmocka_unit_test(changes),           cmocka_unit_test(changed_in_v1),
		cmocka_unit_test(statuses),      cmocka_unit_test(metadata),          cmocka_unit_test(bad_notes),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
