/* From a pod to settings of redirection. */
#include "cni/pod.h"

#include <string.h>

#include "base/cleanup.h"

static const struct core_container *named(const struct core_container *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].name && strcmp(v[i].name, name) == 0)
			return &v[i];
	return NULL;
}

/* An init container, or a container: sidecars are the one or the other. */
static const struct core_container *find(const struct core_pod_spec *s, const char *name)
{
	const struct core_container *c = named(s->init_containers.v, s->init_containers.n, name);

	return c ? c : named(s->containers.v, s->containers.n, name);
}

/* "proxy sidecar ...": gateways are proxies that nothing is redirected to. */
static bool is_router(const struct core_container *proxy)
{
	return proxy->args.n > 1 && strcmp(proxy->args.v[0], "proxy") == 0 && strcmp(proxy->args.v[1], "sidecar") != 0;
}

static const char *why_not(const struct core_pod *pod, const struct core_container *proxy)
{
	if (!pod->metadata || !str_map_get(&pod->metadata->annotations, CNI_STATUS_ANNOTATION))
		return "no sidecar was injected";
	if (!proxy)
		return "it has no container " CNI_PROXY_CONTAINER;
	if (is_router(proxy))
		return "its proxy is a gateway";
	if (named(pod->spec->init_containers.v, pod->spec->init_containers.n, CNI_INIT_CONTAINER))
		return "its init container redirects by itself";
	if (!find(pod->spec, CNI_VALIDATION_CONTAINER))
		return "its traffic is not to be redirected (interception mode NONE)";
	return NULL;
}

int cni_pod_judge(const struct core_pod *pod, struct capture_options *ret, const char **ret_why, struct err *e)
{
	const struct core_container *proxy, *validation;
	int r;

	if (!pod->spec)
		return err_set(e, -EINVAL, "the pod has no spec");
	proxy = find(pod->spec, CNI_PROXY_CONTAINER);
	*ret_why = why_not(pod, proxy);
	if (*ret_why)
		return CNI_LEAVE;
	validation = find(pod->spec, CNI_VALIDATION_CONTAINER);
	r = capture_options_read(validation->args.v, validation->args.n, ret, e);
	if (r < 0)
		return err_wrap(e, -EINVAL, "container " CNI_VALIDATION_CONTAINER);
	if (ret->clean || ret->dry_run) {
		capture_options_done(ret);
		return err_set(e, -EINVAL,
			       "container " CNI_VALIDATION_CONTAINER ": --clean and --dry-run redirect nothing");
	}
	return CNI_REDIRECT;
}
