/*
 * One call of the plugin (CNI specification 1.1.0, section 2): operation, parameters and configuration in, result or
 * error as JSON out. It is chained behind the plugin that makes the pod's network, whose result it passes on unchanged.
 *
 * Closed by default: a pod about which the API server cannot be asked does not start, since without redirection no
 * policy of the mesh would apply to it. Only namespaces that the configuration leaves out start without a question.
 */
#ifndef CNI_PLUGIN_H
#define CNI_PLUGIN_H

#include "api/object.h"
#include "base/buf.h"
#include "capture/capture.h"

/* The environment and stdin, borrowed. NULL: not set. */
struct cni_request {
	const char *command;   /* CNI_COMMAND: ADD, DEL, CHECK, VERSION, GC, STATUS */
	const char *container; /* CNI_CONTAINERID */
	const char *netns;     /* CNI_NETNS */
	const char *args;      /* CNI_ARGS: "K8S_POD_NAMESPACE=ns;K8S_POD_NAME=name;..." */
	struct slice conf;
};

/* What the plugin asks of the world; cni_node_ops is the real one, tests have others. */
struct cni_ops {
	/* The pod as the API server has it: 0 and a reference for the caller; -ENOENT: there is no such pod. */
	int (*get_pod)(void *arg, const char *kubeconfig, const char *ns, const char *name, struct api_object **ret,
		       struct err *e);
	/* Sets or verifies rules in the network namespace of that path. */
	int (*apply)(void *arg, const char *netns, const struct capture_settings *s, struct err *e);
	int (*verify)(void *arg, const char *netns, const struct capture_settings *s, struct err *e);
	/* Whether the API server answers, and there are tools for rules. */
	int (*ready)(void *arg, const char *kubeconfig, struct err *e);
	void *arg;
};

/* Runs it and appends what is to be printed on stdout; a sentence for the log goes into *e where there is one to say.
 * Returns the exit status, 0 or 1. */
int cni_run(const struct cni_request *rq, const struct cni_ops *ops, struct buf *out, struct err *e);

#endif
