/* Filters of access logs (envoy.config.accesslog.v3.AccessLogFilter): a tree, whose depth protobuf's decoder limits. */
#include "cel/attributes.h"
#include "config/build_internal.h"
#include "config/response_flags.h"

#include "envoy/config/accesslog/v3/accesslog.pb-c.h"
#include "envoy/extensions/access_loggers/filters/cel/v3/cel.pb-c.h"

#define LOG(type) Envoy__Config__Accesslog__V3__##type
#define KIND(name) ENVOY__CONFIG__ACCESSLOG__V3__ACCESS_LOG_FILTER__FILTER_SPECIFIER_##name

/* An expression over the exchange; other extensions are refused by their type. */
static int expression(struct build_ctx *x, const LOG(ExtensionFilter) * m, struct config_log_filter *ret, struct err *e)
{
	const ProtobufCMessageDescriptor *const type =
		&envoy__extensions__access_loggers__filters__cel__v3__expression_filter__descriptor;
	const Envoy__Extensions__AccessLoggers__Filters__Cel__V3__ExpressionFilter *own;

	ret->kind = CONFIG_LOG_EXPRESSION;
	if (strcmp(build_inner_type(x, m->typed_config), type->name) != 0)
		return UNSUPPORTED(e, "extension_filter: this type");
	own = build_any(x, m->typed_config, type, e);
	if (!own)
		return -EINVAL;
	ret->expression = cel_compile(x->out, &cel_attributes, slice_str(build_str(x, own->expression)), e);
	return ret->expression ? 0 : err_wrap(e, -EINVAL, "extension_filter.expression");
}

static int comparison(const LOG(ComparisonFilter) * m, struct config_log_filter *ret, struct err *e)
{
	if (!m || !m->value)
		return err_set(e, -EINVAL, "comparison: a value is wanted");
	if (m->op > ENVOY__CONFIG__ACCESSLOG__V3__COMPARISON_FILTER__OP__NE)
		return UNSUPPORTED(e, "comparison.op: this one");
	ret->compare = m->op == ENVOY__CONFIG__ACCESSLOG__V3__COMPARISON_FILTER__OP__GE   ? CONFIG_LOG_GE
		       : m->op == ENVOY__CONFIG__ACCESSLOG__V3__COMPARISON_FILTER__OP__LE ? CONFIG_LOG_LE
		       : m->op == ENVOY__CONFIG__ACCESSLOG__V3__COMPARISON_FILTER__OP__NE ? CONFIG_LOG_NE
											  : CONFIG_LOG_EQ;
	ret->value = m->value->default_value;
	return 0;
}

/* Of none: any flag at all. */
static int flags(const LOG(ResponseFlagFilter) * m, struct config_log_filter *ret, struct err *e)
{
	uint32_t bit;

	ret->kind = CONFIG_LOG_FLAGS;
	ret->flags = m->n_flags ? 0 : UINT32_MAX;
	for (size_t i = 0; i < m->n_flags; i++) {
		if (!response_flag_find(m->flags[i], &bit))
			return err_set(e, -EINVAL, "response_flag_filter: flags[%zu]: there is no '%s'", i,
				       m->flags[i]);
		ret->flags |= bit;
	}
	return 0;
}

static int statuses(const LOG(GrpcStatusFilter) * m, struct config_log_filter *ret, struct err *e)
{
	ret->kind = CONFIG_LOG_GRPC;
	ret->other_statuses = m->exclude;
	for (size_t i = 0; i < m->n_statuses; i++) {
		if ((unsigned)m->statuses[i] >
		    ENVOY__CONFIG__ACCESSLOG__V3__GRPC_STATUS_FILTER__STATUS__UNAUTHENTICATED)
			return err_set(e, -EINVAL, "grpc_status_filter: statuses[%zu]: there is no %u", i,
				       (unsigned)m->statuses[i]);
		ret->statuses |= 1u << m->statuses[i];
	}
	return 0;
}

static int filter(struct build_ctx *x, const LOG(AccessLogFilter) * m, struct config_log_filter *ret, struct err *e);

static int several(struct build_ctx *x, LOG(AccessLogFilter) *const *v, size_t n, struct config_log_filter *ret,
		   struct err *e)
{
	ret->of = ARENA_NEW_N(x->out, struct config_log_filter, n);
	ret->n = n;
	for (size_t i = 0; i < n; i++) {
		int r = filter(x, v[i], &ret->of[i], e);
		if (r < 0)
			return err_wrap(e, r, "filters[%zu]", i);
	}
	return 0;
}

static int compared(struct build_ctx *x, const LOG(AccessLogFilter) * m, struct config_log_filter *ret, struct err *e)
{
	bool status = m->filter_specifier_case == KIND(STATUS_CODE_FILTER);
	const LOG(ComparisonFilter) *c = status ? m->status_code_filter->comparison : m->duration_filter->comparison;
	int r = comparison(c, ret, e);

	(void)x;
	ret->kind = status ? CONFIG_LOG_STATUS : CONFIG_LOG_DURATION;
	return r < 0 ? err_wrap(e, r, status ? "status_code_filter" : "duration_filter") : 0;
}

static int filter(struct build_ctx *x, const LOG(AccessLogFilter) * m, struct config_log_filter *ret, struct err *e)
{
	switch (m->filter_specifier_case) {
	case KIND(STATUS_CODE_FILTER):
	case KIND(DURATION_FILTER):
		return compared(x, m, ret, e);
	case KIND(NOT_HEALTH_CHECK_FILTER): /* no filter here marks requests as health checks */
		return 0;
	case KIND(AND_FILTER):
		return several(x, m->and_filter->filters, m->and_filter->n_filters, ret, e);
	case KIND(OR_FILTER):
		ret->kind = CONFIG_LOG_ANY;
		return several(x, m->or_filter->filters, m->or_filter->n_filters, ret, e);
	case KIND(HEADER_FILTER):
		ret->kind = CONFIG_LOG_HEADER;
		return m->header_filter->header ? build_header_match(x, m->header_filter->header, &ret->header, e)
						: err_set(e, -EINVAL, "header_filter: a header is wanted");
	case KIND(RESPONSE_FLAG_FILTER):
		return flags(m->response_flag_filter, ret, e);
	case KIND(GRPC_STATUS_FILTER):
		return statuses(m->grpc_status_filter, ret, e);
	case KIND(EXTENSION_FILTER):
		return expression(x, m->extension_filter, ret, e);
	default:
		return UNSUPPORTED(e, "this kind of access log filter");
	}
}

int build_log_filter(struct build_ctx *x, const LOG(AccessLogFilter) * m, const struct config_log_filter **ret,
		     struct err *e)
{
	struct config_log_filter *f;
	int r;

	*ret = NULL;
	if (!m)
		return 0;
	f = ARENA_NEW_N(x->out, struct config_log_filter, 1);
	*ret = f;
	r = filter(x, m, f, e);
	return r < 0 ? err_wrap(e, r, "filter") : 0;
}
