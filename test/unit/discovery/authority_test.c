/* The authority's life: plugged in or our own, broken, changed, deleted, and the serving certificate. */
#include "mini.h"

#include <unistd.h>

#include "base/base64.h"
#include "base/file.h"
#include "pki/cert.h"

#define NOW_S (fake_wall_ns / NS_PER_S)
#define DAY_S 86400ll
#define LOOK_MS 10000

static struct discovery *d;
static int changes; /* calls of on_change */
static char dir[64];

static void on_change(struct discovery *x)
{
	(void)x;
	changes++;
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/cacerts-XXXXXX");
	assert_non_null(mkdtemp(dir));
	d = mini_new(NULL);
	d->cfg.cacerts_dir = dir;
	changes = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mini_free(d);
	assert_int_equal(0, file_remove_tree(dir, NULL));
	return 0;
}

static void start(void)
{
	d->ca = discovery_authority_new(d, on_change);
	mini_settle(d);
}

/* --- authorities --- */

struct set {
	struct pki_ca *ca;
	struct buf cert, key, chain, root; /* PEM */
};

static struct pki_ca *root_new(int64_t ttl_s)
{
	struct pki_ca *ca = NULL;

	assert_int_equal(0, pki_ca_new_root("o", SLICE(""), PKI_KEY_P256, NOW_S, ttl_s, &ca, NULL));
	return ca;
}

/* An intermediate authority below a root. */
static struct set set_new(const struct pki_ca *root, int64_t ttl_s)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	const char *org = "intermediate";
	const struct pki_names names = {.orgs = &org, .n_orgs = 1};
	const struct pki_sign how = {.names = &names, .now_s = NOW_S, .ttl_s = ttl_s, .is_ca = true};
	struct set s = {0};

	assert_int_equal(0, pki_ca_issue(root, key, &how, &s.cert, NULL));
	pki_key_to_pem(key, &s.key);
	buf_append_slice(&s.chain, buf_slice(&s.cert));
	buf_append_slice(&s.root, pki_ca_roots_pem(root));
	return s;
}

static void set_done(struct set *s)
{
	buf_done(&s->cert);
	buf_done(&s->key);
	buf_done(&s->chain);
	buf_done(&s->root);
}

static void put_file(const char *name, struct slice text)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	assert_int_equal(0, file_write(path, text, 0600, NULL));
}

static void remove_file(const char *name)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	unlink(path);
}

static void plug(const struct set *s)
{
	put_file("ca-cert.pem", buf_slice(&s->cert));
	put_file("ca-key.pem", buf_slice(&s->key));
	put_file("cert-chain.pem", buf_slice(&s->chain));
	put_file("root-cert.pem", buf_slice(&s->root));
}

static void unplug(void)
{
	remove_file("ca-cert.pem");
	remove_file("ca-key.pem");
	remove_file("cert-chain.pem");
	remove_file("root-cert.pem");
}

static bool in_use(struct slice cert_pem)
{
	return discovery_authority_ca(d->ca) && slice_eq(pki_ca_cert_pem(discovery_authority_ca(d->ca)), cert_pem);
}

static bool problem_says(const char *text)
{
	return strstr(discovery_authority_problem(d->ca), text);
}

static bool touched_secrets(void)
{
	return fake_kube.log && strstr(fake_kube.log, " secrets ");
}

/* --- our own root --- */

static void put_secret(struct slice cert, struct slice key)
{
	CLEANUP(buf_done) struct buf a = BUF_INIT;
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	CLEANUP(freep) char *yaml = NULL;

	base64_encode(cert, &a);
	base64_encode(key, &b);
	yaml = mem_printf("{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: mesh}, data: "
			  "{ca-cert.pem: '%s', ca-key.pem: '%s'}}",
			  buf_str(&a), buf_str(&b));
	mini_put(yaml);
}

static void the_first_makes_a_root(void **state)
{
	const cJSON *secret;

	(void)state;
	start();
	secret = fake_kube_get(&api_kind_secret, "mesh", "istio-ca-secret");
	assert_non_null(secret);
	assert_string_equal("istio.io/ca-root", json_str(secret, "type"));
	assert_non_null(discovery_authority_ca(d->ca));
	assert_int_equal(1, changes);
	assert_string_equal("", discovery_authority_problem(d->ca));
	assert_int_equal(NOW_S + 3650 * DAY_S, pki_ca_not_after_s(discovery_authority_ca(d->ca)));
}

static void a_root_that_is_there_is_used(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(3650 * DAY_S);

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	start();
	assert_true(in_use(pki_ca_cert_pem(ca)));
	assert_string_equal("GET secrets mesh/istio-ca-secret\n"
			    "GET servicemeshcontrolplanes mesh/basic\n",
			    fake_kube.log);
	mini_pass(d, 3 * LOOK_MS);
	assert_int_equal(1, changes);
}

/* Before its end a root gets a new certificate for its key, and both are trusted; one that is not due is left alone. */
static void a_root_is_renewed_in_time(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(100 * DAY_S);
	CLEANUP(pki_ca_unrefp) struct pki_ca *fresh = NULL;

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	d->cfg.root_no_jitter = true;
	start();
	fake_wall_ns += 79ll * DAY_S * NS_PER_S;
	mini_pass(d, 2 * LOOK_MS);
	assert_true(in_use(pki_ca_cert_pem(ca)));
	fake_wall_ns += 2ll * DAY_S * NS_PER_S;
	mini_pass(d, 2 * LOOK_MS);
	fresh = pki_ca_ref(discovery_authority_ca(d->ca));
	assert_false(in_use(pki_ca_cert_pem(ca)));
	assert_true(pki_ca_not_after_s(fresh) > NOW_S + 3000 * DAY_S);
	assert_int_equal(pki_cert_count(pki_ca_roots_pem(fresh), NULL), 2);
	assert_true(slice_eq(pki_ca_key_pem(fresh), pki_ca_key_pem(ca)));
	assert_string_equal("", discovery_authority_problem(d->ca));
	fake_wall_ns += DAY_S * NS_PER_S;
	mini_pass(d, 2 * LOOK_MS);
	assert_true(in_use(pki_ca_cert_pem(fresh)));
}

/* --- another root --- */

#define WAIT_S 3600

static void wish_for(const char *id)
{
	CLEANUP(freep)
	char *yaml = mem_printf("{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, "
				"namespace: mesh, uid: u-1, annotations: {maistra.io/rotate-root: '%s'}}}",
				id);

	mini_put(yaml);
}

static struct authority_state rotation(void)
{
	struct authority_state now;

	discovery_authority_state(d->ca, &now);
	return now;
}

/* A workload's certificate of now. */
static void leaf(struct buf *out)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	const char *uri = "spiffe://cluster.local/ns/shop/sa/cart";
	const struct pki_names names = {.uris = &uri, .n_uris = 1};
	const struct pki_sign how = {.names = &names, .now_s = NOW_S, .ttl_s = 30 * DAY_S};

	buf_clear(out);
	assert_int_equal(0, pki_ca_issue(discovery_authority_ca(d->ca), key, &how, out, NULL));
}

/* What a proxy has: its certificate and the roots that it trusts. */
struct holder {
	struct buf cert, roots;
};

static void hold(struct holder *h)
{
	leaf(&h->cert);
	buf_clear(&h->roots);
	buf_append_slice(&h->roots, discovery_authority_roots(d->ca));
}

/* Whether two proxies, each as it was last renewed, take each other's certificate. */
static bool trust_each_other(const struct holder *a, const struct holder *b)
{
	return pki_cert_verify(buf_slice(&a->cert), buf_slice(&b->roots), NOW_S, NULL) == 0 &&
	       pki_cert_verify(buf_slice(&b->cert), buf_slice(&a->roots), NOW_S, NULL) == 0;
}

static void pass_time(int64_t s)
{
	fake_wall_ns += s * NS_PER_S;
	mini_pass(d, 3 * LOOK_MS);
}

static const char *next_key(void)
{
	return json_get_str(json_get(fake_kube_get(&api_kind_secret, "mesh", "istio-ca-secret"), "data"),
			    "next-key.pem");
}

/* As a new process would be: nothing is known but what the Secret says. */
static void restart(void)
{
	discovery_authority_free(d->ca);
	start();
}

/*
 * From one root to another: at each moment everybody who was renewed in this phase or the one before trusts all others
 * who were. Who missed two phases does not: so the wait is no luxury. The control plane is restarted in every phase.
 */
static void another_root_comes_step_by_step(void **state)
{
	static const char *const phases[] = {"none", "spreading", "signing", "done"};
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(3650 * DAY_S);
	struct holder at[4] = {0};

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	d->cfg.rotation_wait_s = WAIT_S;
	start();
	hold(&at[0]);
	wish_for("2026-01-01T00:00:00Z");
	for (int i = 1; i < 4; i++) {
		pass_time(i == 1 ? 30 : WAIT_S);
		assert_string_equal(rotation().phase, phases[i]);
		assert_int_equal(i == 1, next_key() != NULL);
		restart();
		assert_string_equal(rotation().phase, phases[i]);
		assert_string_equal("", discovery_authority_problem(d->ca));
		hold(&at[i]);
		assert_true(trust_each_other(&at[i], &at[i]));
		assert_true(trust_each_other(&at[i], &at[i - 1]));
		pass_time(WAIT_S / 2);
		assert_string_equal(rotation().phase, phases[i]); /* not before its time */
	}
	assert_false(trust_each_other(&at[0], &at[2]));
	assert_false(trust_each_other(&at[1], &at[3]));
	assert_false(in_use(pki_ca_cert_pem(ca)));
	assert_int_equal(1, pki_cert_count(discovery_authority_roots(d->ca), NULL));
	assert_null(next_key());
	pass_time(10 * WAIT_S);
	assert_string_equal(rotation().phase, "done"); /* a wish is fulfilled once */
	wish_for("2026-02-01T00:00:00Z");
	pass_time(30);
	assert_string_equal(rotation().phase, "spreading");
	for (int i = 0; i < 4; i++) {
		buf_done(&at[i].cert);
		buf_done(&at[i].roots);
	}
}

/* While the next root is spread nothing that the present one signs outlasts it; and a replica that was not restarted
 * lets the last root go, too. */
static void a_rotation_bounds_what_is_signed(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(3650 * DAY_S);

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	d->cfg.rotation_wait_s = WAIT_S;
	start();
	assert_true(discovery_authority_longest_s(d->ca) > 365 * DAY_S);
	wish_for("a");
	pass_time(30);
	assert_int_equal(WAIT_S, discovery_authority_longest_s(d->ca));
	pass_time(WAIT_S);
	assert_true(discovery_authority_longest_s(d->ca) > 365 * DAY_S);
	pass_time(WAIT_S);
	assert_string_equal(rotation().phase, "done");
	assert_string_equal("", discovery_authority_problem(d->ca));
	assert_int_equal(1, pki_cert_count(discovery_authority_roots(d->ca), NULL));
}

/* A wish that is none, and one for an authority that is plugged in, change nothing. */
static void no_other_root(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(3650 * DAY_S);

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	start();
	pass_time(30);
	assert_string_equal(rotation().phase, "none");
	wish_for("not an id");
	pass_time(60);
	assert_string_equal(rotation().phase, "none");
	assert_true(in_use(pki_ca_cert_pem(ca)));
}

/* Two replicas start at once: the one that comes second takes the first one's. */
static struct pki_ca *first;

static bool other_is_first(struct kube_call *c)
{
	if (c->req.verb != KUBE_CREATE || fake_kube_get(&api_kind_secret, "mesh", "istio-ca-secret"))
		return false;
	put_secret(pki_ca_cert_pem(first), pki_ca_key_pem(first));
	fake_kube_answer(c, KUBE_ALREADY_EXISTS, NULL);
	return true;
}

static void the_second_takes_the_root_of_the_first(void **state)
{
	(void)state;
	first = root_new(DAY_S);
	fake_kube.hook = other_is_first;
	start();
	assert_true(in_use(pki_ca_cert_pem(first)));
	pki_ca_unref(first);
}

/* A deleted Secret is made again from what is in use: the next replica would make another root. */
static void a_deleted_secret_comes_back(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(3650 * DAY_S);

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	start();
	fake_kube_delete(&api_kind_secret, "mesh", "istio-ca-secret");
	mini_pass(d, LOOK_MS);
	assert_non_null(fake_kube_get(&api_kind_secret, "mesh", "istio-ca-secret"));
	discovery_authority_free(d->ca);
	start();
	assert_true(in_use(pki_ca_cert_pem(ca)));
}

static void a_broken_secret_is_told_and_not_replaced(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(3650 * DAY_S), *other = root_new(DAY_S), *old = root_new(5);
	const struct {
		struct slice cert, key;
		const char *says;
	} rows[] = {
		{SLICE(""), SLICE(""), "signing certificate"},
		{SLICE("rubbish"), pki_ca_key_pem(ca), "signing certificate"},
		{pki_ca_cert_pem(ca), SLICE("rubbish"), "private key"},
		{pki_ca_cert_pem(ca), pki_ca_key_pem(other), "do not belong together"},
		{pki_ca_cert_pem(old), pki_ca_key_pem(old), "expired"},
	};

	(void)state;
	fake_wall_ns += 10ll * NS_PER_S;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put_secret(rows[i].cert, rows[i].key);
		start();
		mini_pass(d, 5000);
		assert_null(discovery_authority_ca(d->ca));
		assert_int_equal(0, changes);
		assert_true(problem_says("Secret mesh/istio-ca-secret: "));
		if (i > 0)
			assert_true(problem_says(rows[i].says));
		assert_null(strstr(fake_kube.log, "CREATE"));
		discovery_authority_free(d->ca);
		d->ca = NULL;
	}
	mini_put("{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: mesh}, data: {a: b}}");
	start();
	mini_pass(d, 5000);
	assert_true(problem_says("is missing or no base64"));
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	mini_pass(d, 30000);
	assert_true(in_use(pki_ca_cert_pem(ca)));
	assert_string_equal("", discovery_authority_problem(d->ca));
}

/* The root in use stays when the Secret gets another one. */
static void a_changed_secret_is_told(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(3650 * DAY_S), *other = root_new(3650 * DAY_S);

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	start();
	put_secret(pki_ca_cert_pem(other), pki_ca_key_pem(other));
	mini_pass(d, LOOK_MS);
	assert_true(in_use(pki_ca_cert_pem(ca)));
	assert_true(problem_says("restart the control plane"));
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	mini_pass(d, LOOK_MS);
	assert_string_equal("", discovery_authority_problem(d->ca));
	assert_int_equal(1, changes);
}

static int api_calls;

static bool api_is_down(struct kube_call *c)
{
	api_calls++;
	fake_kube_answer(c, KUBE_NETWORK, NULL);
	return true;
}

static void without_the_api_it_is_asked_again_less_and_less(void **state)
{
	(void)state;
	api_calls = 0;
	fake_kube.hook = api_is_down;
	start();
	mini_pass(d, 60000);
	assert_in_range(api_calls, 12, 16);
	assert_null(discovery_authority_ca(d->ca));
	fake_kube.hook = NULL;
	mini_pass(d, 5000);
	assert_non_null(discovery_authority_ca(d->ca));
}

/* --- plugged in --- */

static void plugged_in_files_are_used(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *root = root_new(3650 * DAY_S);
	CLEANUP(set_done) struct set s = set_new(root, 365 * DAY_S);

	(void)state;
	plug(&s);
	start();
	assert_true(in_use(buf_slice(&s.cert)));
	assert_true(slice_eq(pki_ca_roots_pem(root), discovery_authority_roots(d->ca)));
	assert_int_equal(2, pki_cert_count(discovery_authority_cert(d->ca), NULL));
	assert_false(touched_secrets()); /* neither read nor made */
	discovery_authority_free(d->ca);
	unplug();
	put_file("tls.crt", buf_slice(&s.cert));
	put_file("tls.key", buf_slice(&s.key));
	put_file("ca.crt", buf_slice(&s.root));
	start();
	assert_true(in_use(buf_slice(&s.cert)));
}

/* Whatever is wrong with them: it is told, nothing of our own is used instead, and once mended it goes on. */
static void broken_files_are_told_and_not_replaced(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *root = root_new(3650 * DAY_S), *other = root_new(3650 * DAY_S);
	CLEANUP(set_done) struct set s = set_new(root, 365 * DAY_S);
	CLEANUP(set_done) struct set foreign = set_new(other, 365 * DAY_S);
	CLEANUP(set_done) struct set old = set_new(root, 5);
	const struct {
		const char *file;
		struct slice text; /* instead of what is right; NULL = no file */
		const char *says;
	} rows[] = {
		{"ca-cert.pem", SLICE("rubbish"), "signing certificate"},
		{"ca-cert.pem", SLICE(""), "ca-cert.pem is missing, empty"},
		{"ca-cert.pem", {NULL, 0}, "ca-cert.pem is missing"},
		{"ca-cert.pem", buf_slice(&foreign.cert), "do not belong together"},
		{"ca-cert.pem", buf_slice(&old.cert), "do not belong together"},
		{"ca-key.pem", {NULL, 0}, "ca-key.pem is missing"},
		{"ca-key.pem", SLICE("rubbish"), "private key"},
		{"ca-key.pem", buf_slice(&foreign.key), "do not belong together"},
		{"cert-chain.pem", SLICE("rubbish"), "certificate chain"},
		{"cert-chain.pem", buf_slice(&foreign.cert), "the signing certificate is not in it"},
		{"root-cert.pem", SLICE("rubbish"), "roots"},
		{"root-cert.pem", pki_ca_roots_pem(other), "certificate chain: unable to get"},
	};

	(void)state;
	fake_wall_ns += 10ll * NS_PER_S;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		changes = 0;
		plug(&s);
		if (rows[i].text.ptr)
			put_file(rows[i].file, rows[i].text);
		else
			remove_file(rows[i].file);
		start();
		mini_pass(d, 2 * LOOK_MS);
		assert_null(discovery_authority_ca(d->ca));
		assert_int_equal(0, changes);
		assert_false(touched_secrets()); /* neither read nor made */
		if (!problem_says(rows[i].says) || !problem_says(dir))
			fail_msg("%s: %s", rows[i].says, discovery_authority_problem(d->ca));
		plug(&s);
		mini_pass(d, LOOK_MS);
		assert_true(in_use(buf_slice(&s.cert)));
		assert_string_equal("", discovery_authority_problem(d->ca));
		discovery_authority_free(d->ca);
		d->ca = NULL;
	}
	plug(&old);
	start();
	assert_null(discovery_authority_ca(d->ca));
	assert_true(problem_says("expired"));
	assert_false(touched_secrets());
}

static void files_whose_time_comes_are_used_then(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *root = root_new(3650 * DAY_S);
	struct set s;

	(void)state;
	fake_wall_ns += 3600ll * NS_PER_S;
	s = set_new(root, 365 * DAY_S);
	fake_wall_ns -= 3600ll * NS_PER_S;
	plug(&s);
	start();
	assert_true(problem_says("not yet valid"));
	fake_wall_ns += 3600ll * NS_PER_S;
	mini_pass(d, LOOK_MS);
	assert_true(in_use(buf_slice(&s.cert)));
	set_done(&s);
}

static void files_that_change(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *root = root_new(3650 * DAY_S), *other = root_new(3650 * DAY_S);
	CLEANUP(set_done) struct set s = set_new(root, 365 * DAY_S);
	CLEANUP(set_done) struct set next = set_new(root, 365 * DAY_S);
	CLEANUP(set_done) struct set foreign = set_new(other, 365 * DAY_S);

	(void)state;
	plug(&s);
	start();
	plug(&next); /* a new intermediate below the same root */
	mini_pass(d, LOOK_MS);
	assert_true(in_use(buf_slice(&next.cert)));
	assert_int_equal(2, changes);
	put_file("ca-key.pem", SLICE("rubbish"));
	mini_pass(d, LOOK_MS);
	assert_true(in_use(buf_slice(&next.cert)));
	assert_true(problem_says("private key"));
	plug(&foreign);
	mini_pass(d, LOOK_MS);
	assert_true(in_use(buf_slice(&next.cert)));
	assert_true(problem_says("restart the control plane"));
	buf_append_slice(&foreign.root, pki_ca_roots_pem(root)); /* both roots: peers trust old and new */
	plug(&foreign);
	mini_pass(d, LOOK_MS);
	assert_true(in_use(buf_slice(&foreign.cert)));
	assert_string_equal("", discovery_authority_problem(d->ca));
	assert_int_equal(3, changes);
	unplug();
	mini_pass(d, LOOK_MS);
	assert_true(in_use(buf_slice(&foreign.cert)));
	assert_true(problem_says("is gone"));
	assert_false(touched_secrets());
}

/* security.certificateAuthority.istiod.type: PrivateKey */
static void files_that_must_be_there(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *root = root_new(3650 * DAY_S);
	CLEANUP(set_done) struct set s = set_new(root, 365 * DAY_S);

	(void)state;
	d->cfg.cacerts_required = true;
	start();
	mini_pass(d, 2 * LOOK_MS);
	assert_null(discovery_authority_ca(d->ca));
	assert_true(problem_says("there is no plugged-in authority"));
	assert_false(touched_secrets());
	plug(&s);
	mini_pass(d, LOOK_MS);
	assert_true(in_use(buf_slice(&s.cert)));
	assert_string_equal("", discovery_authority_problem(d->ca));
}

static void files_that_come_later(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *own = root_new(3650 * DAY_S), *root = root_new(3650 * DAY_S);
	CLEANUP(set_done) struct set s = set_new(root, 365 * DAY_S);

	(void)state;
	put_secret(pki_ca_cert_pem(own), pki_ca_key_pem(own));
	start();
	plug(&s);
	mini_pass(d, LOOK_MS);
	assert_true(in_use(pki_ca_cert_pem(own)));
	assert_true(problem_says(dir) && problem_says("restart the control plane"));
	unplug();
	mini_pass(d, LOOK_MS);
	assert_string_equal("", discovery_authority_problem(d->ca));
	put_file("root-cert.pem", SLICE("rubbish"));
	mini_pass(d, LOOK_MS);
	assert_true(problem_says("ca-cert.pem is missing"));
	assert_true(in_use(pki_ca_cert_pem(own)));
}

/* --- events --- */

static const cJSON *event(void)
{
	const cJSON *last = NULL;

	for (size_t i = 0; i < fake_kube.objects.n; i++)
		if (fake_is(fake_kube.objects.v[i], &api_kind_event, NULL, NULL))
			last = fake_kube.objects.v[i];
	return last;
}

static void problems_are_events_of_the_control_plane(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *root = root_new(3650 * DAY_S);
	CLEANUP(set_done) struct set s = set_new(root, 365 * DAY_S);

	(void)state;
	plug(&s);
	put_file("ca-key.pem", SLICE("rubbish"));
	start();
	assert_null(event()); /* there is no such control plane */
	mini_put("{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: mesh, "
		 "uid: "
		 "u-1}}");
	mini_pass(d, LOOK_MS);
	assert_null(event()); /* a problem is told once */
	remove_file("ca-key.pem");
	mini_pass(d, LOOK_MS);
	assert_non_null(strstr(json_str(event(), "message"), "ca-key.pem is missing"));
	assert_string_equal("Warning", json_str(event(), "type"));
	assert_string_equal("u-1", json_str(event(), "involvedObject.uid"));
	assert_string_equal("basic", json_str(event(), "involvedObject.name"));
}

/* --- the serving certificate --- */

static struct pki_cert_info serving(struct arena *a)
{
	struct pki_cert_info info;
	CLEANUP(pki_key_freep) struct pki_key *key = NULL;

	assert_int_equal(0, pki_cert_info(discovery_authority_cert(d->ca), a, &info, NULL));
	assert_int_equal(0, pki_key_from_pem(discovery_authority_key(d->ca), &key, NULL));
	assert_int_equal(0, pki_cert_matches_key(discovery_authority_cert(d->ca), key, NULL));
	assert_false(info.is_ca);
	return info;
}

static void the_serving_certificate_is_renewed(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = root_new(2 * DAY_S);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct pki_cert_info before, after;

	(void)state;
	put_secret(pki_ca_cert_pem(ca), pki_ca_key_pem(ca));
	d->cfg.root_check_s = 100 * DAY_S; /* the root itself comes to its end */
	start();
	before = serving(&a);
	assert_string_equal("istiod-basic.mesh.svc", before.names.dns[0]);
	assert_int_equal(NOW_S + DAY_S, before.not_after_s);
	fake_wall_ns += (DAY_S / 2 - 60) * NS_PER_S;
	mini_pass(d, LOOK_MS);
	assert_int_equal(1, changes);
	fake_wall_ns += 60ll * NS_PER_S;
	mini_pass(d, LOOK_MS);
	assert_int_equal(2, changes);
	after = serving(&a);
	assert_string_not_equal(before.serial, after.serial);
	/* near the authority's end: shorter, and none after it */
	fake_wall_ns += DAY_S * NS_PER_S;
	mini_pass(d, LOOK_MS);
	assert_int_equal(pki_ca_not_after_s(ca), serving(&a).not_after_s);
	fake_wall_ns += DAY_S * NS_PER_S;
	changes = 0;
	mini_pass(d, 2 * LOOK_MS);
	assert_int_equal(0, changes);
}

/* --- another authority signs --- */

/* Our certificate of an authority. */
static void give(const struct pki_ca *ca, bool with_root)
{
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	const char *const dns[] = {"istiod-basic.istio-system.svc"};
	const struct pki_names names = {.dns = dns, .n_dns = 1};
	const struct pki_sign how = {.names = &names, .now_s = NOW_S, .ttl_s = DAY_S, .use = PKI_USE_SERVER};
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf pem = BUF_INIT;

	assert_int_equal(0, pki_ca_issue(ca, key, &how, &cert, NULL));
	pki_key_to_pem(key, &pem);
	put_file("tls.crt", buf_slice(&cert));
	put_file("tls.key", buf_slice(&pem));
	if (with_root)
		put_file("ca.crt", pki_ca_roots_pem(ca));
}

/* It is served with what the authority gave, and signs nothing; what is no good is told, and a change is taken over. */
static void another_authority(void **state)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *one = root_new(365 * DAY_S);
	CLEANUP(pki_ca_unrefp) struct pki_ca *other = root_new(365 * DAY_S);

	(void)state;
	d->cfg.cacerts_dir = NULL;
	d->cfg.given_dir = dir;
	start();
	assert_false(discovery_authority_loaded(d->ca));
	assert_non_null(strstr(discovery_authority_problem(d->ca), "tls.crt is missing"));
	give(one, false);
	mini_pass(d, LOOK_MS);
	assert_non_null(strstr(discovery_authority_problem(d->ca), "no roots"));
	put_file("ca.crt", pki_ca_roots_pem(other));
	mini_pass(d, LOOK_MS);
	assert_false(discovery_authority_loaded(d->ca));
	assert_int_equal(changes, 0);
	give(one, true);
	mini_pass(d, LOOK_MS);
	assert_true(discovery_authority_loaded(d->ca));
	assert_string_equal(discovery_authority_problem(d->ca), "");
	assert_int_equal(changes, 1);
	assert_null(discovery_authority_ca(d->ca));
	assert_true(slice_eq(discovery_authority_roots(d->ca), pki_ca_roots_pem(one)));
	mini_pass(d, 3 * LOOK_MS);
	assert_int_equal(changes, 1);
	give(other, true);
	mini_pass(d, LOOK_MS);
	assert_int_equal(changes, 2);
	assert_true(slice_eq(discovery_authority_roots(d->ca), pki_ca_roots_pem(other)));
	/* gone: what is in use is kept, and told */
	remove_file("tls.key");
	mini_pass(d, LOOK_MS);
	assert_true(discovery_authority_loaded(d->ca));
	assert_non_null(strstr(discovery_authority_problem(d->ca), "tls.key is missing"));
	assert_null(fake_kube_get(&api_kind_secret, "mesh", "istio-ca-secret"));
	remove_file("tls.crt");
	remove_file("ca.crt");
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_first_makes_a_root),
		CASE(a_root_that_is_there_is_used),
		CASE(a_root_is_renewed_in_time),
		CASE(another_root_comes_step_by_step),
		CASE(a_rotation_bounds_what_is_signed),
		CASE(no_other_root),
		CASE(the_second_takes_the_root_of_the_first),
		CASE(a_deleted_secret_comes_back),
		CASE(a_broken_secret_is_told_and_not_replaced),
		CASE(a_changed_secret_is_told),
		CASE(without_the_api_it_is_asked_again_less_and_less),
		CASE(plugged_in_files_are_used),
		CASE(another_authority),
		CASE(broken_files_are_told_and_not_replaced),
		CASE(files_whose_time_comes_are_used_then),
		CASE(files_that_change),
		CASE(files_that_come_later),
		CASE(files_that_must_be_there),
		CASE(problems_are_events_of_the_control_plane),
		CASE(the_serving_certificate_is_renewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
