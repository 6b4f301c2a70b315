/*
 * The network configuration that a container runtime writes to a CNI plugin's stdin (CNI specification 1.1.0, sections
 * 1 and 3), and the versions of the specification that are spoken. Pure.
 */
#ifndef CNI_CONF_H
#define CNI_CONF_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define CNI_CONF_MAX_BYTES (1u << 20)
#define CNI_PLUGIN "weft-cni"        /* "type": the program's name */
#define CNI_NETWORK "weft-istio-cni" /* the network's name where Multus calls the plugin by itself */
#define CNI_NEWEST "1.1.0"

/* Codes of CNI's errors (section 5); from 100 on they are the plugin's own. */
enum cni_code {
	CNI_INCOMPATIBLE_VERSION = 1,
	CNI_UNSUPPORTED_FIELD = 2,
	CNI_UNKNOWN_CONTAINER = 3,
	CNI_BAD_ENVIRONMENT = 4,
	CNI_IO = 5,
	CNI_NOT_DECODED = 6,
	CNI_BAD_CONF = 7,
	CNI_TRY_LATER = 11,
	CNI_NOT_AVAILABLE = 50, /* STATUS: ADD would fail */
	CNI_NOT_ASKED = 100,    /* the API server was not asked with success */
	CNI_BAD_POD = 101,      /* what its manifest says of redirection makes no sense */
	CNI_NOT_REDIRECTED = 102,
};

struct cni_conf {
	cJSON *json; /* owned; all else points into it */
	const char *version, *name, *kubeconfig;
	const cJSON *exclude_namespaces; /* strings; pods there are left alone, and not asked about */
	const cJSON *prev_result;        /* NULL: the first of a chain */
};

/* The version's place in the order of versions that are spoken, or -1. */
int cni_version_order(const char *version);

/* Appends the answer to VERSION. */
void cni_versions(struct buf *out);

/*
 * Decodes. 0 and *ret (cni_conf_done() frees it), or the negative of a cni_code with the field in e. kubeconfig may be
 * absent: whoever needs it says so.
 */
int cni_conf_parse(struct slice text, struct cni_conf *ret, struct err *e);

/* Frees the tree. */
void cni_conf_done(struct cni_conf *c);

/* Whether pods of the namespace are left alone without a question. */
bool cni_conf_excludes(const struct cni_conf *c, const char *ns);

/* Appends an error as a plugin prints it. version NULL: the newest. */
void cni_error(const char *version, int code, const char *message, struct buf *out);

#endif
