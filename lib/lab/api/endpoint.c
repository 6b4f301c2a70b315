/* Finding an endpoint of a Service: see endpoint.h. */
#include "lab/api/endpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "lab/api/op.h"

static const struct gvr services = {"", "v1", "services"}, all_endpoints = {"", "v1", "endpoints"};

/* The port of the Service by number or name; without a name the only one. */
static const cJSON *service_port(const cJSON *svc, const char *port)
{
	const cJSON *ports = jx_path(svc, "spec.ports");

	JX_EACH(p, ports)
	{
		const char *name = jx_str(p, "name");

		if ((name && strcmp(name, port) == 0) || jx_int(p, "port", -1) == atoll(port))
			return p;
	}
	return !*port && cJSON_GetArraySize(ports) == 1 ? ports->child : NULL;
}

static bool same_name(const cJSON *a, const cJSON *b)
{
	const char *x = jx_str(a, "name"), *y = jx_str(b, "name");

	return strcmp(x ? x : "", y ? y : "") == 0;
}

int endpoint_of_service(struct lab_api *api, const char *ns, const char *name, const char *port, char *out,
			struct err *e)
{
	const cJSON *svc = lab_get(api, &services, ns, name), *p = service_port(svc, port);

	if (!svc)
		return err_set(e, -ENOENT, "service \"%s\" not found", name);
	if (!p)
		return err_set(e, -ENOENT, "no service port \"%s\" found for service \"%s\"", port, name);
	JX_EACH(set, jx_get(lab_get(api, &all_endpoints, ns, name), "subsets"))
	{
		const cJSON *address = jx_get(set, "addresses");

		JX_EACH(q, jx_get(set, "ports"))
		{
			if (!same_name(p, q) || jx_empty(address))
				continue;
			snprintf(out, 64, "%s:%lld", jx_str(address->child, "ip"), (long long)jx_int(q, "port", 0));
			return 0;
		}
	}
	return err_set(e, -ENOENT, "no endpoints available for service \"%s\"", name);
}
