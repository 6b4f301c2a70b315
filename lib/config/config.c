/*
 * Lifetime of the runtime tree. Every part is refcounted on its own, because one config shares with the next whatever
 * did not change. A part owns an arena that holds all it points to.
 */
#include "config/config.h"

#include <stdlib.h>

#include "base/mem.h"
#include "config/config_parts.h"

static bool last_ref(int *refs)
{
	return __atomic_sub_fetch(refs, 1, __ATOMIC_ACQ_REL) == 0;
}

static void add_ref(int *refs)
{
	__atomic_add_fetch(refs, 1, __ATOMIC_RELAXED);
}

struct config_listener *config_listener_new(void)
{
	struct config_listener *l = NEW(struct config_listener);

	l->refs = 1;
	return l;
}

struct config_listener *config_listener_ref(struct config_listener *l)
{
	add_ref(&l->refs);
	return l;
}

static void chain_done(struct config_chain *c)
{
	if (c->hcm)
		route_table_unref(c->hcm->routes);
}

void config_listener_unref(struct config_listener *l)
{
	if (!l || !last_ref(&l->refs))
		return;
	for (size_t i = 0; i < l->n_chains; i++)
		chain_done(&l->chains[i]);
	if (l->default_chain)
		chain_done(l->default_chain);
	arena_done(&l->arena);
	free(l);
}

struct config_cluster_spec *config_cluster_spec_new(void)
{
	struct config_cluster_spec *s = NEW(struct config_cluster_spec);

	s->refs = 1;
	return s;
}

struct config_cluster_spec *config_cluster_spec_ref(struct config_cluster_spec *s)
{
	add_ref(&s->refs);
	return s;
}

void config_cluster_spec_unref(struct config_cluster_spec *s)
{
	if (!s || !last_ref(&s->refs))
		return;
	arena_done(&s->arena);
	free(s);
}

struct config_endpoints *config_endpoints_new(struct config_cluster_spec *spec)
{
	struct config_endpoints *e = NEW(struct config_endpoints);

	e->refs = 1;
	e->spec = config_cluster_spec_ref(spec);
	return e;
}

struct config_endpoints *config_endpoints_ref(struct config_endpoints *e)
{
	add_ref(&e->refs);
	return e;
}

void config_endpoints_unref(struct config_endpoints *e)
{
	if (!e || !last_ref(&e->refs))
		return;
	config_cluster_spec_unref(e->spec);
	arena_done(&e->arena);
	free(e);
}

struct config_secret *config_secret_new(const char *name, struct slice chain, struct slice key, struct slice ca)
{
	static uint64_t generation;
	struct config_secret *s = NEW(struct config_secret);

	s->refs = 1;
	s->generation = __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
	s->name = mem_strdup(name);
	s->cert_chain = slice_make(mem_printf("%.*s", SLICE_ARG(chain)), chain.len);
	s->private_key = slice_make(mem_printf("%.*s", SLICE_ARG(key)), key.len);
	s->trusted_ca = slice_make(mem_printf("%.*s", SLICE_ARG(ca)), ca.len);
	return s;
}

struct config_secret *config_secret_ref(struct config_secret *s)
{
	add_ref(&s->refs);
	return s;
}

void config_secret_unref(struct config_secret *s)
{
	if (!s || !last_ref(&s->refs))
		return;
	explicit_bzero((char *)s->private_key.ptr, s->private_key.len);
	free((char *)s->cert_chain.ptr);
	free((char *)s->private_key.ptr);
	free((char *)s->trusted_ca.ptr);
	free((char *)s->name);
	arena_done(&s->arena);
	free(s);
}

struct config_node *config_node_ref(struct config_node *n)
{
	add_ref(&n->refs);
	return n;
}

void config_node_unref(struct config_node *n)
{
	if (!n || !last_ref(&n->refs))
		return;
	arena_done(&n->arena);
	free(n);
}

struct config *config_new(struct config_names *names, struct config_node *node)
{
	static uint64_t version;
	struct config *c = NEW(struct config);

	c->refs = 1;
	c->version = __atomic_add_fetch(&version, 1, __ATOMIC_RELAXED);
	c->node = config_node_ref(node);
	c->names = config_names_ref(names);
	c->n_routes = config_names_count(names, CONFIG_NAME_ROUTE);
	c->n_clusters = config_names_count(names, CONFIG_NAME_CLUSTER);
	c->n_secrets = config_names_count(names, CONFIG_NAME_SECRET);
	c->routes = mem_calloc(c->n_routes + 1, sizeof(*c->routes));
	c->clusters = mem_calloc(c->n_clusters + 1, sizeof(*c->clusters));
	c->secrets = mem_calloc(c->n_secrets + 1, sizeof(*c->secrets));
	return c;
}

struct config *config_ref(struct config *c)
{
	add_ref(&c->refs);
	return c;
}

void config_unref(struct config *c)
{
	if (!c || !last_ref(&c->refs))
		return;
	for (size_t i = 0; i < c->n_listeners; i++)
		config_listener_unref(c->listeners[i]);
	for (size_t i = 0; i < c->n_routes; i++)
		route_table_unref(c->routes[i]);
	for (size_t i = 0; i < c->n_clusters; i++) {
		config_cluster_spec_unref(c->clusters[i].spec);
		config_endpoints_unref(c->clusters[i].endpoints);
	}
	for (size_t i = 0; i < c->n_secrets; i++)
		config_secret_unref(c->secrets[i]);
	config_node_unref(c->node);
	config_pods_unref(c->pods);
	config_names_unref(c->names);
	free(c->listeners);
	free(c->by_name);
	free(c->routes);
	free(c->clusters);
	free(c->secrets);
	free(c);
}

uint32_t config_cluster_slot(const struct config *c, struct slice name)
{
	return config_names_find(c->names, CONFIG_NAME_CLUSTER, name);
}
