/* The cluster, one call after another: the program waits for each. */
#include <stdio.h>
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "ctl/core/core.h"
#include "msg/json.h"
#include "net/loop.h"

int ctl_connect(struct ctl *c, struct err *e)
{
	if (c->client)
		return 0;
	if (!c->loop)
		c->loop = loop_new();
	if (!c->loop)
		return err_errno(e, errno, "no event loop");
	c->client = kube_client_connect(c->loop, c->o.kubeconfig, e);
	return c->client ? 0 : -EIO;
}

struct waiting {
	bool done;
	enum kube_reason reason;
	cJSON *body;
	struct buf *text; /* NULL: not wanted */
	struct err err;
};

static void on_done(void *arg, struct kube_result *r)
{
	struct waiting *w = arg;

	w->done = true;
	w->reason = r->reason;
	w->err = r->err;
	w->body = take(r->body);
	if (w->text && r->reason == KUBE_OK)
		buf_append_slice(w->text, r->text);
}

static void wait_for(struct ctl *c, const struct kube_request *req, struct waiting *w)
{
	kube_call_start(c->client, req, on_done, w);
	while (!w->done)
		loop_turn(c->loop, -1);
}

enum kube_reason ctl_call(struct ctl *c, const struct kube_request *req, cJSON **ret_body, struct err *e)
{
	struct waiting w = {0};

	wait_for(c, req, &w);
	if (w.reason != KUBE_OK && e)
		*e = w.err;
	if (ret_body)
		*ret_body = take(w.body);
	cJSON_Delete(w.body);
	return w.reason;
}

enum kube_reason ctl_get_path(struct ctl *c, const char *path, cJSON **ret_body, struct err *e)
{
	return ctl_call(c, &(struct kube_request){.verb = KUBE_GET, .path = path}, ret_body, e);
}

enum kube_reason ctl_get_text(struct ctl *c, const char *path, struct buf *out, struct err *e)
{
	const struct kube_request req = {.verb = KUBE_GET, .path = path, .text = true};
	struct waiting w = {.text = out};

	wait_for(c, &req, &w);
	if (w.reason != KUBE_OK && e)
		*e = w.err;
	cJSON_Delete(w.body);
	return w.reason;
}

/* Pages say neither kind nor apiVersion of their items. */
static void name_kind(struct ctl *c, const struct api_kind *kind, cJSON *item)
{
	char version[API_VERSION_TEXT_MAX];

	snprintf(version, sizeof(version), "%s%s%s", kind->group, *kind->group ? "/" : "",
		 kube_client_version(c->client, kind));
	json_default_str(item, "apiVersion", version);
	json_default_str(item, "kind", kind->kind);
}

static enum kube_reason list_pages(struct ctl *c, struct kube_request *req, cJSON *all, struct err *e)
{
	CLEANUP(json_freep) cJSON *page = NULL;
	enum kube_reason reason;

	do {
		cJSON *next = NULL, *items;

		reason = ctl_call(c, req, &next, e);
		json_freep(&page); /* the token was its own */
		page = next;
		if (reason != KUBE_OK)
			return reason;
		items = json_get(page, "items");
		while (items && items->child) {
			cJSON *item = cJSON_DetachItemViaPointer(items, items->child);

			name_kind(c, req->kind, item);
			cJSON_AddItemToArray(all, item);
		}
		req->continue_token = json_str(page, "metadata.continue");
	} while (req->continue_token && *req->continue_token);
	return KUBE_OK;
}

enum kube_reason ctl_list(struct ctl *c, const struct api_kind *kind, const char *label_selector, cJSON **ret,
			  struct err *e)
{
	CLEANUP(json_freep) cJSON *all = cJSON_CreateArray();
	enum kube_reason reason = KUBE_NOT_FOUND;

	for (const char *const *v = kind->versions; *v && reason == KUBE_NOT_FOUND; v++) {
		struct kube_request req = {.verb = KUBE_LIST, .kind = kind, .label_selector = label_selector};

		kube_client_set_version(c->client, kind, *v);
		reason = list_pages(c, &req, all, e);
	}
	if (reason == KUBE_OK)
		*ret = take(all);
	return reason;
}

static void on_pause(struct timer *t)
{
	(void)t;
}

void ctl_pause(struct ctl *c, int64_t ms)
{
	struct timer t = {0};

	timer_start(c->loop, &t, ms, on_pause);
	while (timer_active(&t))
		loop_turn(c->loop, -1);
}

bool ctl_has_routes(struct ctl *c)
{
	return ctl_get_path(c, "/apis/route.openshift.io/v1", NULL, NULL) == KUBE_OK;
}
