/* Certificates, requests, keys, tokens and key sets from foreign bytes. */
#include "pki/cert.h"
#include "pki/jwt.h"
#include "pki/spiffe.h"

static void tokens(struct slice text)
{
	struct jwt t;
	cJSON *jwks = cJSON_ParseWithLength(text.ptr, text.len);

	if (jwt_parse(text, &t, NULL) == 0) {
		jwt_has_audience(&t, "x");
		jwks_verify(jwks, &t, NULL);
		jwt_done(&t);
	}
	if (jwks) {
		struct pki_key *key = NULL;

		if (jwk_to_key(jwks, &key, NULL) == 0)
			pki_key_free(key);
		cJSON_Delete(jwks);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct arena a = ARENA_INIT;
	struct pki_cert_info info;
	struct pki_names names;
	struct pki_key *key = NULL;
	struct spiffe id;

	pki_cert_info(text, &a, &info, NULL);
	pki_cert_count(text, NULL);
	pki_csr_parse(text, &a, &names, NULL);
	if (pki_key_from_pem(text, &key, NULL) == 0)
		pki_key_free(key);
	spiffe_parse(text, &id);
	tokens(text);
	arena_done(&a);
	return 0;
}
