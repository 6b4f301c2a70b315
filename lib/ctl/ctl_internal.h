/* What the commands share: the table's rows, the options, the connection to the cluster and the report. */
#ifndef CTL_CTL_INTERNAL_H
#define CTL_CTL_INTERNAL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/flags.h"
#include "ctl/ctl.h"
#include "kube/client.h"

#define CTL_FILES_MAX 256
#define CTL_POLL_MS 300
#define CTL_TIMEOUT_S 180

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

/* A command: what is said about it, which flags it takes, what it does. */
struct ctl_command {
	const char *name;
	const char *usage; /* behind the name */
	const char *about;
	const char *examples;     /* lines; %s is the program's name */
	const struct flag *flags; /* beside --help */
	size_t n_flags;
	const char *const *words; /* what may stand behind it, NULL-terminated; or NULL */
	enum ctl_status (*run)(struct ctl *c);
};

/* The table, and the words that a flag's value may be (NULL-terminated), or NULL where it may be anything. */
extern const struct ctl_command ctl_commands[];
extern const size_t ctl_commands_count;
const char *const *ctl_flag_words(const char *flag);

/* The commands. */
enum ctl_status ctl_install(struct ctl *c);
enum ctl_status ctl_upgrade(struct ctl *c);
enum ctl_status ctl_uninstall(struct ctl *c);
enum ctl_status ctl_precheck(struct ctl *c);
enum ctl_status ctl_completion(struct ctl *c);

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

/* Waits ms, serving the loop. */
void ctl_pause(struct ctl *c, int64_t ms);

/* Whether the cluster serves OpenShift's Routes. */
bool ctl_has_routes(struct ctl *c);

#endif
