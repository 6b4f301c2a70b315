/*
 * The key is a hash of what the settings say, not their address: a swapped configuration with the same settings must
 * find the same context (handshakes resume, nothing is parsed again), and a freed one must not be found by accident.
 */
#include "proxy/upstream/tls_cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"

/* How long a secret seals tickets; for as long again it opens them. */
#define TICKET_ROTATE_NS (3600LL * NS_PER_S)

struct entry {
	uint64_t key;
	uint64_t cert_generation, roots_generation;
	uint64_t used;
	struct tls_ctx *ctx;
	uint64_t epoch; /* of its ticket keys */
};

struct tls_cache {
	VEC(struct entry) entries;
	uint64_t clock;
	/* Random; [0] in use, [1] before that. Replaced every TICKET_ROTATE_NS, so that old sessions stay sealed. */
	uint8_t secrets[2][TLS_TICKET_SECRET_BYTES];
	uint64_t epoch;
};

struct tls_cache *tls_cache_new(void)
{
	struct tls_cache *t = NEW(struct tls_cache);

	rand_bytes(t->secrets, sizeof(t->secrets));
	t->epoch = (uint64_t)clock_mono_ns() / TICKET_ROTATE_NS;
	return t;
}

void tls_cache_free(struct tls_cache *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->entries.n; i++)
		tls_ctx_unref(t->entries.v[i].ctx);
	vec_done(&t->entries);
	free(t);
}

static uint64_t hash_int(uint64_t h, uint64_t v)
{
	return hash_more(h, slice_make(&v, sizeof(v)));
}

static uint64_t key_of(const struct config_tls *s, struct slice alpn)
{
	uint64_t h = hash_bytes(alpn);

	h = hash_int(h, (uint64_t)s->is_server << 2 | (uint64_t)s->require_client_certificate << 1 |
				(uint64_t)s->insecure_skip_verify);
	h = hash_int(h, (uint64_t)s->cert.slot << 32 | s->validation.slot);
	h = hash_int(h, (uint64_t)s->min_version << 32 | (uint64_t)s->max_version);
	h = hash_more(hash_more(h, s->ciphers), s->curves);
	for (size_t i = 0; i < s->n_sans; i++)
		h = hash_more(hash_int(h, (uint64_t)s->sans[i].type << 32 | s->sans[i].name.kind),
			      s->sans[i].name.text);
	return h;
}

struct slice tls_cache_alpn_without(struct slice wire, struct slice name, char *out)
{
	size_t n = 0;

	while (wire.len && n + wire.len <= TLS_CACHE_ALPN_MAX) {
		size_t len = (size_t)(uint8_t)wire.ptr[0] + 1;

		if (len > wire.len)
			break;
		if (!slice_eq(slice_make(wire.ptr + 1, len - 1), name)) {
			memcpy(out + n, wire.ptr, len);
			n += len;
		}
		wire = slice_from(wire, len);
	}
	return slice_make(out, n);
}

static size_t split_alpn(struct slice wire, char names[TLS_ALPN_MAX][256], const char **ret)
{
	size_t n = 0;

	while (wire.len && n < TLS_ALPN_MAX) {
		size_t len = (uint8_t)wire.ptr[0];

		if (len >= wire.len)
			break;
		memcpy(names[n], wire.ptr + 1, len);
		names[n][len] = 0;
		ret[n] = names[n];
		n++;
		wire = slice_from(wire, len + 1);
	}
	return n;
}

/* A rule that the TLS library's matcher does not know must not match anything rather than everything. */
#define NO_SAN "\001"

static struct tls_san_rule san_rule(const struct config_san *san, struct arena *a)
{
	const struct match_string *m = &san->name;
	static const enum tls_match kinds[] = {
		[MATCH_EXACT] = TLS_MATCH_EXACT,
		[MATCH_PREFIX] = TLS_MATCH_PREFIX,
		[MATCH_SUFFIX] = TLS_MATCH_SUFFIX,
		[MATCH_CONTAINS] = TLS_MATCH_CONTAINS,
	};

	if (m->kind > MATCH_CONTAINS || !m->text.len)
		return (struct tls_san_rule){TLS_MATCH_EXACT, NO_SAN, san->type};
	return (struct tls_san_rule){kinds[m->kind], arena_slicedup(a, m->text), san->type};
}

static enum tls_version version_of(enum config_tls_version v)
{
	static const enum tls_version map[] = {
		[CONFIG_TLS_AUTO] = TLS_VERSION_DEFAULT, [CONFIG_TLS_1_0] = TLS_VERSION_1_0,
		[CONFIG_TLS_1_1] = TLS_VERSION_1_1,      [CONFIG_TLS_1_2] = TLS_VERSION_1_2,
		[CONFIG_TLS_1_3] = TLS_VERSION_1_3,
	};

	return map[v];
}

static void rotate(struct tls_cache *t, int64_t now_ns)
{
	uint64_t epoch = (uint64_t)now_ns / TICKET_ROTATE_NS;

	if (epoch == t->epoch)
		return;
	if (epoch == t->epoch + 1)
		memcpy(t->secrets[1], t->secrets[0], sizeof(t->secrets[1]));
	else
		rand_bytes(t->secrets[1], sizeof(t->secrets[1]));
	rand_bytes(t->secrets[0], sizeof(t->secrets[0]));
	t->epoch = epoch;
}

/*
 * Sessions are resumed only under the settings and roots they were made with: whoever was trusted then need not be
 * trusted now.
 */
static void seal(struct tls_cache *t, struct entry *en)
{
	const uint64_t context[] = {en->key, en->roots_generation};
	struct slice text = slice_make((const char *)context, sizeof(context));
	uint8_t keys[2][TLS_TICKET_KEY_BYTES];

	for (size_t i = 0; i < 2; i++)
		if (tls_ticket_derive(t->secrets[i], text, keys[i]) < 0)
			return; /* the keys before, or the library's own, go on */
	tls_ctx_set_ticket_keys(en->ctx, keys[0], keys[1]);
	explicit_bzero(keys, sizeof(keys));
	en->epoch = t->epoch;
}

static enum tls_verify verify_of(const struct config_tls *s, const struct config_secret *roots)
{
	if (!roots || s->insecure_skip_verify)
		return TLS_VERIFY_NONE;
	if (s->is_server && !s->require_client_certificate)
		return TLS_VERIFY_OPTIONAL;
	return TLS_VERIFY_REQUIRED;
}

static int make(const struct config_tls *s, const struct config_secret *cert, const struct config_secret *roots,
		struct slice alpn, struct tls_ctx **ret, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	char names[TLS_ALPN_MAX][256];
	const char *protocols[TLS_ALPN_MAX];
	struct tls_san_rule *rules = ARENA_NEW_N(&a, struct tls_san_rule, s->n_sans + 1);
	struct tls_params p = {
		.server = s->is_server,
		.cert_pem = cert ? cert->cert_chain : slice_make(NULL, 0),
		.key_pem = cert ? cert->private_key : slice_make(NULL, 0),
		.roots_pem = roots ? roots->trusted_ca : slice_make(NULL, 0),
		.verify = verify_of(s, roots),
		.sans = rules,
		.n_sans = s->n_sans,
		.alpn = protocols,
		.n_alpn = split_alpn(alpn, names, protocols),
		.min_version = version_of(s->min_version),
		.max_version = version_of(s->max_version),
		.ciphers = s->ciphers.len ? arena_slicedup(&a, s->ciphers) : NULL,
		.groups = s->curves.len ? arena_slicedup(&a, s->curves) : NULL,
	};

	for (size_t i = 0; i < s->n_sans; i++)
		rules[i] = san_rule(&s->sans[i], &a);
	/* Without rules any name will do, whatever server name is sent: as Envoy has it. */
	if (!s->is_server && !s->n_sans) {
		rules[0] = (struct tls_san_rule){TLS_MATCH_PREFIX, "", TLS_SAN_ANY};
		p.n_sans = 1;
	}
	return tls_ctx_new(&p, ret, e);
}

static struct entry *entry_for(struct tls_cache *t, uint64_t key)
{
	struct entry *oldest = NULL;

	for (size_t i = 0; i < t->entries.n; i++) {
		struct entry *en = &t->entries.v[i];

		if (en->key == key)
			return en;
		if (!oldest || en->used < oldest->used)
			oldest = en;
	}
	if (t->entries.n >= TLS_CACHE_MAX) {
		tls_ctx_unref(take(oldest->ctx));
		oldest->key = key;
		return oldest;
	}
	oldest = vec_add(&t->entries);
	oldest->key = key;
	return oldest;
}

static bool has_slot(struct config_ref ref)
{
	return ref.slot != CONFIG_NO_SLOT;
}

struct tls_ctx *tls_cache_get(struct tls_cache *t, const struct config *config, const struct config_tls *s,
			      struct slice alpn, struct err *e)
{
	const struct config_secret *cert = config_secret_get(config, s->cert);
	const struct config_secret *roots = config_secret_get(config, s->validation);
	struct tls_ctx *fresh = NULL;
	struct entry *en;

	if ((has_slot(s->cert) && !cert) || (has_slot(s->validation) && !roots)) {
		err_set(e, -ENOENT, "secret %s has not arrived", cert ? s->validation.name : s->cert.name);
		return NULL;
	}
	if (!alpn.len)
		alpn = s->alpn;
	en = entry_for(t, key_of(s, alpn));
	en->used = ++t->clock;
	rotate(t, clock_mono_ns());
	if (en->ctx && en->cert_generation == (cert ? cert->generation : 0) &&
	    en->roots_generation == (roots ? roots->generation : 0)) {
		if (s->is_server && en->epoch != t->epoch)
			seal(t, en);
		return en->ctx;
	}
	if (make(s, cert, roots, alpn, &fresh, e) < 0)
		return NULL;
	tls_ctx_unref(en->ctx);
	en->ctx = fresh;
	en->cert_generation = cert ? cert->generation : 0;
	en->roots_generation = roots ? roots->generation : 0;
	if (s->is_server)
		seal(t, en);
	return en->ctx;
}
