/* Shared by the YAML reader and writer: what a plain scalar means. */
#ifndef MSG_YAML_INTERNAL_H
#define MSG_YAML_INTERNAL_H

#include <cjson/cJSON.h>

/*
 * The value of a plain scalar: null, bool, number or string, by the rules of YAML 1.1 as Kubernetes' tools apply them.
 * NULL for .inf and .nan, which JSON has not.
 */
cJSON *yaml_resolve(const char *text);

#endif
