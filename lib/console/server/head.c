/* From libwebsockets' parsed head to an exchange. */
#include <string.h>

#include "console/server/server_internal.h"

static struct slice field(struct lws *wsi, struct exchange *x, enum lws_token_indexes token)
{
	const int len = lws_hdr_total_length(wsi, token);
	char *text;

	if (len <= 0)
		return (struct slice){NULL, 0};
	text = arena_alloc(&x->arena, (size_t)len + 1);
	if (lws_hdr_copy(wsi, text, len + 1, token) < 0)
		return (struct slice){NULL, 0};
	return slice_make(text, (size_t)len);
}

/* A field that libwebsockets has no number for; name with its colon. */
static struct slice custom_field(struct lws *wsi, struct exchange *x, const char *name)
{
	const int len = lws_hdr_custom_length(wsi, name, (int)strlen(name));
	char *text;

	if (len <= 0)
		return (struct slice){NULL, 0};
	text = arena_alloc(&x->arena, (size_t)len + 1);
	if (lws_hdr_custom_copy(wsi, text, len + 1, name, (int)strlen(name)) < 0)
		return (struct slice){NULL, 0};
	return slice_make(text, (size_t)len);
}

/* A NUL that was percent-encoded ends a text here, so that nobody takes the part behind it for something else. */
static struct slice text_only(struct slice s)
{
	return s.len ? slice_head(s, strnlen(s.ptr, s.len)) : s;
}

static void read_method(struct lws *wsi, struct exchange *x)
{
	static const struct {
		int lws;
		enum exchange_method method;
	} methods[] = {
		{LWSHUMETH_GET, EXCHANGE_GET},       {LWSHUMETH_HEAD, EXCHANGE_HEAD},
		{LWSHUMETH_POST, EXCHANGE_POST},     {LWSHUMETH_PUT, EXCHANGE_PUT},
		{LWSHUMETH_DELETE, EXCHANGE_DELETE}, {LWSHUMETH_COLON_PATH, EXCHANGE_GET},
	};
	char *uri = NULL;
	int len = 0, m = lws_http_get_uri_and_method(wsi, &uri, &len);

	x->method = EXCHANGE_OTHER;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		if (methods[i].lws == m)
			x->method = methods[i].method;
	if (m >= 0 && len > 0)
		x->path = text_only(slice_make(arena_slicedup(&x->arena, slice_make(uri, (size_t)len)), (size_t)len));
}

static void read_arguments(struct lws *wsi, struct exchange *x)
{
	for (int i = 0; i < (int)SERVER_ARGUMENTS_MAX; i++) {
		const int len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
		char *text;

		if (len <= 0)
			return;
		text = arena_alloc(&x->arena, (size_t)len + 1);
		if (lws_hdr_copy_fragment(wsi, text, len + 1, WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
			return;
		x->arguments[x->n_arguments++] = text_only(slice_make(text, (size_t)len));
	}
}

void server_read_head(struct lws *wsi, struct exchange *x)
{
	char peer[64] = "";

	read_method(wsi, x);
	read_arguments(wsi, x);
	x->authorization = field(wsi, x, WSI_TOKEN_HTTP_AUTHORIZATION);
	x->cookie = field(wsi, x, WSI_TOKEN_HTTP_COOKIE);
	x->content_type = field(wsi, x, WSI_TOKEN_HTTP_CONTENT_TYPE);
	x->content_encoding = field(wsi, x, WSI_TOKEN_HTTP_CONTENT_ENCODING);
	x->host = field(wsi, x, WSI_TOKEN_HOST);
	x->origin = field(wsi, x, WSI_TOKEN_ORIGIN);
	x->forwarded_for = field(wsi, x, WSI_TOKEN_X_FORWARDED_FOR);
	x->forwarded_proto = custom_field(wsi, x, "x-forwarded-proto:");
	x->if_none_match = field(wsi, x, WSI_TOKEN_HTTP_IF_NONE_MATCH);
	lws_get_peer_simple(wsi, peer, sizeof(peer));
	/* An IPv4 client of a socket for both families. */
	x->peer = slice_str(arena_strdup(&x->arena, strncmp(peer, "::ffff:", 7) == 0 ? peer + 7 : peer));
}
