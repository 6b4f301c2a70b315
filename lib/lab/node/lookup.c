/* Finding a pod's container for logs, exec and port-forward, with the kubelet's sentences when it is not there. */
#include "lab/node/lookup_internal.h"

#include <errno.h>

#include "base/cleanup.h"
#include "lab/object/object.h"

static const char *default_name(const struct pod *p, struct err *e)
{
	const cJSON *annotations = json_at(p->object, "metadata.annotations");
	const char *name = json_get_str(annotations, "kubectl.kubernetes.io/default-container");
	CLEANUP(buf_done) struct buf names = BUF_INIT;

	if (name)
		return name;
	if (p->n - p->init_n == 1)
		return p->containers[p->init_n].name;
	for (size_t i = p->init_n; i < p->n; i++)
		buf_printf(&names, "%s%s", names.len ? " " : "", p->containers[i].name);
	err_set(e, -EINVAL, "a container name must be specified for pod %s, choose one of: [%s]", p->name,
		buf_str(&names));
	return NULL;
}

int node_find_container(struct node *n, const char *ns, const char *pod, const char *container,
			struct pod_container **ret, struct err *e)
{
	struct pod *p = pod_find(n, ns, pod);

	if (!p)
		return err_set(e, -ENOENT, "pods \"%s\" not found", pod);
	if (!container || !*container)
		container = default_name(p, e);
	if (!container)
		return -EINVAL;
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->containers[i].name, container) == 0) {
			*ret = &p->containers[i];
			return 0;
		}
	}
	return err_set(e, -EINVAL, "container %s is not valid for pod %s", container, pod);
}

int node_pod_connect(struct node *n, const char *ns, const char *pod, uint16_t port, struct err *e)
{
	struct pod *p = pod_find(n, ns, pod);
	CLEANUP(closep) int netns = -1;
	struct addr to;
	int fd;

	if (!p)
		return err_set(e, -ENOENT, "pods \"%s\" not found", pod);
	if (p->stage != POD_ACTIVE)
		return err_set(e, -EINVAL, "unable to forward port because pod is not running. Current status=%s",
			       pod_phase(p));
	netns = netns_open(p->netns, e);
	if (netns < 0)
		return netns;
	addr_parse(SLICE("127.0.0.1"), port, &to);
	fd = netns_connect(netns, &to, SOCKET_NO_DELAY);
	return fd < 0 ? err_errno(e, -fd, "connect to port %u of pod %s", (unsigned)port, pod) : fd;
}
