/*
 * What can be said of a configuration object: is it valid (Istio's rules and words), what in it is not carried out,
 * and does what it refers to exist. Pure functions; every problem is told with the field's path.
 */
#ifndef VALIDATE_VALIDATE_H
#define VALIDATE_VALIDATE_H

#include "mesh/snapshot.h"

/* path ("spec.http[0].route") and text live during the call only. path may be "". */
typedef void (*validate_fn)(void *arg, const char *path, const char *text);

/* How warnings of rules and matches begin that others hide. */
#define VALIDATE_UNUSED_RULE "virtualService rule #"
#define VALIDATE_UNUSED_MATCH "match #"

/* Reports errors and warnings (either may be NULL); returns the number of errors. */
int validate_object(const struct api_object *o, validate_fn on_error, validate_fn on_warning, void *arg);

/* Reports what is accepted by the schema but not carried out; returns how much. */
int validate_unsupported(const struct api_object *o, validate_fn on_problem, void *arg);

/* Reports references to what does not exist or is not visible; returns how many. */
int validate_refs(const struct snapshot *s, const struct api_object *o, validate_fn on_problem, void *arg);

#endif
