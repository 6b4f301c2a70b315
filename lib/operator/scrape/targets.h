/*
 * Scrape targets for Prometheus' file_sd from the pods of the mesh: those that ask for it with prometheus.io/scrape.
 * The labels are named as kubernetes_sd names them (role pod), so the usual relabelling applies. Pure.
 */
#ifndef OPERATOR_TARGETS_H
#define OPERATOR_TARGETS_H

#include "base/buf.h"
#include "kube/store.h"

/* Appends the JSON of all pods in the store, in a stable order. */
void targets_print(const struct store *s, struct buf *out);

#endif
