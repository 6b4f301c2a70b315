/* The tables of flags and details. */
#include "ctl/explain/flags.h"

#include <stddef.h>

static const struct explain_flag flags[] = {
	{"NR", "No route matched the host and path.",
	 "Hosts and matches of the VirtualService, and whether it is bound to this Gateway (gateways:). kubectl "
	 "describe virtualservice shows whether it is Programmed."},
	{"NC", "The route names a service or subset that the proxy does not know.",
	 "The VirtualService's condition ResolvedRefs. A Sidecar or exportTo may hide the service."},
	{"UH", "No endpoint can be chosen: none is ready, or outlier detection took all of them out.",
	 "kubectl get endpoints; readiness probes; outlierDetection of the DestinationRule (maxEjectionPercent)."},
	{"UO", "A limit of the circuit breaker was reached.",
	 "connectionPool of the DestinationRule: maxConnections, http1MaxPendingRequests, http2MaxRequests. The flag "
	 "is what the limit is for."},
	{"UF", "The endpoint could not be reached: refused, timed out, or its TLS did not fit.",
	 "Is the port right? Does one side demand mutual TLS and the other not speak it (PeerAuthentication beside "
	 "trafficPolicy.tls)? connectTimeout."},
	{"UC", "The endpoint closed the connection before it answered.",
	 "The application's log and restarts; an idle timeout of the application that is shorter than the proxy's."},
	{"UR", "The endpoint reset the stream.", "As UC."},
	{"UPE", "The answer was no valid HTTP, or its head was too large.",
	 "What the application sends; a service that speaks another protocol than its port's name says."},
	{"UT", "No answer within the route's timeout or perTryTimeout.",
	 "The VirtualService's timeout; how long the application takes."},
	{"SI", "Nothing moved for as long as the stream may be idle.",
	 "Long polls and streams want a longer idle timeout."},
	{"UMSDR", "The stream lived longer than it may.", "maxStreamDuration."},
	{"DC", "The client went away first.", "The client's own timeout."},
	{"DPE", "The request was no valid HTTP, or its target and its Host named different hosts.", "The client."},
	{"FI", "The fault that a VirtualService asks for (fault.abort).", "fault: of the VirtualService."},
	{"DI", "The delay that a VirtualService asks for (fault.delay).", "fault: of the VirtualService."},
	{"RL", "A rate limit.", "The limit's configuration."},
	{"RLSE", "The service that knows the rate limits did not answer, and nothing passes without it.",
	 "failure_mode_deny of the filter; the cluster of the service."},
	{"UAEX", "A token or an authorizer said no.", "The detail names the policy or the fault of the token."},
	{"URX", "All attempts failed, or the body was too large to be kept for another one (64 KiB).",
	 "retries:; the detail says which."},
	{"DT", "A TCP connection lived as long as it may.", "maxConnectionDuration of the DestinationRule."},
};

static const struct explain_detail details[] = {
	{"via_upstream", "the endpoint's own answer"},
	{"rbac_access_denied_matched_policy[none]", "AuthorizationPolicies: no ALLOW policy lets it in"},
	{"rbac_access_denied_matched_policy[", "the AuthorizationPolicy in the brackets denies it"},
	{"jwt_authn_access_denied", "the token is missing or bad; what is in the braces says how"},
	{"ext_authz_denied", "the external authorizer said no"},
	{"ext_authz_error", "the external authorizer could not be asked"},
	{"route_not_found", "no route matched host and path"},
	{"cluster_not_found", "the route leads to a service or subset that the proxy does not know"},
	{"no_healthy_upstream", "no endpoint can be chosen"},
	{"upstream_reset_before_response_started", "the connection to the endpoint broke before the answer began"},
	{"upstream_reset_after_response_started", "the connection to the endpoint broke within the answer"},
	{"response_timeout", "no answer within the route's timeout"},
	{"upstream_per_try_timeout", "no answer within perTryTimeout"},
	{"stream_idle_timeout", "nothing moved for as long as a stream may be idle"},
	{"upstream_max_stream_duration_reached", "the stream lived longer than it may"},
	{"request_overall_timeout", "the client did not finish its request in time"},
	{"downstream_remote_disconnect", "the client went away first"},
	{"direct_response", "the route answers itself"},
	{"cors_response", "the proxy answered a preflight request of a browser"},
	{"fault_filter_abort", "the fault that a VirtualService asks for"},
	{"local_rate_limited", "a rate limit of this proxy"},
	{"request_rate_limited", "a rate limit of the service that knows the limits"},
	{"rate_limiter_error", "the service that knows the rate limits did not answer"},
	{"low_version", "HTTP/1.0, which is not taken unless asked for"},
	{"path_normalization_failed", "the path climbs above its root, or hides what it means"},
	{"request_headers_too_large", "more than 60 KiB or 100 fields"},
	{"response_headers_too_large", "the answer's head is too large"},
	{"upgrade_failed", "an upgrade that is not allowed here"},
	{"host_does_not_match_target", "the target and the Host name different hosts"},
	{"http1.codec_error", "no valid HTTP"},
};

const struct explain_flag *explain_flag(struct slice flag)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (slice_eq_str(flag, flags[i].flag))
			return &flags[i];
	return NULL;
}

const struct explain_detail *explain_detail(struct slice detail)
{
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]); i++)
		if (slice_starts(detail, slice_str(details[i].begins)))
			return &details[i];
	return NULL;
}
