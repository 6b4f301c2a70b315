/* Short forms for the tables of this folder. T is defined around each table as the struct it describes. */
#ifndef API_API_INTERNAL_H
#define API_API_INTERNAL_H

#include "base/cleanup.h"
#include "msg/msg.h"

#define F(member, json, kind, ...) MSG_ROW(T, member, json, MSG_##kind, __VA_ARGS__)

/* What becomes of a field that users write: see enum msg_fate. */
#define DONE .fate = MSG_DONE
#define TOLD(why) .fate = MSG_TOLD, .note = (why)
/* Told but for these values of a bool, string or enum, or these keys of a map. */
#define TOLD_UNLESS(why, ...)                                                                                          \
	TOLD(why), .unless = (const char *const[])                                                                     \
	{                                                                                                              \
		__VA_ARGS__, NULL                                                                                      \
	}
#define MOOT(why) .fate = MSG_MOOT, .note = (why)

#define DESC(x, title, text, ...)                                                                                      \
	const struct msg_desc x##_desc = {.name = (title),                                                             \
					  .doc = (text),                                                               \
					  .fields = x##_rows,                                                          \
					  .n_fields = ARRAY_LEN(x##_rows),                                             \
					  .size = sizeof(struct x),                                                    \
					  ##__VA_ARGS__}

/* A message without fields. */
#define DESC_EMPTY(x, title, text, ...)                                                                                \
	const struct msg_desc x##_desc = {.name = (title), .doc = (text), .size = sizeof(struct x), ##__VA_ARGS__}

#define ENUM(x) const struct msg_enum x##_names = {x##_values, ARRAY_LEN(x##_values)}

/* The allowed words of a string. */
#define WORDS(x, ...)                                                                                                  \
	static const struct msg_enum_value x##_list[] = {__VA_ARGS__};                                                 \
	static const struct msg_enum x = {x##_list, ARRAY_LEN(x##_list)}

#endif
