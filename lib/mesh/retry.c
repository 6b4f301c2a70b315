/* Conditions of retries. */
#include "mesh/retry.h"

#include "base/cleanup.h"

/* A status that HTTP has a name for. */
static bool is_status(struct slice s)
{
	static const struct {
		int from, to;
	} known[] = {{100, 103}, {200, 208}, {226, 226}, {300, 305}, {307, 308}, {400, 418},
		     {421, 426}, {428, 429}, {431, 431}, {451, 451}, {500, 508}, {510, 511}};
	uint64_t code;

	if (slice_to_u64(s, 999, &code) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (code >= (uint64_t)known[i].from && code <= (uint64_t)known[i].to)
			return true;
	return false;
}

bool retry_condition_known(struct slice s)
{
	static const char *const known[] = {
		"5xx",
		"gateway-error",
		"reset",
		"connect-failure",
		"retriable-4xx",
		"refused-stream",
		"retriable-status-codes",
		"retriable-headers",
		"envoy-ratelimited",
		"http3-post-connect-failure",
		"reset-before-request",
		"cancelled",
		"deadline-exceeded",
		"internal",
		"resource-exhausted",
		"unavailable",
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (slice_eq_str(s, known[i]))
			return true;
	return is_status(s);
}
