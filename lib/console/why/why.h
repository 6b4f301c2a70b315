/*
 * Why a request was answered as it was: from a line of a proxy's access log, or from the spans of a trace, told against
 * the objects that are there now. Pure.
 */
#ifndef CONSOLE_WHY_H
#define CONSOLE_WHY_H

#include "base/arena.h"
#include "base/err.h"
#include "console/mesh/mesh.h"

#define WHY_TEXT_MAX_BYTES 8192u
#define WHY_HOPS_MAX 50u

enum why_kind {
	WHY_NOTHING,
	WHY_LINE,    /* of an access log, in Istio's text format or in JSON */
	WHY_TRACE,   /* a trace's identifier in hex, alone or in a traceparent */
	WHY_REQUEST, /* an x-request-id */
};

/* What a text is. ret_id: the identifier in it, of a trace or a request. */
enum why_kind why_kind_of(struct slice text, struct slice *ret_id);

/* In the order of Istio's text format; the last one is Weft's own. */
enum why_field {
	WHY_START_TIME,
	WHY_METHOD,
	WHY_PATH,
	WHY_PROTOCOL,
	WHY_CODE,
	WHY_FLAGS,
	WHY_DETAILS,
	WHY_TERMINATION,
	WHY_FAILURE,
	WHY_BYTES_RECEIVED,
	WHY_BYTES_SENT,
	WHY_DURATION,
	WHY_SERVICE_TIME,
	WHY_FORWARDED_FOR,
	WHY_USER_AGENT,
	WHY_REQUEST_ID,
	WHY_AUTHORITY,
	WHY_UPSTREAM_HOST,
	WHY_CLUSTER,
	WHY_UPSTREAM_LOCAL,
	WHY_DOWNSTREAM_LOCAL,
	WHY_DOWNSTREAM_REMOTE,
	WHY_SERVER_NAME,
	WHY_ROUTE,
	WHY_REASON,
	WHY_FIELDS
};

/* As JSON logs name it: "response_code". Static. */
const char *why_field_name(enum why_field f);

/* Fields that are missing, or "-", are "". */
struct why_line {
	const char *f[WHY_FIELDS];
};

/* Texts are in the arena. -EINVAL with a sentence when the text is no such line. */
int why_read_line(struct arena *a, struct slice text, struct why_line *ret, struct err *e);

/*
 * {"code","flags":[..],"details","reason","answered","fields":{name: text},
 *  "steps":[{"what","text","now","kind","namespace","name"}]}
 * what: listener, route, policy, cluster, endpoint; kind, namespace and name: an object that the reader may see, and
 * now: what is so at this moment. answered: this proxy made the answer itself.
 */
cJSON *why_explain(const struct mesh_view *v, const struct why_line *l);

/* The same for each span of a proxy, in the order of time, with "proxy" and "service"; from Jaeger's {"data":[...]}. */
cJSON *why_spans(const struct mesh_view *v, const cJSON *traces);

#endif
