/* ADS: decisions by table; then a server and a client on one loop, both variants of the protocol. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "grpc/compress.h"
#include "xds/answer.h"
#include "xds/client.h"
#include "xds/pb.h"
#include "xds/server.h"

static struct xds_resource *make(enum xds_type type, const char *name, const char *more)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	Envoy__Config__Cluster__V3__Cluster *c =
		PB_NEW(&a, Envoy__Config__Cluster__V3__Cluster, envoy__config__cluster__v3__cluster);

	c->name = (char *)name;
	c->alt_stat_name = (char *)more;
	return xds_resource_new(type, slice_str(name), pb_pack_arena(&a, &c->base));
}

/* "a=1 b=2" */
static struct xds_set *set_of(enum xds_type type, const char *text)
{
	struct xds_resource *v[16];
	struct slice rest = slice_str(text);
	size_t n = 0;

	while (rest.len) {
		struct slice item = slice_split(&rest, ' '), value = item;
		struct slice name = slice_split(&value, '=');
		char a[32], b[32];

		snprintf(a, sizeof(a), "%.*s", SLICE_ARG(name));
		snprintf(b, sizeof(b), "%.*s", SLICE_ARG(value));
		v[n++] = make(type, a, b);
	}
	return xds_set_new(v, n);
}

/* --- decisions --- */

struct step {
	const char *name;
	const char *nonce, *error;
	const char *subscribe[3], *unsubscribe[2];
	enum ads_action want;
	const char *sent; /* what is sent then: names, "-x" for removed; NULL = nothing */
	const char *set;  /* a new world after this step; NULL = as before */
};

static void describe(const struct ads_answer *ans, struct buf *out)
{
	for (size_t i = 0; i < ans->n; i++)
		buf_printf(out, "%s%.*s", out->len ? " " : "", SLICE_ARG(ans->v[i]->name));
	for (size_t i = 0; i < ans->n_removed; i++)
		buf_printf(out, "%s-%.*s", out->len ? " " : "", SLICE_ARG(ans->removed[i]));
}

static size_t count(const char *const *v, size_t max)
{
	size_t n = 0;

	while (n < max && v[n])
		n++;
	return n;
}

/* What is due, as the server finds it out. */
static struct ads_answer answer_of(struct ads_sub *sub, bool delta, struct xds_set *set, struct arena *a)
{
	struct ads_answer ans = {0};

	if (!ads_due(sub, set))
		return ans;
	ads_compare(sub, delta, set, a, &ans);
	if (!ans.send)
		ads_unchanged(sub, set);
	return ans;
}

static void run_steps(enum xds_type type, bool delta, const char *world, const struct step *steps, size_t n)
{
	struct ads_sub sub = {.type = type};
	struct xds_set *set = set_of(type, world);
	int nonce = 0;

	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		struct ads_answer ans;
		char now[24];
		const struct ads_request r = {.delta = delta,
					      .nonce = s->nonce,
					      .error = s->error,
					      .subscribe = s->subscribe,
					      .n_subscribe = count(s->subscribe, 3),
					      .unsubscribe = s->unsubscribe,
					      .n_unsubscribe = count(s->unsubscribe, 2)};
		enum ads_action got = s->nonce ? ads_request(&sub, &r) : s->want;

		if (got != s->want)
			fail_msg("%s: %s, not %s", s->name, ads_action_str(got), ads_action_str(s->want));
		if (s->set) {
			xds_set_unref(set);
			set = set_of(type, s->set);
		}
		ans = answer_of(&sub, delta, set, &a);
		if (ans.send != (s->sent != NULL))
			fail_msg("%s: send %d", s->name, ans.send);
		if (!ans.send)
			continue;
		describe(&ans, &text);
		if (strcmp(buf_str(&text), s->sent) != 0)
			fail_msg("%s: sent %s, not %s", s->name, buf_str(&text), s->sent);
		snprintf(now, sizeof(now), "%d", ++nonce);
		ads_sent(&sub, set, now);
	}
	ads_sub_done(&sub);
	xds_set_unref(set);
}

static void sotw_named(void **state)
{
	static const struct step steps[] = {
		{"subscribe", "", NULL, {"a"}, {0}, ADS_SUBSCRIBE, "a", NULL},
		{"ack", "1", NULL, {"a"}, {0}, ADS_ACK, NULL, NULL},
		{"more names", "1", NULL, {"a", "b"}, {0}, ADS_SUBSCRIBE, "b", NULL},
		{"stale", "1", NULL, {"a"}, {0}, ADS_STALE, NULL, NULL},
		{"ack 2", "2", NULL, {"a", "b"}, {0}, ADS_ACK, NULL, NULL},
		{"change", NULL, NULL, {0}, {0}, ADS_ACK, "b", "a=1 b=3 c=1"},
		{"nack", "3", "bad", {"a", "b"}, {0}, ADS_NACK, NULL, NULL},
		{"other change", NULL, NULL, {0}, {0}, ADS_ACK, NULL, "a=1 b=3 c=2"},
		{"fewer names", "3", NULL, {"b"}, {0}, ADS_SUBSCRIBE, NULL, NULL},
		{"a missing name", "3", NULL, {"b", "x"}, {0}, ADS_SUBSCRIBE, NULL, NULL},
		{"appears", NULL, NULL, {0}, {0}, ADS_ACK, "x", "a=1 b=3 x=1"},
		{"unsubscribe", "4", NULL, {0}, {0}, ADS_UNSUBSCRIBE, NULL, NULL},
		{"again, with an old nonce", "4", NULL, {"a"}, {0}, ADS_SUBSCRIBE, "a", NULL},
	};

	(void)state;
	run_steps(XDS_ENDPOINT, false, "a=1 b=1", steps, ARRAY_LEN(steps));
}

static void sotw_wildcard(void **state)
{
	static const struct step steps[] = {
		{"subscribe", "", NULL, {0}, {0}, ADS_SUBSCRIBE, "a b", NULL},
		{"ack", "1", NULL, {0}, {0}, ADS_ACK, NULL, NULL},
		{"same world", NULL, NULL, {0}, {0}, ADS_ACK, NULL, "a=1 b=1"},
		{"one is gone", NULL, NULL, {0}, {0}, ADS_ACK, "a", "a=1"},
		{"all are gone", "2", NULL, {0}, {0}, ADS_ACK, "", ""},
	};

	(void)state;
	run_steps(XDS_CLUSTER, false, "a=1 b=1", steps, ARRAY_LEN(steps));
}

static void delta_named(void **state)
{
	static const struct step steps[] = {
		{"subscribe", "", NULL, {"a", "x"}, {0}, ADS_SUBSCRIBE, "a -x", NULL},
		{"ack", "1", NULL, {0}, {0}, ADS_ACK, NULL, NULL},
		{"more", "", NULL, {"b"}, {0}, ADS_SUBSCRIBE, "b", NULL},
		{"again", "2", NULL, {"b"}, {0}, ADS_SUBSCRIBE, "b", NULL},
		{"change", NULL, NULL, {0}, {0}, ADS_ACK, "a", "a=2 b=1"},
		{"nack", "4", "bad", {0}, {0}, ADS_NACK, NULL, NULL},
		{"less", "", NULL, {0}, {"a"}, ADS_UNSUBSCRIBE, NULL, NULL},
		{"not wanted", NULL, NULL, {0}, {0}, ADS_ACK, NULL, "a=3 b=1"},
		{"gone", NULL, NULL, {0}, {0}, ADS_ACK, "-b", "a=3"},
		{"back", NULL, NULL, {0}, {0}, ADS_ACK, "b", "b=1"},
		{"nothing, while that is under way", "", NULL, {0}, {"b", "x"}, ADS_UNSUBSCRIBE, NULL, NULL},
		{"its ack", "6", NULL, {0}, {0}, ADS_STALE, NULL, NULL},
		{"anew", "", NULL, {"b"}, {0}, ADS_SUBSCRIBE, "b", NULL},
	};

	(void)state;
	run_steps(XDS_ENDPOINT, true, "a=1 b=1", steps, ARRAY_LEN(steps));
}

static void delta_wildcard(void **state)
{
	static const struct step steps[] = {
		{"subscribe", "", NULL, {0}, {0}, ADS_SUBSCRIBE, "a b", NULL},
		{"change", "1", NULL, {0}, {0}, ADS_ACK, "b c -a", "b=2 c=1"},
		{"nothing", "2", NULL, {0}, {0}, ADS_ACK, NULL, NULL},
	};

	(void)state;
	run_steps(XDS_CLUSTER, true, "a=1 b=1", steps, ARRAY_LEN(steps));
}

/* Peers that ask for the same names share them, however they are ordered; and what all hold is one set. */
static void names_share(void **state)
{
	const char *const one[] = {"b", "a", "b"}, *const other[] = {"a", "b"}, *const third[] = {"a", "c"};
	struct xds_names_pool pool = {0};
	struct ads_sub s[3] = {{.type = XDS_ENDPOINT, .pool = &pool},
			       {.type = XDS_ENDPOINT, .pool = &pool},
			       {.type = XDS_ENDPOINT, .pool = &pool}};

	(void)state;
	ads_request(&s[0], &(struct ads_request){.nonce = "", .subscribe = one, .n_subscribe = 3});
	ads_request(&s[1], &(struct ads_request){.nonce = "", .delta = true, .subscribe = other, .n_subscribe = 2});
	ads_request(&s[2], &(struct ads_request){.nonce = "", .subscribe = third, .n_subscribe = 2});
	assert_ptr_equal(s[0].names, s[1].names);
	assert_int_equal(2, s[0].names->n);
	assert_ptr_not_equal(s[0].names, s[2].names);
	assert_true(ads_wants(&s[0], SLICE("b")) && !ads_wants(&s[2], SLICE("b")));
	for (int i = 0; i < 2; i++)
		ads_sub_done(&s[i]);
	assert_int_equal(1, pool.by_hash.n);
	xds_names_pool_done(&pool);
	ads_sub_done(&s[2]);
}

/* A name that is to be renewed is sent again; of what was never sent there is nothing to renew. */
static void renewed(void **state)
{
	const char *const names[] = {"a", "b", "x"};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct ads_sub s = {.type = XDS_ENDPOINT};
	struct xds_set *set = set_of(XDS_ENDPOINT, "a=1 b=1");
	struct ads_answer ans;

	(void)state;
	ads_request(&s, &(struct ads_request){.nonce = "", .subscribe = names, .n_subscribe = 3});
	ads_renew(&s, SLICE("a"));
	assert_int_equal(2, answer_of(&s, false, set, &a).n);
	ads_sent(&s, set, "1");
	assert_false(ads_due(&s, set));
	ads_renew(&s, SLICE("x"));
	ads_renew(&s, SLICE("c"));
	assert_false(ads_due(&s, set));
	ads_renew(&s, SLICE("b"));
	ans = answer_of(&s, false, set, &a);
	assert_int_equal(1, ans.n);
	assert_true(slice_eq_str(ans.v[0]->name, "b"));
	ads_sent(&s, set, "2");
	assert_false(ads_due(&s, set));
	ads_sub_done(&s);
	xds_set_unref(set);
}

/* What a peer has from before is not sent again, and what of it is gone is told. */
static void delta_from_before(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct xds_set *set = set_of(XDS_CLUSTER, "a=1 b=2 c=1");
	const struct ads_version has[] = {{"a", set->v[0]->version}, {"b", "0123456789abcdef"}, {"old", "no number"}};
	struct ads_sub s = {.type = XDS_CLUSTER};
	struct ads_answer ans;

	(void)state;
	ads_request(&s, &(struct ads_request){.nonce = "", .delta = true, .initial = has, .n_initial = 3});
	ans = answer_of(&s, true, set, &a);
	describe(&ans, &text);
	assert_string_equal("b c -old", buf_str(&text));
	ads_sub_done(&s);
	xds_set_unref(set);
}

/* Sessions in the same state get one answer, whose bytes are those of the resources; others get another. */
static void answers_share(void **state)
{
	const char *const names[] = {"a", "b"};
	struct xds_names_pool pool = {0};
	struct xds_answers cache = {0};
	struct xds_set *set = set_of(XDS_ENDPOINT, "a=1 b=1 c=1"), *next = set_of(XDS_ENDPOINT, "a=1 b=2 c=1");
	struct ads_sub s[3] = {{.type = XDS_ENDPOINT, .pool = &pool},
			       {.type = XDS_ENDPOINT, .pool = &pool},
			       {.type = XDS_ENDPOINT, .pool = &pool}};
	struct xds_answer *got[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		ads_request(&s[i],
			    &(struct ads_request){.nonce = "", .subscribe = names, .n_subscribe = i < 2 ? 2 : 1});
		got[i] = xds_answers_get(&cache, &s[i], false, set);
		ads_sent(&s[i], set, "1");
	}
	assert_ptr_equal(got[0], got[1]);
	assert_ptr_not_equal(got[0], got[2]);
	assert_int_equal(2, got[0]->a.n);
	assert_int_equal(1, got[2]->a.n);
	assert_int_equal(4, xds_answer_wire(got[0])->n);
	assert_ptr_equal(set->v[0]->bytes.ptr, xds_answer_wire(got[0])->v[1].ptr);
	for (int i = 0; i < 3; i++) {
		xds_answer_unref(got[i]);
		got[i] = xds_answers_get(&cache, &s[i], false, next);
		assert_int_equal(i < 2, got[i]->a.n);
		xds_answer_unref(got[i]);
	}
	xds_answers_clear(&cache);
	for (int i = 0; i < 3; i++)
		ads_sub_done(&s[i]);
	assert_int_equal(1, set->refs);
	xds_names_pool_done(&pool);
	xds_set_unref(set);
	xds_set_unref(next);
}

/* Large answers are compressed once for all; those to who holds nothing yet are kept for others who come. */
static void answers_pack(void **state)
{
	struct xds_answers cache = {0};
	static const char *const names[] = {"key"};
	struct xds_set *set = set_of(XDS_CLUSTER, "a=1 b=2"), *small = set_of(XDS_CLUSTER, "a=1 b=3"), *large, *secrets;
	CLEANUP(buf_done) struct buf bytes = BUF_INIT, frames = BUF_INIT, plain = BUF_INIT, got = BUF_INIT;
	struct ads_sub s = {.type = XDS_CLUSTER};
	struct xds_answer *ans, *again;
	struct xds_resource *r;
	struct shared_bytes *packed;

	(void)state;
	ads_request(&s, &(struct ads_request){.nonce = "", .delta = true});
	ans = xds_answers_get(&cache, &s, true, small);
	assert_null(xds_answer_packed(ans));
	xds_answer_unref(ans);
	for (int i = 0; i < 1000; i++)
		buf_printf(&bytes, "address %d ", i);
	r = xds_resource_new(XDS_CLUSTER, SLICE("c"), buf_slice(&bytes));
	large = xds_set_apply(set, &r, 1, NULL, 0);
	xds_resource_unref(r);
	ans = xds_answers_get(&cache, &s, true, large);
	packed = xds_answer_packed(ans);
	assert_non_null(packed);
	assert_ptr_equal(packed, xds_answer_packed(ans));
	for (size_t i = 0; i < packed->n; i++)
		buf_append_slice(&frames, packed->v[i]);
	for (size_t i = 0; i < xds_answer_wire(ans)->n; i++)
		buf_append_slice(&plain, xds_answer_wire(ans)->v[i]);
	assert_int_equal(0, grpc_decompress(buf_slice(&frames), 100000, &got));
	assert_true(slice_eq(buf_slice(&plain), buf_slice(&got)));
	xds_answer_unref(ans);
	for (int i = 0; i < XDS_ANSWERS_WHOLE_TICKS; i++)
		assert_true(xds_answers_age(&cache));
	again = xds_answers_get(&cache, &s, true, large); /* found again, it lives on */
	assert_ptr_equal(ans, again);
	xds_answer_unref(again);
	for (int i = 0; i < XDS_ANSWERS_WHOLE_TICKS; i++)
		assert_true(xds_answers_age(&cache));
	ads_sent(&s, small, "1");
	ans = xds_answers_get(&cache, &s, true, large); /* for those who hold the other set */
	assert_ptr_not_equal(again, ans);
	xds_answer_unref(ans);
	assert_false(xds_answers_age(&cache));
	ads_sub_done(&s);
	s.type = XDS_SECRET;
	r = xds_resource_new(XDS_SECRET, SLICE("key"), buf_slice(&bytes));
	secrets = xds_set_new(&r, 1);
	ads_request(&s, &(struct ads_request){.nonce = "", .delta = true, .subscribe = names, .n_subscribe = 1});
	ans = xds_answers_get(&cache, &s, true, secrets);
	assert_int_equal(1, ans->a.n);
	assert_null(xds_answer_packed(ans));
	xds_answer_unref(ans);
	xds_answers_clear(&cache);
	ads_sub_done(&s);
	xds_set_unref(secrets);
	assert_int_equal(1, large->refs);
	xds_set_unref(small);
	xds_set_unref(large);
	xds_set_unref(set);
}

static void pools_share(void **state)
{
	struct xds_pool pool = {0};
	struct xds_resource *a = xds_pool_get(&pool, XDS_CLUSTER, SLICE("a"), SLICE("bytes"));
	struct xds_resource *b = xds_pool_get(&pool, XDS_CLUSTER, SLICE("a"), SLICE("bytes"));
	struct xds_resource *c = xds_pool_get(&pool, XDS_LISTENER, SLICE("a"), SLICE("bytes"));

	(void)state;
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_int_equal(10, pool.bytes);
	xds_resource_unref(a);
	xds_resource_unref(b);
	assert_int_equal(5, pool.bytes);
	xds_pool_done(&pool);
	xds_resource_unref(c);
}

static void deep_and_broken_messages(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf deep = BUF_INIT;
	Google__Protobuf__Struct *s = pb_struct(&a);
	struct slice bytes;

	(void)state;
	for (int i = 0; i < 60; i++) {
		Google__Protobuf__Struct *outer = pb_struct(&a);

		pb_struct_set(&a, outer, "x", pb_value_struct(&a, s));
		s = outer;
		if (i == 20) {
			bytes = pb_pack_arena(&a, &s->base);
			assert_non_null(pb_unpack(&a, &google__protobuf__struct__descriptor, bytes));
		}
	}
	pb_pack(&s->base, &deep);
	assert_null(pb_unpack(&a, &google__protobuf__struct__descriptor, buf_slice(&deep)));
	assert_null(pb_unpack(&a, &google__protobuf__struct__descriptor, SLICE("\x0a\x05x")));
	assert_non_null(pb_unpack(&a, &google__protobuf__struct__descriptor, SLICE("")));
}

/* --- server and client --- */

static struct loop *loop;
static struct grpc_server *grpc;
static struct xds_server *server;
static struct grpc_channel *channel;
static struct xds_client *client;
static struct xds_set *world[XDS_TYPE_COUNT];
static struct buf events; /* of the client */
static int acks, nacks;
static bool reject, refuse_token;

static struct xds_set *serve(void *user, struct xds_session *s, enum xds_type type, const struct ads_sub *sub)
{
	(void)user, (void)s, (void)sub;
	return world[type];
}

static int on_connect(void *user, struct xds_session *s, const Envoy__Config__Core__V3__Node *node, const char **text)
{
	struct slice token = grpc_call_metadata(xds_session_call(s), "authorization");

	(void)user;
	assert_string_equal("sidecar~1.2.3.4~a.b~b.svc.cluster.local", node->id);
	if (slice_eq_str(token, "Bearer good"))
		return GRPC_OK;
	*text = "no";
	return GRPC_UNAUTHENTICATED;
}

static void on_ack(void *user, struct xds_session *s, enum xds_type type, const char *error)
{
	(void)user, (void)s, (void)type;
	acks += !error;
	nacks += error != NULL;
	if (error)
		assert_string_equal("too bad", error);
}

static int on_update(void *user, const struct xds_update *u, struct err *e)
{
	(void)user;
	if (reject)
		return err_set(e, -EINVAL, "too bad");
	buf_printf(&events, "%s[", xds_type_short(u->type));
	for (size_t i = 0; i < u->n_changed; i++)
		buf_printf(&events, "+%.*s", SLICE_ARG(u->changed[i]->name));
	for (size_t i = 0; i < u->n_removed; i++)
		buf_printf(&events, "-%.*s", SLICE_ARG(u->removed[i]));
	buf_printf(&events, "]%zu ", u->all->n);
	return 0;
}

static void on_drop(void *user, enum xds_type type, struct slice name)
{
	(void)user;
	buf_printf(&events, "%s~%.*s ", xds_type_short(type), SLICE_ARG(name));
}

static int token(void *user, struct buf *out, struct err *e)
{
	(void)user, (void)e;
	buf_append_str(out, refuse_token ? "bad" : "good");
	return 0;
}

static const struct xds_server_ops server_ops = {.on_connect = on_connect, .set = serve, .on_ack = on_ack};
static const struct xds_client_ops client_ops = {.on_update = on_update, .on_drop = on_drop, .token = token};

static void expect(const char *want)
{
	int64_t end = clock_mono_ns() + 5 * (int64_t)NS_PER_S;

	while (clock_mono_ns() < end && strcmp(buf_str(&events), want) != 0)
		loop_turn(loop, 20);
	assert_string_equal(want, buf_str(&events));
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 1);
	assert_string_equal(want, buf_str(&events));
	buf_clear(&events);
	buf_append_str(&events, "");
	if (events.ptr)
		events.ptr[0] = 0;
}

static void put(enum xds_type type, const char *text)
{
	xds_set_unref(world[type]);
	world[type] = set_of(type, text);
}

static void serve_on(uint16_t port)
{
	const struct xds_server_params p = {.ops = &server_ops, .identifier = "test"};
	struct addr any;

	addr_parse(slice_str("127.0.0.1"), port, &any);
	grpc = grpc_server_new(loop, NULL);
	assert_int_equal(0, grpc_server_listen(grpc, &any, NULL, NULL));
	server = xds_server_new(loop, grpc, &p);
}

static void session(bool delta)
{
	static const char *const names[] = {"e1", "e2"};
	Envoy__Config__Core__V3__Node node = ENVOY__CONFIG__CORE__V3__NODE__INIT;
	struct xds_client_params p = {
		.node = &node, .delta = delta, .ops = &client_ops, .backoff_min_ms = 10, .backoff_max_ms = 20};
	struct grpc_channel_params cp = {.host = "127.0.0.1"};
	uint16_t port;

	acks = nacks = 0;
	reject = false;
	refuse_token = true;
	node.id = (char *)"sidecar~1.2.3.4~a.b~b.svc.cluster.local";
	loop = loop_new();
	serve_on(0);
	cp.port = port = grpc_server_port(grpc, 0);
	p.channel = channel = grpc_channel_new(loop, &cp);
	client = xds_client_new(loop, &p);
	put(XDS_CLUSTER, "c1=1 c2=1");
	put(XDS_ENDPOINT, "e1=1 e2=1 e3=1");
	put(XDS_LISTENER, "l1=1");
	xds_client_subscribe_all(client, XDS_CLUSTER);
	xds_client_start(client);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 5);
	assert_string_equal("", buf_str(&events));
	refuse_token = false;
	expect("CDS[+c1+c2]2 ");
	xds_client_subscribe(client, XDS_ENDPOINT, names, 2);
	xds_client_subscribe_all(client, XDS_LISTENER);
	expect("EDS[+e1+e2]2 LDS[+l1]1 ");
	assert_int_equal(3, acks);
	put(XDS_ENDPOINT, "e1=2 e2=1 e3=2");
	xds_server_push(server);
	expect("EDS[+e1]2 ");
	/* a name that leaves and comes back within a turn was never away */
	xds_client_subscribe(client, XDS_ENDPOINT, names, 1);
	xds_client_subscribe(client, XDS_ENDPOINT, names, 2);
	expect("");
	assert_int_equal(2, xds_client_set(client, XDS_ENDPOINT)->n);
	xds_client_subscribe(client, XDS_ENDPOINT, names, 1);
	expect("EDS~e2 ");
	assert_int_equal(1, xds_client_set(client, XDS_ENDPOINT)->n);
	xds_client_subscribe(client, XDS_ENDPOINT, names, 2);
	expect("EDS[+e2]2 ");
	xds_client_subscribe(client, XDS_ENDPOINT, names, 1);
	expect("EDS~e2 ");
	/* a cluster that is left by listeners goes only after they changed */
	put(XDS_CLUSTER, "c2=1 c3=1");
	put(XDS_LISTENER, "l1=2");
	xds_server_push(server);
	expect("CDS[+c3]3 LDS[+l1]1 CDS[-c1]2 ");
	reject = true;
	put(XDS_LISTENER, "l1=3");
	xds_server_push(server);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 5);
	assert_int_equal(1, nacks);
	assert_int_equal(1, xds_server_sessions(server));
	reject = false;
	/* the server goes and comes: what is held is not told as new */
	xds_server_free(server);
	grpc_server_free(grpc);
	put(XDS_CLUSTER, "c2=2 c3=1");
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 5);
	serve_on(port);
	expect(delta ? "CDS[+c2]2 EDS[]1 LDS[+l1]1 " : "CDS[+c2]2 EDS[]1 LDS[+l1]1 ");
	xds_client_free(client);
	grpc_channel_free(channel);
	xds_server_free(server);
	grpc_server_free(grpc);
	loop_free(loop);
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		xds_set_unref(world[i]);
		world[i] = NULL;
	}
	buf_done(&events);
}

static void session_sotw(void **state)
{
	(void)state;
	session(false);
}

static void session_delta(void **state)
{
	(void)state;
	session(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sotw_named),
		cmocka_unit_test(sotw_wildcard),
		cmocka_unit_test(delta_named),
		cmocka_unit_test(delta_wildcard),
		cmocka_unit_test(names_share),
		cmocka_unit_test(renewed),
		cmocka_unit_test(answers_share),
		cmocka_unit_test(answers_pack),
		cmocka_unit_test(delta_from_before),
		cmocka_unit_test(pools_share),
		cmocka_unit_test(session_sotw),
		cmocka_unit_test(session_delta),
		cmocka_unit_test(deep_and_broken_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
