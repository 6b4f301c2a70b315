/*
 * Installs the plugin on the node that this pod runs on, and keeps it installed: the program (bundle.h), a kubeconfig
 * with the service account's token of the moment, and its place in the first network configuration (chain.h), which
 * others may write anew at any time. Takes itself out of the chain before it ends.
 *
 * Files only, so that all of it can be looked at from outside: is_installed() is the readiness.
 */
#ifndef CNI_INSTALLER_H
#define CNI_INSTALLER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct cni_bundle;
struct loop;

#define CNI_KUBECONFIG "ZZZ-weft-cni-kubeconfig" /* no name that runtimes read as a configuration */
#define CNI_LOOK_MS 5000                         /* at tokens, and at what no notification tells of */

/* Folders as this process sees them; all borrowed for the installer's life. */
struct cni_install_options {
	const char *bin_dir, *conf_dir;
	const char *host_conf_dir; /* conf_dir as the node sees it */
	bool alone;                /* a configuration of its own for Multus, whose folder conf_dir is; no chain */
	const char *const *exclude_namespaces;
	size_t n_exclude;
	const char *account_dir; /* token and authority of the service account */
};

/* One run over everything. 1: something was written, 0: all is there. A negative code: what is missing for it, such as
 * -ENOENT: no network configuration yet. */
int cni_install(const struct cni_install_options *o, const struct cni_bundle *b, struct err *e);

/* Whether a run would write nothing; 0, or a negative code and what is missing. Writes nothing. */
int cni_is_installed(const struct cni_install_options *o, const struct cni_bundle *b, struct err *e);

/* Takes it all away again: the chain first. What can't be taken is logged. */
void cni_uninstall(const struct cni_install_options *o);

struct cni_installer;

/* Runs cni_install() now, when the folder changes, and every CNI_LOOK_MS; on_installed after each run that wrote
 * something. The bundle must outlive it. */
struct cni_installer *cni_installer_new(struct loop *l, const struct cni_install_options *o, const struct cni_bundle *b,
					void (*on_installed)(void *arg), void *arg);
/* Stops looking; the installation stays. NULL is fine. */
void cni_installer_free(struct cni_installer *i);

#endif
