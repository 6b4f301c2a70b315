/* Services from their API objects. */
#include "lab/net/service.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"

static const char *text(struct svc *s, const cJSON *o, const char *name)
{
	const char *v = json_get_str(o, name);

	return v && *v ? arena_strdup(&s->arena, v) : NULL;
}

static uint16_t port_number(const cJSON *v)
{
	return cJSON_IsNumber(v) && v->valuedouble >= 1 && v->valuedouble <= 65535 ? (uint16_t)v->valuedouble : 0;
}

static const char *target_text(struct svc *s, const cJSON *port)
{
	const cJSON *v = json_get(port, "targetPort");

	if (cJSON_IsString(v))
		return arena_strdup(&s->arena, v->valuestring);
	return arena_printf(&s->arena, "%u", (unsigned)port_number(v ? v : json_get(port, "port")));
}

/* The number that this subset gives a port of the service: by name. */
static uint16_t subset_port(const cJSON *subset, const struct svc_port *p)
{
	const cJSON *port;

	cJSON_ArrayForEach(port, json_get(subset, "ports"))
	{
		const char *name = json_get_str(port, "name");
		const char *protocol = json_get_str(port, "protocol");

		if (strcmp(name ? name : "", p->name) == 0 && strcmp(protocol ? protocol : "TCP", p->protocol) == 0)
			return port_number(json_get(port, "port"));
	}
	return 0;
}

static size_t count_ready(const cJSON *endpoints)
{
	const cJSON *subset;
	size_t n = 0;

	cJSON_ArrayForEach(subset, json_get(endpoints, "subsets")) n +=
		(size_t)cJSON_GetArraySize(json_get(subset, "addresses"));
	return n;
}

static void read_targets(struct svc *s, struct svc_port *p, const cJSON *endpoints)
{
	const cJSON *subset, *address;

	p->targets = ARENA_NEW_N(&s->arena, struct svc_target, count_ready(endpoints));
	cJSON_ArrayForEach(subset, json_get(endpoints, "subsets"))
	{
		uint16_t port = subset_port(subset, p);

		if (!port)
			continue;
		cJSON_ArrayForEach(address, json_get(subset, "addresses"))
		{
			const char *ip = text(s, address, "ip");

			if (ip)
				p->targets[p->targets_n++] = (struct svc_target){ip, port};
		}
	}
}

static void read_ports(struct svc *s, const cJSON *list, const cJSON *endpoints)
{
	const cJSON *port;

	s->ports = ARENA_NEW_N(&s->arena, struct svc_port, (size_t)cJSON_GetArraySize(list));
	cJSON_ArrayForEach(port, list)
	{
		struct svc_port *p = &s->ports[s->ports_n];
		const char *name = text(s, port, "name"), *protocol = text(s, port, "protocol");

		p->name = name ? name : "";
		p->protocol = protocol ? protocol : "TCP";
		p->port = port_number(json_get(port, "port"));
		p->target = target_text(s, port);
		if (!p->port)
			continue;
		read_targets(s, p, endpoints);
		s->ports_n++;
	}
}

static void add_addresses(struct svc *s, const cJSON *list, bool ready)
{
	const cJSON *address;

	cJSON_ArrayForEach(address, list)
	{
		const char *ip = text(s, address, "ip");

		if (ip)
			s->addresses[s->addresses_n++] = (struct svc_address){ip, text(s, address, "hostname"), ready};
	}
}

static void read_addresses(struct svc *s, const cJSON *endpoints)
{
	const cJSON *subset;
	size_t n = 0;

	cJSON_ArrayForEach(subset, json_get(endpoints, "subsets")) n +=
		(size_t)cJSON_GetArraySize(json_get(subset, "addresses")) +
		(size_t)cJSON_GetArraySize(json_get(subset, "notReadyAddresses"));
	s->addresses = ARENA_NEW_N(&s->arena, struct svc_address, n);
	cJSON_ArrayForEach(subset, json_get(endpoints, "subsets"))
	{
		add_addresses(s, json_get(subset, "addresses"), true);
		add_addresses(s, json_get(subset, "notReadyAddresses"), false);
	}
}

struct svc *svc_new(const cJSON *service, const cJSON *endpoints)
{
	const cJSON *meta = json_get(service, "metadata"), *spec = json_get(service, "spec");
	struct svc *s = NEW(struct svc);
	const char *type, *name, *ns;

	name = text(s, meta, "name");
	ns = text(s, meta, "namespace");
	s->name = name ? name : "";
	s->ns = ns ? ns : "";
	s->key = arena_printf(&s->arena, "%s/%s", s->ns, s->name);
	type = text(s, spec, "type");
	s->cluster_ip = text(s, spec, "clusterIP");
	s->headless = s->cluster_ip && strcmp(s->cluster_ip, "None") == 0;
	if (type && strcmp(type, "ExternalName") == 0)
		s->external_name = text(s, spec, "externalName");
	if (s->headless || s->external_name)
		s->cluster_ip = NULL;
	s->publish_not_ready = json_true(spec, "publishNotReadyAddresses");
	read_ports(s, json_get(spec, "ports"), endpoints);
	read_addresses(s, endpoints);
	return s;
}

void svc_free(struct svc *s)
{
	if (!s)
		return;
	arena_done(&s->arena);
	free(s);
}

bool svc_shows(const struct svc *s, const struct svc_address *a)
{
	return a->ready || s->publish_not_ready;
}

void services_put(struct services *t, struct svc *s)
{
	svc_free(map_set(&t->by_key, slice_str(s->key), s));
}

void services_remove(struct services *t, const char *key)
{
	svc_free(map_remove(&t->by_key, slice_str(key)));
}

void services_done(struct services *t)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&t->by_key, &i));)
		svc_free(e->value);
	map_done(&t->by_key);
}

const struct svc *services_find(const struct services *t, struct slice ns, struct slice name)
{
	char key[256];
	int n = snprintf(key, sizeof(key), "%.*s/%.*s", SLICE_ARG(ns), SLICE_ARG(name));

	return n < (int)sizeof(key) ? map_get(&t->by_key, slice_make(key, (size_t)n)) : NULL;
}
