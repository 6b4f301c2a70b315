/* The CNI plugin's installer: there while a mesh uses the plugin. */
#ifndef OPERATOR_CNI_H
#define OPERATOR_CNI_H

#include "operator/reconcile/reconcile.h"

/* Plans what installs the plugin, or takes it away when no control plane (but those that are being deleted) uses it.
 * Returns how much of it is there and goes. */
size_t cni_plan(struct store *s, const struct reconcile_env *env, struct plan *p);

/* Whether a node can start pods of the mesh; true also where there is no node for it. */
bool cni_is_ready(const struct store *s, const struct reconcile_env *env);

#endif
