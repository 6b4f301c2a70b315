/* Replicas of weftd, each with a client of the API server of its own. */
#include "sim.h"

#include "discovery/internal.h"
#include "kube/transport.h"

int sim_replicas;

#define DRAIN_MS 500 /* as weftd's own */

static struct replica {
	char host[32], pod[48];
	unsigned lives;
	struct kube_client *kube;
	struct discovery *d; /* NULL = it is down */
} replicas[SIM_REPLICAS];

bool sim_plane_up(int i)
{
	return replicas[i].d;
}

bool sim_plane_ready(int i)
{
	return replicas[i].d && discovery_ready(replicas[i].d);
}

void sim_plane_start(int i)
{
	static char server[] = "http://10.96.0.1", token[] = "weftd";
	const struct kube_config kc = {.server = server, .token = token};
	struct replica *r = &replicas[i];
	struct err e = ERR_INIT;

	snprintf(r->host, sizeof(r->host), "10.0.1.%d", i + 1);
	snprintf(r->pod, sizeof(r->pod), "istiod-basic-%d-%u", i, ++r->lives);
	const struct discovery_config cfg = {
		.ns = "mesh",
		.revision = "basic",
		.pod_name = r->pod,
		.domain = "cluster.local",
		.cluster_id = "Kubernetes",
		.member_roll = "default",
		.host = r->host,
		.grpc_port = 15010,
		.tls_port = 15012,
		.http_port = 8080,
		.monitoring_port = 15014,
		.routes = true,
	};
	sim_note("plane: replica %d starts", i);
	r->kube = kube_client_new(sim_loop, &kc, &e);
	if (r->kube) {
		kube_client_carry(r->kube, sim_api_transport(i));
		r->d = discovery_new(sim_loop, r->kube, &cfg, &e);
	}
	if (!r->d) {
		fprintf(stderr, "replica %d: %s\n", i, e.msg);
		abort();
	}
}

void sim_plane_stop(int i, bool gracefully)
{
	struct replica *r = &replicas[i];

	if (!r->d)
		return;
	sim_note("plane: replica %d %s", i, gracefully ? "ends" : "is killed");
	if (gracefully) {
		discovery_drain(r->d);
		sim_pass(DRAIN_MS);
	} else {
		sim_net_break(i, -1);
	}
	discovery_free(r->d);
	kube_client_free(r->kube);
	r->d = NULL;
	r->kube = NULL;
}
