/* The template "sidecar": proxy, redirection, volumes, labels and annotations of an application's pod. */
#include <stdio.h>
#include <stdlib.h>

#include "inject/internal.h"
#include "mesh/workload.h"

/* --- redirection --- */

static const char *setting(const struct injection *x, const char *annotation, const char *name, const char *fallback)
{
	const char *v = inject_annotation(x, arena_printf(x->a, "traffic.sidecar.istio.io/%s", annotation));

	return v ? v : inject_value(x, "proxy", name, fallback);
}

static void add_option(cJSON *args, const char *option, const char *value)
{
	cJSON_AddItemToArray(args, cJSON_CreateString(option));
	cJSON_AddItemToArray(args, cJSON_CreateString(value));
}

const char *inject_interception(const struct injection *x)
{
	const char *mode = inject_annotation(x, "sidecar.istio.io/interceptionMode");

	if (!mode)
		mode = json_str(x->proxy_config, "interceptionMode");
	return mode ? mode : inject_value(x, "proxy", "interceptionMode", "REDIRECT");
}

/* "15090,15021,15020,8080": the proxy's own ports are never redirected. */
static const char *excluded_inbound(const struct injection *x)
{
	const char *more = setting(x, "excludeInboundPorts", "excludeInboundPorts", "");
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_append_str(&b, "15090,15021");
	if (x->status_port)
		buf_printf(&b, ",%d", x->status_port);
	if (*more)
		buf_printf(&b, ",%s", more);
	return arena_strdup(x->a, buf_str(&b));
}

bool inject_by_cni(const struct injection *x)
{
	return cJSON_IsTrue(json_at(x->values, "istio_cni.enabled"));
}

/* As the proxy itself reads its variable: where it answers DNS, DNS is redirected to it. */
static bool captures_dns(const struct injection *x)
{
	const char *v = json_str(json_get(x->proxy_config, "proxyMetadata"), "ISTIO_META_DNS_CAPTURE");

	return v && (strcmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

static cJSON *redirection_args(const struct injection *x)
{
	static const struct {
		const char *annotation, *value, *option;
	} more[] = {
		{"includeOutboundPorts", "includeOutboundPorts", "-q"},
		{"excludeOutboundPorts", "excludeOutboundPorts", "-o"},
		{"kubevirtInterfaces", "kubevirtInterfaces", "-k"},
		{"excludeInterfaces", "excludeInterfaces", "-c"},
	};
	cJSON *args = cJSON_CreateArray();

	add_option(args, "-p", "15001");
	add_option(args, "-z", "15006");
	add_option(args, "-u", arena_printf(x->a, "%d", inject_proxy_uid(x)));
	add_option(args, "-m", inject_interception(x));
	add_option(args, "-i", setting(x, "includeOutboundIPRanges", "includeIPRanges", "*"));
	add_option(args, "-x", setting(x, "excludeOutboundIPRanges", "excludeIPRanges", ""));
	add_option(args, "-b", setting(x, "includeInboundPorts", "includeInboundPorts", "*"));
	add_option(args, "-d", excluded_inbound(x));
	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		const char *v = setting(x, more[i].annotation, more[i].value, "");

		if (*v)
			add_option(args, more[i].option, v);
	}
	if (captures_dns(x))
		cJSON_AddItemToArray(args, cJSON_CreateString("--redirect-dns"));
	cJSON_AddItemToArray(args,
			     cJSON_CreateString(arena_printf(x->a, "--log_output_level=%s",
							     inject_value(x, "logging", "level", "default:info"))));
	return args;
}

/* The container that sets redirection up, or the one that proves that the CNI plugin did: both with the same arguments,
 * which the plugin reads. */
static cJSON *redirection_container(const struct injection *x, const char *name, const char *image, cJSON *args,
				    cJSON *security)
{
	const char *policy =
		inject_value(x, "proxy_init", "imagePullPolicy", inject_value(x, NULL, "imagePullPolicy", NULL));
	const cJSON *resources = json_at(x->values, "global.proxy_init.resources");
	cJSON *c = cJSON_CreateObject();

	cJSON_AddStringToObject(c, "name", name);
	cJSON_AddStringToObject(c, "image", image);
	if (policy)
		cJSON_AddStringToObject(c, "imagePullPolicy", policy);
	cJSON_AddItemToObject(c, "command", json_literal("[\"/usr/local/bin/weft-init\"]"));
	cJSON_AddItemToObject(c, "args", args);
	if (cJSON_IsObject(resources))
		cJSON_AddItemToObject(c, "resources", cJSON_Duplicate(resources, true));
	cJSON_AddItemToObject(c, "securityContext", security);
	return c;
}

cJSON *inject_init_container(const struct injection *x)
{
	const char *image =
		inject_value(x, "proxy_init", "image", inject_value(x, "proxy", "image", x->i->cfg.proxy_image));

	return redirection_container(
		x, INIT_CONTAINER, image, redirection_args(x),
		json_literal(
			"{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"add\":[\"NET_ADMIN\",\"NET_RAW\"],"
			"\"drop\":[\"ALL\"]},\"privileged\":false,\"readOnlyRootFilesystem\":false,"
			"\"runAsGroup\":0,\"runAsNonRoot\":false,\"runAsUser\":0}"));
}

/* As the proxy's user, whose own traffic is what is tried. */
cJSON *inject_validation_container(const struct injection *x)
{
	const char *image =
		inject_value(x, "proxy_init", "image", inject_value(x, "proxy", "image", x->i->cfg.proxy_image));
	cJSON *args = redirection_args(x);

	cJSON_AddItemToArray(args, cJSON_CreateString("--run-validation"));
	cJSON_AddItemToArray(args, cJSON_CreateString("--skip-rule-apply"));
	return redirection_container(x, VALIDATION_CONTAINER, image, args, inject_restricted_context(x));
}

/* --- volumes --- */

cJSON *inject_volumes(const struct injection *x)
{
	cJSON *v = json_literal(
		"[{\"name\":\"workload-socket\",\"emptyDir\":{}},"
		"{\"name\":\"istio-envoy\",\"emptyDir\":{\"medium\":\"Memory\"}},"
		"{\"name\":\"istio-data\",\"emptyDir\":{}},"
		"{\"name\":\"istio-podinfo\",\"downwardAPI\":{\"items\":["
		"{\"path\":\"labels\",\"fieldRef\":{\"apiVersion\":\"v1\",\"fieldPath\":\"metadata.labels\"}},"
		"{\"path\":\"annotations\",\"fieldRef\":{\"apiVersion\":\"v1\",\"fieldPath\":\"metadata."
		"annotations\"}}]}},"
		"{\"name\":\"istiod-ca-cert\",\"configMap\":{\"name\":\"istio-ca-root-cert\"}}]");
	const char *audience = json_str(x->values, "global.sds.token.aud");
	cJSON *token = json_literal("{\"name\":\"istio-token\",\"projected\":{\"sources\":[{\"serviceAccountToken\":"
				    "{\"path\":\"istio-token\",\"expirationSeconds\":43200}}]}}");
	cJSON *source = cJSON_GetArrayItem(json_get(json_get(token, "projected"), "sources"), 0);

	cJSON_AddStringToObject(json_get(source, "serviceAccountToken"), "audience", audience ? audience : "istio-ca");
	cJSON_AddItemToArray(v, token);
	return v;
}

/* Names of registry secrets, as strings in the values, as objects in the pod. */
static void add_pull_secrets(const struct injection *x, cJSON *spec)
{
	const cJSON *names = json_at(x->values, "global.imagePullSecrets"), *n;
	cJSON *list = cJSON_CreateArray(), *one;

	cJSON_ArrayForEach(n, names)
	{
		if (!cJSON_IsString(n))
			continue;
		one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "name", n->valuestring);
		cJSON_AddItemToArray(list, one);
	}
	if (list->child)
		cJSON_AddItemToObject(spec, "imagePullSecrets", list);
	else
		cJSON_Delete(list);
}

/* The mesh's search domains; a pod that has some of its own keeps them. */
static void add_dns_search(const struct injection *x, cJSON *spec)
{
	const cJSON *names = json_at(x->values, "global.podDNSSearchNamespaces");

	if (cJSON_GetArraySize(names))
		cJSON_AddItemToObject(cJSON_AddObjectToObject(spec, "dnsConfig"), "searches",
				      cJSON_Duplicate(names, true));
}

/* --- labels and annotations --- */

static bool merges_metrics(const struct injection *x)
{
	const char *said = inject_annotation(x, "prometheus.istio.io/merge-metrics"),
		   *scrape = inject_annotation(x, "prometheus.io/scrape");
	const cJSON *dflt = json_get(x->mesh, "enablePrometheusMerge");

	if ((scrape && strcasecmp(scrape, "false") == 0) || !x->status_port)
		return false;
	return said ? strcasecmp(said, "true") == 0 : !cJSON_IsFalse(dflt);
}

static void add_labels(const struct injection *x, cJSON *meta, bool mutual)
{
	const struct str_map *have = &x->pod->metadata->labels;
	cJSON *labels = cJSON_AddObjectToObject(meta, "labels");

	if (mutual && !str_map_get(have, "security.istio.io/tlsMode"))
		cJSON_AddStringToObject(labels, "security.istio.io/tlsMode", "istio");
	cJSON_AddStringToObject(labels, "service.istio.io/canonical-name",
				labels_canonical_name(have, pod_workload(x->a, x->pod)));
	cJSON_AddStringToObject(labels, "service.istio.io/canonical-revision", labels_canonical_revision(have));
}

static void add_annotations(const struct injection *x, cJSON *meta)
{
	cJSON *to = cJSON_AddObjectToObject(meta, "annotations");

	cJSON_AddStringToObject(to, "istio.io/rev", x->i->cfg.revision);
	if (!merges_metrics(x))
		return;
	cJSON_AddStringToObject(to, "prometheus.io/scrape", "true");
	cJSON_AddStringToObject(to, "prometheus.io/port", arena_printf(x->a, "%d", x->status_port));
	cJSON_AddStringToObject(to, "prometheus.io/path", "/stats/prometheus");
}

/* kubectl logs and exec mean the application. */
static void add_default_container(const struct injection *x, cJSON *meta)
{
	static const char *const names[] = {"kubectl.kubernetes.io/default-container",
					    "kubectl.kubernetes.io/default-logs-container"};
	cJSON *to = json_get(meta, "annotations");
	const char *first = NULL;

	for (size_t i = 0; i < x->pod->spec->containers.n && !first; i++) {
		const char *name = x->pod->spec->containers.v[i].name;

		first = name && strcmp(name, PROXY_CONTAINER) != 0 ? name : NULL;
	}
	for (size_t i = 0; first && i < ARRAY_LEN(names); i++)
		if (!inject_annotation(x, names[i]))
			cJSON_AddStringToObject(to, names[i], first);
}

/* Whether Multus' annotation, "ns/name, name" or a list of objects, has the network. ns "": the pod's own. */
static bool names_network(const char *have, const cJSON *list, const char *ns, const char *name)
{
	struct slice rest = slice_str(list ? "" : have);

	JSON_EACH(one, list)
	{
		if (strcmp(json_str_or_empty(one, "name"), name) == 0 &&
		    strcmp(json_str_or_empty(one, "namespace"), ns) == 0)
			return true;
	}
	while (rest.len) {
		struct slice one = slice_split(&rest, ','), its_ns = slice_trim(one), its_name = its_ns;

		its_ns = slice_find(its_name, '/') < 0 ? SLICE("") : slice_split(&its_name, '/');
		if (slice_eq_str(its_ns, ns) && slice_eq_str(its_name, name))
			return true;
	}
	return false;
}

/* Where Multus calls the plugin it does so for pods that name its network, beside those that the pod names itself. */
static void add_network(const struct injection *x, cJSON *meta)
{
	const char *name = json_str(x->values, "istio_cni.network"),
		   *ns = json_str_or_empty(x->values, "istio_cni.networkNamespace"),
		   *have = inject_annotation(x, NETWORKS_ANNOTATION);
	CLEANUP(json_freep) cJSON *list = NULL;
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	cJSON *one;

	if (!name || !*name)
		return;
	if (have && slice_starts(slice_trim(slice_str(have)), SLICE("[")))
		(void)json_parse(slice_str(have), JSON_OBJECT_MAX_BYTES, &list, NULL);
	if (have && names_network(have, list, ns, name))
		return;
	if (list) {
		one = cJSON_CreateObject();
		json_set_str(one, "name", name);
		if (*ns)
			json_set_str(one, "namespace", ns);
		cJSON_AddItemToArray(list, one);
		json_print(list, &b);
	} else {
		buf_printf(&b, "%s%s%s%s%s", have ? have : "", have && *have ? ", " : "", ns, *ns ? "/" : "", name);
	}
	json_set_str(json_object(meta, "annotations"), NETWORKS_ANNOTATION, buf_str(&b));
}

static cJSON *template_of(struct injection *x, const char *type)
{
	cJSON *t = cJSON_CreateObject(), *spec;

	cJSON_AddItemToObject(t, "metadata", cJSON_CreateObject());
	spec = cJSON_AddObjectToObject(t, "spec");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, x->native ? "initContainers" : "containers"),
			     inject_proxy_container(x, type));
	cJSON_AddItemToObject(spec, "volumes", inject_volumes(x));
	add_pull_secrets(x, spec);
	add_dns_search(x, spec);
	return t;
}

cJSON *inject_sidecar_template(struct injection *x)
{
	const bool captured = strcmp(inject_interception(x), "NONE") != 0;
	cJSON *t = template_of(x, "sidecar"), *meta = json_get(t, "metadata");
	cJSON *spec = json_get(t, "spec"), *init;

	add_labels(x, meta, captured);
	add_annotations(x, meta);
	add_default_container(x, meta);
	if (!captured) {
		inject_warn(x, "interceptionMode NONE: the pod's traffic does not pass through its proxy, and peers "
			       "send it plain text");
		return t;
	}
	init = json_get(spec, "initContainers");
	cJSON_AddItemToArray(init ? init : cJSON_AddArrayToObject(spec, "initContainers"),
			     inject_by_cni(x) ? inject_validation_container(x) : inject_init_container(x));
	if (inject_by_cni(x))
		add_network(x, meta);
	return t;
}

/* A proxy of its own: nothing is redirected to it, and it may bind the ports below 1024. */
cJSON *inject_gateway_template(struct injection *x)
{
	cJSON *t = template_of(x, "router"), *meta = json_get(t, "metadata"), *context;

	add_labels(x, meta, false);
	add_annotations(x, meta);
	context = cJSON_AddObjectToObject(json_get(t, "spec"), "securityContext");
	cJSON_AddItemToObject(context, "sysctls",
			      json_literal("[{\"name\":\"net.ipv4.ip_unprivileged_port_start\",\"value\":\"0\"}]"));
	return t;
}
