/* Authorization of requests (envoy.filters.http.rbac). */
#include "proxy/filter.h"
#include "proxy/rbac.h"

/* The client as x-forwarded-for tells it, when the connection manager trusts it; else the peer. */
static struct addr remote_address(struct stream *s)
{
	struct slice xff = s->forwarded_for;
	struct addr a = s->conn->peer;
	uint32_t hops = s->hcm->xff_num_trusted_hops;
	ptrdiff_t comma;

	if (s->hcm->use_remote_address && !hops)
		return a;
	if (s->hcm->use_remote_address)
		hops++;
	for (; hops > 1 && (comma = slice_rfind(xff, ',')) >= 0; hops--)
		xff = slice_head(xff, (size_t)comma);
	comma = slice_rfind(xff, ',');
	if (comma >= 0)
		xff = slice_from(xff, (size_t)comma + 1);
	(void)addr_parse(slice_trim(xff), 0, &a);
	return a;
}

bool filter_rbac_allows(struct stream *s, const struct config_http_filter *at, const char **ret_policy)
{
	const struct filter_rbac *f = stream_filter_config(s, FILTER_RBAC, at->config);
	struct addr remote = remote_address(s);
	struct tls *tls = down_tls(s->conn);
	struct rbac_input in = {
		.destination = &s->conn->local,
		.direct = &s->conn->peer,
		.remote = &remote,
		.server_name = slice_str(s->conn->server_name),
		.peer = tls ? tls_peer(tls) : NULL,
		.principal = slice_str(s->conn->principal),
		.http = true,
		.path = s->path,
		.header = stream_header,
		.ctx = s,
	};

	*ret_policy = NULL;
	return !f || rbac_allows(f->rules, &in, ret_policy);
}

void filter_rbac_deny(struct stream *s, const char *policy)
{
	s->details = stream_printf(s, "rbac_access_denied_matched_policy[%s]%c", policy ? policy : "none", 0).ptr;
	stream_reply(s, OUTCOME_RBAC);
}

static enum filter_result on_request(struct stream *s, const struct config_http_filter *at)
{
	const char *policy;

	if (filter_rbac_allows(s, at, &policy))
		return FILTER_CONTINUE;
	filter_rbac_deny(s, policy);
	return FILTER_REPLIED;
}

const struct filter_ops filter_rbac_ops = {.on_request = on_request};
