/*
 * Whether a pod's traffic is to be redirected, and how: its own manifest says it, as the injector wrote it. The
 * container istio-validation, which fails where redirection is missing, has the arguments of weft-init; the plugin sets
 * the rules of the very same arguments. Pure.
 */
#ifndef CNI_POD_H
#define CNI_POD_H

#include "api/core/core.h"
#include "capture/options.h"

#define CNI_STATUS_ANNOTATION "sidecar.istio.io/status"
#define CNI_VALIDATION_CONTAINER "istio-validation"
#define CNI_INIT_CONTAINER "istio-init"
#define CNI_PROXY_CONTAINER "istio-proxy"

enum cni_verdict { CNI_LEAVE, CNI_REDIRECT };

/*
 * CNI_REDIRECT and *ret (capture_options_done() frees it), or CNI_LEAVE with the reason in *ret_why (static). -EINVAL
 * with the argument in e for a pod that has to be redirected and cannot be: it must not start.
 */
int cni_pod_judge(const struct core_pod *pod, struct capture_options *ret, const char **ret_why, struct err *e);

#endif
