/* One function for each kind of action; a rule that cannot be carried out makes no descriptor. */
#include "proxy/filter/rate.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define MASKED_TEXT_MAX (INET6_ADDRSTRLEN + 5)

enum made { MADE, LEFT_OUT, NO_DESCRIPTOR };

static struct slice remote_address(struct filter *f)
{
	char text[ADDR_TEXT_MAX];

	return filter_copy(f, slice_str(addr_format_host(filter_remote(f), text)));
}

static void mask(uint8_t *bytes, size_t n, unsigned bits)
{
	for (size_t i = 0; i<n; i++, bits = bits> 8 ? bits - 8 : 0)
		if (bits < 8)
			bytes[i] &= (uint8_t)(0xff00 >> bits);
}

/* "10.1.0.0/16" */
static struct slice masked_address(struct filter *f, const struct rate_action *a)
{
	struct addr at = *filter_remote(f);
	char ip[INET6_ADDRSTRLEN] = "", text[MASKED_TEXT_MAX];
	unsigned bits = a->v6_bits;

	if (at.sa.sa_family == AF_INET) {
		bits = a->v4_bits;
		mask((uint8_t *)&at.in4.sin_addr, sizeof(at.in4.sin_addr), bits);
		inet_ntop(AF_INET, &at.in4.sin_addr, ip, sizeof(ip));
	} else if (at.sa.sa_family == AF_INET6) {
		mask((uint8_t *)&at.in6.sin6_addr, sizeof(at.in6.sin6_addr), bits);
		inet_ntop(AF_INET6, &at.in6.sin6_addr, ip, sizeof(ip));
	}
	snprintf(text, sizeof(text), "%s/%u", ip, bits);
	return filter_copy(f, slice_str(text));
}

static bool headers_match(struct filter *f, const struct rate_action *a)
{
	for (size_t i = 0; i < a->n_headers; i++)
		if (!match_header_test(&a->headers[i], stream_header(f->stream, a->headers[i].name)))
			return false;
	return true;
}

static bool queries_match(struct filter *f, const struct rate_action *a)
{
	for (size_t i = 0; i < a->n_queries; i++) {
		struct slice value = route_query_param(filter_path(f), a->queries[i].name);

		if (!value.ptr || !match_string_test(&a->queries[i].value, value))
			return false;
	}
	return true;
}

static enum made put(struct rate_descriptor *d, struct slice key, struct slice value)
{
	d->v[d->n++] = (struct rate_entry){key, value};
	return MADE;
}

static enum made put_found(struct rate_descriptor *d, const struct rate_action *a, struct slice value)
{
	if (!value.ptr)
		return a->skip_if_absent ? LEFT_OUT : NO_DESCRIPTOR;
	return put(d, a->key, value);
}

static enum made act(struct filter *f, const struct rate_action *a, struct rate_descriptor *d)
{
	switch (a->kind) {
	case RATE_SOURCE_CLUSTER:
		return put(d, SLICE("source_cluster"), slice_str(filter_node(f)->cluster));
	case RATE_DESTINATION_CLUSTER:
		return put(d, SLICE("destination_cluster"), filter_cluster_name(f));
	case RATE_REQUEST_HEADER:
		return put_found(d, a, stream_header(f->stream, a->name));
	case RATE_QUERY_PARAMETER:
		return put_found(d, a, route_query_param(filter_path(f), a->name));
	case RATE_REMOTE_ADDRESS:
		return put(d, SLICE("remote_address"), remote_address(f));
	case RATE_MASKED_ADDRESS:
		return put(d, SLICE("masked_remote_address"), masked_address(f, a));
	case RATE_GENERIC_KEY:
		return put(d, a->key, a->value);
	case RATE_HEADER_MATCH:
		return headers_match(f, a) == a->expect_match ? put(d, a->key, a->value) : NO_DESCRIPTOR;
	case RATE_QUERY_MATCH:
		return queries_match(f, a) == a->expect_match ? put(d, a->key, a->value) : NO_DESCRIPTOR;
	}
	return NO_DESCRIPTOR;
}

static void describe(struct filter *f, const struct rate_limit *rule, struct rate_descriptors *ret)
{
	struct rate_descriptor *d = &ret->v[ret->n];

	d->n = 0;
	for (size_t i = 0; i < rule->n_actions; i++)
		if (act(f, &rule->actions[i], d) == NO_DESCRIPTOR)
			return;
	if (d->n)
		ret->n++;
}

static void describe_all(struct filter *f, const struct rate_limit *v, size_t n, uint8_t stage,
			 struct rate_descriptors *ret)
{
	for (size_t i = 0; i < n && ret->n < RATE_DESCRIPTORS_MAX; i++)
		if (v[i].stage == stage)
			describe(f, &v[i], ret);
}

static bool wants_vhost(const struct route *r, enum rate_vhost how)
{
	if (r->include_vhost_rates || how == RATE_VHOST_INCLUDE)
		return true;
	return how == RATE_VHOST_OVERRIDE && !r->n_rates;
}

void rate_describe(struct filter *f, const struct rate_ask *ask, struct rate_descriptors *ret)
{
	const struct route *r = filter_route(f);

	ret->n = 0;
	if (ask->n_own) {
		describe_all(f, ask->own, ask->n_own, ask->stage, ret);
		return;
	}
	if (!r)
		return;
	describe_all(f, r->rates, r->n_rates, ask->stage, ret);
	if (r->vhost && wants_vhost(r, ask->vhost))
		describe_all(f, r->vhost->rates, r->vhost->n_rates, ask->stage, ret);
}
