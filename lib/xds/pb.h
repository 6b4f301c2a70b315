/*
 * protobuf-c messages in arenas: unpacked ones live in the arena given, so nothing is freed one by one (never call
 * the generated free_unpacked on them). Messages built by hand are initialised by PB_NEW.
 */
#ifndef XDS_PB_H
#define XDS_PB_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "base/buf.h"
#include "google/protobuf/any.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/struct.pb-c.h"
#include "google/protobuf/wrappers.pb-c.h"

#define PB_MAX_BYTES (64u << 20) /* of one message */

/* A zeroed, initialised message in the arena: PB_NEW(a, Envoy__Config__Cluster__V3__Cluster, envoy__config__...). */
#define PB_NEW(arena, T, prefix)                                                                                       \
	({                                                                                                             \
		T *pb_new_ = ARENA_NEW((arena), T);                                                                    \
		prefix##__init(pb_new_);                                                                               \
		pb_new_;                                                                                               \
	})

/*
 * Decodes into the arena: pb_unpack(a, &envoy__..__descriptor, bytes). NULL when the bytes are no such message,
 * are nested too deeply or would need far more memory than they are long.
 * Fields that the subset does not know stay as unknown fields of the message. Strings may hold NUL only at their end.
 */
void *pb_unpack(struct arena *a, const ProtobufCMessageDescriptor *d, struct slice bytes);

/* Appends the message's bytes to out. Maps and repeated fields keep the order in which they were set. */
void pb_pack(const ProtobufCMessage *m, struct buf *out);

/* The bytes in the arena. */
struct slice pb_pack_arena(struct arena *a, const ProtobufCMessage *m);

/* An Any around a message, "type.googleapis.com/" and the message's full name; all in the arena. */
Google__Protobuf__Any *pb_any(struct arena *a, const ProtobufCMessage *m);

/* The message inside an Any when its type is the descriptor's, else NULL (also when any is NULL or broken). */
void *pb_any_unpack(struct arena *a, const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d);

/* True when the Any holds the type (compares what follows the last '/'). NULL any: false. */
bool pb_any_is(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d);

/* --- well-known types --- */

/* A Duration in the arena, from nanoseconds. */
Google__Protobuf__Duration *pb_duration_ns(struct arena *a, int64_t ns);
/* In nanoseconds, saturating; when_null_ns where the field is absent. */
int64_t pb_duration_to_ns(const Google__Protobuf__Duration *d, int64_t when_null_ns);

/* A UInt32Value in the arena. */
Google__Protobuf__UInt32Value *pb_u32(struct arena *a, uint32_t v);
/* A UInt64Value in the arena. */
Google__Protobuf__UInt64Value *pb_u64(struct arena *a, uint64_t v);
/* A BoolValue in the arena. */
Google__Protobuf__BoolValue *pb_bool(struct arena *a, bool v);
/* A DoubleValue in the arena. */
Google__Protobuf__DoubleValue *pb_double(struct arena *a, double v);
/* A StringValue in the arena; v is copied. */
Google__Protobuf__StringValue *pb_string(struct arena *a, const char *v);

/* An empty Struct in the arena; then fields are added (keys and values are copied). */
Google__Protobuf__Struct *pb_struct(struct arena *a);
/* Adds a field to a Struct; key is copied, the value is taken as it is and must live in the same arena. Names are
 * not compared: a name given twice is there twice. */
void pb_struct_set(struct arena *a, Google__Protobuf__Struct *s, const char *key, Google__Protobuf__Value *v);
/* Adds a field with a string, which is copied. */
void pb_struct_set_string(struct arena *a, Google__Protobuf__Struct *s, const char *key, const char *v);
/* A Value that is a string (copied; NULL gives ""). */
Google__Protobuf__Value *pb_value_string(struct arena *a, const char *v);
/* A Value that is a number. */
Google__Protobuf__Value *pb_value_number(struct arena *a, double v);
/* A Value that is a boolean. */
Google__Protobuf__Value *pb_value_bool(struct arena *a, bool v);
/* A Value that is the Struct s itself, in the same arena. */
Google__Protobuf__Value *pb_value_struct(struct arena *a, Google__Protobuf__Struct *v);
/* A Value that is a list of these; the array is copied, the values are not. */
Google__Protobuf__Value *pb_value_list(struct arena *a, Google__Protobuf__Value **v, size_t n);

/* A field of a Struct, or NULL; s may be NULL. */
const Google__Protobuf__Value *pb_struct_get(const Google__Protobuf__Struct *s, const char *key);
/* A string field, or NULL when absent or of another kind. */
const char *pb_struct_get_string(const Google__Protobuf__Struct *s, const char *key);
/* A Struct field, or NULL. */
const Google__Protobuf__Struct *pb_struct_get_struct(const Google__Protobuf__Struct *s, const char *key);

#endif
