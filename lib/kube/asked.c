/* From method, target and body of a request back to what was asked for: the other way of client_request.c. */
#include <stdlib.h>
#include <string.h>

#include "api/kind.h"
#include "base/clock.h"
#include "base/hex.h"
#include "kube/client_internal.h"
#include "kube/client_state_internal.h"
#include "kube/transport.h"
#include "msg/json.h"

static const char *unescape(struct arena *a, struct slice s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		const bool escaped = s.ptr[i] == '%' && i + 2 < s.len && hex_digit(s.ptr[i + 1]) >= 0 &&
				     hex_digit(s.ptr[i + 2]) >= 0;

		out[n++] = escaped ? (char)(hex_digit(s.ptr[i + 1]) << 4 | hex_digit(s.ptr[i + 2])) : s.ptr[i];
		i += escaped ? 2 : 0;
	}
	return out;
}

static int number_of(struct slice text)
{
	uint64_t n;

	return slice_to_u64(text, 1 << 30, &n) == 0 ? (int)n : 0;
}

static void read_query(struct kube_asked *a, struct slice query)
{
	struct kube_request *r = &a->req;

	while (query.len) {
		struct slice value = slice_split(&query, '&'), key = slice_split(&value, '=');

		if (slice_eq_str(key, "watch"))
			r->verb = KUBE_WATCH;
		else if (slice_eq_str(key, "resourceVersion"))
			r->resource_version = unescape(&a->arena, value);
		else if (slice_eq_str(key, "continue"))
			r->continue_token = unescape(&a->arena, value);
		else if (slice_eq_str(key, "fieldManager"))
			r->field_manager = unescape(&a->arena, value);
		else if (slice_eq_str(key, "fieldSelector"))
			r->field_selector = unescape(&a->arena, value);
		else if (slice_eq_str(key, "labelSelector"))
			r->label_selector = unescape(&a->arena, value);
		else if (slice_eq_str(key, "limit"))
			r->limit = number_of(value);
		else if (slice_eq_str(key, "timeoutSeconds"))
			r->timeout_ms = (int64_t)number_of(value) * MS_PER_S;
	}
}

/* "/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUBRESOURCE]]"; what is none of these stays a path. */
static void read_path(struct kube_asked *a, struct slice path)
{
	struct kube_request *r = &a->req;
	struct slice rest = slice_from(path, 1), root = slice_split(&rest, '/'), group = SLICE(""), plural;

	r->path = unescape(&a->arena, path);
	if (slice_eq_str(root, "apis"))
		group = slice_split(&rest, '/');
	else if (!slice_eq_str(root, "api"))
		return;
	slice_split(&rest, '/'); /* kinds are found in any version */
	plural = slice_split(&rest, '/');
	if (slice_eq_str(plural, "namespaces") && slice_find(rest, '/') >= 0) {
		r->ns = unescape(&a->arena, slice_split(&rest, '/'));
		plural = slice_split(&rest, '/');
	}
	if (!plural.len)
		return;
	r->kind = api_kind_find_resource(unescape(&a->arena, group), NULL, unescape(&a->arena, plural));
	if (rest.len)
		r->name = unescape(&a->arena, slice_split(&rest, '/'));
	if (rest.len)
		r->subresource = unescape(&a->arena, rest);
}

static int read_verb(struct kube_asked *a, const char *method, const char *content)
{
	if (!strcmp(method, "GET")) {
		a->req.verb = a->req.name || !a->req.kind ? KUBE_GET : KUBE_LIST;
		return 0;
	}
	for (enum kube_verb v = KUBE_CREATE; v < KUBE_VERB_COUNT; v++) {
		if (strcmp(method, kube_verb_method(v)) != 0 ||
		    (v != KUBE_DELETE && (!content || strcmp(content, kube_verb_content(v)) != 0)))
			continue;
		a->req.verb = v;
		return 0;
	}
	return -EINVAL;
}

int kube_asked_read(const char *method, const char *target, const char *content, const char *body,
		    struct kube_asked *ret, struct err *e)
{
	struct slice query = slice_str(target), path = slice_split(&query, '?');
	int r;

	*ret = (struct kube_asked){.arena = ARENA_INIT};
	read_path(ret, path);
	r = read_verb(ret, method, content);
	if (r < 0)
		return err_set(e, r, "%s with %s is no request of the API", method, content ? content : "nothing");
	read_query(ret, query);
	r = body ? json_parse(slice_str(body), KUBE_BODY_MAX_BYTES, &ret->body, e) : 0;
	ret->req.body = ret->body;
	ret->req.precondition_uid = json_str(ret->body, "preconditions.uid");
	return r;
}

int kube_call_asked(const struct kube_call *call, struct kube_asked *ret, struct err *e)
{
	return kube_asked_read(call->method, call->url + call->path_at, call->content, call->body, ret, e);
}

void kube_asked_done(struct kube_asked *a)
{
	cJSON_Delete(a->body);
	arena_done(&a->arena);
}

void kube_call_set_carrier(struct kube_call *call, void *carrier)
{
	call->carrier = carrier;
}

void *kube_call_carrier(const struct kube_call *call)
{
	return call->carrier;
}
