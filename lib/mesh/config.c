/* Decoding of the mesh configuration. */
#include <stdlib.h>

#include "mesh/config.h"

#include "base/mem.h"
#include "msg/yaml.h"
#include "msg/json.h"

#define CONNECT_TIMEOUT_DEFAULT_NS 10000000000

static const char *first_set(struct arena *a, const char *x, const char *y, const char *fallback)
{
	return arena_strdup(a, x && *x ? x : y && *y ? y : fallback);
}

static void add_trust_domain(struct mesh_config *c, const char *domain)
{
	for (size_t i = 0; i < c->n_trust_domains; i++)
		if (strcmp(c->trust_domains[i], domain) == 0)
			return;
	if (*domain)
		c->trust_domains[c->n_trust_domains++] = domain;
}

static void resolve_trust_domains(struct mesh_config *c)
{
	const struct istio_mesh_config *m = &c->spec;

	c->trust_domains = ARENA_NEW_N(&c->arena, const char *, m->trust_domain_aliases.n + 1);
	add_trust_domain(c, c->trust_domain);
	for (size_t i = 0; i < m->trust_domain_aliases.n; i++)
		add_trust_domain(c, m->trust_domain_aliases.v[i]);
}

static void resolve(struct mesh_config *c, const struct mesh_settings *s)
{
	const struct istio_mesh_config *m = &c->spec;

	c->root_namespace = first_set(&c->arena, m->root_namespace, s->root_namespace, "istio-system");
	c->trust_domain = first_set(&c->arena, m->trust_domain, NULL, "cluster.local");
	resolve_trust_domains(c);
	c->domain = first_set(&c->arena, s->domain, NULL, "cluster.local");
	c->cluster_id = first_set(&c->arena, s->cluster_id, NULL, "Kubernetes");
	c->revision = first_set(&c->arena, s->revision, NULL, "default");
	c->auto_mtls = !m->enable_auto_mtls || *m->enable_auto_mtls;
	c->allow_any = !m->outbound_traffic_policy ||
		       m->outbound_traffic_policy->mode == ISTIO_MESH_CONFIG_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY;
	c->sniff_inbound = s->sniff_inbound;
	c->sniff_outbound = s->sniff_outbound;
	c->tls = s->tls;
	c->tls.ciphers = arena_strdup(&c->arena, s->tls.ciphers);
	c->tls.groups = arena_strdup(&c->arena, s->tls.groups);
	c->connect_timeout_ns = m->connect_timeout ? *m->connect_timeout : CONNECT_TIMEOUT_DEFAULT_NS;
}

static void json_delete(void *json)
{
	cJSON_Delete(json);
}

int mesh_config_new(struct slice yaml, const struct mesh_settings *s, msg_unknown_fn on_unknown, void *arg,
		    struct mesh_config **ret, struct err *e)
{
	struct mesh_config *c = NEW(struct mesh_config);
	cJSON *json = NULL;
	int r = 0;

	c->refs = 1;
	if (yaml.len)
		r = yaml_parse(yaml, &json, e);
	if (r == 0 && json) {
		arena_on_done(&c->arena, json_delete, json);
		r = msg_from_json_report(&istio_mesh_config_desc, &c->spec, json, &c->arena, on_unknown, arg, e);
	}
	if (r < 0 && r != -ENODATA) {
		mesh_config_unref(c);
		return err_wrap(e, r, "mesh configuration");
	}
	resolve(c, s);
	c->proxy_json = json_get(json, "defaultConfig");
	*ret = c;
	return 0;
}

struct mesh_config *mesh_config_ref(struct mesh_config *c)
{
	c->refs++;
	return c;
}

void mesh_config_unref(struct mesh_config *c)
{
	struct arena a;

	if (!c || --c->refs)
		return;
	a = c->arena;
	arena_done(&a);
	free(c);
}
