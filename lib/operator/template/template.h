/*
 * Templates of objects: YAML with a few marks (manifests/control-plane/README.md). The YAML is parsed first and values
 * are filled into the tree, so no value can break out of its place.
 */
#ifndef OPERATOR_TEMPLATE_H
#define OPERATOR_TEMPLATE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/err.h"

#define TEMPLATE_PATH_MAX 128 /* of a value's name */

/* Called with each rendered document, which it takes over. create: the document is marked $create. */
typedef int template_doc_fn(void *arg, cJSON *doc, bool create, struct err *e);

/* Renders all documents of the text; returns 0, on_doc's error, or -EINVAL with the place in e. */
int template_render(const char *yaml, const cJSON *values, template_doc_fn *on_doc, void *arg, struct err *e);

/* The embedded file manifests/<name>, or NULL. Static. */
const char *template_file(const char *name);

#endif
