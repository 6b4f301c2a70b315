/* Finding an endpoint of a Service: see endpoint.h. */
#include "lab/api/endpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "lab/api/op.h"

/* The port of the Service by number or name; without a name the only one. */
static const cJSON *service_port(const cJSON *svc, const char *port)
{
	const cJSON *ports = json_at(svc, "spec.ports");

	JSON_EACH(p, ports)
	{
		const char *name = json_str(p, "name");

		if ((name && strcmp(name, port) == 0) || json_int(p, "port", -1) == atoll(port))
			return p;
	}
	return !*port && cJSON_GetArraySize(ports) == 1 ? ports->child : NULL;
}

static bool same_name(const cJSON *a, const cJSON *b)
{
	const char *x = json_str(a, "name"), *y = json_str(b, "name");

	return strcmp(x ? x : "", y ? y : "") == 0;
}

int endpoint_of_service(struct lab_api *api, const char *ns, const char *name, const char *port, char *out,
			struct err *e)
{
	const cJSON *svc = lab_get(api, GVR(service), ns, name), *p = service_port(svc, port);

	if (!svc)
		return err_set(e, -ENOENT, "service \"%s\" not found", name);
	if (!p)
		return err_set(e, -ENOENT, "no service port \"%s\" found for service \"%s\"", port, name);
	JSON_EACH(set, json_get(lab_get(api, GVR(endpoints), ns, name), "subsets"))
	{
		const cJSON *address = json_get(set, "addresses");

		JSON_EACH(q, json_get(set, "ports"))
		{
			if (!same_name(p, q) || json_is_empty(address))
				continue;
			snprintf(out, 64, "%s:%lld", json_str(address->child, "ip"), (long long)json_int(q, "port", 0));
			return 0;
		}
	}
	return err_set(e, -ENOENT, "no endpoints available for service \"%s\"", name);
}
