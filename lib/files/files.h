/*
 * A control plane's objects without a cluster: the YAML and JSON files of a folder, which is watched, and a folder of
 * its own for what it writes. A client of the Kubernetes API is served from both, in this process, so that everything
 * above the client is what it is in a cluster.
 *
 *   files of DIR --(read, judged)--> objects in memory <--(statuses, registrations, authority)-- weftd
 *                                        |  lists, watches                                         |
 *                                        '----------> kube_client ------------> reflectors    state folder
 *
 * One loop, one thread. Of a file that is broken, and of an object that is refused, what was good last stays.
 */
#ifndef FILES_FILES_H
#define FILES_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define FILES_STATE_DIR "/var/lib/weft"
#define FILES_TOKEN_TTL_S (365ll * 86400)

struct files;
struct kube_client;
struct loop;

/* Strings live as long as the files. */
struct files_config {
	const char *dir;   /* what users write; never written to */
	const char *state; /* what we write; made when it is not there, for us alone (mode 0700) */
	const char *ns;    /* of the control plane */
	bool has_cacerts;  /* a plugged-in authority has a folder elsewhere: Secret cacerts has no effect */
};

/* Reads all of both folders, then follows the first. NULL and a message when either cannot be read, or another process
 * has the state. */
struct files *files_new(struct loop *l, const struct files_config *cfg, struct err *e);

/* The client that is served from them; lives as long as they. */
struct kube_client *files_client(struct files *f);

/* Folder for a plugged-in authority: the files of Secret cacerts of the control plane's namespace, while there is one.
 */
const char *files_cacerts_dir(const struct files *f);

/* Appends metrics: how many objects count, how many are refused. */
void files_metrics(const struct files *f, struct buf *out);

/* Ends all calls of the client. NULL is fine. */
void files_free(struct files *f);

/*
 * Makes a token by which a proxy is service account who ("namespace/name") for ttl_s seconds, and appends it; only its
 * digest is kept, in the state folder. A weftd that runs there takes it at once. Returns 0 or a negative code.
 */
int files_make_token(const char *state, const char *who, int64_t ttl_s, struct buf *out, struct err *e);

#endif
