/*
 * From xDS resources to the runtime configuration. A build holds the parts made so far by name; an update replaces
 * parts, build_config puts the current ones together. What cannot be built is refused with its path and the reason, and
 * the last good version stays. Main thread only.
 *
 *   LDS, CDS, RDS, EDS, SDS, PodBlock --build_apply--> parts by name --build_config--> struct config
 *   workload certificate, resolved names ------------/
 */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "base/buf.h"
#include "config/config.h"
#include "xds/resource.h"

struct build;

/* Reads a file whole, appended to out: 0, or negative with the reason, also when it has more than max bytes. */
typedef int build_reader(const char *path, size_t max, struct buf *out, struct err *e);

/* Changes of one type of resources. */
struct build_update {
	enum xds_type type;
	struct xds_resource *const *changed;
	size_t n_changed;
	const struct slice *removed; /* names */
	size_t n_removed;
	bool *refused; /* NULL, or beside changed: set for those that were refused */
};

/* Nothing known yet; keeps a reference to the node, which only build_config needs: NULL is fine without it. */
struct build *build_new(struct config_node *node);
/* How files that resources name are read. Without a reader they count as there and empty. */
void build_set_reader(struct build *b, build_reader *read);
/* Gives back all parts; configs that were published keep theirs. NULL is fine. */
void build_free(struct build *b);
DEFINE_CLEANUP(struct build *, build_free)

/*
 * Takes over what can be built. Returns 0, or -EINVAL with the first resource that was refused, as
 * "listener 'x': filter_chains[0]: ...": what was refused stays as it was and the others are applied.
 */
int build_apply(struct build *b, const struct build_update *u, struct err *e);

/* Sets a secret that does not come by xDS: "default", "ROOTCA", a file. Takes over the reference. */
void build_set_secret(struct build *b, struct config_secret *s);

/* The identity (SPIFFE) of our own certificate, for telemetry; copied into a new node. */
void build_set_node(struct build *b, struct config_node *node);

/* A new configuration with one reference: the parts as they are now. */
struct config *build_config(struct build *b);

/* ---- what is referred to ---- */

/*
 * Names of a type that the current parts refer to (EDS, RDS, SDS), sorted and unique; valid until the next call.
 * Secrets that the agent itself provides are not among them: see build_local_secrets.
 */
const char *const *build_wanted(struct build *b, enum xds_type type, size_t *ret_n);

/* Names of secrets that the agent provides: "default", "ROOTCA", "file-cert:chain~key", "file-root:ca". */
const char *const *build_local_secrets(struct build *b, size_t *ret_n);

/* Whether a cluster wants to know which addresses of pods take mutual TLS. */
bool build_wants_pods(const struct build *b);

/* How many of the referred resources have not arrived and are still waited for; for the first, its type and name. */
size_t build_missing(struct build *b, enum xds_type *ret_type, const char **ret_name);

/* Waits no longer for what is missing now: build_missing does not count it again. */
void build_give_up(struct build *b);

/* ---- names resolved by DNS ---- */

struct build_dns_name {
	const char *host;
	uint16_t port;
	int64_t refresh_ns;
	bool v4_only, v6_only;
};

/* The host names of STRICT_DNS and LOGICAL_DNS clusters, unique; valid until the next call. */
const struct build_dns_name *build_dns_names(struct build *b, size_t *ret_n);

/* What a name resolved to. Returns true when that changes the configuration. */
bool build_set_addresses(struct build *b, const char *host, uint16_t port, const struct addr *v, size_t n);

/* Whether a listener and a cluster resource arrived at least once (also when empty): needed for readiness. */
bool build_has(const struct build *b, enum xds_type type);

#endif
