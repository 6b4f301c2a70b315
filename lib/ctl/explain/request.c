/* The request, from the command line. */
#include <ctype.h>
#include <string.h>

#include "ctl/explain/explain_internal.h"

static char *lower(struct arena *a, struct slice s)
{
	char *out = arena_slicedup(a, s);

	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

/* "host", "host:80", "[::1]:80" */
static int read_authority(struct explaining *x, struct slice text, struct err *e)
{
	const ptrdiff_t colon = slice_rfind(text, ':');
	struct slice host = text;
	uint64_t port = strcmp(x->rq.scheme, "https") ? 80 : 443;

	if (colon >= 0 && text.ptr[text.len - 1] != ']') {
		host = slice_head(text, (size_t)colon);
		if (slice_to_u64(slice_from(text, (size_t)colon + 1), 65535, &port) < 0 || !port)
			return err_set(e, -EINVAL, "%.*s has no port from 1 to 65535", SLICE_ARG(text));
	}
	if (!host.len)
		return err_set(e, -EINVAL, "the URL names no host");
	x->rq.host = lower(&x->a, host);
	x->rq.authority = arena_slicedup(&x->a, text);
	x->rq.port = (uint16_t)port;
	return 0;
}

static int read_url(struct explaining *x, const char *url, struct err *e)
{
	struct slice rest = slice_str(url);
	size_t end;

	x->rq.scheme = "http";
	if (slice_starts(rest, SLICE("https://")))
		x->rq.scheme = "https";
	else if (!slice_starts(rest, SLICE("http://")) && strstr(url, "://"))
		return err_set(e, -EINVAL, "%s: http:// and https:// are explained", url);
	if (strstr(url, "://"))
		rest = slice_from(rest, strlen(x->rq.scheme) + 3);
	end = strcspn(rest.ptr, "/?#");
	x->rq.path = arena_printf(&x->a, "%s%.*s", end < rest.len && rest.ptr[end] == '/' ? "" : "/",
				  (int)strcspn(rest.ptr + end, "#"), rest.ptr + end);
	return read_authority(x, slice_head(rest, end), e);
}

static int add_header(struct explaining *x, const char *text, struct err *e)
{
	const char *colon = strchr(text, ':');
	struct explained_header *h;

	if (!colon || colon == text || !slice_is_token(slice_make(text, (size_t)(colon - text))))
		return err_set(e, -EINVAL, "-H %s: write it as name:value", text);
	if (x->rq.n_headers == EXPLAIN_HEADERS_MAX)
		return err_set(e, -EINVAL, "more than %d headers", EXPLAIN_HEADERS_MAX);
	h = &x->rq.headers[x->rq.n_headers];
	h->name = lower(&x->a, slice_make(text, (size_t)(colon - text)));
	h->value = arena_slicedup(&x->a, slice_trim(slice_str(colon + 1)));
	if (!strcmp(h->name, "host"))
		x->rq.authority = h->value;
	else
		x->rq.n_headers++;
	return 0;
}

int explain_request(struct explaining *x, const char *method, const char *url, const char *const *headers, size_t n,
		    struct err *e)
{
	int r;

	if (!slice_is_token(slice_str(method)))
		return err_set(e, -EINVAL, "%s is no method", method);
	x->rq.method = method;
	r = read_url(x, url, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_header(x, headers[i], e);
	return r;
}

struct slice explain_header(const void *ctx, struct slice name)
{
	const struct explained *rq = ctx;
	const struct explained_header pseudo[] = {{":authority", rq->authority},
						  {":method", rq->method},
						  {":path", rq->path},
						  {":scheme", rq->scheme},
						  {"host", rq->authority}};

	for (size_t i = 0; i < sizeof(pseudo) / sizeof(pseudo[0]); i++)
		if (slice_eq_str(name, pseudo[i].name))
			return slice_str(pseudo[i].value);
	for (size_t i = 0; i < rq->n_headers; i++)
		if (slice_eq_str(name, rq->headers[i].name))
			return slice_str(rq->headers[i].value);
	return slice_make(NULL, 0);
}

struct slice explain_header_line(const void *ctx, struct slice name, size_t *cursor)
{
	const struct explained *rq = ctx;

	for (; *cursor < rq->n_headers; ++*cursor)
		if (slice_eq_str(name, rq->headers[*cursor].name))
			return slice_str(rq->headers[(*cursor)++].value);
	return slice_make(NULL, 0);
}

struct route_request explain_route_request(const struct explained *rq)
{
	const struct slice type = explain_header(rq, SLICE("content-type"));

	return (struct route_request){.authority = slice_str(rq->authority),
				      .path = slice_str(rq->path),
				      .method = slice_str(rq->method),
				      .scheme = slice_str(rq->scheme),
				      .header = explain_header,
				      .ctx = rq,
				      .grpc = slice_starts(type, SLICE("application/grpc"))};
}
