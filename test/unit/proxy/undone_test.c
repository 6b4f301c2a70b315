/*
 * What is held and what is in force stay the same thing, whatever a response brings: responses of an ADS server -> the
 * client's state -> the parts of a build, in memory. Both variants of the protocol.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/mem.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "net/loop.h"
#include "config/build.h"
#include "config/config_parts.h"
#include "xds/client_internal.h"
#include "xds/json.h"
#include "msg/json.h"

struct rig {
	struct loop *loop;
	struct build *build;
	struct xds_client *client;
	unsigned n;
};

static int on_update(void *user, const struct xds_update *u, struct err *e)
{
	struct rig *r = user;
	struct build_update b = {u->type, u->changed, u->n_changed, u->removed, u->n_removed, u->refused};

	return build_apply(r->build, &b, e);
}

static const struct xds_client_ops ops = {.on_update = on_update};

static void rig_init(struct rig *r, bool delta)
{
	Envoy__Config__Core__V3__Node node = ENVOY__CONFIG__CORE__V3__NODE__INIT;

	struct config_node *self = NEW(struct config_node);

	self->refs = 1;

	*r = (struct rig){.loop = loop_new(), .build = build_new(self)};
	config_node_unref(self);
	r->client = xds_client_new(r->loop,
				   &(struct xds_client_params){.node = &node, .delta = delta, .ops = &ops, .user = r});
	xds_client_subscribe_all(r->client, XDS_CLUSTER);
	xds_client_subscribe_all(r->client, XDS_LISTENER);
	xds_client_subscribe(r->client, XDS_ROUTE, (const char *[]){"a", "b"}, 2);
}

static void rig_done(struct rig *r)
{
	xds_client_free(r->client);
	build_free(r->build);
	loop_free(r->loop);
}

static Google__Protobuf__Any *any_of(struct arena *a, enum xds_type type, const char *json, const char **name)
{
	const ProtobufCMessageDescriptor *d = pb_descriptor(strrchr(xds_type_url(type), '/') + 1);
	Google__Protobuf__Any *any = PB_NEW(a, Google__Protobuf__Any, google__protobuf__any);
	cJSON *j = cJSON_Parse(json);
	struct err e = ERR_INIT;
	ProtobufCMessage *m = pb_from_json(a, d, j, &e);

	if (!m)
		fail_msg("%s: %s", json, e.msg);
	*name = arena_strdup(a, json_get(j, "name")->valuestring);
	cJSON_Delete(j);
	any->type_url = (char *)xds_type_url(type);
	struct slice bytes = pb_pack_arena(a, m);
	any->value.data = (uint8_t *)bytes.ptr;
	any->value.len = bytes.len;
	return any;
}

/* One response with these resources (JSON, ended by NULL) and, for delta, these names gone. */
static void respond(struct rig *r, enum xds_type type, const char *const *json, const char *const *gone)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	Envoy__Service__Discovery__V3__DiscoveryResponse *s =
		PB_NEW(&a, Envoy__Service__Discovery__V3__DiscoveryResponse,
		       envoy__service__discovery__v3__discovery_response);
	Envoy__Service__Discovery__V3__DeltaDiscoveryResponse *d =
		PB_NEW(&a, Envoy__Service__Discovery__V3__DeltaDiscoveryResponse,
		       envoy__service__discovery__v3__delta_discovery_response);
	char *text = arena_printf(&a, "%u", ++r->n);
	const char *name;

	s->type_url = d->type_url = (char *)xds_type_url(type);
	s->nonce = d->nonce = s->version_info = text;
	s->resources = ARENA_NEW_N(&a, Google__Protobuf__Any *, 8);
	d->resources = ARENA_NEW_N(&a, Envoy__Service__Discovery__V3__Resource *, 8);
	d->removed_resources = ARENA_NEW_N(&a, char *, 8);
	for (; *json; json++) {
		Envoy__Service__Discovery__V3__Resource *one =
			PB_NEW(&a, Envoy__Service__Discovery__V3__Resource, envoy__service__discovery__v3__resource);
		one->resource = s->resources[s->n_resources++] = any_of(&a, type, *json, &name);
		one->name = (char *)name;
		one->version = arena_printf(&a, "v%u", r->n);
		d->resources[d->n_resources++] = one;
	}
	for (; *gone; gone++)
		d->removed_resources[d->n_removed_resources++] = arena_strdup(&a, *gone);
	xds_client_response(r->client, pb_pack_arena(&a, r->client->p.delta ? &d->base : &s->base));
}

#define LIST(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

/* What is in force: listeners by name and port, or "cluster of the first route" of a table. */
static const char *listeners(struct rig *r, char *out, size_t size)
{
	struct config *c = build_config(r->build);

	out[0] = 0;
	for (size_t i = 0; i < c->n_listeners; i++)
		snprintf(out + strlen(out), size - strlen(out), "%s:%u ", c->listeners[i]->name,
			 addr_port(&c->listeners[i]->address));
	config_unref(c);
	return out;
}

static const char *held(struct rig *r, enum xds_type type, char *out, size_t size)
{
	const struct xds_set *set = xds_client_set(r->client, type);

	out[0] = 0;
	for (size_t i = 0; set && i < set->n; i++)
		snprintf(out + strlen(out), size - strlen(out), "%s ", set->v[i]->name.ptr);
	return out;
}

/* A listener that is fine, on a port; and one that the proxy refuses. */
#define FINE(name, port)                                                                                               \
	"{\"name\":\"" name "\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":" port       \
	"}},\"filter_chains\":[{\"filters\":[{\"name\":\"t\",\"typed_config\":{\"@type\":"                             \
	"\"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy\",\"stat_prefix\":"              \
	"\"x\",\"cluster\":\"c\"}}]}]}"
#define WRONG(name)                                                                                                    \
	"{\"name\":\"" name "\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":1}},"        \
	"\"filter_chains\":[{\"filters\":[{\"name\":\"x\",\"typed_config\":"                                           \
	"{\"@type\":\"type.googleapis.com/envoy.config.cluster.v3.Cluster\"}}]}]}"

/* A push changes one listener and brings another that is refused; then both objects are deleted. */
static void deletion_takes_all_back(void **state)
{
	(void)state;
	for (int delta = 0; delta < 2; delta++) {
		struct rig r;
		char text[256];
		rig_init(&r, delta);
		respond(&r, XDS_LISTENER, LIST(FINE("a", "10"), FINE("b", "20")), LIST());
		assert_string_equal(listeners(&r, text, sizeof(text)), "a:10 b:20 ");

		if (delta)
			respond(&r, XDS_LISTENER, LIST(FINE("a", "11"), WRONG("c")), LIST());
		else
			respond(&r, XDS_LISTENER, LIST(FINE("a", "11"), FINE("b", "20"), WRONG("c")), LIST());
		assert_non_null(strstr(r.client->types[XDS_LISTENER].refused, "listener 'c'"));
		assert_string_equal(listeners(&r, text, sizeof(text)), "a:11 b:20 ");
		assert_string_equal(held(&r, XDS_LISTENER, text, sizeof(text)), "a b ");

		if (delta)
			respond(&r, XDS_LISTENER, LIST(FINE("a", "10")), LIST("c"));
		else
			respond(&r, XDS_LISTENER, LIST(FINE("a", "10"), FINE("b", "20")), LIST());
		assert_string_equal(listeners(&r, text, sizeof(text)), "a:10 b:20 ");
		rig_done(&r);
	}
}

/* A listener that is there becomes one that is refused, in a push that removes another: the last good one stays. */
static void refused_change_keeps_the_old_one(void **state)
{
	(void)state;
	for (int delta = 0; delta < 2; delta++) {
		struct rig r;
		char text[256];
		rig_init(&r, delta);
		respond(&r, XDS_LISTENER, LIST(FINE("a", "10"), FINE("b", "20")), LIST());
		respond(&r, XDS_LISTENER, LIST(WRONG("a")), LIST("b"));
		assert_string_equal(listeners(&r, text, sizeof(text)), "a:10 ");
		assert_string_equal(held(&r, XDS_LISTENER, text, sizeof(text)), "a ");
		/* what it holds is said on a new stream: the version of the good one */
		struct held *h = map_get(&r.client->types[XDS_LISTENER].held, SLICE("a"));
		if (delta)
			assert_string_equal(h->version, "v1");
		assert_null(map_get(&r.client->types[XDS_LISTENER].held, SLICE("b")));

		respond(&r, XDS_LISTENER, LIST(), LIST("a"));
		assert_string_equal(listeners(&r, text, sizeof(text)), "");
		rig_done(&r);
	}
}

#define TABLE(name, cluster)                                                                                           \
	"{\"name\":\"" name "\",\"virtual_hosts\":[{\"name\":\"v\",\"domains\":[\"*\"],\"routes\":[{\"match\":"        \
	"{\"prefix\":\"/\"},\"route\":{\"cluster\":\"" cluster "\"}}]}]}"
#define NO_TABLE(name)                                                                                                 \
	"{\"name\":\"" name "\",\"virtual_hosts\":[{\"name\":\"v\",\"domains\":[\"*\"],\"routes\":[{\"match\":"        \
	"{\"safe_regex\":{\"regex\":\"(\"}},\"route\":{\"cluster\":\"x\"}}]}]}"

static void by_name_too(void **state)
{
	(void)state;
	for (int delta = 0; delta < 2; delta++) {
		struct rig r;
		struct config *c;
		rig_init(&r, delta);
		respond(&r, XDS_ROUTE, LIST(TABLE("a", "one"), TABLE("b", "one")), LIST());
		respond(&r, XDS_ROUTE, LIST(TABLE("a", "two"), NO_TABLE("b")), LIST());
		respond(&r, XDS_ROUTE, LIST(TABLE("a", "one")), LIST());
		c = build_config(r.build);
		for (size_t i = 0; i < 2; i++)
			assert_string_equal(c->routes[i]->vhosts[0].routes[0].cluster.name, "one");
		config_unref(c);
		rig_done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(deletion_takes_all_back),
					   cmocka_unit_test(refused_change_keeps_the_old_one),
					   cmocka_unit_test(by_name_too)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
