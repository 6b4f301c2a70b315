/* Projects of OpenShift: project.openshift.io/v1. A Project is a Namespace, seen by its users; a ProjectRequest makes
 * one. */
#ifndef API_CLUSTER_PROJECT_H
#define API_CLUSTER_PROJECT_H

#include "api/core/core.h"

/* A namespace with what is shown of it to people. */
struct openshift_project {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_namespace_spec *spec;
	struct core_namespace_status *status;
};

/* A project that somebody wants to have; never stored. */
struct openshift_project_request {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	const char *display_name;
	const char *description;
};

extern const struct msg_desc openshift_project_desc;
extern const struct msg_desc openshift_project_request_desc;

#endif
