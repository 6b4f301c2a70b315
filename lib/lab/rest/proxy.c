/* services/NAME:PORT/proxy and pods/NAME:PORT/proxy: the request goes on to an endpoint inside the cluster, streamed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/rest/rest_internal.h"
#include "lab/api/endpoint.h"
#include "lab/sys/http_client.h"

#define HEADERS_MAX 64

struct proxied {
	struct lab_api *api;
	struct web_request *request; /* NULL once the client is gone */
	struct http_call *call;
	char *content_type;
	int status;
	bool begun, paused;
};

static void proxied_free(struct proxied *p)
{
	free(p->content_type);
	free(p);
}

static void on_gone(struct web_request *r)
{
	struct proxied *p = r->user;

	http_call_cancel(p->call);
	proxied_free(p);
}

static void on_room(struct web_request *r)
{
	struct proxied *p = r->user;

	if (p->paused) {
		p->paused = false;
		http_call_resume(p->call);
	}
}

static bool hop_by_hop(struct slice name)
{
	static const char *const names[] = {
		"connection", "keep-alive", "transfer-encoding",  "content-length",     "upgrade",
		"te",         "trailer",    "proxy-authenticate", "proxy-authorization"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_eq_nocase(name, slice_str(names[i])))
			return true;
	return false;
}

static void on_header(void *arg, struct slice line)
{
	struct proxied *p = arg;
	struct slice value = line, name;

	if (slice_starts(line, SLICE("HTTP/"))) {
		slice_split(&value, ' ');
		p->status = atoi(value.len ? value.ptr : "502");
		return;
	}
	name = slice_split(&value, ':');
	value = slice_trim(value);
	if (p->begun || !name.len || hop_by_hop(name))
		return;
	CLEANUP(freep) char *n = mem_printf("%.*s", SLICE_ARG(name)), *v = mem_printf("%.*s", SLICE_ARG(value));

	if (slice_eq_nocase(name, SLICE("content-type"))) {
		free(p->content_type);
		p->content_type = take(v);
	} else {
		web_add_header(p->request, n, v);
	}
}

static void begin(struct proxied *p)
{
	if (p->begun)
		return;
	p->begun = true;
	web_begin(p->request, p->status, p->content_type);
}

static bool on_body(void *arg, struct slice bytes)
{
	struct proxied *p = arg;

	begin(p);
	if (p->paused)
		return false;
	/* What was taken is sent; the pause comes before the next piece. */
	p->paused = web_write(p->request, bytes) > WEB_QUEUE_HIGH_BYTES;
	return true;
}

static void on_done(void *arg, long status, struct slice body, const char *error)
{
	struct proxied *p = arg;
	struct web_request *r = p->request;
	bool begun = p->begun;

	(void)body;
	if (status == 0 && begun) {
		web_abort(r);
	} else if (status == 0) {
		rest_reply_status(r, status_new(503, "ServiceUnavailable", "error trying to reach service: %s", error));
	} else {
		begin(p);
		web_end(r);
	}
	proxied_free(p);
}

/* "http:name:port", "name:port", "name" */
static void split_name(struct arena *a, const char *name, const char **scheme, const char **host, const char **port)
{
	struct slice rest = slice_str(name), first = slice_split(&rest, ':');

	*scheme = "http";
	if (slice_eq_str(first, "http") || slice_eq_str(first, "https")) {
		*scheme = arena_slicedup(a, first);
		first = slice_split(&rest, ':');
	}
	*host = arena_slicedup(a, first);
	*port = arena_slicedup(a, rest);
}

/* The address, or a failure. */
static cJSON *resolve(struct lab_api *api, const char *ns, const char *resource, const char *name, const char *port,
		      char *out)
{
	const struct gvr gvr = {"", "v1", resource};
	const cJSON *obj = lab_get(api, &gvr, ns, name);
	struct err e = ERR_INIT;
	int v;

	if (!obj)
		return status_not_found(resources_find(&api->resources, "", "v1", resource, &v), name);
	if (strcmp(resource, "pods") == 0) {
		const char *ip = json_str(obj, "status.podIP");

		if (!ip)
			return status_new(503, "ServiceUnavailable", "pod \"%s\" has no address", name);
		snprintf(out, 64, "%s:%s", ip, *port ? port : "80");
		return NULL;
	}
	if (endpoint_of_service(api, ns, name, port, out, &e) < 0)
		return status_new(503, "ServiceUnavailable", "%s", e.msg);
	return NULL;
}

/* What of the client's headers goes on: nothing that says who it is. */
static const char **headers_of(struct web_request *r)
{
	const char **list = ARENA_NEW_N(web_arena(r), const char *, HEADERS_MAX + 1);
	size_t n = 0;

	for (size_t i = 0; i < r->head->n_fields && n < HEADERS_MAX; i++) {
		const struct http_field *f = &r->head->fields[i];
		struct slice name = http_field_name(f), value = http_field_value(f);

		if (hop_by_hop(name) || f->id == HTTP_NAME_AUTHORIZATION || f->id == HTTP_NAME_HOST ||
		    f->id == HTTP_NAME_EXPECT)
			continue;
		list[n++] = arena_printf(web_arena(r), "%.*s: %.*s", SLICE_ARG(name), SLICE_ARG(value));
	}
	return list;
}

/* The undecoded path behind ".../proxy". */
static struct slice raw_rest(struct web_request *r)
{
	struct slice path = r->raw_path;

	for (size_t i = 0; i + 6 <= path.len; i++)
		if (memcmp(path.ptr + i, "/proxy", 6) == 0 && (i + 6 == path.len || path.ptr[i + 6] == '/'))
			return slice_from(path, i + 6);
	return (struct slice){"/", 1};
}

void proxy_request(struct lab_api *api, struct web_request *r, const char *ns, const char *resource, const char *name,
		   struct slice rest)
{
	struct arena *a = web_arena(r);
	const char *scheme, *host, *port;
	struct slice path = raw_rest(r);
	char address[64];
	cJSON *fail;

	(void)rest;
	split_name(a, name, &scheme, &host, &port);
	fail = resolve(api, ns, resource, host, port, address);
	if (fail) {
		rest_reply_status(r, fail);
		return;
	}
	struct proxied *p = NEW(struct proxied);

	p->api = api;
	p->request = r;
	r->user = p;
	r->on_gone = on_gone;
	r->on_room = on_room;
	p->call = http_call_start(
		webhook_caller_http(api->webhooks),
		&(struct http_call_options){.method = arena_slicedup(a, r->method),
					    .url = arena_printf(a, "%s://%s%s%.*s%s%.*s", scheme, address,
								path.len ? "" : "/", SLICE_ARG(path),
								r->query.len ? "?" : "", SLICE_ARG(r->query)),
					    .headers = headers_of(r),
					    .body = r->body,
					    .insecure = true,
					    .on_header = on_header,
					    .on_body = on_body,
					    .on_done = on_done,
					    .arg = p});
}
