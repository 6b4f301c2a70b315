/* Authorization of requests (envoy.filters.http.rbac). */
#include "proxy/filter/rbac.h"
#include "proxy/filter/table.h"
#include "route/path.h"

/* The path as policies compare it. */
static struct slice folded_path(struct filter *f)
{
	struct slice path = path_without_query(filter_path(f));
	char *out;

	if (!path_needs_fold(path))
		return path;
	out = filter_alloc(f, PATH_BOUND(path.len));
	return slice_make(out, path_fold(path, out));
}

static void set_details(struct filter *f, const char *policy)
{
	static const char head[] = "rbac_access_denied_matched_policy[";
	const size_t n = strlen(policy);
	char *out = filter_alloc(f, sizeof(head) + n + 1);

	filter_set_details(f, out);
	out = mempcpy(out, head, sizeof(head) - 1);
	out = mempcpy(out, policy, n);
	memcpy(out, "]", 2);
}

static bool asks_path(const struct filter_rbac *r)
{
	return r->rules && r->rules->asks_path;
}

static bool allows(struct filter *f, const char **ret_policy)
{
	const struct filter_rbac *r = filter_config(f);
	const struct down *d = filter_client(f);
	struct tls *tls = down_tls(d);
	struct rbac_input in = {
		.destination = &d->local,
		.direct = &d->peer,
		.remote = filter_remote(f),
		.server_name = slice_str(d->server_name),
		.peer = tls ? tls_peer(tls) : NULL,
		.principal = slice_str(d->principal),
		.http = true,
		.path = r && asks_path(r) ? folded_path(f) : filter_path(f),
		.header = stream_header,
		.header_line = stream_header_line,
		.ctx = f->stream,
		.metadata = filter_metadata(f),
	};

	*ret_policy = NULL;
	return !r || rbac_allows(r->rules, &in, ret_policy);
}

static void reply(struct filter *f, enum outcome o)
{
	filter_reply(f, &(struct reply){.outcome = o, .body = slice_str(outcome_row(o)->body)});
}

static void deny(struct filter *f, const char *policy)
{
	set_details(f, policy ? policy : "none");
	reply(f, OUTCOME_RBAC);
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_rbac *r = filter_config(f);
	const char *policy;

	(void)end;
	if (r && asks_path(r) && path_has_dot_parameters(path_without_query(filter_path(f)))) {
		reply(f, OUTCOME_BAD_PATH);
		return FILTER_REPLIED;
	}
	if (allows(f, &policy))
		return FILTER_CONTINUE;
	deny(f, policy);
	return FILTER_REPLIED;
}

const struct filter_ops filter_rbac_ops = {.on_headers = on_headers, .allows = allows, .deny = deny};
