/*
 * Where the API server is and how to prove who we are: in-cluster (service-account files, read again when they rotate)
 * or from a kubeconfig file (cluster, user and context; inline data or files; tokens and client certificates).
 */
#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define KUBE_CONFIG_MAX_BYTES (1 << 20)
#define KUBE_TOKEN_MAX_BYTES (64 << 10)
#define KUBE_SERVICE_ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount"

/* All strings are owned, NULL = absent. PEM texts, not paths. */
struct kube_config {
	char *server;     /* "https://10.96.0.1:443", no trailing slash */
	char *ca_pem;     /* NULL: the system's authorities */
	char *cert_pem;   /* client certificate with key_pem */
	char *key_pem;    /* secret */
	char *token;      /* secret */
	char *token_file; /* read again at least every minute; wins over token */
	char *ca_file;    /* read again together with token_file */
	char *ns;         /* default namespace */
	bool insecure;    /* insecure-skip-tls-verify */
};

/*
 * Loads, in this order: the kubeconfig at path if not NULL, the first file of $KUBECONFIG, in-cluster when
 * KUBERNETES_SERVICE_HOST is set, ~/.kube/config. Returns 0 or a negative code with a sentence that says what to do.
 */
int kube_config_load(const char *path, struct kube_config *ret, struct err *e);

/* The row of a daemon's table of flags (base/flags.h) for that path; the id is the program's own. */
#define KUBE_FLAG_CONFIG(id)                                                                                           \
	{                                                                                                              \
		id, "kubeconfig", "FILE", "how to reach the cluster; without it as a pod does"                         \
	}

/* The in-cluster configuration with its files in dir. */
int kube_config_in_cluster(const char *dir, struct kube_config *ret, struct err *e);

/* Frees all texts, keys and tokens wiped first; c is empty afterwards. */
void kube_config_done(struct kube_config *c);

#endif
