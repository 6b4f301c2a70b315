/* What is special about single kinds, beyond their schemas. Larger subjects have their own files: kind_service.c,
 * kind_crd.c. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/rand.h"
#include "lab/api/op.h"
#include "lab/api/kinds_internal.h"

#define KEY_CHARACTERS "-._abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

bool kind_is(const struct resource *r, const char *group, const char *plural)
{
	return !r->custom && strcmp(r->group, group) == 0 && strcmp(r->plural, plural) == 0;
}

bool kind_has_generation(const struct resource *r)
{
	static const char *const groups[] = {"apps",
					     "networking.k8s.io",
					     "policy",
					     "apiextensions.k8s.io",
					     "admissionregistration.k8s.io",
					     "discovery.k8s.io",
					     "batch"};

	if (r->custom)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (strcmp(r->group, groups[i]) == 0)
			return strcmp(r->plural, "controllerrevisions") != 0;
	return false;
}

/* --- pods --- */

static void add_json(cJSON *list, const char *text)
{
	cJSON_AddItemToArray(list, json_literal(text));
}

static bool has_mount(const cJSON *container, const char *path)
{
	JSON_EACH(m, json_get(container, "volumeMounts"))
	{
		const char *at = json_str(m, "mountPath");

		if (at && strcmp(at, path) == 0)
			return true;
	}
	return false;
}

#define TOKEN_PATH "/var/run/secrets/kubernetes.io/serviceaccount"

static int mount_token(cJSON *containers, const char *volume)
{
	int n = 0;

	for (cJSON *c = containers ? containers->child : NULL; c; c = c->next) {
		if (has_mount(c, TOKEN_PATH))
			continue;
		cJSON *m = cJSON_CreateObject();

		json_set_str(m, "name", volume);
		json_set_bool(m, "readOnly", true);
		json_set_str(m, "mountPath", TOKEN_PATH);
		cJSON_AddItemToArray(json_array(c, "volumeMounts"), m);
		n++;
	}
	return n;
}

/* The service account's token, the CA and the namespace, as every container finds them. */
static void add_token_volume(cJSON *spec)
{
	char name[32] = "kube-api-access-";
	cJSON *volume;

	rand_suffix(name + strlen(name), 5);
	int n = mount_token(json_get(spec, "initContainers"), name) + mount_token(json_get(spec, "containers"), name);

	if (!n)
		return;
	volume = json_literal(
		"{\"name\":\"\",\"projected\":{\"sources\":["
		"{\"serviceAccountToken\":{\"expirationSeconds\":3607,\"path\":\"token\"}},"
		"{\"configMap\":{\"name\":\"kube-root-ca.crt\",\"items\":[{\"key\":\"ca.crt\",\"path\":\"ca.crt\"}]}},"
		"{\"downwardAPI\":{\"items\":[{\"path\":\"namespace\",\"fieldRef\":{\"apiVersion\":\"v1\","
		"\"fieldPath\":\"metadata.namespace\"}}]}}],\"defaultMode\":420}}");
	json_set_str(volume, "name", name);
	cJSON_AddItemToArray(json_array(spec, "volumes"), volume);
}

static void default_tolerations(cJSON *spec)
{
	cJSON *list = json_get(spec, "tolerations");

	if (list)
		return;
	list = json_array(spec, "tolerations");
	add_json(list, "{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
		       "\"tolerationSeconds\":300}");
	add_json(list, "{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
		       "\"tolerationSeconds\":300}");
}

static bool wants_token(struct op *op, const cJSON *spec, const char *account)
{
	int v;
	const struct resource *r = resources_find(&op->api->resources, "", "v1", "serviceaccounts", &v);
	const struct object *sa = db_get(r->bucket, op->ns, account);
	const cJSON *own = json_get(spec, "automountServiceAccountToken");

	if (own)
		return cJSON_IsTrue(own);
	return !sa || !cJSON_IsFalse(json_get(sa->json, "automountServiceAccountToken"));
}

/* What Kubernetes' own admission does before webhooks see a new pod. */
static void admit_new_pod(struct op *op, cJSON *obj)
{
	cJSON *spec = json_object(obj, "spec");

	json_default_str(spec, "serviceAccountName", "default");
	json_set_str(spec, "serviceAccount", json_str(spec, "serviceAccountName"));
	if (wants_token(op, spec, json_str(spec, "serviceAccountName")))
		add_token_volume(spec);
	default_tolerations(spec);
	json_default_int(spec, "priority", 0);
	json_default_str(spec, "preemptionPolicy", "PreemptLowerPriority");
}

static const char *default_pull_policy(const char *image)
{
	const char *slash = image ? strrchr(image, '/') : NULL, *last = slash ? slash + 1 : image;
	const char *tag = last ? strchr(last, ':') : NULL;

	if (last && strchr(last, '@'))
		return "IfNotPresent";
	return !tag || strcmp(tag, ":latest") == 0 ? "Always" : "IfNotPresent";
}

static void default_containers(cJSON *list)
{
	for (cJSON *c = list ? list->child : NULL; c; c = c->next) {
		json_default_str(c, "imagePullPolicy", default_pull_policy(json_str(c, "image")));
		if (!json_get(c, "resources"))
			json_object(c, "resources");
		cJSON *limits = json_at(c, "resources.limits");

		JSON_EACH(l, limits)
		{
			cJSON *requests = json_object(json_get(c, "resources"), "requests");

			if (!json_get(requests, l->string))
				json_set(requests, l->string, cJSON_Duplicate(l, true));
		}
	}
}

static void default_pod_spec(cJSON *spec)
{
	if (!spec)
		return;
	default_containers(json_get(spec, "containers"));
	default_containers(json_get(spec, "initContainers"));
	if (!json_get(spec, "securityContext"))
		json_object(spec, "securityContext");
}

static const char *qos_class(const cJSON *spec)
{
	bool any = false, all = true;

	JSON_EACH(c, json_get(spec, "containers"))
	{
		const cJSON *limits = json_at(c, "resources.limits"), *requests = json_at(c, "resources.requests");

		any |= !json_is_empty(limits) || !json_is_empty(requests);
		all &= json_get(limits, "cpu") && json_get(limits, "memory") && json_equal(limits, requests);
	}
	return all && any ? "Guaranteed" : any ? "Burstable" : "BestEffort";
}

static cJSON *prepare_pod(struct op *op, cJSON *obj, const cJSON *old)
{
	int v;
	const struct resource *accounts = resources_find(&op->api->resources, "", "v1", "serviceaccounts", &v);
	const char *account = json_str(obj, "spec.serviceAccountName");
	cJSON *status;

	if (old)
		return NULL;
	if (account && !db_get(accounts->bucket, op->ns, account))
		return status_forbidden(op->res, json_str(obj, "metadata.name"),
					"error looking up service account %s/%s: serviceaccount \"%s\" not found",
					op->ns, account, account);
	json_remove(obj, "status");
	status = json_object(obj, "status");
	json_set_str(status, "phase", "Pending");
	json_set_str(status, "qosClass", qos_class(json_get(obj, "spec")));
	return NULL;
}

/* Only these parts of a pod's specification may change. */
static void validate_pod_update(const cJSON *obj, const cJSON *old, struct problems *p)
{
	cJSON *a = cJSON_Duplicate(json_get(obj, "spec"), true), *b = cJSON_Duplicate(json_get(old, "spec"), true);
	static const char *const lists[] = {"containers", "initContainers"};
	static const char *const free_fields[] = {"activeDeadlineSeconds", "tolerations", "nodeName",
						  "terminationGracePeriodSeconds"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		for (cJSON *c = json_get(a, lists[i]) ? json_get(a, lists[i])->child : NULL; c; c = c->next)
			json_remove(c, "image");
		for (cJSON *c = json_get(b, lists[i]) ? json_get(b, lists[i])->child : NULL; c; c = c->next)
			json_remove(c, "image");
	}
	for (size_t i = 0; i < ARRAY_LEN(free_fields); i++) {
		json_remove(a, free_fields[i]);
		json_remove(b, free_fields[i]);
	}
	if (!json_equal(a, b))
		problem_add(p, "spec", "FieldValueForbidden",
			    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`, "
			    "`spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only "
			    "additions to existing tolerations)");
	cJSON_Delete(a);
	cJSON_Delete(b);
}

/* --- secrets --- */

static void fold_string_data(cJSON *obj)
{
	cJSON *plain = cJSON_DetachItemFromObjectCaseSensitive(obj, "stringData");

	JSON_EACH(s, plain)
	{
		CLEANUP(buf_done) struct buf b64 = BUF_INIT;

		base64_encode(slice_str(cJSON_IsString(s) ? s->valuestring : ""), &b64);
		json_set_str(json_object(obj, "data"), s->string, buf_str(&b64));
	}
	cJSON_Delete(plain);
	json_default_str(obj, "type", "Opaque");
}

/* --- defaults by kind --- */

static void default_workload(cJSON *obj, const char *plural)
{
	cJSON *spec = json_object(obj, "spec"), *strategy;

	default_pod_spec(json_at(spec, "template.spec"));
	if (!json_get(spec, "replicas") && strcmp(plural, "daemonsets") != 0)
		json_set_int(spec, "replicas", 1);
	if (strcmp(plural, "deployments") != 0)
		return;
	json_default_int(spec, "revisionHistoryLimit", 10);
	json_default_int(spec, "progressDeadlineSeconds", 600);
	strategy = json_object(spec, "strategy");
	json_default_str(strategy, "type", "RollingUpdate");
	if (strcmp(json_str(strategy, "type") ? json_str(strategy, "type") : "", "RollingUpdate") == 0) {
		cJSON *rolling = json_object(strategy, "rollingUpdate");

		json_default_str(rolling, "maxUnavailable", "25%");
		json_default_str(rolling, "maxSurge", "25%");
	}
}

void kind_admit(struct op *op, cJSON *obj)
{
	if (op->creating && kind_is(op->res, "", "pods"))
		admit_new_pod(op, obj);
}

void kind_default(struct op *op, cJSON *obj)
{
	const struct resource *r = op->res;

	if (r->custom)
		return;
	if (r->versions[op->version].has_status && !json_get(obj, "status"))
		json_object(obj, "status");
	if (kind_is(r, "", "namespaces")) {
		const char *name = json_str(obj, "metadata.name");

		if (name && *name)
			json_set_str(json_object(json_get(obj, "metadata"), "labels"), "kubernetes.io/metadata.name",
				     name);
		json_default_str(json_object(obj, "status"), "phase", "Active");
	} else if (kind_is(r, "", "pods")) {
		default_pod_spec(json_object(obj, "spec"));
		if (op->creating && !json_at(obj, "spec.enableServiceLinks"))
			json_set_bool(json_get(obj, "spec"), "enableServiceLinks", true);
		if (op->fields_recorded)
			kind_admit(op, obj);
	} else if (kind_is(r, "", "services")) {
		kind_service_default(obj);
	} else if (kind_is(r, "", "secrets")) {
		fold_string_data(obj);
	} else if (strcmp(r->group, "apps") == 0 && json_at(obj, "spec.template")) {
		default_workload(obj, r->plural);
	} else if (kind_is(r, "apiextensions.k8s.io", "customresourcedefinitions")) {
		crd_default(obj, op->creating);
	} else if (kind_is(r, "", "persistentvolumeclaims") || kind_is(r, "", "persistentvolumes")) {
		json_default_str(json_object(obj, "status"), "phase", "Pending");
	}
}

/* What no controller of this cluster carries out is said to whoever makes it. */
static void warn_of_kept(struct op *op)
{
	static const struct {
		const char *group, *plural, *text;
	} kept[] = {
		{"", "limitranges", "LimitRange: this cluster sets no limits from it"},
		{"", "resourcequotas", "ResourceQuota: this cluster counts nothing against it"},
		{"autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler: this cluster scales nothing"},
		{"batch", "cronjobs", "CronJob: this cluster starts no jobs by the clock"},
		{"networking.k8s.io", "ingresses", "Ingress: this cluster has no ingress controller; it serves Routes"},
		{"networking.k8s.io", "networkpolicies", "NetworkPolicy: this cluster's network lets all through"},
		{"policy", "poddisruptionbudgets", "PodDisruptionBudget: this cluster's evictions do not ask it"},
	};

	for (size_t i = 0; op->creating && i < ARRAY_LEN(kept); i++)
		if (kind_is(op->res, kept[i].group, kept[i].plural))
			vec_push(&op->warnings, kept[i].text);
}

cJSON *kind_prepare(struct op *op, cJSON *obj, const cJSON *old)
{
	const struct resource *r = op->res;

	warn_of_kept(op);

	if (op->creating && r->versions[op->version].has_status && !kind_is(r, "", "nodes")) {
		bool phase = kind_is(r, "", "namespaces") || kind_is(r, "", "persistentvolumeclaims") ||
			     kind_is(r, "", "persistentvolumes");

		phase |= kind_is(r, "apiextensions.k8s.io", "customresourcedefinitions");
		if (!phase)
			json_remove(obj, "status");
		if (!phase && !r->custom)
			json_object(obj, "status");
	}
	if (r->custom)
		return NULL;
	if (kind_is(r, "", "namespaces") && !old)
		cJSON_AddItemToArray(json_array(json_object(obj, "spec"), "finalizers"),
				     cJSON_CreateString("kubernetes"));
	if (kind_is(r, "", "pods"))
		return prepare_pod(op, obj, old);
	if (kind_is(r, "", "services"))
		return kind_service_prepare(op, obj, old);
	return NULL;
}

static void validate_role_ref(const cJSON *obj, const cJSON *old, struct problems *p)
{
	if (old && !json_equal(json_get(obj, "roleRef"), json_get(old, "roleRef"))) {
		CLEANUP(freep) char *text = json_to_text(json_get(obj, "roleRef"));

		problem_invalid(p, "roleRef", text, "cannot change roleRef");
	}
}

static void validate_template(const cJSON *obj, struct problems *p)
{
	const cJSON *labels = json_at(obj, "spec.template.metadata.labels");
	CLEANUP(buf_done) struct buf shown = BUF_INIT;
	struct label_selector s;

	if (label_selector_from_json(p->arena, json_at(obj, "spec.selector"), &s, NULL) < 0 ||
	    label_selector_matches(&s, labels))
		return;
	if (labels)
		json_print(labels, &shown);
	else
		buf_append_str(&shown, "null");
	problem_invalid(p, "spec.template.metadata.labels", buf_str(&shown),
			"`selector` does not match template `labels`");
}

static void validate_keys(const cJSON *data, const char *field, struct problems *p)
{
	JSON_EACH(d, data)
	{
		const char *at = arena_printf(p->arena, "%s[%s]", field, d->string);

		if (!d->string[0] || strspn(d->string, KEY_CHARACTERS) != strlen(d->string))
			problem_invalid(
				p, at, arena_printf(p->arena, "\"%s\"", d->string),
				"a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
				"'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
				"'[-._a-zA-Z0-9]+')");
		else if (strlen(d->string) > 253)
			problem_invalid(p, at, arena_printf(p->arena, "\"%s\"", d->string),
					"must be no more than 253 characters");
	}
}

static void validate_selector_change(const cJSON *obj, const cJSON *old, struct problems *p)
{
	if (old && !json_equal(json_at(obj, "spec.selector"), json_at(old, "spec.selector"))) {
		CLEANUP(freep) char *text = json_to_text(json_at(obj, "spec.selector"));

		problem_invalid(p, "spec.selector", text, "field is immutable");
	}
}

static void validate_workload(const cJSON *obj, const cJSON *old, struct problems *p)
{
	validate_selector_change(obj, old, p);
	validate_template(obj, p);
}

static void validate_immutable(const cJSON *obj, const cJSON *old, struct problems *p)
{
	static const char *const fields[] = {"data", "binaryData"};
	static const char why[] = "Forbidden: field is immutable when `immutable` is set";

	if (!json_true(old, "immutable"))
		return;
	if (!json_true(obj, "immutable"))
		problem_add(p, "immutable", "FieldValueForbidden", why);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (!json_equal(json_get(obj, fields[i]), json_get(old, fields[i])))
			problem_add(p, fields[i], "FieldValueForbidden", why);
}

/* Where base64 (RFC 4648) cannot go on, as Go's decoder counts; -1 = it is base64. */
static long bad_base64(const char *text)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n");

	if (base64_decode(slice_str(text), &bytes) == 0 && !strchr(text, ' '))
		return -1;
	return (long)(text[n] ? n : n / 4 * 4);
}

cJSON *kind_check_bytes(const struct op *op, const cJSON *obj)
{
	const char *field = kind_is(op->res, "", "secrets")      ? "data"
			    : kind_is(op->res, "", "configmaps") ? "binaryData"
								 : NULL;

	JSON_EACH(v, field ? json_get(obj, field) : NULL)
	{
		long at = cJSON_IsString(v) ? bad_base64(v->valuestring) : -1;

		if (at >= 0)
			return status_bad_request(
				"%s in version \"v1\" cannot be handled as a %s: illegal base64 data at "
				"input byte %ld",
				op->res->kind, op->res->kind, at);
	}
	return NULL;
}

void kind_validate(struct op *op, const cJSON *obj, const cJSON *old, struct problems *p)
{
	const struct resource *r = op->res;

	if (r->custom)
		return;
	if (kind_is(r, "", "pods") && old && !op->sub)
		validate_pod_update(obj, old, p);
	else if (kind_is(r, "", "services"))
		kind_service_validate(obj, old, p);
	else if (kind_is(r, "rbac.authorization.k8s.io", "rolebindings") ||
		 kind_is(r, "rbac.authorization.k8s.io", "clusterrolebindings"))
		validate_role_ref(obj, old, p);
	else if (kind_is(r, "apps", "deployments") || kind_is(r, "apps", "replicasets"))
		validate_workload(obj, old, p);
	else if (kind_is(r, "apps", "statefulsets") || kind_is(r, "apps", "daemonsets"))
		validate_template(obj, p);
	else if (kind_is(r, "", "configmaps") || kind_is(r, "", "secrets")) {
		validate_keys(json_get(obj, "data"), "data", p);
		validate_immutable(obj, old, p);
	} else if (kind_is(r, "apiextensions.k8s.io", "customresourcedefinitions"))
		crd_validate(obj, p);
}

void kind_committed(struct lab_api *api, const struct resource *r, const cJSON *obj, bool gone)
{
	if (kind_is(r, "apiextensions.k8s.io", "customresourcedefinitions"))
		crd_committed(api, obj, gone);
	else if (gone && r->custom)
		crd_instance_gone(api, r);
}
