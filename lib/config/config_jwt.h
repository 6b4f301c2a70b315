/*
 * What tokens requests may or must bring: decoded configuration of the filter jwt_authn. Immutable; memory belongs to
 * the listener or route table that holds it.
 * Source: envoy.extensions.filters.http.jwt_authn.v3.
 */
#ifndef CONFIG_JWT_H
#define CONFIG_JWT_H

#include "config/config.h"
#include "pki/jwk_set.h"

/* Where dynamic metadata of tokens stands. */
#define JWT_FILTER_NAME "envoy.filters.http.jwt_authn"

/* Providers of one filter. */
#define CONFIG_JWT_PROVIDERS_MAX 64

struct jwt_place {
	struct slice name;   /* of a header */
	struct slice prefix; /* before the token, any case */
};

struct jwt_claim_header {
	struct slice header;
	const char **path; /* of the claim */
	size_t n_path;
};

/* Keys that the proxy fetches itself. */
struct jwt_remote {
	struct route_cluster cluster;
	struct slice host, path;
	int64_t timeout_ns;
	int64_t keep_ns;              /* until they are fetched anew */
	int64_t again_ns;             /* after a failure */
	bool early;                   /* fetched before a request asks for them */
	uint8_t id[JWK_SET_ID_BYTES]; /* of what stands above: providers that say the same share their keys */
};

struct jwt_provider {
	struct slice name;
	struct slice issuer; /* empty = any */
	struct slice *audiences;
	size_t n_audiences;                 /* 0 = any */
	const struct match_string *subject; /* NULL = any */
	bool require_expiration;
	int64_t max_lifetime_s; /* 0 = any */
	int64_t skew_s;
	const struct jwk_set *keys;      /* in place; NULL = remote */
	const struct jwt_remote *remote; /* NULL = in place */
	struct jwt_place *headers;
	size_t n_headers;
	struct slice *params, *cookies;
	size_t n_params, n_cookies;
	bool forward;                /* the token goes on to the upstream */
	struct slice payload_header; /* empty = none */
	bool pad_payload_header;
	struct slice payload_key, header_key; /* of dynamic metadata; empty = none */
	struct slice *lists;                  /* claims that are lists, although they are written with spaces */
	size_t n_lists;
	struct jwt_claim_header *claim_headers;
	size_t n_claim_headers;
	bool clear_route_cache;
	uint32_t index; /* in the filter's list */
};

enum jwt_need_kind {
	JWT_NEED_PROVIDER,
	JWT_NEED_ANY,
	JWT_NEED_ALL,
	JWT_NEED_ALLOW_MISSING,
	JWT_NEED_ALLOW_FAILED, /* or missing */
};

struct jwt_need {
	enum jwt_need_kind kind;
	const struct jwt_provider *provider;
	struct slice *audiences; /* instead of the provider's where n > 0 */
	size_t n_audiences;
	struct jwt_need *kids;
	size_t n_kids;
};

struct jwt_rule {
	struct route_match match;
	const struct jwt_need *need; /* NULL = nothing is asked */
};

struct jwt_named_need {
	struct slice name;
	const struct jwt_need *need;
};

struct filter_jwt {
	struct jwt_provider *providers;
	size_t n_providers;
	struct jwt_rule *rules; /* the first that matches counts */
	size_t n_rules;
	struct jwt_named_need *named;
	size_t n_named;
	bool bypass_cors_preflight;
	bool strip_failure_response;
};

/* NULL = there is none of that name. */
const struct jwt_need *config_jwt_named(const struct filter_jwt *f, struct slice name);

/* Of a route. */
struct jwt_override {
	bool disabled;
	struct slice requirement; /* among filter_jwt.named */
};

#endif
