/* The set of controllers that one cluster runs. */
#include <stdlib.h>

#include "base/mem.h"
#include "lab/control/controller.h"

static void (*const starts[])(struct controller *c, const struct controllers_config *config) = {
	namespace_controller_start,   deployment_controller_start, replicaset_controller_start,
	statefulset_controller_start, daemonset_controller_start,  job_controller_start,
	endpoints_controller_start,   endpoints_mirror_start,      volume_controller_start,
	route_controller_start,       garbage_collector_start,
};

struct controllers {
	struct controllers_config config;
	struct controller each[ARRAY_LEN(starts)];
};

struct controllers *controllers_start(const struct controllers_config *config)
{
	struct controllers *cs = NEW(struct controllers);

	cs->config = *config;
	cs->config.data_dir = mem_strdup(config->data_dir);
	cs->config.apps_domain = mem_strdup(config->apps_domain);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		starts[i](&cs->each[i], &cs->config);
	return cs;
}

void controllers_free(struct controllers *cs)
{
	if (!cs)
		return;
	garbage_collector_free(&cs->each[ARRAY_LEN(starts) - 1]);
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		controller_done(&cs->each[i]);
	free((char *)cs->config.data_dir);
	free((char *)cs->config.apps_domain);
	free(cs);
}
