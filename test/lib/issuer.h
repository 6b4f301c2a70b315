/* An issuer of tokens with a key of its own: what it signs, and the key set that others check it with. */
#ifndef TEST_ISSUER_H
#define TEST_ISSUER_H

#include <stdio.h>
#include <time.h>

#include "pki/jwt.h"

struct issuer {
	struct pki_key *key;
	char jwks[1024];
};

static inline void issuer_init(struct issuer *i)
{
	cJSON *set = cJSON_CreateObject(), *keys = cJSON_AddArrayToObject(set, "keys");
	char *text;

	i->key = pki_key_new(PKI_KEY_P256);
	cJSON_AddItemToArray(keys, jwk_from_key(i->key));
	text = cJSON_PrintUnformatted(set);
	snprintf(i->jwks, sizeof(i->jwks), "%s", text);
	cJSON_free(text);
	cJSON_Delete(set);
}

static inline void issuer_done(struct issuer *i)
{
	pki_key_free(i->key);
}

/* A token that says this (JSON without the braces) and is good for `seconds`; valid until four more were made. */
static inline const char *issuer_token(const struct issuer *i, int seconds, const char *claims)
{
	static char texts[4][4096];
	static unsigned at;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	char *ret = texts[at++ % 4], json[2048];
	cJSON *c;

	snprintf(json, sizeof(json), "{\"exp\": %lld, %s}", (long long)time(NULL) + seconds, claims);
	c = cJSON_Parse(json);
	if (!c || jwt_sign(i->key, NULL, c, &out, NULL) < 0)
		abort();
	cJSON_Delete(c);
	snprintf(ret, sizeof(texts[0]), "%s", buf_str(&out));
	return ret;
}

#endif
