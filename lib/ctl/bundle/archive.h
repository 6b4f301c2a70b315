/* A tar.gz that is written entry by entry, each without secrets and all of it bounded. */
#ifndef CTL_BUNDLE_ARCHIVE_H
#define CTL_BUNDLE_ARCHIVE_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

#define BUNDLE_ENTRY_MAX_BYTES (8u << 20)

struct bundle;

/* A new file, which must not be there, that the user alone may read; NULL with the reason. max_bytes: of all entries
 * before they are compressed. */
struct bundle *bundle_new(const char *path, uint64_t max_bytes, struct err *e);

/* Adds a text, cut to BUNDLE_ENTRY_MAX_BYTES (its last bytes stay) and to what is left of the archive. */
void bundle_text(struct bundle *b, const char *name, struct slice text);

/* Adds an object as YAML. It is changed: its secrets go. */
void bundle_json(struct bundle *b, const char *name, cJSON *o);

/* Notes something that is not there, and why: it becomes the entry missing.txt. */
void bundle_miss(struct bundle *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Ends the file. 0, or a negative code with the reason: then it is removed. b is freed. */
int bundle_end(struct bundle *b, struct err *e);

#endif
