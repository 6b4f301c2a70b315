/*
 * Which of a pod's ports its sidecar answers. The container that sets redirection, or the one that proves that the CNI
 * plugin did, says so by its arguments, as they are in force: the mesh's defaults and the pod's annotations are in
 * them.
 */
#include <stdlib.h>

#include "mesh/snapshot_internal.h"

static bool sets_redirection(const struct core_container *c)
{
	return c->name && (strcmp(c->name, "istio-init") == 0 || strcmp(c->name, "istio-validation") == 0);
}

static const struct core_container *redirection(const struct core_pod_spec *s)
{
	for (size_t i = 0; i < s->init_containers.n; i++)
		if (sets_redirection(&s->init_containers.v[i]))
			return &s->init_containers.v[i];
	return NULL;
}

/* The value of an option, behind it or behind its "="; the last one counts. */
static struct slice option(const struct core_container *c, const char *brief, const char *full, const char *fallback)
{
	struct slice value = slice_str(fallback);

	for (size_t i = 0; i < c->args.n; i++) {
		struct slice rest = slice_str(c->args.v[i]), name = slice_split(&rest, '=');

		if (!slice_eq_str(name, brief) && !slice_eq_str(name, full))
			continue;
		value = strchr(c->args.v[i], '=') ? rest : slice_str(i + 1 < c->args.n ? c->args.v[i + 1] : "");
	}
	return slice_trim(value);
}

static int by_number(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* "80,443": each once, ascending. */
static void set_ports(struct arena *a, struct slice list, struct workload_inbound *ret)
{
	size_t max = 1, kept = 0;
	uint16_t *v;

	for (size_t i = 0; i < list.len; i++)
		max += list.ptr[i] == ',';
	v = ARENA_NEW_N(a, uint16_t, max);
	while (list.len) {
		uint64_t port;

		if (slice_to_u64(slice_trim(slice_split(&list, ',')), 65535, &port) == 0 && port)
			v[ret->n++] = (uint16_t)port;
	}
	if (ret->n)
		qsort(v, ret->n, sizeof(*v), by_number);
	for (size_t i = 0; i < ret->n; i++)
		if (!kept || v[kept - 1] != v[i])
			v[kept++] = v[i];
	ret->ports = v;
	ret->n = kept;
}

struct workload_inbound pod_inbound(struct arena *a, const struct core_pod *pod)
{
	const struct core_container *c = redirection(pod->spec);
	struct workload_inbound in = {0};
	struct slice mode, ports;

	/* The address of a pod of the host's network is its node's. */
	if (!c || pod->spec->host_network)
		return in;
	mode = option(c, "-m", "--istio-inbound-interception-mode", "REDIRECT");
	if (!slice_eq_str(mode, "REDIRECT") && !slice_eq_str(mode, "TPROXY"))
		return in;
	ports = option(c, "-b", "--istio-inbound-ports", "*");
	in.all = ports.len && memchr(ports.ptr, '*', ports.len);
	set_ports(a, in.all ? option(c, "-d", "--istio-local-exclude-ports", "") : ports, &in);
	return in;
}
