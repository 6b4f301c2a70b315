/*
 * The lab's API server as a part of weft-lab: opening the store, listening, closing. The interface for other parts of
 * the process is lab/api/api.h.
 */
#ifndef LAB_REST_SERVER_H
#define LAB_REST_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/loop.h"

struct lab_api;
struct node;

#define LAB_API_PORT 6443

struct lab_api_config {
	struct loop *loop;    /* borrowed */
	const char *data_dir; /* copied; store.db, pki/ and kubeconfig are made in it */
	uint16_t port;        /* first choice on 127.0.0.1; 0 = LAB_API_PORT, then the next ones */
	bool port_fixed;      /* only that port */
	int netns_fd;         /* borrowed: the cluster's namespace, where it listens too; -1 = none */
};

/* Opens the store, makes keys and bootstrap objects where missing, listens, writes kubeconfig. NULL with e set. */
struct lab_api *lab_api_start(const struct lab_api_config *c, struct err *e);

/* Closes connections and the store. NULL is fine. */
void lab_api_stop(struct lab_api *api);

/* The node that serves logs, exec and port-forward. NULL takes it away. */
void lab_api_set_node(struct lab_api *api, struct node *n);

/* The port on 127.0.0.1. */
uint16_t lab_api_port(const struct lab_api *api);

#endif
