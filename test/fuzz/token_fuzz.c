/* A key set, a line end, a token, a line end, and the target of a request that may hold another. */
#include <string.h>

#include "pki/jwk_set.h"
#include "proxy/filter/jwt_token.h"

static void places(struct slice target)
{
	static struct slice params[] = {SLICE("t"), SLICE("access_token")}, cookies[] = {SLICE("c")};
	static struct jwt_place headers[] = {{SLICE("authorization"), SLICE("Bearer ")}};
	const struct jwt_provider p = {.headers = headers,
				       .n_headers = 1,
				       .params = params,
				       .n_params = 2,
				       .cookies = cookies,
				       .n_cookies = 1};
	struct slice found[JWT_TOKENS_MAX + 1];
	static struct http_head h;
	char *buf = malloc(target.len + 1);

	http_clear(&h);
	h.target = target;
	http_add(&h, SLICE("authorization"), target);
	http_add(&h, SLICE("cookie"), target);
	(void)jwt_tokens_find(&p, &h, found);
	jwt_tokens_remove(&p, &h, buf);
	if (h.target.len > target.len)
		abort();
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make(data, size), set = slice_split(&rest, '\n'), token = slice_split(&rest, '\n');
	struct jwk_set *keys = NULL;
	struct jwt t;

	(void)jwk_set_parse(set, &keys, NULL);
	if (jwt_read(token, &t) == JWT_OK) {
		if (keys)
			(void)jwk_set_verify(keys, &t);
		(void)jwt_has_audience(&t, "x");
		jwt_done(&t);
	}
	places(rest);
	jwk_set_free(keys);
	return 0;
}
