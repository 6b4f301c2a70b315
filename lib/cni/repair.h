/*
 * Pods of this node that were started while the plugin was not installed: their container istio-validation fails, and
 * would for ever, as their network is made already. They are deleted, so that who made them makes them anew.
 */
#ifndef CNI_REPAIR_H
#define CNI_REPAIR_H

#include "api/core/core.h"

struct cni_repair;
struct kube_client;
struct loop;

#define CNI_REPAIR_FOR_MS 120000 /* after each installation: that long such pods may still come to their failure */
#define CNI_REPAIR_EVERY_MS 3000

/* Whether it is such a pod, and somebody makes another one in its place. */
bool cni_repair_wanted(const struct core_pod *pod);

/* client and node must outlive it. */
struct cni_repair *cni_repair_new(struct loop *l, struct kube_client *client, const char *node);
/* Looks for such pods from now on, for CNI_REPAIR_FOR_MS. */
void cni_repair_start(struct cni_repair *r);
/* NULL is fine. */
void cni_repair_free(struct cni_repair *r);

#endif
