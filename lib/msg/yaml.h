/*
 * YAML to cJSON and back, as Kubernetes' tools read it (YAML 1.1 scalars: yes/no/on/off, 0644; keys become strings;
 * merge keys "<<"). Limits: MSG_DEPTH_MAX deep, YAML_NODES_MAX nodes after aliases were expanded.
 */
#ifndef MSG_YAML_H
#define MSG_YAML_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/vec.h"

#define YAML_MAX_BYTES (8u << 20)
#define YAML_NODES_MAX 1000000

/* Takes the document over (frees it with cJSON_Delete). A negative result ends the walk and is returned. */
typedef int (*yaml_doc_fn)(void *arg, cJSON *doc, struct err *e);

/* Calls on_doc with each document that is not empty. Returns 0, on_doc's error, or -EINVAL with the line in e. */
int yaml_each(struct slice text, yaml_doc_fn on_doc, void *arg, struct err *e);

struct yaml_line {
	const cJSON *value;
	unsigned line, order;
};

/* Where the values of a document stand in its text, by address. Zeroed = nowhere; ends with yaml_lines_done. */
struct yaml_lines {
	VEC(struct yaml_line) v;
};

/* The line (from 1) of a value of that document, or of its key where it has one; 0: it did not come from the text. */
unsigned yaml_line_of(const struct yaml_lines *l, const cJSON *value);
/* The line of what a path ("spec.http[0].match") leads to from a value, or of the last part of it that is there. */
unsigned yaml_line_at(const struct yaml_lines *l, const cJSON *at, const char *path);
/* Frees the list; the document stays. */
void yaml_lines_done(struct yaml_lines *l);

/* As yaml_doc_fn; what lines holds may be taken over, too. */
typedef int (*yaml_lines_fn)(void *arg, cJSON *doc, struct yaml_lines *lines, struct err *e);

/* As yaml_each, with the lines of each document. */
int yaml_each_lines(struct slice text, yaml_lines_fn on_doc, void *arg, struct err *e);

/* The first document that is not empty; the caller frees *ret with cJSON_Delete. -ENODATA when there is none. */
int yaml_parse(struct slice text, cJSON **ret, struct err *e);

/* Appends the value as a YAML block document without "---"; strings that YAML would read as something else are quoted.
 */
void yaml_print(const cJSON *json, struct buf *out);

#endif
