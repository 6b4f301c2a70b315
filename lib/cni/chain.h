/*
 * The plugin's place in a node's network configuration: a list of plugins (*.conflist), or a single one (*.conf,
 * *.json), which becomes a list. Texts in, texts out; pure.
 */
#ifndef CNI_CHAIN_H
#define CNI_CHAIN_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"

/* What the plugin's own entry holds; all borrowed. */
struct cni_entry {
	const char *kubeconfig; /* as the node sees it */
	const char *const *exclude_namespaces;
	size_t n_exclude;
};

/* Whether container runtimes read a file of this name as a configuration. */
bool cni_chain_is_conf(const char *name);

/*
 * Appends the list with the entry as its last plugin. 1: it differs from text; 0: text has it already, nothing is
 * appended. -EINVAL: text is no configuration; -ENOTSUP: its cniVersion is one that the plugin does not speak.
 */
int cni_chain_insert(struct slice text, const struct cni_entry *entry, struct buf *out, struct err *e);

/* Appends the list without it. 1, or 0 when it is not in it and nothing is appended; -EINVAL as above. */
int cni_chain_remove(struct slice text, struct buf *out, struct err *e);

/* Appends a configuration of its own, for Multus, which calls the plugin for pods that name the network. */
void cni_chain_alone(const struct cni_entry *entry, struct buf *out);

#endif
