/* Rows of clients of OpenShift's OAuth server. */
#include "api/cluster/oauth.h"

#include "api/api_internal.h"

WORDS(words_auto_prompt, {"auto", 0}, {"prompt", 0});

#define T struct openshift_oauth_client
static const struct msg_field openshift_oauth_client_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, labels and annotations of the object."),
	F(secret, "secret", STRING, .doc = "What the client proves with that it is this one."),
	F(redirect_uris, "redirectURIs", STRING, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Where browsers may be led back to."),
	F(grant_method, "grantMethod", STRING, .enums = &words_auto_prompt,
	  .doc = "Whether users are asked before the client gets a token."),
};
DESC(openshift_oauth_client, "OAuthClient", "A program that users of the cluster log in to.");
#undef T
