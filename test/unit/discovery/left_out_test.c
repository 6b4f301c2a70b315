/*
 * What proxies refuse: found before it is sent where our decoder can tell, healed after a NACK where only the proxy
 * can, told in the object's status and an event, tried again when the object changes or goes.
 */
#include "whole.h"

#include "config/check.h"

/* --- a proxy that refuses what holds a word --- */

static bool holds(const Google__Protobuf__Any *any, const char *word)
{
	return memmem(any->value.data, any->value.len, word, strlen(word)) != NULL;
}

/* Every listener has its name first. */
static const char *name_of(struct arena *a, const Google__Protobuf__Any *any)
{
	return arena_slicedup(a, slice_make(any->value.data + 2, any->value.data[1]));
}

/*
 * Answers the last response of a type: a NACK when a resource of it holds the word, with its name where the text has
 * "%s". True when it was refused.
 */
static bool answer(struct peer *p, enum xds_type type, const char *word, const char *text)
{
	const xds_response *r = peer_got(p, type);
	const char *error = NULL, *at = word ? strstr(text, "%s") : NULL;

	assert_non_null(r);
	for (size_t i = 0; word && i < r->n_resources; i++) {
		if (!holds(r->resources[i], word))
			continue;
		error = at ? arena_printf(&p->arena, "%.*s%s%s", (int)(at - text), text,
					  name_of(&p->arena, r->resources[i]), at + 2)
			   : text;
	}
	peer_ack(p, type, error);
	return error != NULL;
}

/* Answers until nothing new comes. Returns how often it refused. */
static unsigned answer_all(struct peer *p, const char *word, const char *text)
{
	static const enum xds_type types[] = {XDS_CLUSTER, XDS_LISTENER};
	unsigned refused = 0;
	size_t seen;

	do {
		seen = p->call->sent.n;
		for (size_t i = 0; i < ARRAY_LEN(types); i++)
			refused += answer(p, types[i], types[i] == XDS_LISTENER ? word : NULL, text);
		mini_settle(d);
	} while (p->call->sent.n != seen);
	return refused;
}

static bool got(struct peer *p, enum xds_type type, const char *word)
{
	const xds_response *r = peer_got(p, type);

	for (size_t i = 0; r && i < r->n_resources; i++)
		if (holds(r->resources[i], word))
			return true;
	return false;
}

static size_t events_about(const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		const cJSON *o = fake_kube.objects.v[i];
		n += strcmp(json_str(o, "kind"), "Event") == 0 && strcmp(json_str(o, "involvedObject.name"), name) == 0;
	}
	return n;
}

static void assert_accepted(const char *name, const char *ns, bool ok, const char *part)
{
	const struct istio_condition *c = condition(&api_kind_virtual_service, ns, name, "Accepted");

	assert_non_null(c);
	assert_string_equal(c->status, ok ? "True" : "False");
	if (part && !strstr(c->message, part))
		fail_msg("no '%s' in '%s'", part, c->message);
}

/* A TCP route whose listener holds the destination's name. */
#define TCP_ROUTE(name, ns, host, port, to, generation)                                                                \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: " name ", namespace: " ns    \
	", generation: " generation "}, spec: {hosts: [" host "], tcp: [{match: [{port: " port                         \
	"}], route: [{destination: {host: " to ", port: {number: 9000}}}]}]}}"
#define TARGETS                                                                                                        \
	"{apiVersion: v1, kind: Service, metadata: {name: poison, namespace: shop}, spec: {clusterIP: 10.96.7.1, "     \
	"ports: [{name: http, port: 9000}]}}\n---\n"                                                                   \
	"{apiVersion: v1, kind: Service, metadata: {name: sweet, namespace: shop}, spec: {clusterIP: 10.96.7.2, "      \
	"ports: [{name: http, port: 9000}]}}\n---\n"                                                                   \
	"{apiVersion: v1, kind: Service, metadata: {name: other, namespace: shop}, spec: {clusterIP: 10.96.7.3, "      \
	"ports: [{name: tcp, port: 5432}]}}"
#define WORD "outbound|9000||poison"
#define NACK "Error adding/updating listener(s) %s: it does not taste"

static void mesh(void)
{
	mini_put(TARGETS);
	mini_pass(d, 300);
}

/* One push brings a change that is refused and one that is fine: the second is in force, the first is told. */
static void nack_heals_itself(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	mesh();
	peer_open(&p, "Bearer shop/catalog", NULL);
	assert_int_equal(answer_all(&p, NULL, NULL), 0);

	mini_put(TCP_ROUTE("bad", "shop", "db", "5432", "poison", "1"));
	mini_put(TCP_ROUTE("good", "shop", "other", "5432", "sweet", "1"));
	mini_pass(d, 200);
	assert_int_equal(answer_all(&p, WORD, NACK), 1);
	assert_false(got(&p, XDS_LISTENER, WORD));
	assert_true(got(&p, XDS_LISTENER, "outbound|9000||sweet"));
	mini_pass(d, 100);
	assert_accepted("bad", "shop", false, "it does not taste");
	assert_string_equal(condition(&api_kind_virtual_service, "shop", "bad", "Programmed")->reason, "Rejected");
	assert_accepted("good", "shop", true, NULL);
	assert_int_equal(events_about("bad"), 1);
	assert_int_equal(events_about("good"), 0);

	/* a change elsewhere does not bring it back, nor tell it again */
	mini_put(TCP_ROUTE("good", "shop", "other", "5432", "sweet", "2"));
	mini_pass(d, 200);
	assert_int_equal(answer_all(&p, WORD, NACK), 0);
	assert_int_equal(events_about("bad"), 1);

	/* when it changes it is tried again */
	mini_put(TCP_ROUTE("bad", "shop", "db", "5432", "sweet", "2"));
	mini_pass(d, 200);
	assert_int_equal(answer_all(&p, WORD, NACK), 0);
	mini_pass(d, 100);
	assert_accepted("bad", "shop", true, NULL);
	peer_close(&p);
}

/* A proxy that is new has taken nothing before: guesses that were too many are taken back. */
static void who_is_new_heals_too(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	mesh();
	mini_put(TCP_ROUTE("bad", "shop", "db", "5432", "poison", "1"));
	mini_pass(d, 200);
	mini_put(TCP_ROUTE("good", "shop", "other", "5432", "sweet", "1"));
	mini_pass(d, 200);
	peer_open(&p, "Bearer shop/catalog", NULL);
	assert_true(answer_all(&p, WORD, "it is bad") >= 1);
	assert_false(got(&p, XDS_LISTENER, WORD));
	assert_true(got(&p, XDS_LISTENER, "outbound|9000||sweet"));
	mini_pass(d, 100);
	assert_accepted("bad", "shop", false, "it is bad");
	assert_accepted("good", "shop", true, NULL);
	assert_int_equal(events_about("bad"), 1);
	assert_int_equal(events_about("good"), 0);
	peer_close(&p);
}

/* The object goes, and the note with it. */
static void gone_is_forgotten(void **state)
{
	struct peer p = {"a", "shop", "catalog"};
	struct view *v;

	(void)state;
	mesh();
	peer_open(&p, "Bearer shop/catalog", NULL);
	answer_all(&p, NULL, NULL);
	mini_put(TCP_ROUTE("bad", "shop", "db", "5432", "poison", "1"));
	mini_pass(d, 200);
	assert_int_equal(answer_all(&p, WORD, NACK), 1);
	v = LIST_FIRST(&d->views, struct view, link);
	assert_true(v->result.n_notes > 0);
	fake_kube_delete(&api_kind_virtual_service, "shop", "bad");
	mini_pass(d, 200);
	assert_int_equal(answer_all(&p, WORD, NACK), 0);
	assert_int_equal(v->result.n_notes, 0);
	peer_close(&p);
}

#define AUTHZ                                                                                                          \
	"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: poison, namespace: "      \
	"shop, "                                                                                                       \
	"generation: 1}, spec: {action: DENY, rules: [{from: [{source: {namespaces: [poison]}}]}]}}"

/* A policy that cannot be carried out denies: leaving it out must not let pass what it would have stopped. */
static void policy_left_out_closes(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	peer_open(&p, "Bearer shop/catalog", NULL);
	answer_all(&p, NULL, NULL);
	mini_put(AUTHZ);
	mini_pass(d, 200);
	assert_int_equal(answer_all(&p, "/ns/poison/", NACK), 1);
	assert_false(got(&p, XDS_LISTENER, "/ns/poison/"));
	assert_true(got(&p, XDS_LISTENER, "ns[shop]-policy[poison]-rule[0]"));
	peer_close(&p);
}

/* --- our decoder --- */

/* In the place of the library's: what holds the word cannot be decoded. */
static const char *decoder_word;

int config_check(const struct xds_resource *r, struct err *e)
{
	if (decoder_word && memmem(r->bytes.ptr, r->bytes.len, decoder_word, strlen(decoder_word)))
		return err_set(e, -EINVAL, "%s '%.*s': not decoded", xds_type_short(r->type), SLICE_ARG(r->name));
	return 0;
}

/* Of a weft-proxy's view the decoder is asked before anything is sent. */
static void never_sent(void **state)
{
	struct peer p = {"a", "shop", "catalog"};
	p.agent = "weft-proxy";

	(void)state;
	mesh();
	peer_open(&p, "Bearer shop/catalog", NULL);
	answer_all(&p, NULL, NULL);
	decoder_word = WORD;
	mini_put(TCP_ROUTE("bad", "shop", "db", "5432", "poison", "1"));
	mini_put(TCP_ROUTE("good", "shop", "other", "5432", "sweet", "1"));
	mini_pass(d, 200);
	assert_false(got(&p, XDS_LISTENER, WORD));
	assert_true(got(&p, XDS_LISTENER, "outbound|9000||sweet"));
	assert_int_equal(d->stats.rejects[XDS_LISTENER], 0);
	answer_all(&p, NULL, NULL);
	mini_pass(d, 100);
	assert_accepted("bad", "shop", false, "not decoded");
	assert_accepted("good", "shop", true, NULL);
	assert_int_equal(events_about("bad"), 1);
	decoder_word = NULL;
	peer_close(&p);
}

/* Without an object at fault the resource goes alone. */
static void resource_goes_alone(void **state)
{
	struct peer p = {"a", "shop", "catalog"};
	p.agent = "weft-proxy";

	(void)state;
	decoder_word = "inventory.stock";
	peer_open(&p, "Bearer shop/catalog", NULL);
	assert_false(got(&p, XDS_CLUSTER, "inventory.stock"));
	assert_true(got(&p, XDS_CLUSTER, "db.shop"));
	decoder_word = NULL;
	peer_close(&p);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(nack_heals_itself),      CASE(who_is_new_heals_too), CASE(gone_is_forgotten),
		CASE(policy_left_out_closes), CASE(never_sent),           CASE(resource_goes_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
