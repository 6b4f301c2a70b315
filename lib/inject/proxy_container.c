/* The proxy's container: names, ports, arguments, environment and mounts as Istio's proxies expect. */
#include <stdio.h>
#include <stdlib.h>

#include "inject/internal.h"
#include "mesh/workload.h"

static void add_arg(cJSON *args, const char *s)
{
	cJSON_AddItemToArray(args, cJSON_CreateString(s));
}

static void add_env(cJSON *env, const char *name, const char *value)
{
	cJSON *e = cJSON_CreateObject();

	cJSON_AddStringToObject(e, "name", name);
	cJSON_AddStringToObject(e, "value", value);
	cJSON_AddItemToArray(env, e);
}

static void add_env_field(cJSON *env, const char *name, const char *path)
{
	cJSON *e = cJSON_CreateObject(), *from, *ref;

	cJSON_AddStringToObject(e, "name", name);
	from = cJSON_AddObjectToObject(e, "valueFrom");
	ref = cJSON_AddObjectToObject(from, "fieldRef");
	cJSON_AddStringToObject(ref, "apiVersion", "v1");
	cJSON_AddStringToObject(ref, "fieldPath", path);
	cJSON_AddItemToArray(env, e);
}

static void add_mount(cJSON *mounts, const char *name, const char *path)
{
	cJSON *m = cJSON_CreateObject();

	cJSON_AddStringToObject(m, "name", name);
	cJSON_AddStringToObject(m, "mountPath", path);
	cJSON_AddItemToArray(mounts, m);
}

static const char *print(const struct injection *x, const cJSON *json)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	json_print(json, &b);
	return arena_strdup(x->a, buf_str(&b));
}

/* [{"name":"http","containerPort":8080,"protocol":"TCP"}] */
static const char *pod_ports(const struct injection *x)
{
	cJSON *list = cJSON_CreateArray();
	const char *text;

	for (size_t i = 0; i < x->pod->spec->containers.n; i++)
		for (size_t j = 0; j < x->pod->spec->containers.v[i].ports.n; j++)
			cJSON_AddItemToArray(list, msg_to_json(&core_container_port_desc,
							       &x->pod->spec->containers.v[i].ports.v[j]));
	text = print(x, list);
	cJSON_Delete(list);
	return text;
}

static const char *app_containers(const struct injection *x)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (size_t i = 0; i < x->pod->spec->containers.n; i++) {
		const char *name = x->pod->spec->containers.v[i].name;

		if (name && strcmp(name, PROXY_CONTAINER) != 0)
			buf_printf(&b, "%s%s", b.len ? "," : "", name);
	}
	return arena_strdup(x->a, buf_str(&b));
}

static void add_identity_env(const struct injection *x, cJSON *env)
{
	const char *plural, *api_version, *workload = pod_workload(x->a, x->pod);
	const char *mesh_id = json_str(x->proxy_config, "meshId");

	pod_workload_kind(x->pod, &plural, &api_version);
	add_env(env, "ISTIO_META_WORKLOAD_NAME", workload);
	add_env(env, "ISTIO_META_OWNER",
		arena_printf(x->a, "kubernetes://apis/%s/namespaces/%s/%s/%s", api_version, x->ns, plural, workload));
	if (!mesh_id)
		mesh_id = inject_value(x, NULL, "meshID", "cluster.local");
	add_env(env, "ISTIO_META_MESH_ID", mesh_id);
	add_env(env, "TRUST_DOMAIN",
		json_str(x->mesh, "trustDomain") ? json_str(x->mesh, "trustDomain") : "cluster.local");
}

static void add_own_env(const struct injection *x, cJSON *env)
{
	const cJSON *const maps[] = {json_get(x->proxy_config, "proxyMetadata"),
				     json_at(x->values, "global.proxy.env")};
	const cJSON *m;

	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		cJSON_ArrayForEach(m, maps[i]) if (cJSON_IsString(m)) add_env(env, m->string, m->valuestring);
	if (cJSON_GetArraySize(x->probers))
		add_env(env, "ISTIO_KUBE_APP_PROBERS", print(x, x->probers));
}

/* Where the application's own metrics are, for merging. */
static void add_prometheus_env(const struct injection *x, cJSON *env)
{
	const char *scrape = inject_annotation(x, "prometheus.io/scrape"),
		   *port = inject_annotation(x, "prometheus.io/port"),
		   *path = inject_annotation(x, "prometheus.io/path");
	cJSON *o;

	if (!scrape || (port && atoi(port) == x->status_port)) /* ours, of an earlier injection */
		return;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "scrape", scrape);
	cJSON_AddStringToObject(o, "path", path ? path : "");
	cJSON_AddStringToObject(o, "port", port ? port : "");
	add_env(env, "ISTIO_PROMETHEUS_ANNOTATIONS", print(x, o));
	cJSON_Delete(o);
}

static void add_proxy_env(const struct injection *x, cJSON *env)
{
	const char *address = json_str(x->proxy_config, "discoveryAddress");
	const char *ca = inject_value(x, NULL, "caAddress", NULL);

	if (!address)
		address = arena_printf(x->a, "istiod-%s.%s.svc:15012", x->i->cfg.revision, x->i->cfg.ns);
	add_env(env, "JWT_POLICY", inject_value(x, NULL, "jwtPolicy", "third-party-jwt"));
	add_env(env, "PILOT_CERT_PROVIDER", inject_value(x, NULL, "pilotCertProvider", "istiod"));
	add_env(env, "CA_ADDR", ca ? ca : address);
	add_env_field(env, "POD_NAME", "metadata.name");
	add_env_field(env, "POD_NAMESPACE", "metadata.namespace");
	add_env_field(env, "INSTANCE_IP", "status.podIP");
	add_env_field(env, "SERVICE_ACCOUNT", "spec.serviceAccountName");
	add_env_field(env, "HOST_IP", "status.hostIP");
	add_env(env, "PROXY_CONFIG", print(x, x->proxy_config));
	add_env(env, "ISTIO_META_POD_PORTS", pod_ports(x));
	add_env(env, "ISTIO_META_APP_CONTAINERS", app_containers(x));
	add_env(env, "ISTIO_META_CLUSTER_ID", inject_value(x, "multiCluster", "clusterName", x->i->cfg.cluster_id));
	add_env_field(env, "ISTIO_META_NODE_NAME", "spec.nodeName");
	add_env(env, "ISTIO_META_INTERCEPTION_MODE", inject_interception(x));
	if (inject_value(x, NULL, "network", NULL))
		add_env(env, "ISTIO_META_NETWORK", inject_value(x, NULL, "network", NULL));
	add_identity_env(x, env);
	add_own_env(x, env);
	add_prometheus_env(x, env);
}

static void add_proxy_args(const struct injection *x, const char *type, cJSON *args)
{
	const char *log = inject_annotation(x, "sidecar.istio.io/logLevel"),
		   *component = inject_annotation(x, "sidecar.istio.io/componentLogLevel"),
		   *agent = inject_annotation(x, "sidecar.istio.io/agentLogLevel");
	const cJSON *concurrency = json_get(x->proxy_config, "concurrency"),
		    *as_json = json_at(x->values, "global.logAsJson");

	add_arg(args, "proxy");
	add_arg(args, type);
	add_arg(args, "--domain");
	add_arg(args, arena_printf(x->a, "$(POD_NAMESPACE).svc.%s",
				   inject_value(x, "proxy", "clusterDomain", x->i->cfg.domain)));
	add_arg(args,
		arena_printf(x->a, "--proxyLogLevel=%s", log ? log : inject_value(x, "proxy", "logLevel", "warning")));
	add_arg(args,
		arena_printf(x->a, "--proxyComponentLogLevel=%s",
			     component ? component : inject_value(x, "proxy", "componentLogLevel", "misc:error")));
	add_arg(args, arena_printf(x->a, "--log_output_level=%s",
				   agent ? agent : inject_value(x, "logging", "level", "default:info")));
	if (cJSON_IsTrue(as_json))
		add_arg(args, "--log_as_json");
	if (cJSON_IsNumber(concurrency)) {
		add_arg(args, "--concurrency");
		add_arg(args, arena_printf(x->a, "%d", concurrency->valueint));
	}
}

/* Requests and limits: any annotation of the pod replaces the defaults wholly. */
static cJSON *resources(const struct injection *x)
{
	static const struct {
		const char *annotation, *kind, *name;
	} rows[] = {
		{"sidecar.istio.io/proxyCPU", "requests", "cpu"},
		{"sidecar.istio.io/proxyMemory", "requests", "memory"},
		{"sidecar.istio.io/proxyCPULimit", "limits", "cpu"},
		{"sidecar.istio.io/proxyMemoryLimit", "limits", "memory"},
	};
	cJSON *out = cJSON_CreateObject();
	const cJSON *dflt = json_at(x->values, "global.proxy.resources");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *v = inject_annotation(x, rows[i].annotation);
		cJSON *kind;

		if (!v)
			continue;
		kind = json_get(out, rows[i].kind);
		if (!kind)
			kind = cJSON_AddObjectToObject(out, rows[i].kind);
		cJSON_AddStringToObject(kind, rows[i].name, v);
	}
	if (out->child || !cJSON_IsObject(dflt))
		return out;
	cJSON_Delete(out);
	return cJSON_Duplicate(dflt, true);
}

static int number(const struct injection *x, const char *annotation, const char *name, int fallback)
{
	const char *v = inject_annotation(x, arena_printf(x->a, "readiness.status.sidecar.istio.io/%s", annotation));

	if (!v)
		v = inject_value(x, "proxy", name, NULL);
	return v ? atoi(v) : fallback;
}

static cJSON *readiness(const struct injection *x)
{
	cJSON *p = json_literal("{\"httpGet\":{\"path\":\"/healthz/ready\",\"port\":15021},\"timeoutSeconds\":3}");

	cJSON_AddNumberToObject(p, "initialDelaySeconds",
				number(x, "initialDelaySeconds", "readinessInitialDelaySeconds", 1));
	cJSON_AddNumberToObject(p, "periodSeconds", number(x, "periodSeconds", "readinessPeriodSeconds", 2));
	cJSON_AddNumberToObject(p, "failureThreshold", number(x, "failureThreshold", "readinessFailureThreshold", 30));
	return p;
}

/* Native sidecars always have one: the kubelet starts what comes after them when it has succeeded. */
static cJSON *startup(const struct injection *x)
{
	const cJSON *wanted = json_at(x->values, "global.proxy.startupProbe");
	const cJSON *threshold = json_at(wanted, "failureThreshold");
	cJSON *p;

	if (!x->native && !json_true(wanted, "enabled"))
		return NULL;
	p = json_literal(
		"{\"httpGet\":{\"path\":\"/healthz/ready\",\"port\":15021},\"timeoutSeconds\":3,\"periodSeconds\":1}");
	cJSON_AddNumberToObject(p, "failureThreshold", cJSON_IsNumber(threshold) ? threshold->valueint : 600);
	return p;
}

static void add_probes(const struct injection *x, cJSON *c)
{
	cJSON *start = x->status_port ? startup(x) : NULL;

	if (x->status_port)
		cJSON_AddItemToObject(c, "readinessProbe", readiness(x));
	if (start)
		cJSON_AddItemToObject(c, "startupProbe", start);
}

/* The kubelet starts the containers in their order, and the next one when the hook of this one has returned. */
static void add_lifecycle(const struct injection *x, cJSON *c)
{
	if (x->native)
		cJSON_AddStringToObject(c, "restartPolicy", "Always");
	else if (x->hold && x->status_port)
		cJSON_AddItemToObject(
			c, "lifecycle",
			json_literal(
				"{\"postStart\":{\"exec\":{\"command\":[\"/usr/local/bin/weft-proxy\",\"wait\"]}}}"));
}

/* "registry/proxy:1.0" of type "debug" is "registry/proxy:1.0-debug"; another type is replaced, a digest is kept. */
static const char *typed_image(const struct injection *x, const char *image)
{
	static const char *const types[] = {"-distroless", "-debug", "-default"};
	const char *type = inject_annotation(x, "sidecar.istio.io/proxyImageType"), *slash = strrchr(image, '/');
	size_t len = strlen(image);

	if (!type)
		type = json_str(x->proxy_config, "image.imageType");
	if (!type || !*type || strchr(image, '@') || !strchr(slash ? slash : image, ':'))
		return image;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (len > strlen(types[i]) && strcmp(image + len - strlen(types[i]), types[i]) == 0)
			len -= strlen(types[i]);
	if (strcmp(type, "default") == 0)
		return arena_printf(x->a, "%.*s", (int)len, image);
	return arena_printf(x->a, "%.*s-%s", (int)len, image, type);
}

/* OpenShift gives the containers of a pod a user of the namespace's range, before injection: the proxy has the next
 * one, which is in the range, too. 0: it gave none. */
static int64_t assigned_uid(const struct core_pod *pod)
{
	int64_t max = 0;

	for (size_t i = 0; i < pod->spec->containers.n; i++) {
		const struct core_container *c = &pod->spec->containers.v[i];
		const int64_t *uid = c->security_context ? c->security_context->run_as_user : NULL;

		if (uid && *uid > max && (!c->name || strcmp(c->name, PROXY_CONTAINER) != 0))
			max = *uid;
	}
	return max;
}

int inject_proxy_uid(const struct injection *x)
{
	const char *uid = inject_annotation(x, "sidecar.istio.io/proxyUID");
	int64_t assigned = inject_annotation(x, SCC_ANNOTATION) ? assigned_uid(x->pod) : 0;

	if (uid)
		return atoi(uid);
	return assigned > 0 && assigned < INT32_MAX ? (int)assigned + 1 : PROXY_UID;
}

/* Whether the pod restricts system calls container by container. Then the proxy must say so, too, or a restricted
 * namespace refuses the pod; in any other it says nothing, as some of OpenShift's constraints let nobody say it. */
static bool seccomp_by_container(const struct injection *x)
{
	const struct core_pod_spec *spec = x->pod->spec;

	if (!spec || (spec->security_context && spec->security_context->seccomp_profile))
		return false;
	for (size_t i = 0; i < spec->containers.n; i++)
		if (spec->containers.v[i].security_context && spec->containers.v[i].security_context->seccomp_profile)
			return true;
	return false;
}

cJSON *inject_restricted_context(const struct injection *x)
{
	cJSON *c = json_literal("{\"allowPrivilegeEscalation\":false,\"capabilities\":{\"drop\":[\"ALL\"]},"
				"\"privileged\":false,\"readOnlyRootFilesystem\":true,\"runAsNonRoot\":true}");

	cJSON_AddNumberToObject(c, "runAsGroup", inject_proxy_uid(x));
	cJSON_AddNumberToObject(c, "runAsUser", inject_proxy_uid(x));
	if (seccomp_by_container(x))
		cJSON_AddItemToObject(c, "seccompProfile", json_literal("{\"type\":\"RuntimeDefault\"}"));
	return c;
}

static cJSON *security_context(const struct injection *x)
{
	const char *bind = inject_annotation(x, "sidecar.istio.io/capNetBindService");
	cJSON *c = inject_restricted_context(x);

	if (bind && strcasecmp(bind, "true") == 0)
		cJSON_AddItemToObject(json_get(c, "capabilities"), "add", json_literal("[\"NET_BIND_SERVICE\"]"));
	return c;
}

static void add_mounts(cJSON *c)
{
	cJSON *mounts = cJSON_AddArrayToObject(c, "volumeMounts");

	add_mount(mounts, "workload-socket", "/var/run/secrets/workload-spiffe-uds");
	add_mount(mounts, "istiod-ca-cert", "/var/run/secrets/istio");
	add_mount(mounts, "istio-data", "/var/lib/istio/data");
	add_mount(mounts, "istio-envoy", "/etc/istio/proxy");
	add_mount(mounts, "istio-token", "/var/run/secrets/tokens");
	add_mount(mounts, "istio-podinfo", "/etc/istio/pod");
}

cJSON *inject_proxy_container(struct injection *x, const char *type)
{
	const char *image = inject_annotation(x, "sidecar.istio.io/proxyImage"),
		   *policy = inject_value(x, NULL, "imagePullPolicy", NULL);
	cJSON *c = cJSON_CreateObject();

	if (!image)
		image = inject_value(x, "proxy", "image", x->i->cfg.proxy_image);
	cJSON_AddStringToObject(c, "name", PROXY_CONTAINER);
	cJSON_AddStringToObject(c, "image", typed_image(x, image));
	if (policy)
		cJSON_AddStringToObject(c, "imagePullPolicy", policy);
	cJSON_AddItemToObject(
		c, "ports",
		json_literal("[{\"containerPort\":15090,\"name\":\"http-envoy-prom\",\"protocol\":\"TCP\"}]"));
	add_proxy_args(x, type, cJSON_AddArrayToObject(c, "args"));
	add_proxy_env(x, cJSON_AddArrayToObject(c, "env"));
	cJSON_AddItemToObject(c, "resources", resources(x));
	add_probes(x, c);
	cJSON_AddItemToObject(c, "securityContext", security_context(x));
	add_lifecycle(x, c);
	add_mounts(c);
	return c;
}
