/* Discovery: /api, /apis, /apis/GROUP, /apis/GROUP/VERSION, in the old form and aggregated (v2, v2beta1); /version,
 * health. */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "lab/object/version.h"
#include "lab/rest/rest_internal.h"

#if defined(__clang__)
#define LAB_COMPILER "clang"
#else
#define LAB_COMPILER "gcc"
#endif
#if defined(__aarch64__)
#define LAB_ARCHITECTURE "arm64"
#else
#define LAB_ARCHITECTURE "amd64"
#endif

/* The groups in the order in which kubectl should prefer them. Istio's comes before the Gateway API: what is told of
 * meshes says `gateway` and means Istio's. */
static int group_rank(const char *group)
{
	static const char *const order[] = {"",
					    "apps",
					    "events.k8s.io",
					    "authentication.k8s.io",
					    "authorization.k8s.io",
					    "autoscaling",
					    "batch",
					    "networking.k8s.io",
					    "policy",
					    "rbac.authorization.k8s.io",
					    "storage.k8s.io",
					    "admissionregistration.k8s.io",
					    "apiextensions.k8s.io",
					    "coordination.k8s.io",
					    "discovery.k8s.io",
					    "networking.istio.io"};

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (strcmp(order[i], group) == 0)
			return (int)i;
	return (int)ARRAY_LEN(order);
}

static int by_rank(const void *a, const void *b)
{
	const struct resource *x = *(struct resource *const *)a, *y = *(struct resource *const *)b;
	int d = group_rank(x->group) - group_rank(y->group);

	if (!d)
		d = strcmp(x->group, y->group);
	return d ? d : strcmp(x->plural, y->plural);
}

static struct resource **listed(struct lab_api *api, size_t *ret_n)
{
	struct resource **v = resources_sorted(&api->resources, ret_n);
	size_t n = 0;

	for (size_t i = 0; i < *ret_n; i++)
		if (v[i]->established)
			v[n++] = v[i];
	*ret_n = n;
	qsort(v, n, sizeof(struct resource *), by_rank);
	return v;
}

/* --- one resource --- */

static void add_strings(cJSON *o, const char *key, const char *const *list)
{
	if (!list || !*list)
		return;
	for (; *list; list++)
		cJSON_AddItemToArray(json_array(o, key), cJSON_CreateString(*list));
}

static const char *const verbs_stored[] = {"create", "delete", "deletecollection", "get", "list", "patch", "update",
					   "watch",  NULL};
static const char *const verbs_custom[] = {"delete", "deletecollection", "get",   "list", "patch",
					   "create", "update",           "watch", NULL};
/* Those without deletecollection. */
static const char *const verbs_single[] = {"create", "delete", "get", "list", "patch", "update", "watch", NULL};
static const char *const verbs_sub[] = {"get", "patch", "update", NULL};
static const char *const verbs_create[] = {"create", NULL};
static const char *const verbs_create_list[] = {"create", "list", NULL};
static const char *const verbs_get[] = {"get", NULL};
static const char *const verbs_get_create[] = {"create", "get", NULL};
static const char *const verbs_proxy[] = {"create", "delete", "get", "patch", "update", NULL};

struct sub {
	const char *group, *plural, *name, *sub_group, *sub_version, *kind;
	const char *const *verbs;
};

static const struct sub subs[] = {
	{"", "namespaces", "finalize", NULL, NULL, "Namespace", (const char *const[]){"update", NULL}},
	{"", "pods", "attach", NULL, NULL, "PodAttachOptions", verbs_get_create},
	{"", "pods", "binding", NULL, NULL, "Binding", verbs_create},
	{"", "pods", "eviction", "policy", "v1", "Eviction", verbs_create},
	{"", "pods", "exec", NULL, NULL, "PodExecOptions", verbs_get_create},
	{"", "pods", "log", NULL, NULL, "Pod", verbs_get},
	{"", "pods", "portforward", NULL, NULL, "PodPortForwardOptions", verbs_get_create},
	{"", "pods", "proxy", NULL, NULL, "PodProxyOptions", verbs_proxy},
	{"", "serviceaccounts", "token", "authentication.k8s.io", "v1", "TokenRequest", verbs_create},
	{"", "services", "proxy", NULL, NULL, "ServiceProxyOptions", verbs_proxy},
};

static const char *const *verbs_of(const struct resource *r)
{
	if (r->api == &api_kind_project_request)
		return verbs_create_list;
	if (r->virtual)
		return verbs_create;
	if (r->custom)
		return verbs_custom;
	return r->api == &api_kind_namespace || r->view_of ? verbs_single : verbs_stored;
}

static bool is_sub_of(const struct sub *s, const struct resource *r)
{
	return !r->custom && strcmp(s->group, r->group) == 0 && strcmp(s->plural, r->plural) == 0;
}

/* Kinds that exist only as the body of a subresource. */
static bool hidden(const struct resource *r)
{
	static const char *const kinds[] = {"TokenRequest", "Scale", "Eviction", "AdmissionReview"};

	for (size_t i = 0; r->virtual && i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i], r->kind) == 0)
			return true;
	return false;
}

/* --- APIResourceList --- */

static cJSON *old_entry(const char *name, const char *singular, bool namespaced, const char *kind,
			const char *const *verbs)
{
	cJSON *e = cJSON_CreateObject();

	json_set_str(e, "name", name);
	json_set_str(e, "singularName", singular);
	json_set_bool(e, "namespaced", namespaced);
	json_set_str(e, "kind", kind);
	add_strings(e, "verbs", verbs);
	return e;
}

static void old_sub(cJSON *list, const struct resource *r, const struct sub *s)
{
	char name[300];
	cJSON *e;

	snprintf(name, sizeof(name), "%s/%s", r->plural, s->name);
	e = old_entry(name, "", r->namespaced, s->kind ? s->kind : r->kind, s->verbs);
	if (s->sub_group) {
		json_set_str(e, "group", s->sub_group);
		json_set_str(e, "version", s->sub_version);
	}
	cJSON_AddItemToArray(list, e);
}

/* The first 8 bytes of SHA-256 of "group/version/kind", base64. */
static void add_storage_hash(cJSON *e, const struct resource *r)
{
	unsigned char sum[32];
	CLEANUP(buf_done) struct buf b64 = BUF_INIT;
	char text[512];
	unsigned int n;

	snprintf(text, sizeof(text), "%s/%s/%s", r->group, r->versions[r->storage].name, r->kind);
	EVP_Digest(text, strlen(text), sum, &n, EVP_sha256(), NULL);
	base64_encode(slice_make(sum, 8), &b64);
	json_set_str(e, "storageVersionHash", buf_str(&b64));
}

static void old_resource(cJSON *list, const struct resource *r, const struct resource_version *v)
{
	cJSON *e = old_entry(r->plural, r->singular, r->namespaced, r->kind, verbs_of(r));

	add_strings(e, "shortNames", r->short_names);
	add_strings(e, "categories", r->categories);
	if (!r->virtual)
		add_storage_hash(e, r);
	cJSON_AddItemToArray(list, e);
	for (size_t i = 0; i < ARRAY_LEN(subs); i++)
		if (is_sub_of(&subs[i], r))
			old_sub(list, r, &subs[i]);
	if (v->has_scale)
		old_sub(list, r,
			&(struct sub){.name = "scale",
				      .sub_group = "autoscaling",
				      .sub_version = "v1",
				      .kind = "Scale",
				      .verbs = verbs_sub});
	if (v->has_status)
		old_sub(list, r, &(struct sub){.name = "status", .verbs = verbs_sub});
}

static cJSON *resource_list(struct lab_api *api, const char *group, const char *version)
{
	size_t n;
	CLEANUP(freep) struct resource **all = listed(api, &n);
	cJSON *j = cJSON_CreateObject(), *list;
	char gv[300];
	bool any = false;

	snprintf(gv, sizeof(gv), "%s%s%s", group, *group ? "/" : "", version);
	json_set_str(j, "kind", "APIResourceList");
	if (*group)
		json_set_str(j, "apiVersion", "v1");
	json_set_str(j, "groupVersion", gv);
	list = json_array(j, "resources");
	for (size_t i = 0; i < n; i++) {
		if (strcmp(all[i]->group, group) != 0 || hidden(all[i]))
			continue;
		for (size_t k = 0; k < all[i]->n_versions; k++) {
			if (!all[i]->versions[k].served || strcmp(all[i]->versions[k].name, version) != 0)
				continue;
			old_resource(list, all[i], &all[i]->versions[k]);
			any = true;
		}
	}
	if (any)
		return j;
	cJSON_Delete(j);
	return NULL;
}

/* --- groups --- */

/* The served versions of a group, each once, preferred first. */
static cJSON *versions_of(struct resource **all, size_t n, const char *group)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; strcmp(all[i]->group, group) == 0 && !hidden(all[i]) && k < all[i]->n_versions; k++)
			if (all[i]->versions[k].served && !json_has_str(list, all[i]->versions[k].name))
				cJSON_AddItemToArray(list, cJSON_CreateString(all[i]->versions[k].name));
	return list;
}

static cJSON *group_version(const char *group, const char *version)
{
	cJSON *v = cJSON_CreateObject();
	char gv[300];

	snprintf(gv, sizeof(gv), "%s/%s", group, version);
	json_set_str(v, "groupVersion", gv);
	json_set_str(v, "version", version);
	return v;
}

static cJSON *group_entry(struct resource **all, size_t n, const char *group)
{
	CLEANUP(json_freep) cJSON *versions = versions_of(all, n, group);
	cJSON *g = cJSON_CreateObject();

	json_set_str(g, "name", group);
	JSON_EACH(v, versions)
	cJSON_AddItemToArray(json_array(g, "versions"), group_version(group, v->valuestring));
	if (versions->child)
		json_set(g, "preferredVersion", group_version(group, versions->child->valuestring));
	return g;
}

/* Calls for each group once. */
static void each_group(struct resource **all, size_t n, void (*fn)(void *arg, const char *group), void *arg)
{
	for (size_t i = 0; i < n; i++)
		if ((!i || strcmp(all[i]->group, all[i - 1]->group) != 0) && *all[i]->group)
			fn(arg, all[i]->group);
}

struct groups {
	struct resource **all;
	size_t n;
	cJSON *list;
};

static void add_group(void *arg, const char *group)
{
	struct groups *g = arg;
	cJSON *entry = group_entry(g->all, g->n, group);

	if (json_get(entry, "versions"))
		cJSON_AddItemToArray(g->list, entry);
	else
		cJSON_Delete(entry);
}

static cJSON *group_list(struct lab_api *api)
{
	size_t n;
	CLEANUP(freep) struct resource **all = listed(api, &n);
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "kind", "APIGroupList");
	json_set_str(j, "apiVersion", "v1");
	each_group(all, n, add_group, &(struct groups){all, n, json_array(j, "groups")});
	return j;
}

static cJSON *api_versions(const struct lab_api *api)
{
	cJSON *j = cJSON_CreateObject(), *a = cJSON_CreateObject();

	json_set_str(j, "kind", "APIVersions");
	cJSON_AddItemToArray(json_array(j, "versions"), cJSON_CreateString("v1"));
	json_set_str(a, "clientCIDR", "0.0.0.0/0");
	json_set_str(a, "serverAddress", api->address);
	cJSON_AddItemToArray(json_array(j, "serverAddressByClientCIDRs"), a);
	return j;
}

/* --- aggregated discovery --- */

static cJSON *response_kind(const char *group, const char *version, const char *kind)
{
	cJSON *k = cJSON_CreateObject();

	json_set_str(k, "group", group);
	json_set_str(k, "version", version);
	json_set_str(k, "kind", kind);
	return k;
}

/* Of the resource's own group and version, which built-in ones do not repeat. */
static cJSON *own_kind(const struct resource *r, const struct resource_version *v, const char *kind)
{
	return response_kind(r->custom ? r->group : "", r->custom ? v->name : "", kind);
}

static void new_sub(cJSON *e, const struct resource *r, const struct resource_version *v, const struct sub *s)
{
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "subresource", s->name);
	json_set(j, "responseKind",
		 s->sub_group ? response_kind(s->sub_group, s->sub_version, s->kind)
			      : own_kind(r, v, s->kind ? s->kind : r->kind));
	add_strings(j, "verbs", s->verbs);
	cJSON_AddItemToArray(json_array(e, "subresources"), j);
}

static cJSON *new_resource(const struct resource *r, const struct resource_version *v)
{
	cJSON *e = cJSON_CreateObject();

	json_set_str(e, "resource", r->plural);
	json_set(e, "responseKind", own_kind(r, v, r->kind));
	json_set_str(e, "scope", r->namespaced ? "Namespaced" : "Cluster");
	json_set_str(e, "singularResource", r->singular);
	add_strings(e, "verbs", verbs_of(r));
	add_strings(e, "shortNames", r->short_names);
	add_strings(e, "categories", r->categories);
	for (size_t i = 0; i < ARRAY_LEN(subs); i++)
		if (is_sub_of(&subs[i], r))
			new_sub(e, r, v, &subs[i]);
	if (v->has_scale)
		new_sub(e, r, v,
			&(struct sub){.name = "scale",
				      .sub_group = "autoscaling",
				      .sub_version = "v1",
				      .kind = "Scale",
				      .verbs = verbs_sub});
	if (v->has_status)
		new_sub(e, r, v, &(struct sub){.name = "status", .verbs = verbs_sub});
	return e;
}

static void new_group(void *arg, const char *group)
{
	struct groups *g = arg;
	CLEANUP(json_freep) cJSON *versions = versions_of(g->all, g->n, group);
	cJSON *e = cJSON_CreateObject();

	json_object(e, "metadata");
	if (*group)
		json_set_str(json_get(e, "metadata"), "name", group);
	JSON_EACH(version, versions)
	{
		cJSON *v = cJSON_CreateObject();

		json_set_str(v, "version", version->valuestring);
		for (size_t i = 0; i < g->n; i++)
			for (size_t k = 0;
			     strcmp(g->all[i]->group, group) == 0 && !hidden(g->all[i]) && k < g->all[i]->n_versions;
			     k++)
				if (g->all[i]->versions[k].served &&
				    strcmp(g->all[i]->versions[k].name, version->valuestring) == 0)
					cJSON_AddItemToArray(json_array(v, "resources"),
							     new_resource(g->all[i], &g->all[i]->versions[k]));
		json_set_str(v, "freshness", "Current");
		cJSON_AddItemToArray(json_array(e, "versions"), v);
	}
	cJSON_AddItemToArray(g->list, e);
}

static cJSON *aggregated(struct lab_api *api, const char *version, bool core)
{
	size_t n;
	CLEANUP(freep) struct resource **all = listed(api, &n);
	cJSON *j = cJSON_CreateObject();
	char gv[64];

	snprintf(gv, sizeof(gv), "apidiscovery.k8s.io/%s", version);
	json_set_str(j, "kind", "APIGroupDiscoveryList");
	json_set_str(j, "apiVersion", gv);
	json_object(j, "metadata");
	struct groups g = {all, n, json_array(j, "items")};

	if (core)
		new_group(&g, "");
	else
		each_group(all, n, new_group, &g);
	return j;
}

/* "v2", "v2beta1", or NULL when the client wants the old form; *ret_refused: nothing else than a form that there is
 * not. */
static const char *wants_aggregated(const struct web_request *r, bool *ret_refused)
{
	struct slice accept = web_header(r, "accept");
	bool others = false, unknown = false;

	while (accept.len) {
		struct slice range = slice_trim(slice_split(&accept, ','));
		CLEANUP(buf_done) struct buf b = BUF_INIT;

		buf_append_slice(&b, range);
		if (!strstr(buf_str(&b), "as=APIGroupDiscoveryList")) {
			if (slice_eq_str(range, "application/json"))
				return NULL;
			others = true;
			continue;
		}
		if (strstr(buf_str(&b), "v=v2;") || slice_ends(range, SLICE("v=v2")))
			return "v2";
		if (strstr(buf_str(&b), "v=v2beta1"))
			return "v2beta1";
		unknown = true;
	}
	*ret_refused = unknown && !others;
	return NULL;
}

static void reply_aggregated(struct lab_api *api, struct web_request *r, const char *version, bool core)
{
	CLEANUP(json_freep) cJSON *j = aggregated(api, version, core);
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	char type[128];

	snprintf(type, sizeof(type), "application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList", version);
	json_print(j, &out);
	web_reply(r, 200, type, buf_slice(&out));
}

/* --- the rest --- */

/* Clients read major, minor and gitVersion; they decode the rest. */
static const char version_text[] =
	"{\"major\":\"" LAB_KUBERNETES_MAJOR "\",\"minor\":\"" LAB_KUBERNETES_MINOR
	"\",\"emulationMajor\":\"" LAB_KUBERNETES_MAJOR "\",\"emulationMinor\":\"" LAB_KUBERNETES_MINOR
	"\",\"gitVersion\":\"" LAB_KUBERNETES_VERSION "\",\"gitCommit\":\"\",\"gitTreeState\":\"\","
	"\"buildDate\":\"1970-01-01T00:00:00Z\",\"goVersion\":\"\",\"compiler\":\"" LAB_COMPILER
	"\",\"platform\":\"linux/" LAB_ARCHITECTURE "\"}";

static bool answer_health(struct web_request *r)
{
	static const char *const paths[] = {"/healthz", "/livez", "/readyz"};
	struct slice v;
	char text[128];

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (!slice_eq_str(r->path, paths[i]))
			continue;
		snprintf(text, sizeof(text), "[+]ping ok\n[+]store ok\n%s check passed\n", paths[i] + 1);
		web_reply_text(r, 200, web_query(r, "verbose", &v) ? text : "ok");
		return true;
	}
	return false;
}

static void reply_owned(struct web_request *r, cJSON *j)
{
	if (j)
		rest_reply_json(r, 200, j);
	else
		web_reply_text(r, 404, "404 page not found\n");
	cJSON_Delete(j);
}

static bool answer_group(struct lab_api *api, struct web_request *r, struct slice rest)
{
	size_t n;
	CLEANUP(freep) struct resource **all = listed(api, &n);
	struct arena *a = web_arena(r);
	const char *group = arena_slicedup(a, slice_split(&rest, '/'));
	const char *version = arena_slicedup(a, slice_split(&rest, '/'));

	if (rest.len)
		return false;
	if (*version) {
		reply_owned(r, resource_list(api, group, version));
		return true;
	}
	cJSON *g = group_entry(all, n, group);

	json_set_first(g, "apiVersion", cJSON_CreateString("v1"));
	json_set_first(g, "kind", cJSON_CreateString("APIGroup"));
	if (!json_get(g, "versions")) {
		cJSON_Delete(g);
		g = NULL;
	}
	reply_owned(r, g);
	return true;
}

bool discovery_answer(struct lab_api *api, struct web_request *r)
{
	struct slice path = r->path;
	bool refused = false;
	const char *as = wants_aggregated(r, &refused);

	if (path.len > 1 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (slice_eq_str(path, "/api") || slice_eq_str(path, "/apis")) {
		if (refused)
			rest_reply_status(r,
					  status_new(406, "NotAcceptable",
						     "only the following media types are accepted: application/json"));
		else if (as)
			reply_aggregated(api, r, as, slice_eq_str(path, "/api"));
		else
			reply_owned(r, slice_eq_str(path, "/api") ? api_versions(api) : group_list(api));
		return true;
	}
	if (slice_eq_str(path, "/api/v1")) {
		reply_owned(r, resource_list(api, "", "v1"));
		return true;
	}
	if (slice_eq_str(path, "/version")) {
		web_reply(r, 200, "application/json", slice_str(version_text));
		return true;
	}
	if (answer_health(r))
		return true;
	return slice_starts(path, SLICE("/apis/")) && answer_group(api, r, slice_from(path, 6));
}
