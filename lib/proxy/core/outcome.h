/*
 * How an exchange ended: one table of reasons with status, response flag, details and body. Retries, replies, metrics
 * and the access log all read it, so they cannot disagree. Texts are Envoy's (1.28).
 */
#ifndef PROXY_OUTCOME_H
#define PROXY_OUTCOME_H

#include "config/response_flags.h"

enum outcome {
	OUTCOME_OK, /* the upstream's response */
	OUTCOME_NO_ROUTE,
	OUTCOME_NO_CLUSTER,
	OUTCOME_NO_HEALTHY,
	OUTCOME_OVERFLOW,
	OUTCOME_CONNECT_FAILED,
	OUTCOME_CONNECT_TIMEOUT,
	OUTCOME_UPSTREAM_CLOSED, /* before the response's head */
	OUTCOME_UPSTREAM_PROTOCOL,
	OUTCOME_UPSTREAM_RESET,       /* the exchange alone */
	OUTCOME_UPSTREAM_REFUSED,     /* likewise, and the request was not looked at */
	OUTCOME_UPSTREAM_CLOSED_LATE, /* within the response: the client sees a reset */
	OUTCOME_UPSTREAM_RESET_LATE,
	OUTCOME_TIMEOUT,
	OUTCOME_TRY_TIMEOUT,
	OUTCOME_IDLE_TIMEOUT,
	OUTCOME_DURATION_TIMEOUT,
	OUTCOME_REQUEST_TIMEOUT, /* the client is too slow */
	OUTCOME_CLIENT_GONE,
	OUTCOME_BAD_REQUEST,
	OUTCOME_OLD_VERSION,
	OUTCOME_BAD_PATH,
	OUTCOME_FAULT_ABORT,
	OUTCOME_RBAC,
	OUTCOME_RATE_LIMITED, /* by a limit known here */
	OUTCOME_RATE_OVER,    /* by the service that knows the limits */
	OUTCOME_RATE_SERVICE, /* which did not answer, and nothing passes without it */
	OUTCOME_DIRECT,
	OUTCOME_REDIRECT,
	OUTCOME_PREFLIGHT,
	OUTCOME_JWT,
	OUTCOME_AUTHZ_DENIED, /* by an external authorizer */
	OUTCOME_AUTHZ_FAILED, /* which could not be asked */
	OUTCOME_UPGRADE_REFUSED,
	OUTCOME_REQUEST_HEAD,  /* with what was added, the request's head is too large to be sent */
	OUTCOME_RESPONSE_HEAD, /* and the response's */
	OUTCOME_HOST_MISMATCH, /* target and Host name different hosts */
	OUTCOME_COUNT
};

struct outcome_row {
	uint16_t status;     /* of the local reply; 0 = none */
	uint32_t flags;      /* enum response_flag */
	const char *details; /* %RESPONSE_CODE_DETAILS% */
	const char *body;    /* NULL = none */
	const char *reason;  /* of a reset, for "reset reason: ..."; NULL = none */
};

/* What this outcome means to a client, the log and the metrics; static, never NULL. */
const struct outcome_row *outcome_row(enum outcome o);

#endif
