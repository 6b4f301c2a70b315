/* The configuration: whole, as the few lines that differ from the usual one, or as objects of a cluster. */
#include <errno.h>
#include <stdlib.h>

#include "loopback/rig.h"
#include "run.h"

/* ---- texts ---- */

/* "@ext(filters.http.rbac.v3.RBAC)" is the type of an extension; @LOG@ where the log is written. */
static void expand(struct run *r, struct slice in, struct buf *out)
{
	static const struct slice ext = {"@ext(", 5}, log = {"@LOG@", 5};

	while (in.len) {
		ptrdiff_t end = slice_starts(in, ext) ? slice_find(in, ')') : -1;

		if (end > 0) {
			buf_printf(out, "'@type': type.googleapis.com/envoy.extensions.%.*s", (int)end - 5, in.ptr + 5);
			in = slice_from(in, (size_t)end + 1);
		} else if (slice_starts(in, log) && r->setup.log) {
			buf_append_str(out, r->setup.log);
			in = slice_from(in, log.len);
		} else {
			buf_append_char(out, in.ptr[0]);
			in = slice_from(in, 1);
		}
	}
}

static const char *expanded(struct run *r, const char *text)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	expand(r, slice_str(text), &out);
	return arena_slicedup(&r->arena, buf_slice(&out));
}

/* ---- http: one listener, one route to cluster c ---- */

static const struct http_key {
	const char *name;
	size_t offset;
} http_keys[] = {
	{"hcm", offsetof(struct rig_http, hcm)},           {"filters", offsetof(struct rig_http, filters)},
	{"router", offsetof(struct rig_http, router)},     {"vhost", offsetof(struct rig_http, vhost)},
	{"route", offsetof(struct rig_http, route)},       {"around", offsetof(struct rig_http, around)},
	{"log", offsetof(struct rig_http, log)},           {"action", offsetof(struct rig_http, action)},
	{"cluster", offsetof(struct rig_http, cluster)},   {"chain", offsetof(struct rig_http, chain)},
	{"listener", offsetof(struct rig_http, listener)}, {"endpoints", offsetof(struct rig_http, endpoints)},
};

/* A key's value goes on in lines that are indented further. Takes one off the front of *rest. */
static const char *take_entry(struct run *r, struct slice *rest, struct slice *ret_key)
{
	CLEANUP(buf_done) struct buf value = BUF_INIT;
	struct slice line = slice_split(rest, '\n');

	*ret_key = slice_split(&line, ':');
	buf_append_slice(&value, slice_trim(line));
	while (rest->len && (rest->ptr[0] == ' ' || rest->ptr[0] == '\n')) {
		line = slice_split(rest, '\n');
		buf_append_char(&value, ' ');
		buf_append_slice(&value, slice_trim(line));
	}
	return expanded(r, buf_str(&value));
}

/* "d 10.0.0.2:80 [more]": another cluster. */
static const char *add_cluster(struct run *r, const char *so_far, const char *value)
{
	struct slice rest = slice_str(value), name = take_word(&rest), at = take_word(&rest);

	return arena_printf(&r->arena, "%s%s", so_far ? so_far : "",
			    rig_cluster_yaml(arena_slicedup(&r->arena, name), arena_slicedup(&r->arena, at),
					     rest.len ? arena_slicedup(&r->arena, rest) : NULL));
}

static int set_http_key(struct run *r, struct rig_http *h, struct slice key, const char *value, struct err *e)
{
	if (slice_eq_str(key, "also")) {
		h->more = add_cluster(r, h->more, value);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(http_keys); i++) {
		const char **at = (const char **)((char *)h + http_keys[i].offset);

		if (!slice_eq_str(key, http_keys[i].name))
			continue;
		*at = i == 1 ? arena_printf(&r->arena, "%s%s, ", *at ? *at : "", value) : value;
		return 0;
	}
	return err_set(e, -EINVAL, "'%.*s' is no part of the usual configuration", SLICE_ARG(key));
}

static int setup_http(struct run *r, const struct step *s, struct err *e)
{
	struct rig_http h = {0};
	struct slice rest = slice_str(s->block);
	int n = 0;

	while (n == 0 && rest.len) {
		struct slice key;
		const char *value = take_entry(r, &rest, &key);

		n = set_http_key(r, &h, key, value, e);
	}
	if (n == 0)
		r->setup.yaml = expanded(r, rig_http_yaml(&h));
	r->to = RIG_LISTENER;
	return n;
}

static int setup_tcp(struct run *r, const struct step *s, struct err *e)
{
	const char *tcp = NULL, *cluster = NULL;
	struct slice rest = slice_str(s->block);

	while (rest.len) {
		struct slice key;
		const char *value = take_entry(r, &rest, &key);

		if (slice_eq_str(key, "tcp"))
			tcp = value;
		else if (slice_eq_str(key, "cluster"))
			cluster = value;
		else
			return err_set(e, -EINVAL, "'%.*s' is no part of the usual configuration", SLICE_ARG(key));
	}
	r->setup.yaml = expanded(r, rig_tcp_yaml(tcp, cluster));
	r->to = RIG_LISTENER;
	return 0;
}

static int setup_config(struct run *r, const struct step *s, struct err *e)
{
	(void)e;
	r->setup.yaml = expanded(r, s->block ? s->block : "");
	if (!r->to)
		r->to = RIG_LISTENER;
	return 0;
}

/* ---- objects ---- */

static struct mesh *mesh_of(struct run *r)
{
	if (!r->setup.mesh)
		r->setup.mesh = mesh_new(r->mesh_settings ? expanded(r, r->mesh_settings) : "");
	return r->setup.mesh;
}

static int setup_mesh(struct run *r, const struct step *s, struct err *e)
{
	if (r->setup.mesh)
		return err_set(e, -EINVAL, "mesh stands before objects");
	r->mesh_settings = s->block;
	return 0;
}

/* want: [refused "text"] */
static int put_objects(struct run *r, const char *yaml, struct slice want, struct err *e)
{
	int n = mesh_put(mesh_of(r), slice_str(expanded(r, yaml)), e);
	struct slice text;

	r->setup.yaml = NULL;
	if (!slice_eq_str(take_word(&want), "refused"))
		return n;
	if (text_quoted(&r->arena, &want, &text, e) < 0)
		return -EINVAL;
	if (n == 0)
		return err_set(e, -EINVAL, "expected to be refused, but they were taken");
	if (strstr(e->msg, text.ptr))
		return 0;
	return err_wrap(e, -EINVAL, "expected to be refused with '%s', got", text.ptr);
}

static int setup_objects(struct run *r, const struct step *s, struct err *e)
{
	struct slice rest = slice_str(s->text);

	take_word(&rest);
	return put_objects(r, s->block ? s->block : "", rest, e);
}

/* The lines of a block, further in. */
static const char *indented(struct run *r, const char *block)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice rest = slice_str(block);

	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');

		buf_printf(&out, "    %.*s\n", SLICE_ARG(line));
	}
	return arena_slicedup(&r->arena, buf_slice(&out));
}

static const char *group_of(struct slice kind)
{
	static const char *const security[] = {"AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"};

	for (size_t i = 0; i < ARRAY_LEN(security); i++)
		if (slice_eq_str(kind, security[i]))
			return "security.istio.io/v1beta1";
	if (slice_eq_str(kind, "EnvoyFilter"))
		return "networking.istio.io/v1alpha3";
	return slice_eq_str(kind, "Telemetry") ? "telemetry.istio.io/v1alpha1" : "networking.istio.io/v1beta1";
}

/* "spec KIND [namespace/]name [refused "text"]": an object of Istio by its spec; the namespace is shop unless it is
 * said. */
static int setup_spec(struct run *r, const struct step *s, struct err *e)
{
	struct slice rest = slice_str(s->text), kind, name, ns = SLICE("shop");

	take_word(&rest);
	kind = take_word(&rest);
	name = take_word(&rest);
	if (slice_find(name, '/') >= 0)
		ns = slice_split(&name, '/');
	return put_objects(
		r,
		arena_printf(&r->arena,
			     "apiVersion: %s\nkind: %.*s\nmetadata: {name: %.*s, namespace: %.*s}\nspec:\n%s",
			     group_of(kind), SLICE_ARG(kind), SLICE_ARG(name), SLICE_ARG(ns),
			     s->block ? indented(r, s->block) : "    {}\n"),
		rest, e);
}

/* The HTTP routes of a VirtualService for every host of the gateway gw. */
static int setup_routes(struct run *r, const struct step *s, struct err *e)
{
	struct slice rest = slice_str(s->text);

	take_word(&rest);
	return put_objects(
		r,
		arena_printf(&r->arena,
			     "apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: app, "
			     "namespace: shop}\nspec:\n  hosts: ['*']\n  gateways: [gw]\n  http:\n%s",
			     indented(r, s->block ? s->block : "")),
		rest, e);
}

static int setup_remove(struct run *r, const struct step *s, struct err *e)
{
	return mesh_remove(mesh_of(r), slice_trim(slice_from(slice_str(s->text), strlen("remove"))), e);
}

/* "proxy router shop istio=ingressgateway [ip=...] [sa=...]" */
static int setup_proxy(struct run *r, const struct step *s, struct err *e)
{
	struct slice rest = slice_str(s->text);
	struct mesh_proxy *p = &r->setup.proxy;

	(void)e;
	(void)mesh_of(r);
	take_word(&rest);
	*p = (struct mesh_proxy){.ip = "10.244.0.99", .service_account = "default"};
	p->type = arena_slicedup(&r->arena, take_word(&rest));
	p->ns = arena_slicedup(&r->arena, take_word(&rest));
	p->labels = "";
	while (rest.len) {
		struct slice word = take_word(&rest);

		if (slice_starts(word, SLICE("ip=")))
			p->ip = arena_slicedup(&r->arena, slice_from(word, 3));
		else if (slice_starts(word, SLICE("sa=")))
			p->service_account = arena_slicedup(&r->arena, slice_from(word, 3));
		else
			p->labels = arena_slicedup(&r->arena, word);
	}
	r->setup.yaml = NULL;
	return 0;
}

static int setup_credential(struct run *r, const struct step *s, struct err *e)
{
	struct setup *x = &r->setup;

	if (x->n_credentials == ARRAY_LEN(x->credentials))
		return err_set(e, -EINVAL, "too many credentials");
	x->credentials[x->n_credentials++] = slice_trim(slice_from(slice_str(s->text), strlen("credential"))).ptr;
	return 0;
}

/* ---- steps ---- */

static const struct {
	const char *word;
	int (*fn)(struct run *r, const struct step *s, struct err *e);
} setups[] = {
	{"http", setup_http},       {"tcp", setup_tcp},
	{"config", setup_config},   {"mesh", setup_mesh},
	{"objects", setup_objects}, {"spec", setup_spec},
	{"routes", setup_routes},   {"remove", setup_remove},
	{"proxy", setup_proxy},     {"credential", setup_credential},
};

int setup_step(struct run *r, const struct step *s, struct err *e)
{
	struct slice rest = slice_str(s->text), word = take_word(&rest);

	for (size_t i = 0; i < ARRAY_LEN(setups); i++) {
		if (!slice_eq_str(word, setups[i].word))
			continue;
		int n = setups[i].fn(r, s, e);

		r->dirty = true;
		return n < 0 ? n : 1;
	}
	return 0;
}

int setup_apply(struct run *r, struct err *e)
{
	struct err why = ERR_INIT;
	int n;

	if (!r->dirty)
		return 0;
	r->dirty = false;
	r->refusal = NULL;
	if (!r->setup.yaml && (!r->setup.mesh || !r->setup.proxy.type))
		return err_set(e, -EINVAL, "there is no configuration");
	n = r->place->apply(&r->setup, &why);
	if (n < 0) {
		r->refusal = arena_strdup(&r->arena, why.msg);
		r->refused = true;
		return 0;
	}
	r->place->settle();
	return 0;
}
