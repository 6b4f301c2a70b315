/* What the commands share: the exit status, the options, the connection to the cluster and the report. */
#ifndef CTL_CORE_CORE_H
#define CTL_CORE_CORE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "kube/client.h"

#define CTL_FILES_MAX 256
#define CTL_HEADERS_MAX 64
#define CTL_SUPPRESSED_MAX 64
#define CTL_POLL_MS 300
#define CTL_TIMEOUT_S 180

enum ctl_status {
	CTL_OK = 0,
	CTL_FAILED = 1,    /* it was tried and did not come about */
	CTL_USAGE = 2,     /* it was called in a wrong way */
	CTL_REFUSED = 3,   /* a check found what will not work; nothing was changed */
	CTL_ANALYZED = 79, /* analyze found something, as istioctl says it */
};

enum ctl_format { CTL_TABLE, CTL_JSON, CTL_YAML };

struct ctl_options {
	enum ctl_format format;
	const char *kubeconfig;
	const char *overlay;       /* NULL: by the cluster */
	const char *control_plane; /* overlay of an instance; NULL: none */
	const char *registry, *tag;
	const char *files[CTL_FILES_MAX];
	size_t n_files;
	int64_t timeout_s;
	const char *ns;            /* of objects that name none */
	const char *revision;      /* a control plane beside another; NULL: none */
	const char *plane_version; /* its version; NULL: the newest */
	const char *plane_ns;      /* of the control plane; NULL: as found */
	const char *mesh_config;   /* file; NULL: none */
	const char *proxy;         /* NAME.NAMESPACE */
	const char *workload;      /* who asks */
	const char *log_line;
	const char *request_id;
	const char *level;   /* of a proxy's log */
	const char *archive; /* file that is written */
	int64_t since_s;     /* how far logs are read back; 0 = an hour */
	int64_t max_mib;     /* of an archive; 0 = the command's own */
	int64_t port;        /* to listen on; 0 = the usual one, or any */
	const char *headers[CTL_HEADERS_MAX];
	size_t n_headers;
	unsigned types; /* bits 1 << enum xds_type; 0 = all */
	bool all;       /* the mesh of the cluster */
	bool list, pre;
	bool remove;                     /* the change takes its objects away */
	int failure_level, output_level; /* enum message_level */
	const char *suppressed[CTL_SUPPRESSED_MAX];
	size_t n_suppressed;
	bool from_cluster, dry_run, yes, definitions, skip_precheck;
	const char *const *arguments; /* what stands behind the command */
	size_t n_arguments;
};

struct ctl {
	const char *name; /* as it was called: "weftctl", "kubectl weft" */
	struct ctl_options o;
	FILE *out, *err;
	struct loop *loop;          /* NULL until ctl_connect() */
	struct kube_client *client; /* the same */
	struct ctl_report *report;
};

/*
 * "name.namespace", "namespace/name", or a name alone, which is in ns (NULL: "default"); parts are in the arena or
 * text's own. -EINVAL with the reason where one is empty.
 */
int ctl_split_name(const char *text, const char *ns, struct arena *a, const char **ret_ns, const char **ret_name,
		   struct err *e);

/* --- the cluster --- */

/* Connects as kubectl would. Idempotent. Returns 0 or a negative code with the reason. */
int ctl_connect(struct ctl *c, struct err *e);

/*
 * One call, waited for. Returns its reason; *ret_body (may be NULL) is the answer, which the caller frees with
 * cJSON_Delete; e (may be NULL) says what went wrong.
 */
enum kube_reason ctl_call(struct ctl *c, const struct kube_request *req, cJSON **ret_body, struct err *e);

/* All objects of a kind in all namespaces, by pages, in whichever version is served; a list (JSON array) that the
 * caller frees. KUBE_NOT_FOUND where the kind is not served at all. */
enum kube_reason ctl_list(struct ctl *c, const struct api_kind *kind, const char *label_selector, cJSON **ret,
			  struct err *e);

/* GET of a raw path; as ctl_call(). */
enum kube_reason ctl_get_path(struct ctl *c, const char *path, cJSON **ret_body, struct err *e);

/* GET of a raw path whose answer is text (logs of pods), which is appended to out; as ctl_call(). */
enum kube_reason ctl_get_text(struct ctl *c, const char *path, struct buf *out, struct err *e);

/* Prints a document in the form that was asked for, JSON where that is a table. */
void ctl_print(struct ctl *c, const cJSON *doc);

/* Waits ms, serving the loop. */
void ctl_pause(struct ctl *c, int64_t ms);

/* Whether the cluster serves OpenShift's Routes. */
bool ctl_has_routes(struct ctl *c);

#endif
