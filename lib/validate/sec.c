/* Validation of PeerAuthentications and RequestAuthentications. */
#include <stdlib.h>

#include "validate/validate_internal.h"
#include "msg/json.h"

#define JWKS_MAX_BYTES (1 << 20)

void val_peer_authentication(struct val *v, const struct api_object *o)
{
	const struct istio_peer_authentication_spec *spec =
		API_VALUE(o, peer_authentication, istio_peer_authentication)->spec;

	if (!spec)
		return;
	val_targets(v, spec->selector, NULL);
	if (spec->port_level_mtls.n && (!spec->selector || !spec->selector->match_labels.n))
		val_error(v, "spec.portLevelMtls", "mesh/namespace peer authentication cannot have port level mTLS");
	for (size_t i = 0; i < spec->port_level_mtls.n; i++) {
		const char *key = spec->port_level_mtls.v[i].key;
		uint64_t port;

		if (slice_to_u64(slice_str(key), UINT32_MAX, &port) < 0)
			val_error(v, "spec.portLevelMtls", "\"%s\" is no port number", key);
		else if (port == 0)
			val_error(v, "spec.portLevelMtls", "port cannot be 0");
		else
			val_port(v, "spec.portLevelMtls", (uint32_t)port);
	}
}

/* --- RequestAuthentication --- */

/* A URL of http or https with a host and perhaps a port. */
static void check_jwks_uri(struct val *v, const char *path, const char *uri)
{
	const char *host = strncmp(uri, "https://", 8) == 0  ? uri + 8
			   : strncmp(uri, "http://", 7) == 0 ? uri + 7
							     : NULL;
	struct slice authority;
	ptrdiff_t colon;
	uint64_t port;

	if (!host) {
		val_error(v, path, "\"%s\": the URL of a key set begins with http:// or https://", uri);
		return;
	}
	authority = slice_head(slice_str(host), strcspn(host, "/?#"));
	colon = slice_rfind(authority, ':');
	if (colon < 0 || slice_rfind(authority, ']') > colon)
		return;
	authority = slice_from(authority, (size_t)colon + 1);
	if (authority.len && slice_to_u64(authority, 65535, &port) < 0)
		val_error(v, path, "\"%s\": \"%.*s\" is no port number", uri, SLICE_ARG(authority));
}

static void check_jwks(struct val *v, const char *path, const char *text)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	struct err e = ERR_INIT;

	if (json_parse(slice_str(text), JWKS_MAX_BYTES, &json, &e) < 0)
		val_error(v, path, "a key set must be JSON: %s", e.msg);
	else if (!json_str(json, "kty") && !cJSON_IsArray(json_at(json, "keys")))
		val_error(v, path, "a key set must have a list \"keys\", or be one key with \"kty\"");
}

static void check_locations(struct val *v, const char *path, const struct istio_jwt_rule *r)
{
	for (size_t i = 0; i < r->from_headers.n; i++)
		if (!val_set(r->from_headers.v[i].name))
			val_error(v, val_path(v, "%s.fromHeaders[%zu].name", path, i),
				  "the header that a token comes in must be named");
	for (size_t i = 0; i < r->from_params.n; i++)
		if (!val_set(r->from_params.v[i]))
			val_error(v, val_path(v, "%s.fromParams[%zu]", path, i),
				  "the query parameter that a token comes in must be named");
	for (size_t i = 0; i < r->output_claim_to_headers.n; i++) {
		const struct istio_claim_to_header *c = &r->output_claim_to_headers.v[i];
		const char *at = val_path(v, "%s.outputClaimToHeaders[%zu]", path, i);

		if (!val_set(c->header) || !val_set(c->claim))
			val_error(v, at, "both header and claim must be set");
		else
			val_header_value(v, at, c->header);
	}
}

void val_request_authentication(struct val *v, const struct api_object *o)
{
	const struct istio_request_authentication_spec *spec =
		API_VALUE(o, request_authentication, istio_request_authentication)->spec;

	if (!spec)
		return;
	val_targets(v, spec->selector, spec->targetRef);
	for (size_t i = 0; i < spec->jwt_rules.n; i++) {
		const struct istio_jwt_rule *r = &spec->jwt_rules.v[i];
		const char *path = val_path(v, "spec.jwtRules[%zu]", i);

		if (!val_set(r->issuer))
			val_error(v, val_path(v, "%s.issuer", path), "the issuer of tokens must be set");
		for (size_t k = 0; k < r->audiences.n; k++)
			if (!val_set(r->audiences.v[k]))
				val_error(v, val_path(v, "%s.audiences[%zu]", path, k),
					  "an audience must not be empty");
		if (val_set(r->jwks_uri))
			check_jwks_uri(v, val_path(v, "%s.jwksUri", path), r->jwks_uri);
		if (val_set(r->jwks))
			check_jwks(v, val_path(v, "%s.jwks", path), r->jwks);
		check_locations(v, path, r);
	}
}
