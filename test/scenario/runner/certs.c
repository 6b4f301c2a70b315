/* Certificates of the scenario's authority. */
#include "certs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/vec.h"
#include "pki/ca.h"
#include "pki/cert.h"
#include "pki/key.h"

#define LIFE_S 86400
#define NAMES_MAX 16

static struct {
	struct pki_ca *ca;
	struct arena arena;
	VEC(struct cert *) v;
} certs;

static void or_die(int r, const struct err *e)
{
	if (r == 0)
		return;
	fprintf(stderr, "certificates: %s\n", e->msg);
	abort();
}

static struct pki_ca *authority(void)
{
	struct err e = ERR_INIT;

	if (!certs.ca)
		or_die(pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, clock_wall_ns() / NS_PER_S, LIFE_S,
				       &certs.ca, &e),
		       &e);
	return certs.ca;
}

struct slice certs_roots(void)
{
	return pki_ca_roots_pem(authority());
}

/* What the name stands for. */
static void names_of(const char *name, const char **v, struct pki_names *ret)
{
	struct slice rest = slice_str(name);

	*ret = (struct pki_names){.uris = v, .n_uris = 1};
	v[0] = name;
	if (strncmp(name, "spiffe://", 9) == 0)
		return;
	if (strchr(name, '/')) {
		struct slice ns = slice_split(&rest, '/');

		v[0] = arena_printf(&certs.arena, "spiffe://cluster.local/ns/%.*s/sa/%.*s", SLICE_ARG(ns),
				    SLICE_ARG(rest));
		return;
	}
	*ret = (struct pki_names){.dns = v};
	while (rest.len && ret->n_dns < NAMES_MAX)
		v[ret->n_dns++] = arena_slicedup(&certs.arena, slice_split(&rest, ','));
}

const struct cert *certs_get(const char *name)
{
	CLEANUP(buf_done) struct buf chain = BUF_INIT, pem = BUF_INIT;
	const char *v[NAMES_MAX];
	struct pki_names names;
	struct pki_sign how = {.names = &names, .now_s = clock_wall_ns() / NS_PER_S, .ttl_s = LIFE_S};
	struct err e = ERR_INIT;
	struct cert *c;

	for (size_t i = 0; i < certs.v.n; i++)
		if (strcmp(certs.v.v[i]->name, name) == 0)
			return certs.v.v[i];
	names_of(name, v, &names);
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);

	or_die(pki_ca_issue(authority(), key, &how, &chain, &e), &e);
	pki_key_to_pem(key, &pem);
	c = arena_alloc(&certs.arena, sizeof(*c));
	*c = (struct cert){arena_strdup(&certs.arena, name), slice_str(arena_slicedup(&certs.arena, buf_slice(&chain))),
			   slice_str(arena_slicedup(&certs.arena, buf_slice(&pem)))};
	vec_push(&certs.v, c);
	return c;
}

void certs_done(void)
{
	pki_ca_unref(certs.ca);
	arena_done(&certs.arena);
	vec_done(&certs.v);
	certs.ca = NULL;
}
