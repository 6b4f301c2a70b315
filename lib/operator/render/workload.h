/* Settings of one workload (spec.runtime.*, gateways' runtime) as template values. Pure. */
#ifndef OPERATOR_WORKLOAD_H
#define OPERATOR_WORKLOAD_H

#include "operator/spec/spec.h"

struct workload_input {
	const struct maistra_default_runtime_config *defaults;  /* may be NULL */
	const struct maistra_component_runtime_config *runtime; /* may be NULL */
	const char *image;                                      /* what it runs if nothing is said */
	bool image_apart; /* the defaults' registry and tag are not for it unless its own container names some */
};

/* Adds image, imagePullPolicy, imagePullSecrets, replicas, resources, nodeSelector, tolerations, affinity, env, ... */
void workload_values(cJSON *to, const struct workload_input *in);

/*
 * The reference of an image: its registry, name and tag (or digest), each replaced by what the container says, or the
 * defaults say; apart: the defaults do not count when the container says nothing. A name with a slash is whole.
 * malloc'ed.
 */
char *workload_image(const struct maistra_default_runtime_config *defaults, const struct maistra_container_config *c,
		     const char *image, bool apart);

/* What spec.runtime.components has of that name, or NULL. */
const struct maistra_component_runtime_config *runtime_component(const struct maistra_smcp_spec *s, const char *name);

/* Adds a member unless the text is NULL. */
void values_add_text(cJSON *to, const char *name, const char *text);

/* Adds a member with a text as printf writes it. */
void values_printf(cJSON *to, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * An add-on's Service and the ways in (spec.addons.*.install.service): serviceType, nodePort, serviceLabels,
 * serviceAnnotations, contextPath (without a slash at its end), route and, where there is one, routes: a list of
 * {suffix, host}, of which there is one without a host where the spec names none; routeLabels, routeAnnotations,
 * routeTls.
 */
void values_service(cJSON *to, const struct maistra_component_service_config *service);

/* {key: value} as an object; the env form is a list of {name, value}. */
cJSON *values_map(const struct str_map *m);
/* {key: value} as a list of {name, value}, in the map's order; the caller frees it. */
cJSON *values_env(const struct str_map *m);

/* n messages as a list. */
cJSON *values_list(const struct msg_desc *desc, const void *v, size_t n);

#endif
