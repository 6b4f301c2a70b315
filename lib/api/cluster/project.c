/* Rows of OpenShift's projects. */
#include "api/cluster/project.h"

#include "api/api_internal.h"

#define T struct openshift_project
static const struct msg_field openshift_project_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, labels and annotations of the namespace."),
	F(spec, "spec", MESSAGE, .desc = &core_namespace_spec_desc, .doc = "What is wanted of the namespace."),
	F(status, "status", MESSAGE, .desc = &core_namespace_status_desc,
	  .doc = "What was observed of the namespace last."),
};
DESC(openshift_project, "Project", "A namespace, as its users see it.");
#undef T

#define T struct openshift_project_request
static const struct msg_field openshift_project_request_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Name of the project to be."),
	F(display_name, "displayName", STRING, .doc = "What people call the project."),
	F(description, "description", STRING, .doc = "What the project is for."),
};
DESC(openshift_project_request, "ProjectRequest", "A project that somebody wants to have.");
#undef T
