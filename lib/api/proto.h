/* Request bodies of content type application/vnd.kubernetes.protobuf, as clients in Go send built-in kinds. */
#ifndef API_PROTO_H
#define API_PROTO_H

#include <cjson/cJSON.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * The object of a body, as JSON with apiVersion and kind. -EINVAL when it is not of that form, -ENOENT for a kind that
 * has none, -EPROTONOSUPPORT for one with a field that is not known (e names message and number). The caller frees
 * *ret with cJSON_Delete.
 */
int api_proto_decode(struct slice body, cJSON **ret, struct err *e);

#endif
