/* Messages of the xDS subset from foreign bytes; what decodes must encode again. The first byte chooses the type. */
#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "envoy/extensions/transport_sockets/tls/v3/secret.pb-c.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "xds/pb.h"
#include "xds/session.h"

static const ProtobufCMessageDescriptor *const types[] = {
	&envoy__config__cluster__v3__cluster__descriptor,
	&envoy__config__endpoint__v3__cluster_load_assignment__descriptor,
	&envoy__config__listener__v3__listener__descriptor,
	&envoy__config__route__v3__route_configuration__descriptor,
	&envoy__extensions__transport_sockets__tls__v3__secret__descriptor,
	&envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__descriptor,
	&envoy__service__discovery__v3__discovery_request__descriptor,
	&envoy__service__discovery__v3__delta_discovery_request__descriptor,
};

static void request(const ProtobufCMessage *m)
{
	const Envoy__Service__Discovery__V3__DiscoveryRequest *d = (const void *)m;
	struct ads_sub sub = {.type = XDS_ENDPOINT};
	const struct ads_request r = {.nonce = d->response_nonce,
				      .subscribe = (const char *const *)d->resource_names,
				      .n_subscribe = d->n_resource_names};

	ads_request(&sub, &r);
	ads_sub_done(&sub);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = ARENA_INIT;
	const ProtobufCMessage *m;

	if (size < 1)
		return 0;
	m = pb_unpack(&a, types[data[0] % 8], slice_make(data + 1, size - 1));
	if (m) {
		pb_pack_arena(&a, m);
		if (data[0] % 8 == 6)
			request(m);
	}
	arena_done(&a);
	return 0;
}
