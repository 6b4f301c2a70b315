/* Clients of OpenShift's OAuth server: oauth.openshift.io/v1. */
#ifndef API_CLUSTER_OAUTH_H
#define API_CLUSTER_OAUTH_H

#include "api/meta.h"

struct openshift_oauth_client {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	const char *secret; /* never to be logged */
	LIST(const char *) redirect_uris;
	const char *grant_method;
};

extern const struct msg_desc openshift_oauth_client_desc;

#endif
