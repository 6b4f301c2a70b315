/* Injectors' webhooks: whom they overlap with, where they lead. */
#include <string.h>

#include "base/cleanup.h"
#include "ctl/analyze/analyze_internal.h"
#include "net/socket.h"

#define LABEL_REVISION "istio.io/rev"
#define REVISIONS_MAX 32

struct hook {
	const struct item *item;
	const cJSON *json;
	bool told; /* that it overlaps */
};
typedef VEC(struct hook) hooks;

struct revisions {
	const char *v[REVISIONS_MAX];
	size_t n;
};

static void add_revision(struct revisions *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (!strcmp(r->v[i], name))
			return;
	if (r->n < REVISIONS_MAX)
		r->v[r->n++] = name;
}

static void selector_revisions(const cJSON *selector, struct revisions *ret)
{
	const char *own = json_get_str(json_get(selector, "matchLabels"), LABEL_REVISION);

	if (own)
		add_revision(ret, own);
	JSON_EACH(e, json_get(selector, "matchExpressions"))
	if (!strcmp(json_str_or_empty(e, "key"), LABEL_REVISION))
		JSON_EACH(v, json_get(e, "values"))
	if (cJSON_IsString(v))
		add_revision(ret, v->valuestring);
}

static bool ends_with(const char *s, const char *end)
{
	const size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* The injectors of Istio: by a revision, or by their names. */
static void list_hooks(struct analysis *x, hooks *ret, struct revisions *revisions)
{
	EACH_ITEM (w, x, "MutatingWebhookConfiguration") {
		const char *own = json_get_str(item_labels(w), LABEL_REVISION);
		struct revisions here = {0};
		bool istios = false;

		if (own)
			add_revision(&here, own);
		JSON_EACH(h, json_get(w->json, "webhooks"))
		{
			selector_revisions(json_get(h, "namespaceSelector"), &here);
			selector_revisions(json_get(h, "objectSelector"), &here);
			istios |= ends_with(json_str_or_empty(h, "name"), "istio.io");
		}
		for (size_t i = 0; i < here.n; i++)
			add_revision(revisions, here.v[i]);
		JSON_EACH(h, here.n || istios ? json_get(w->json, "webhooks") : NULL)
		vec_push(ret, (struct hook){w, h, false});
	}
}

/* Labels that namespaces, or pods, may have: none, the old label either way, each with or without a revision. */
static cJSON *sample_labels(const char *key, const char *yes, const char *no, const struct revisions *r)
{
	const char *const values[] = {NULL, yes, no};
	cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i <= r->n; i++)
		for (size_t k = 0; k < ARRAY_LEN(values); k++) {
			cJSON *labels = cJSON_CreateObject();

			if (values[k])
				json_set_str(labels, key, values[k]);
			if (i)
				json_set_str(labels, LABEL_REVISION, r->v[i - 1]);
			cJSON_AddItemToArray(all, labels);
		}
	return all;
}

static bool is_asked(struct analysis *x, const struct hook *h, const cJSON *ns, const cJSON *pod)
{
	return analysis_selects(x, json_get(h->json, "namespaceSelector"), ns) &&
	       analysis_selects(x, json_get(h->json, "objectSelector"), pod);
}

/* One pod must not be asked about twice. */
static void judge_sample(struct analysis *x, hooks *all, const cJSON *ns, const cJSON *pod)
{
	for (size_t i = 0; i < all->n; i++) {
		const char *others = "";

		if (all->v[i].told || !is_asked(x, &all->v[i], ns, pod))
			continue;
		for (size_t k = 0; k < all->n; k++)
			if (k != i && is_asked(x, &all->v[k], ns, pod))
				others = arena_printf(&x->a, "%s%s%s", others, *others ? ", " : "",
						      all->v[k].item->name);
		all->v[i].told = *others != 0;
		if (*others)
			analysis_say(x, IST0139, all->v[i].item, "webhooks",
				     "webhook %s is asked about pods that others are asked about, too, so that they "
				     "are injected twice: "
				     "%s (namespace %s, pod %s)",
				     json_str_or_empty(all->v[i].json, "name"), others, labels_text(x, ns),
				     labels_text(x, pod));
	}
}

static void judge_service(struct analysis *x, const struct hook *h)
{
	const cJSON *service = json_at(h->json, "clientConfig.service");
	const char *ns = json_str_or_empty(service, "namespace"), *name = json_str_or_empty(service, "name");

	if (service && !analysis_find(x, "Service", ns, name))
		analysis_say(x, IST0139, h->item, "webhooks", "webhook %s leads to Service %s/%s, which is not there",
			     json_str_or_empty(h->json, "name"), ns, name);
}

void analyze_webhooks(struct analysis *x)
{
	hooks all = {0};
	struct revisions revisions = {0};

	list_hooks(x, &all, &revisions);
	{
		CLEANUP(json_freep)
		cJSON *namespaces = sample_labels("istio-injection", "enabled", "disabled", &revisions);
		CLEANUP(json_freep) cJSON *pods = sample_labels("sidecar.istio.io/inject", "true", "false", &revisions);

		JSON_EACH(ns, namespaces)
		JSON_EACH(pod, pods)
		judge_sample(x, &all, ns, pod);
	}
	for (size_t i = 0; i < all.n; i++)
		judge_service(x, &all.v[i]);
	vec_done(&all);
}

/* --- a control plane elsewhere --- */

static void judge_url(struct analysis *x, const struct item *w, const cJSON *hook)
{
	const char *url = json_str(hook, "clientConfig.url"), *name = json_str_or_empty(hook, "name");
	const char *slashes = url ? strstr(url, "://") : NULL, *host;
	struct addr a;

	if (!slashes || !slashes[3]) {
		analysis_say(x, IST0163, w, "webhooks", "webhook %s: its url is %s", name,
			     url && *url ? "none" : "missing: nobody is reached");
		return;
	}
	host = arena_slicedup(&x->a, slice_make(slashes + 3, strcspn(slashes + 3, ":/")));
	if (addr_parse(slice_str(host), 0, &a) == 0)
		analysis_say(x, IST0164, w, "webhooks", "webhook %s: %s is an address; a name survives a move", name,
			     host);
}

void analyze_external_control_plane(struct analysis *x)
{
	static const struct {
		const char *kind, *name;
	} rows[] = {{"ValidatingWebhookConfiguration", "istio-validator-external-istiod"},
		    {"ValidatingWebhookConfiguration", "istiod-default-validator"},
		    {"MutatingWebhookConfiguration", "istio-sidecar-injector-external-istiod"}};

	if (!analysis_find(x, rows[0].kind, "", rows[0].name) || !analysis_find(x, rows[2].kind, "", rows[2].name))
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct item *w = analysis_find(x, rows[i].kind, "", rows[i].name);
		const cJSON *hook = w ? json_get(w->json, "webhooks") : NULL;

		if (hook && hook->child)
			judge_url(x, w, hook->child);
	}
}
