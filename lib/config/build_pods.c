/* Blocks of pods' addresses (weft.mesh.v1.PodBlock). */
#include <arpa/inet.h>

#include "base/ip.h"
#include "config/build_internal.h"
#include "config/pods.h"

#include "weft/mesh/v1/pods.pb-c.h"

#define PODS(T) Weft__Mesh__V1__##T

/* The name is the block's first address and "/24" or "/120", as they are written canonically. */
static int prefix(const char *name, uint8_t *out, struct err *e)
{
	uint8_t bytes[IP_BYTES_MAX];
	char text[INET6_ADDRSTRLEN];
	struct ip_range ip;
	int r = ip_range_parse(slice_str(name), &ip, e);

	if (r < 0)
		return err_wrap(e, r, "name");
	inet_ntop(ip.v6 ? AF_INET6 : AF_INET, ip.bytes, text, sizeof(text));
	if (ip.bits != (ip.v6 ? 120u : 24u) || ip.bytes[ip.v6 ? 15 : 3] || !slice_eq_str(ip.address, text))
		return err_set(e, -EINVAL, "name: '%.60s' is no network of 256 addresses", name);
	ip_as_v6(ip.bytes, ip.v6, bytes);
	memcpy(out, bytes, CONFIG_PODS_PREFIX);
	return 0;
}

static int ports(struct arena *a, const uint32_t *in, size_t n, const uint16_t **ret, size_t *ret_n, struct err *e)
{
	uint16_t *v = ARENA_NEW_N(a, uint16_t, n);

	for (size_t i = 0; i < n; i++) {
		if (!in[i] || in[i] > 65535 || (i && in[i] <= in[i - 1]))
			return err_set(e, -EINVAL, "%u is no port, or not above the one before", in[i]);
		v[i] = (uint16_t)in[i];
	}
	*ret = v;
	*ret_n = n;
	return 0;
}

static int excepts(const PODS(PodBlock) * m, struct config_pod_block *b, struct err *e)
{
	struct config_pod_ports *v = ARENA_NEW_N(&b->arena, struct config_pod_ports, m->n_except);
	int r;

	for (size_t i = 0; i < m->n_except; i++) {
		const PODS(PodBlock__Ports) *in = m->except[i];
		if (in->address > 255 || (i && in->address <= m->except[i - 1]->address))
			return err_set(e, -EINVAL,
				       "except[%zu]: address: %u is no last byte, or not above the one before", i,
				       in->address);
		v[i].address = (uint8_t)in->address;
		r = ports(&b->arena, in->ports, in->n_ports, &v[i].v, &v[i].n, e);
		if (r < 0)
			return err_wrap(e, r, "except[%zu]: ports", i);
	}
	b->except = v;
	b->n_except = m->n_except;
	return 0;
}

static int fill(const PODS(PodBlock) * m, struct config_pod_block *b, struct err *e)
{
	int r = prefix(m->name, b->prefix, e);

	if (r < 0)
		return r;
	if (m->mutual.len > sizeof(b->mutual))
		return err_set(e, -EINVAL, "mutual: %zu bytes are more than %zu", m->mutual.len, sizeof(b->mutual));
	if (m->mutual.len)
		memcpy(b->mutual, m->mutual.data, m->mutual.len);
	r = ports(&b->arena, m->plain, m->n_plain, &b->plain, &b->n_plain, e);
	if (r < 0)
		return err_wrap(e, r, "plain");
	return excepts(m, b, e);
}

int build_pod_block(struct slice bytes, struct config_pod_block **ret, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const PODS(PodBlock) *m = build_decode(&a, &weft__mesh__v1__pod_block__descriptor, bytes, e);
	struct config_pod_block *b;
	int r;

	if (!m)
		return -EINVAL;
	b = config_pod_block_new();
	r = fill(m, b, e);
	if (r < 0)
		config_pod_block_unref(b);
	else
		*ret = b;
	return r;
}
