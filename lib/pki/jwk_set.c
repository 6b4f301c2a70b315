/* A list: sets have few keys. */
#include "pki/jwk_set.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "base/mem.h"

struct jwk_set {
	uint8_t id[JWK_SET_ID_BYTES];
	size_t n;
	struct entry {
		struct pki_key *key;
		char *kid, *alg; /* "" = not said */
	} v[JWK_SET_MAX_KEYS];
};

void jwk_set_free(struct jwk_set *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		pki_key_free(s->v[i].key);
		free(s->v[i].kid);
		free(s->v[i].alg);
	}
	free(s);
}

static const char *text_of(const cJSON *o, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return s ? s : "";
}

/* Whether the key is there to check signatures (RFC 7517 4.2, 4.3). */
static bool verifies(const cJSON *jwk)
{
	const cJSON *ops = cJSON_GetObjectItemCaseSensitive(jwk, "key_ops"), *op;
	const char *use = text_of(jwk, "use");

	if (*use && strcmp(use, "sig") != 0)
		return false;
	cJSON_ArrayForEach(op, ops)
	{
		if (cJSON_IsString(op) && strcmp(op->valuestring, "verify") == 0)
			return true;
	}
	return !ops;
}

static int add(struct jwk_set *s, const cJSON *jwk, struct err *e)
{
	CLEANUP(pki_key_freep) struct pki_key *key = NULL;
	const char *alg = text_of(jwk, "alg");
	int r = verifies(jwk) ? 0 : err_set(e, -ENOTSUP, "no key of the set is for signatures");

	if (r == 0)
		r = jwk_to_key(jwk, &key, e);
	if (r < 0)
		return r;
	if (*alg && !jwt_alg_fits(alg, key))
		return err_set(e, -ENOTSUP, "JWK: alg does not fit the key");
	s->v[s->n++] = (struct entry){take(key), mem_strdup(text_of(jwk, "kid")), mem_strdup(alg)};
	return 0;
}

static int add_all(struct jwk_set *s, const cJSON *root, struct err *e)
{
	const cJSON *keys = cJSON_GetObjectItemCaseSensitive(root, "keys"), *jwk;

	if (!cJSON_IsArray(keys))
		return err_set(e, -EINVAL, "a key set is an object with a list \"keys\"");
	if (cJSON_GetArraySize(keys) > JWK_SET_MAX_KEYS)
		return err_set(e, -EMSGSIZE, "a key set has at most %d keys", JWK_SET_MAX_KEYS);
	cJSON_ArrayForEach(jwk, keys)
	{
		(void)add(s, jwk, e);
	}
	return s->n || !cJSON_GetArraySize(keys) ? 0 : -EINVAL;
}

int jwk_set_parse(struct slice json, struct jwk_set **ret, struct err *e)
{
	CLEANUP(jwk_set_freep) struct jwk_set *s = NEW(struct jwk_set);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *root;
	int r;

	if (json.len > JWK_SET_MAX_BYTES)
		return err_set(e, -EMSGSIZE, "a key set has at most %d bytes", JWK_SET_MAX_BYTES);
	buf_append_slice(&text, json);
	root = strlen(buf_str(&text)) == json.len ? cJSON_ParseWithOpts(buf_str(&text), NULL, 1) : NULL;
	if (!root)
		return err_set(e, -EINVAL, "a key set must be JSON");
	r = add_all(s, root, e);
	cJSON_Delete(root);
	if (r < 0)
		return r;
	SHA256((const unsigned char *)json.ptr, json.len, s->id);
	*ret = take(s);
	return 0;
}

const uint8_t *jwk_set_id(const struct jwk_set *s)
{
	return s->id;
}

size_t jwk_set_size(const struct jwk_set *s)
{
	return s->n;
}

enum jwt_status jwk_set_verify(const struct jwk_set *s, const struct jwt *t)
{
	bool tried = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct entry *k = &s->v[i];

		if (*t->kid && *k->kid && strcmp(k->kid, t->kid) != 0)
			continue;
		if ((*k->alg && strcmp(k->alg, t->alg) != 0) || !jwt_alg_fits(t->alg, k->key))
			continue;
		tried = true;
		if (jwt_verify(t, k->key, NULL) == 0)
			return JWT_OK;
	}
	if (!s->n)
		return JWT_NO_KEYS;
	return tried ? JWT_WRONG_SIGNATURE : JWT_NO_KEY;
}
