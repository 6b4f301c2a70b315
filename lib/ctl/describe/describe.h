/*
 * describe: what the mesh's configuration comes to for one pod or service: what leads there, how it is reached, what
 * lets it be reached. Everything is asked of weftd's snapshot and of what its generators used.
 */
#ifndef CTL_DESCRIBE_DESCRIBE_H
#define CTL_DESCRIBE_DESCRIBE_H

#include "ctl/core/core.h"

/* Describes the pod or service that stands behind the word. */
enum ctl_status ctl_describe(struct ctl *c);

/* The words that it takes, NULL-terminated. */
extern const char *const ctl_describe_words[];

#endif
