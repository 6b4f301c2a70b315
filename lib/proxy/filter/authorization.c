/* Authorization of requests (envoy.filters.http.rbac). */
#include "proxy/filter/rbac.h"
#include "proxy/filter/table.h"
#include "route/path.h"

/* The path as policies compare it. */
static struct slice folded_path(struct stream *s)
{
	struct slice path = path_without_query(s->path);
	char *out;

	if (!path_needs_fold(path))
		return path;
	out = stream_alloc(s, PATH_BOUND(path.len));
	return slice_make(out, path_fold(path, out));
}

static void set_details(struct stream *s, const char *policy)
{
	static const char head[] = "rbac_access_denied_matched_policy[";
	const size_t n = strlen(policy);
	char *out = stream_alloc(s, sizeof(head) + n + 1);

	s->details = out;
	out = mempcpy(out, head, sizeof(head) - 1);
	out = mempcpy(out, policy, n);
	memcpy(out, "]", 2);
}

static bool asks_path(const struct filter_rbac *f)
{
	return f->rules && f->rules->asks_path;
}

static bool allows(struct stream *s, const struct config_http_filter *at, const char **ret_policy)
{
	const struct filter_rbac *f = stream_filter_config(s, FILTER_RBAC, at->config);
	struct tls *tls = down_tls(s->conn);
	struct rbac_input in = {
		.destination = &s->conn->local,
		.direct = &s->conn->peer,
		.remote = &s->remote,
		.server_name = slice_str(s->conn->server_name),
		.peer = tls ? tls_peer(tls) : NULL,
		.principal = slice_str(s->conn->principal),
		.http = true,
		.path = f && asks_path(f) ? folded_path(s) : s->path,
		.header = stream_header,
		.header_line = stream_header_line,
		.ctx = s,
	};

	*ret_policy = NULL;
	return !f || rbac_allows(f->rules, &in, ret_policy);
}

static void deny(struct stream *s, const char *policy)
{
	set_details(s, policy ? policy : "none");
	stream_reply(s, OUTCOME_RBAC);
}

static enum filter_result on_request(struct stream *s, const struct config_http_filter *at)
{
	const struct filter_rbac *f = stream_filter_config(s, FILTER_RBAC, at->config);
	const char *policy;

	if (f && asks_path(f) && path_has_dot_parameters(path_without_query(s->path))) {
		stream_reply(s, OUTCOME_BAD_PATH);
		return FILTER_REPLIED;
	}
	if (allows(s, at, &policy))
		return FILTER_CONTINUE;
	deny(s, policy);
	return FILTER_REPLIED;
}

const struct filter_ops filter_rbac_ops = {.on_request = on_request, .allows = allows, .deny = deny};
