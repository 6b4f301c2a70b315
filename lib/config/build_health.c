/* Active health checks: what is asked of an endpoint, how often, and what counts as well. */
#include <stdio.h>

#include "base/clock.h"
#include "config/build_internal.h"

#include "envoy/config/core/v3/health_check.pb-c.h"

#define CHECK(T) Envoy__Config__Core__V3__HealthCheck__##T

/* So that the question's lengths are one byte each. */
#define SERVICE_MAX_BYTES 120
#define NO_TRAFFIC_NS (60LL * NS_PER_S)

/* ---- what is asked ---- */

static int hex(const char *text, struct build_ctx *x, struct slice *ret, struct err *e)
{
	const size_t n = strlen(text) / 2;
	char *out = arena_alloc(x->out, n + 1);

	for (size_t i = 0; i < n; i++) {
		unsigned byte;

		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return err_set(e, -EINVAL, "text must be hexadecimal");
		out[i] = (char)byte;
	}
	*ret = slice_make(out, n);
	return strlen(text) % 2 ? err_set(e, -EINVAL, "text must be hexadecimal") : 0;
}

static int payload(struct build_ctx *x, const CHECK(Payload) * m, struct slice *ret, struct err *e)
{
	if (m->payload_case == ENVOY__CONFIG__CORE__V3__HEALTH_CHECK__PAYLOAD__PAYLOAD_TEXT)
		return hex(m->text, x, ret, e);
	*ret = slice_make(m->binary.len ? arena_slicedup(x->out, slice_make(m->binary.data, m->binary.len)) : "",
			  m->binary.len);
	return 0;
}

static int ranges(struct build_ctx *x, TYPE(Int64Range) * *v, size_t n, struct config_status_range **ret, struct err *e)
{
	*ret = ARENA_NEW_N(x->out, struct config_status_range, n);
	for (size_t i = 0; i < n; i++) {
		if (v[i]->start < 100 || v[i]->end > 600 || v[i]->start >= v[i]->end)
			return err_set(e, -EINVAL, "[%zu]: start and end must be in [100, 600)", i);
		(*ret)[i] = (struct config_status_range){(uint16_t)v[i]->start, (uint16_t)v[i]->end};
	}
	return 0;
}

/* Nothing of a request is there that a format could name. */
static int fields(struct build_ctx *x, const CHECK(HttpHealthCheck) * m, struct config_health *h, struct err *e)
{
	const struct route_headers *added;
	int r = build_headers(x, m->request_headers_to_add, m->n_request_headers_to_add, m->request_headers_to_remove,
			      m->n_request_headers_to_remove, NULL, 0, NULL, 0, &added, e);

	if (r < 0 || !added)
		return r;
	h->fields = ARENA_NEW_N(x->out, struct config_field, added->n_request_add);
	for (size_t i = 0; i < added->n_request_add; i++) {
		struct slice text;

		if (!format_is_literal(&added->request_add[i].value, &text))
			return err_set(e, -EINVAL, "request_headers_to_add[%zu]: a format is not supported", i);
		h->fields[h->n_fields++] = (struct config_field){added->request_add[i].name, text};
	}
	return 0;
}

static int http(struct build_ctx *x, const CHECK(HttpHealthCheck) * m, struct config_health *h, struct err *e)
{
	static const char *const methods[] = {"GET",    "GET",     "HEAD",    "POST",  "PUT",
					      "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
	int r;

	if (m->path[0] != '/')
		return err_set(e, -EINVAL, "path must begin with '/'");
	if ((size_t)m->method >= ARRAY_LEN(methods) || strcmp(methods[m->method], "CONNECT") == 0)
		return err_set(e, -EINVAL, "method: this one is not supported");
	if ((unsigned)m->codec_client_type > ENVOY__TYPE__V3__CODEC_CLIENT_TYPE__HTTP2)
		return UNSUPPORTED(e, "codec_client_type HTTP3");
	h->kind = CONFIG_HEALTH_HTTP;
	h->host = build_slice(x, m->host);
	h->path = build_slice(x, m->path);
	h->method = slice_str(methods[m->method]);
	h->http2 = m->codec_client_type == ENVOY__TYPE__V3__CODEC_CLIENT_TYPE__HTTP2;
	h->n_expected = m->n_expected_statuses;
	h->n_retriable = m->n_retriable_statuses;
	r = ranges(x, m->expected_statuses, m->n_expected_statuses, &h->expected, e);
	if (r < 0)
		return err_wrap(e, r, "expected_statuses");
	r = ranges(x, m->retriable_statuses, m->n_retriable_statuses, &h->retriable, e);
	if (r < 0)
		return err_wrap(e, r, "retriable_statuses");
	return fields(x, m, h, e);
}

static int tcp(struct build_ctx *x, const CHECK(TcpHealthCheck) * m, struct config_health *h, struct err *e)
{
	int r = m->send ? payload(x, m->send, &h->send, e) : 0;
	size_t bytes = 0;

	h->kind = CONFIG_HEALTH_TCP;
	if (r < 0)
		return err_wrap(e, r, "send");
	h->receive = ARENA_NEW_N(x->out, struct slice, m->n_receive);
	for (size_t i = 0; i < m->n_receive; i++) {
		r = payload(x, m->receive[i], &h->receive[h->n_receive++], e);
		if (r < 0)
			return err_wrap(e, r, "receive[%zu]", i);
		bytes += h->receive[i].len;
	}
	return bytes <= CONFIG_HEALTH_RECEIVE_MAX
		       ? 0
		       : err_set(e, -EINVAL, "receive: more than %d bytes", CONFIG_HEALTH_RECEIVE_MAX);
}

static int kind(struct build_ctx *x, const CORE(HealthCheck) * m, struct config_health *h, struct err *e)
{
	int r;

	switch (m->health_checker_case) {
	case ENVOY__CONFIG__CORE__V3__HEALTH_CHECK__HEALTH_CHECKER_HTTP_HEALTH_CHECK:
		r = http(x, m->http_health_check, h, e);
		return r < 0 ? err_wrap(e, r, "http_health_check") : 0;
	case ENVOY__CONFIG__CORE__V3__HEALTH_CHECK__HEALTH_CHECKER_TCP_HEALTH_CHECK:
		r = tcp(x, m->tcp_health_check, h, e);
		return r < 0 ? err_wrap(e, r, "tcp_health_check") : 0;
	case ENVOY__CONFIG__CORE__V3__HEALTH_CHECK__HEALTH_CHECKER_GRPC_HEALTH_CHECK:
		h->kind = CONFIG_HEALTH_GRPC;
		h->http2 = true;
		h->host = build_slice(x, m->grpc_health_check->authority);
		h->service = build_slice(x, m->grpc_health_check->service_name);
		return h->service.len <= SERVICE_MAX_BYTES
			       ? 0
			       : err_set(e, -EINVAL, "grpc_health_check: service_name: more than %d bytes",
					 SERVICE_MAX_BYTES);
	default:
		return err_set(e, -EINVAL, "health_checker is missing or not supported");
	}
}

/* ---- how often ---- */

static int positive(const Google__Protobuf__Duration *d, int64_t usual, const char *name, int64_t *ret, struct err *e)
{
	*ret = pb_duration_to_ns(d, usual);
	return *ret > 0 ? 0 : err_set(e, -EINVAL, "%s must be greater than 0s", name);
}

static int intervals(const CORE(HealthCheck) * m, struct config_health *h, struct err *e)
{
	int r = positive(m->timeout, 0, "timeout", &h->timeout_ns, e);

	if (r == 0)
		r = positive(m->interval, 0, "interval", &h->interval_ns, e);
	if (r == 0)
		r = positive(m->no_traffic_interval, NO_TRAFFIC_NS, "no_traffic_interval", &h->no_traffic_ns, e);
	if (r == 0)
		r = positive(m->no_traffic_healthy_interval, h->no_traffic_ns, "no_traffic_healthy_interval",
			     &h->no_traffic_healthy_ns, e);
	if (r == 0)
		r = positive(m->unhealthy_interval, h->interval_ns, "unhealthy_interval", &h->unhealthy_ns, e);
	if (r == 0)
		r = positive(m->unhealthy_edge_interval, h->unhealthy_ns, "unhealthy_edge_interval",
			     &h->unhealthy_edge_ns, e);
	if (r == 0)
		r = positive(m->healthy_edge_interval, h->interval_ns, "healthy_edge_interval", &h->healthy_edge_ns, e);
	h->initial_jitter_ns = pb_duration_to_ns(m->initial_jitter, 0);
	h->jitter_ns = pb_duration_to_ns(m->interval_jitter, 0);
	h->jitter_percent = m->interval_jitter_percent;
	return r;
}

static int one(struct build_ctx *x, const CORE(HealthCheck) * m, struct config_health *h, struct err *e)
{
	int r = intervals(m, h, e);

	if (r == 0 && (!m->unhealthy_threshold || !m->healthy_threshold))
		return err_set(e, -EINVAL, "%s is missing",
			       m->unhealthy_threshold ? "healthy_threshold" : "unhealthy_threshold");
	if (r < 0)
		return r;
	h->unhealthy_threshold = MAX(m->unhealthy_threshold->value, 1u);
	h->healthy_threshold = MAX(m->healthy_threshold->value, 1u);
	h->port = (uint16_t)build_u32(m->alt_port, 0);
	if (m->tls_options) {
		r = build_alpn(x, m->tls_options->alpn_protocols, m->tls_options->n_alpn_protocols, &h->alpn, e);
		if (r < 0)
			return err_wrap(e, r, "tls_options");
	}
	return kind(x, m, h, e);
}

int build_health(struct build_ctx *x, const CLUSTER(Cluster) * m, const struct config_health **ret, struct err *e)
{
	struct config_health *h;
	int r;

	if (!m->n_health_checks)
		return 0;
	if (m->n_health_checks > 1)
		return err_set(e, -EINVAL, "health_checks: more than one");
	h = ARENA_NEW(x->out, struct config_health);
	r = one(x, m->health_checks[0], h, e);
	if (r < 0)
		return err_wrap(e, r, "health_checks[0]");
	*ret = h;
	return 0;
}
