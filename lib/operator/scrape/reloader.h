/*
 * The config-reloader of Prometheus' pod: keeps a file equal to one key of a ConfigMap, straight from the API (no
 * waiting for the kubelet), and asks the server to read it again. It also watches the pods of the namespaces that the
 * ConfigMap lists under "namespaces" and writes them as file_sd targets: not every build of Prometheus can ask
 * Kubernetes itself.
 */
#ifndef OPERATOR_RELOADER_H
#define OPERATOR_RELOADER_H

#include <stdbool.h>

struct loop;
struct kube_client;
struct reloader;

struct reloader_options {
	const char *ns, *config_map, *key; /* what to read */
	const char *file;                  /* what to write */
	const char *targets_file;          /* for file_sd; NULL: none */
	const char *reload_url;            /* POSTed to after a change; NULL: nothing */
	bool once;                         /* stop the loop when the file was written for the first time */
};

/* Strings must outlive it. */
struct reloader *reloader_new(struct loop *l, struct kube_client *c, const struct reloader_options *o);
/* Stops following and ends a call under way. NULL is fine. */
void reloader_free(struct reloader *r);

#endif
