/* What rules ask of HTTP filters, as configuration of single routes: faults and CORS. */
#include "compile/gen.h"

#include <stdlib.h>

#include "mesh/protocol.h"

pb_runtime_fraction *gen_runtime_fraction(struct arena *a, double percent)
{
	pb_runtime_fraction *f = pb_runtime_fraction_new(a);

	f->default_value = pb_fraction_percent(a, percent);
	return f;
}

static void per_filter(struct gen *g, pb_route *out, const char *filter, const void *message)
{
	Envoy__Config__Route__V3__Route__TypedPerFilterConfigEntry *e =
		PB_NEW(g->arena, Envoy__Config__Route__V3__Route__TypedPerFilterConfigEntry,
		       envoy__config__route__v3__route__typed_per_filter_config_entry);

	e->key = pb_str(filter);
	e->value = PB_ANY(g->arena, message);
	PB_ADD(g->arena, out, typed_per_filter_config, e);
}

#define ERROR_TYPE(x) ENVOY__EXTENSIONS__FILTERS__HTTP__FAULT__V3__FAULT_ABORT__ERROR_TYPE_##x

static pb_fault_abort *fault_abort(struct arena *a, const struct istio_http_fault_injection_abort *in)
{
	pb_fault_abort *f = pb_fault_abort_new(a);

	if (in->grpc_status) {
		f->error_type_case = ERROR_TYPE(GRPC_STATUS);
		f->grpc_status = (uint32_t)protocol_grpc_status(in->grpc_status);
	} else {
		f->error_type_case = ERROR_TYPE(HTTP_STATUS);
		f->http_status = (uint32_t)*in->http_status;
	}
	f->percentage = pb_fraction_percent(a, in->percentage ? in->percentage->value : 0);
	return f;
}

void gen_add_fault(struct gen *g, const struct istio_http_fault_injection *in, pb_route *out)
{
	struct arena *a = g->arena;
	pb_fault *f = pb_fault_new(a);

	if (in->delay && in->delay->fixed_delay) {
		f->delay = pb_fault_delay_new(a);
		f->delay->fault_delay_secifier_case =
			ENVOY__EXTENSIONS__FILTERS__COMMON__FAULT__V3__FAULT_DELAY__FAULT_DELAY_SECIFIER_FIXED_DELAY;
		f->delay->fixed_delay = pb_duration_ns(a, *in->delay->fixed_delay);
		f->delay->percentage = pb_fraction_percent(a, in->delay->percentage ? in->delay->percentage->value
										    : in->delay->percent);
	}
	if (in->abort && (in->abort->http_status || in->abort->grpc_status))
		f->abort = fault_abort(a, in->abort);
	per_filter(g, out, "envoy.filters.http.fault", f);
}

static const char *join(struct arena *a, const char *const *v, size_t n)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? "," : "", v[i]);
	return arena_strdup(a, buf_str(&b));
}

void gen_add_cors(struct gen *g, const struct istio_cors_policy *in, pb_route *out)
{
	struct arena *a = g->arena;
	pb_cors_policy *c = pb_cors_policy_new(a);

	for (size_t i = 0; i < in->allow_origins.n; i++)
		PB_ADD(a, c, allow_origin_string_match, gen_string_match(a, &in->allow_origins.v[i]));
	for (size_t i = 0; i < in->allow_origin.n; i++) {
		const struct istio_string_match m = {.exact = in->allow_origin.v[i]};

		PB_ADD(a, c, allow_origin_string_match, gen_string_match(a, &m));
	}
	c->allow_methods = pb_str(join(a, in->allow_methods.v, in->allow_methods.n));
	c->allow_headers = pb_str(join(a, in->allow_headers.v, in->allow_headers.n));
	c->expose_headers = pb_str(join(a, in->expose_headers.v, in->expose_headers.n));
	if (in->max_age)
		c->max_age = arena_printf(a, "%lld", (long long)(*in->max_age / 1000000000));
	if (in->allow_credentials)
		c->allow_credentials = pb_bool(a, *in->allow_credentials);
	c->filter_enabled = gen_runtime_fraction(a, 100);
	per_filter(g, out, "envoy.filters.http.cors", c);
}
