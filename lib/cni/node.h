/* What the plugin does on a node: asks the API server, enters a pod's network namespace. Blocking. */
#ifndef CNI_NODE_H
#define CNI_NODE_H

#include "cni/plugin.h"

#define CNI_ASK_MS 10000 /* for one question; runtimes give a plugin minutes */

extern const struct cni_ops cni_node_ops;

#endif
