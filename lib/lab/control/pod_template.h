/* What controllers of pods share: pods from a template, the template's hash, the states that they look at. Pure. */
#ifndef LAB_CONTROL_POD_TEMPLATE_H
#define LAB_CONTROL_POD_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#define TEMPLATE_HASH_MAX 11

/* A pod of owner's spec.template, in its namespace and controlled by it. Its name is the caller's to set. Never NULL.
 */
cJSON *pod_from_template(const cJSON *owner, const char *api_version, const char *kind);

/* Ten characters that tell templates apart; writes TEMPLATE_HASH_MAX bytes. salt is 0 but after a collision. */
void template_hash(const cJSON *template, int64_t salt, char *out);

/* Succeeded or Failed: it will not run again. */
bool pod_finished(const cJSON *pod);

/* Ready, and not on its way out. */
bool pod_ready(const cJSON *pod);

/* The value of a label, "" when it has none. */
const char *pod_label(const cJSON *pod, const char *key);

/* Sets a label. */
void pod_set_label(cJSON *pod, const char *key, const char *value);

#endif
