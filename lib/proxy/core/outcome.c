/* The table. Rows follow Envoy's response_code_details and StreamInfo. */
#include "proxy/core/outcome.h"

#include <stddef.h>
#include <string.h>

#define BEFORE_HEADERS "upstream connect error or disconnect/reset before headers"

static const struct outcome_row rows[OUTCOME_COUNT] = {
	[OUTCOME_OK] = {0, 0, "via_upstream", NULL, NULL},
	[OUTCOME_NO_ROUTE] = {404, FLAG_NR, "route_not_found", NULL, NULL},
	[OUTCOME_NO_CLUSTER] = {503, FLAG_NC, "cluster_not_found", NULL, NULL},
	[OUTCOME_NO_HEALTHY] = {503, FLAG_UH, "no_healthy_upstream", "no healthy upstream", NULL},
	[OUTCOME_OVERFLOW] = {503, FLAG_UO, "upstream_reset_before_response_started{overflow}", BEFORE_HEADERS,
			      "overflow"},
	[OUTCOME_CONNECT_FAILED] = {503, FLAG_UF, "upstream_reset_before_response_started{remote_connection_failure}",
				    BEFORE_HEADERS, "remote connection failure"},
	[OUTCOME_CONNECT_TIMEOUT] = {503, FLAG_UF, "upstream_reset_before_response_started{connection_timeout}",
				     BEFORE_HEADERS, "connection timeout"},
	[OUTCOME_UPSTREAM_CLOSED] = {503, FLAG_UC, "upstream_reset_before_response_started{connection_termination}",
				     BEFORE_HEADERS, "connection termination"},
	[OUTCOME_UPSTREAM_PROTOCOL] = {502, FLAG_UPE, "upstream_reset_before_response_started{protocol_error}",
				       BEFORE_HEADERS, "protocol error"},
	[OUTCOME_UPSTREAM_RESET] = {503, FLAG_UR, "upstream_reset_before_response_started{remote_reset}",
				    BEFORE_HEADERS, "remote reset"},
	[OUTCOME_UPSTREAM_REFUSED] = {503, FLAG_UR,
				      "upstream_reset_before_response_started{remote_refused_stream_reset}",
				      BEFORE_HEADERS, "remote refused stream reset"},
	[OUTCOME_UPSTREAM_CLOSED_LATE] = {0, FLAG_UC, "upstream_reset_after_response_started{connection_termination}",
					  NULL, NULL},
	[OUTCOME_UPSTREAM_RESET_LATE] = {0, FLAG_UR, "upstream_reset_after_response_started{remote_reset}", NULL, NULL},
	[OUTCOME_TIMEOUT] = {504, FLAG_UT, "response_timeout", "upstream request timeout", NULL},
	[OUTCOME_TRY_TIMEOUT] = {504, FLAG_UT, "upstream_per_try_timeout", "upstream request timeout", NULL},
	[OUTCOME_IDLE_TIMEOUT] = {504, FLAG_SI, "stream_idle_timeout", "stream timeout", NULL},
	[OUTCOME_DURATION_TIMEOUT] = {504, FLAG_UMSDR, "upstream_max_stream_duration_reached",
				      "upstream max stream duration reached", NULL},
	[OUTCOME_REQUEST_TIMEOUT] = {408, 0, "request_overall_timeout", "request timeout", NULL},
	[OUTCOME_CLIENT_GONE] = {0, FLAG_DC, "downstream_remote_disconnect", NULL, NULL},
	[OUTCOME_BAD_REQUEST] = {400, FLAG_DPE, "http1.codec_error", NULL, NULL},
	[OUTCOME_OLD_VERSION] = {426, 0, "low_version", NULL, NULL},
	[OUTCOME_BAD_PATH] = {400, 0, "path_normalization_failed", NULL, NULL},
	[OUTCOME_FAULT_ABORT] = {503, FLAG_FI, "fault_filter_abort", "fault filter abort", NULL},
	[OUTCOME_RBAC] = {403, 0, "rbac_access_denied_matched_policy[none]", "RBAC: access denied", NULL},
	[OUTCOME_RATE_LIMITED] = {429, FLAG_RL, "local_rate_limited", "local_rate_limited", NULL},
	[OUTCOME_RATE_OVER] = {429, FLAG_RL, "request_rate_limited", NULL, NULL},
	[OUTCOME_RATE_SERVICE] = {500, FLAG_RLSE, "rate_limiter_error", NULL, NULL},
	[OUTCOME_DIRECT] = {200, 0, "direct_response", NULL, NULL},
	[OUTCOME_REDIRECT] = {301, 0, "direct_response", NULL, NULL},
	[OUTCOME_PREFLIGHT] = {200, 0, "cors_response", NULL, NULL},
	[OUTCOME_JWT] = {401, FLAG_UAEX, "jwt_authn_access_denied", NULL, NULL},
	[OUTCOME_AUTHZ_DENIED] = {403, FLAG_UAEX, "ext_authz_denied", NULL, NULL},
	[OUTCOME_AUTHZ_FAILED] = {403, FLAG_UAEX, "ext_authz_error", NULL, NULL},
	[OUTCOME_UPGRADE_REFUSED] = {403, 0, "upgrade_failed", NULL, NULL},
	[OUTCOME_REQUEST_HEAD] = {431, 0, "request_headers_too_large", NULL, NULL},
	[OUTCOME_RESPONSE_HEAD] = {502, FLAG_UPE, "response_headers_too_large", BEFORE_HEADERS, "protocol error"},
	[OUTCOME_HOST_MISMATCH] = {400, FLAG_DPE, "host_does_not_match_target", NULL, NULL},
};

const struct outcome_row *outcome_row(enum outcome o)
{
	return &rows[o];
}
