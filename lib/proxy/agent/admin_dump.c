/* /config_dump: what the control plane sent and was accepted, and what the configuration file says, per type. */
#include "proxy/agent/agent_internal.h"
#include "xds/dump.h"

void admin_config_dump(struct agent *a, struct http_request *rq)
{
	cJSON *j = cJSON_CreateObject(), *configs = cJSON_AddArrayToObject(j, "configs");
	cJSON *boot = xds_dump_section(configs, "BootstrapConfigDump", NULL);
	cJSON *node = cJSON_AddObjectToObject(cJSON_AddObjectToObject(boot, "bootstrap"), "node");
	const bool all = http_request_query(rq).len > 0;

	cJSON_AddStringToObject(node, "id", a->boot->node->id);
	cJSON_AddStringToObject(node, "cluster", a->boot->node->cluster);
	for (int t = 0; t < XDS_TYPE_COUNT; t++) {
		bool on_demand;

		if (xds_dump_has((enum xds_type)t, &on_demand) && (!on_demand || all))
			xds_dump_add(configs, (enum xds_type)t,
				     a->xds ? xds_client_version(a->xds, (enum xds_type)t) : "",
				     a->xds ? xds_client_set(a->xds, (enum xds_type)t) : NULL, a->fixed[t]);
	}
	admin_reply_json(rq, j);
}
