/*
 * What happens to every request before it is routed. The path that is routed, authorised, logged and forwarded is one
 * and the same, normalised first: whoever compares paths compares these bytes.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/stream/forwarded.h"
#include "proxy/core/grpc.h"
#include "route/path.h"
#include "proxy/stream/stream_internal.h"

/* ---- target and authority ---- */

/* The host without the port that its scheme implies. */
static struct slice without_default_port(struct slice host, const char *port)
{
	size_t n = strlen(port);

	return host.len > n && memcmp(host.ptr + host.len - n, port, n) == 0 ? slice_head(host, host.len - n) : host;
}

/*
 * "http://host/path" becomes the path. A proxy goes by the target alone (RFC 9112 3.2.2), but whoever looks at Host
 * would see another request: they must agree.
 */
static enum outcome split_absolute(struct stream *s)
{
	struct slice given = http_get_id(&s->req, HTTP_NAME_HOST);
	const char *port = ":80";
	struct slice t = s->req.target, rest, host;
	ptrdiff_t slash;

	if (t.len > 7 && strncasecmp(t.ptr, "http://", 7) == 0)
		rest = slice_from(t, 7);
	else if (t.len > 8 && strncasecmp(t.ptr, "https://", 8) == 0)
		rest = slice_from(t, 8), port = ":443";
	else
		return OUTCOME_BAD_PATH;
	slash = slice_find(rest, '/');
	host = slash < 0 ? rest : slice_head(rest, (size_t)slash);
	if (!http_is_host(host))
		return OUTCOME_BAD_PATH;
	if (given.len && !slice_eq_nocase(without_default_port(given, port), without_default_port(host, port)))
		return OUTCOME_HOST_MISMATCH;
	s->authority = host;
	http_set(&s->req, SLICE("host"), host);
	s->req.target = slash < 0 ? SLICE("/") : slice_from(rest, (size_t)slash);
	return OUTCOME_OK;
}

/* Sets target and authority. OUTCOME_OK, or why the request is refused. */
static enum outcome take_target(struct stream *s)
{
	struct slice t = s->req.target;

	s->authority = http_get_id(&s->req, HTTP_NAME_HOST);
	if (t.ptr[0] == '/' || (t.len == 1 && t.ptr[0] == '*' && s->req.method_id == HTTP_OPTIONS))
		return OUTCOME_OK;
	if (s->req.method_id != HTTP_CONNECT)
		return split_absolute(s);
	if (!http_is_host(t))
		return OUTCOME_BAD_PATH;
	s->authority = t;
	http_set(&s->req, SLICE("host"), t);
	return OUTCOME_OK;
}

static void strip_port(struct stream *s)
{
	struct slice a = s->authority;
	ptrdiff_t colon = slice_rfind(a, ':');
	uint64_t port;
	struct http_field *host;

	if (colon < 0 || slice_find(slice_from(a, (size_t)colon), ']') >= 0 ||
	    slice_to_u64(slice_from(a, (size_t)colon + 1), 65535, &port) < 0)
		return;
	if (!s->hcm->strip_any_port && port != addr_port(&s->conn->local))
		return;
	s->authority.len = (size_t)colon;
	host = http_find_id(&s->req, HTTP_NAME_HOST);
	if (host)
		http_set(&s->req, SLICE("host"), s->authority);
}

static bool normalise(struct stream *s)
{
	const struct config_hcm *hcm = s->hcm;
	struct path_rules rules = {hcm->normalize_path, hcm->merge_slashes, hcm->escaped_slashes};
	struct slice path = s->req.target;
	size_t n;
	char *out;

	/* A fragment is never sent (RFC 9110 7.1): who splits there and who does not would see two paths. */
	if (slice_find(path, '#') >= 0)
		return false;
	if (s->req.method_id == HTTP_CONNECT || path.ptr[0] != '/' || !path_needs_work(path, &rules))
		return true;
	out = stream_alloc(s, PATH_BOUND(path.len));
	n = path_normalise(path, &rules, out);
	if (!n)
		return false;
	s->req.target = slice_make(out, n);
	return true;
}

/* ---- fields ---- */

#define ID_BYTES 36

/* A UUID of version 4 (RFC 9562 5.4). */
static struct slice new_id(struct stream *s)
{
	static const char hex[] = "0123456789abcdef";
	const uint64_t words[2] = {rand_next(&s->worker->rand), rand_next(&s->worker->rand)};
	char *const text = stream_alloc(s, ID_BYTES), *at = text;

	for (int i = 0; i < 16; i++) {
		const unsigned byte = words[i / 8] >> i % 8 * 8 & 255;

		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = hex[byte >> 4];
		*at++ = hex[byte & 15];
	}
	text[14] = '4';
	text[19] = hex[8 | (words[1] & 3)];
	return slice_make(text, ID_BYTES);
}

static void set_request_id(struct stream *s)
{
	const struct config_hcm *hcm = s->hcm;
	struct slice id = http_get_id(&s->req, HTTP_NAME_REQUEST_ID);

	if (hcm->generate_request_id && (!id.len || (hcm->use_remote_address && !hcm->preserve_external_request_id))) {
		id = new_id(s);
		http_set(&s->req, SLICE("x-request-id"), id);
	}
	s->request_id = id;
}

static struct slice with_comma(struct stream *s, struct slice list, struct slice more)
{
	char *both = stream_alloc(s, list.len + more.len + 1);

	memcpy(both, list.ptr, list.len);
	both[list.len] = ',';
	memcpy(both + list.len + 1, more.ptr, more.len);
	return slice_make(both, list.len + more.len + 1);
}

static void set_forwarded(struct stream *s)
{
	const struct config_hcm *hcm = s->hcm;
	struct slice peer = slice_str(s->conn->peer_text);
	struct slice xff = stream_header(s, SLICE("x-forwarded-for")); /* all lines are one list */
	struct slice proto = http_get_id(&s->req, HTTP_NAME_FORWARDED_PROTO);
	struct addr client;

	s->remote = &s->conn->peer;
	if (forwarded_client(xff, hcm->use_remote_address, hcm->xff_num_trusted_hops, &client))
		s->remote = memcpy(stream_alloc_aligned(s, sizeof(client)), &client, sizeof(client));
	s->scheme = s->conn->secure ? SLICE("https") : SLICE("http");
	if (hcm->use_remote_address) {
		if (!hcm->skip_xff_append) {
			xff = xff.len ? with_comma(s, xff, peer) : peer;
			http_set(&s->req, SLICE("x-forwarded-for"), xff);
		}
		if (!proto.len || !hcm->xff_num_trusted_hops) {
			http_set(&s->req, SLICE("x-forwarded-proto"), s->scheme);
			proto = s->scheme;
		}
		/* What steers a proxy is not taken from outside. */
		http_remove_id(&s->req, HTTP_NAME_ENVOY);
	} else if (!proto.len) {
		http_set(&s->req, SLICE("x-forwarded-proto"), s->scheme);
		proto = s->scheme;
	}
	if (slice_eq_nocase(proto, SLICE("https")))
		s->scheme = SLICE("https");
	s->req.scheme = s->scheme;
	s->forwarded_for = xff;
}

/* In quotes when asked for, or when the value could be taken for the next element. */
static void put_element(struct buf *out, const char *key, const char *value, bool quoted)
{
	quoted |= strpbrk(value, ",;=\"") != NULL;
	buf_printf(out, "%s=%s", key, quoted ? "\"" : "");
	for (; *value; value++) {
		if (*value == '"')
			buf_append_char(out, '\\');
		buf_append_char(out, *value);
	}
	if (quoted)
		buf_append_char(out, '"');
}

/* As long as the certificate makes it; a head that gets too large by it is refused as a whole. */
static struct down_cert *client_cert_make(const struct stream *s, const struct tls_peer *peer)
{
	const struct config_hcm *hcm = s->hcm;
	const char *by = s->wc->config->node->principal;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct down_cert *c;

	if (by && *by)
		put_element(&out, "By", by, false);
	put_element(&out, out.len ? ";Hash" : "Hash", peer->sha256, false);
	if (hcm->xfcc_subject)
		put_element(&out, ";Subject", peer->subject, true);
	if (hcm->xfcc_uri)
		put_element(&out, ";URI", peer->uri ? peer->uri : "", false);
	for (size_t i = 0; hcm->xfcc_dns && i < peer->n_dns; i++)
		put_element(&out, ";DNS", peer->dns[i], false);
	c = mem_alloc(sizeof(*c) + out.len);
	*c = (struct down_cert){.hcm = hcm, .version = s->wc->config->version, .len = out.len};
	memcpy(c->text, out.ptr, out.len);
	return c;
}

/* A copy: another configuration may come while the exchange is under way. */
static struct slice client_cert(struct stream *s, const struct tls_peer *peer)
{
	struct down *d = s->conn;

	if (!d->cert || d->cert->hcm != s->hcm || d->cert->version != s->wc->config->version) {
		free(d->cert);
		d->cert = client_cert_make(s, peer);
	}
	return stream_copy(s, slice_make(d->cert->text, d->cert->len));
}

static void set_client_cert(struct stream *s)
{
	struct tls *tls = down_tls(s->conn);
	const struct tls_peer *peer = s->conn->principal && tls ? tls_peer(tls) : NULL;
	struct slice old, fresh;

	switch (s->hcm->forward_cert) {
	case CONFIG_XFCC_ALWAYS_FORWARD_ONLY:
		return;
	case CONFIG_XFCC_FORWARD_ONLY:
		if (!peer)
			http_remove_id(&s->req, HTTP_NAME_CLIENT_CERT);
		return;
	case CONFIG_XFCC_APPEND_FORWARD:
	case CONFIG_XFCC_SANITIZE_SET:
		break;
	case CONFIG_XFCC_SANITIZE:
		peer = NULL;
		break;
	}
	old = http_get_id(&s->req, HTTP_NAME_CLIENT_CERT);
	http_remove_id(&s->req, HTTP_NAME_CLIENT_CERT);
	if (!peer)
		return;
	fresh = client_cert(s, peer);
	if (s->hcm->forward_cert == CONFIG_XFCC_APPEND_FORWARD && old.len)
		fresh = with_comma(s, old, fresh);
	http_add(&s->req, SLICE("x-forwarded-client-cert"), fresh);
}

/* False when it is none that can be carried out; whether it is allowed the route says, too. */
static bool take_upgrade(struct stream *s)
{
	struct http_field *f;
	struct slice protocol;

	if (s->req.method_id == HTTP_CONNECT)
		return true;
	if (!s->req.upgrade) {
		bool trailers = slice_eq_nocase(http_get_id(&s->req, HTTP_NAME_TE), SLICE("trailers"));

		http_remove_hop_fields(&s->req);
		/* Whoever answers may end with trailers: that is passed on, and asked for by gRPC. */
		if (trailers)
			http_add(&s->req, SLICE("te"), SLICE("trailers"));
		return true;
	}
	f = http_find_id(&s->req, HTTP_NAME_UPGRADE);
	protocol = f ? http_field_value(f) : slice_make("", 0);
	http_remove_hop_fields(&s->req);
	if (slice_eq_nocase(protocol, SLICE("h2c")))
		return true;
	if (!slice_eq_nocase(protocol, SLICE("websocket")) || s->req.framing != HTTP_BODY_NONE)
		return false;
	s->upgrade = true;
	http_add(&s->req, SLICE("connection"), SLICE("upgrade"));
	http_add(&s->req, SLICE("upgrade"), protocol);
	return true;
}

static bool is_on(enum route_switch route, bool listener)
{
	return route == ROUTE_SWITCH_KEEP ? listener : route == ROUTE_SWITCH_ON;
}

bool stream_upgrade_allowed(const struct stream *s)
{
	const struct route *r = s->route;

	if (s->req.method_id == HTTP_CONNECT)
		return is_on(r ? r->connect : ROUTE_SWITCH_KEEP, s->hcm->connect);
	return !s->upgrade || is_on(r ? r->websocket : ROUTE_SWITCH_KEEP, s->hcm->websocket);
}

static void answer_expect(struct stream *s)
{
	static const struct http_head go_on = {.status = 100, .reason = {"Continue", 8}};

	if (!s->req.expect_continue || s->hcm->proxy_100_continue)
		return;
	http_remove_id(&s->req, HTTP_NAME_EXPECT);
	/* HTTP/1.0 knows no interim answers: it would take this for the answer (RFC 9110 10.1.1). */
	if (!s->request_ended && s->req.version)
		(void)!http_leg_head(&s->down, &go_on, false);
}

bool stream_prepare(struct stream *s)
{
	const struct config_hcm *hcm = s->hcm;
	struct http_head *h = &s->req;
	enum outcome target;

	s->prepared = true;
	s->method = h->method;
	s->head_request = h->method_id == HTTP_HEAD;
	s->path = h->target;
	s->user_agent = http_get_id(h, HTTP_NAME_USER_AGENT);
	s->scheme = SLICE("http");
	if (h->version == 0 && !hcm->accept_http10) {
		stream_reply(s, OUTCOME_OLD_VERSION);
		return false;
	}
	target = take_target(s);
	if (target == OUTCOME_OK && !normalise(s))
		target = OUTCOME_BAD_PATH;
	if (target != OUTCOME_OK) {
		stream_reply(s, target);
		return false;
	}
	s->path = h->target;
	if (h->version == 0 && !s->authority.len && hcm->http10_host.len) {
		s->authority = hcm->http10_host;
		http_set(h, SLICE("host"), s->authority);
	}
	if (hcm->strip_any_port || hcm->strip_matching_port)
		strip_port(s);
	s->grpc = grpc_content_type(http_get_id(h, HTTP_NAME_CONTENT_TYPE));
	if (s->grpc)
		s->tally = memset(stream_alloc_aligned(s, sizeof(*s->tally)), 0, sizeof(*s->tally));
	if (!take_upgrade(s)) {
		stream_reply(s, OUTCOME_UPGRADE_REFUSED);
		return false;
	}
	answer_expect(s);
	if (s->state == STREAM_ENDED)
		return false;
	set_forwarded(s);
	set_request_id(s);
	set_client_cert(s);
	return true;
}

/* ---- what matchers see ---- */

static struct slice join_values(struct stream *s, struct slice name)
{
	struct buf all = BUF_INIT;
	struct slice copy;
	int n = 0;

	for (int i = 0; i < s->req.n_fields; i++) {
		const struct http_field *f = &s->req.fields[i];

		if (!f->name_len || !slice_eq_nocase(http_field_name(f), name))
			continue;
		if (n++)
			buf_append_char(&all, ',');
		buf_append(&all, f->value, f->value_len);
	}
	copy = stream_copy(s, buf_slice(&all));
	buf_done(&all);
	return copy;
}

/*
 * Joined once, however many rules ask: fields of one name are removed all together, so the first of them and the number
 * of all tell whether anything has changed.
 */
static struct slice joined(struct stream *s, size_t first, struct slice name)
{
	const size_t bytes = STREAM_JOINED_MAX * sizeof(struct stream_joined);
	struct stream_joined *j;

	if (!s->joined)
		s->joined = memset(stream_alloc_aligned(s, bytes), 0, bytes);
	for (size_t i = 0; i < STREAM_JOINED_MAX; i++)
		if (s->joined[i].first == first && s->joined[i].n_fields == s->req.n_fields)
			return s->joined[i].value;
	j = &s->joined[s->next_joined++ % STREAM_JOINED_MAX];
	*j = (struct stream_joined){(uint16_t)first, s->req.n_fields, join_values(s, name)};
	return j->value;
}

struct slice stream_header(const void *ctx, struct slice name)
{
	struct stream *s = (struct stream *)ctx;
	struct http_field *f;

	if (name.len && name.ptr[0] == ':') {
		if (slice_eq(name, SLICE(":path")))
			return s->path;
		if (slice_eq(name, SLICE(":method")))
			return s->method;
		if (slice_eq(name, SLICE(":authority")))
			return s->authority;
		if (slice_eq(name, SLICE(":scheme")))
			return s->scheme;
		return slice_make(NULL, 0);
	}
	if (slice_eq(name, SLICE("host")))
		return s->authority;
	f = http_find(&s->req, name);
	if (!f)
		return slice_make(NULL, 0);
	for (struct http_field *g = f + 1; g < s->req.fields + s->req.n_fields; g++)
		if (g->id == f->id && slice_eq_nocase(http_field_name(g), name))
			return joined(s, (size_t)(f - s->req.fields), name);
	return f->value_len ? http_field_value(f) : slice_make("", 0);
}

/* Many servers read "x_role" as "X-Role" (RFC 3875 4.1.18): whoever looks for one must see the other. */
static bool names_alike(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		const char x = a.ptr[i] == '_' ? '-' : a.ptr[i], y = b.ptr[i] == '_' ? '-' : b.ptr[i];

		if (tolower((unsigned char)x) != tolower((unsigned char)y))
			return false;
	}
	return true;
}

struct slice stream_header_line(const void *ctx, struct slice name, size_t *cursor)
{
	const struct stream *s = ctx;

	while (*cursor < s->req.n_fields) {
		const struct http_field *f = &s->req.fields[(*cursor)++];

		if (f->name_len && names_alike(http_field_name(f), name))
			return f->value_len ? http_field_value(f) : slice_make("", 0);
	}
	return slice_make(NULL, 0);
}
