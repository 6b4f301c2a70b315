/* A bit by the last byte of an address, in a block by all others. */
#include "config/pods.h"

#include <stdlib.h>

#include "base/ip.h"
#include "base/mem.h"

struct config_pod_block *config_pod_block_new(void)
{
	struct config_pod_block *b = NEW(struct config_pod_block);

	b->refs = 1;
	return b;
}

struct config_pod_block *config_pod_block_ref(struct config_pod_block *b)
{
	__atomic_add_fetch(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

void config_pod_block_unref(struct config_pod_block *b)
{
	if (!b || __atomic_sub_fetch(&b->refs, 1, __ATOMIC_ACQ_REL))
		return;
	arena_done(&b->arena);
	free(b);
}

struct config_pods *config_pods_new(void)
{
	struct config_pods *p = NEW(struct config_pods);

	p->refs = 1;
	return p;
}

struct config_pods *config_pods_ref(struct config_pods *p)
{
	__atomic_add_fetch(&p->refs, 1, __ATOMIC_RELAXED);
	return p;
}

void config_pods_unref(struct config_pods *p)
{
	struct map_entry *e;

	if (!p || __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; (e = map_next(&p->blocks, &i));)
		config_pod_block_unref(e->value);
	map_done(&p->blocks);
	free(p);
}

void config_pods_add(struct config_pods *p, struct config_pod_block *b)
{
	config_pod_block_ref(b);
	config_pod_block_unref(map_set(&p->blocks, slice_make(b->prefix, sizeof(b->prefix)), b));
}

static bool has_port(const uint16_t *v, size_t n, uint16_t port)
{
	while (n) {
		const size_t middle = n / 2;

		if (v[middle] == port)
			return true;
		if (v[middle] < port) {
			v += middle + 1;
			n -= middle + 1;
		} else {
			n = middle;
		}
	}
	return false;
}

static bool is_except(const struct config_pod_block *b, uint8_t address, uint16_t port)
{
	size_t low = 0, high = b->n_except;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (b->except[middle].address == address)
			return has_port(b->except[middle].v, b->except[middle].n, port);
		if (b->except[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool config_pods_mutual(const struct config_pods *p, const struct addr *to)
{
	const uint16_t port = addr_port(to);
	const struct config_pod_block *b;
	uint8_t bytes[16], last;

	if (to->sa.sa_family == AF_INET)
		ip_as_v6((const uint8_t *)&to->in4.sin_addr, false, bytes);
	else if (to->sa.sa_family == AF_INET6)
		ip_as_v6(to->in6.sin6_addr.s6_addr, true, bytes);
	else
		return false;
	b = p ? map_get(&p->blocks, slice_make(bytes, CONFIG_PODS_PREFIX)) : NULL;
	if (!b || has_port(b->plain, b->n_plain, port))
		return false;
	last = bytes[CONFIG_PODS_PREFIX];
	return (b->mutual[last / 8] >> last % 8 & 1) != is_except(b, last, port);
}
