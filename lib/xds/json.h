/*
 * protobuf messages as JSON, by reflection over the generated descriptors: what Envoy's bootstrap files, config dumps
 * and TypedStruct hold. Names may be written in snake_case or camelCase; they are read back as snake_case. Well-known
 * types have their own forms: Duration "1.5s", wrappers as plain values, Struct as an object, Any as an object with
 * "@type".
 */
#ifndef XDS_JSON_H
#define XDS_JSON_H

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"
#include "xds/pb.h"

/* The descriptor of a message by full name, "envoy.config.cluster.v3.Cluster"; NULL when the subset has it not. */
const ProtobufCMessageDescriptor *pb_descriptor(const char *name);

/*
 * A message from JSON, in the arena. NULL with the field's path and the reason when a field is unknown or has the wrong
 * type.
 */
void *pb_from_json(struct arena *a, const ProtobufCMessageDescriptor *d, const cJSON *json, struct err *e);

/* As pb_from_json, from a Struct. */
void *pb_from_struct(struct arena *a, const ProtobufCMessageDescriptor *d, const Google__Protobuf__Struct *s,
		     struct err *e);

/* A message as JSON, which the caller deletes. Fields with their default are left out. Never NULL. */
cJSON *pb_to_json(const ProtobufCMessage *m);

#endif
