/* Authorization of requests (envoy.filters.http.rbac). */
#include "config/rbac.h"
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
	return (r->rules && r->rules->asks_path) || (r->shadow && r->shadow->asks_path);
}

static struct rbac_input input(struct filter *f, const struct filter_rbac *r)
{
	const struct down *d = filter_client(f);
	struct tls *tls = down_tls(d);

	return (struct rbac_input){
		.destination = &d->local,
		.direct = &d->peer,
		.remote = filter_remote(f),
		.server_name = slice_str(d->server_name),
		.peer = tls ? tls_peer(tls) : NULL,
		.principal = slice_str(d->principal),
		.http = true,
		.path = asks_path(r) ? folded_path(f) : filter_path(f),
		.header = stream_header,
		.header_line = stream_header_line,
		.ctx = f->stream,
		.metadata = filter_metadata(f),
	};
}

static bool allows(struct filter *f, const char **ret_policy)
{
	const struct filter_rbac *r = filter_config(f);
	struct rbac_input in;

	*ret_policy = NULL;
	if (!r || !r->rules)
		return true;
	in = input(f, r);
	return rbac_allows(r->rules, &in, ret_policy);
}

static const struct metric_family tried = {"weft_authorization_dry_run_total", METRIC_COUNTER, NULL};

/* By what would have been, and by which policy. */
static void count_dry_run(struct filter *f, const struct metadata_entry *v, size_t n)
{
	CLEANUP(buf_done) struct buf labels = BUF_INIT;

	metrics_label(&labels, "result", v[n - 1].text);
	metrics_label(&labels, "policy", n > 1 ? v[0].text : SLICE("none"));
	++*metrics_counter(filter_worker(f)->metrics, &tried, buf_slice(&labels));
}

/* What shadow rules say is for others to ask. */
static void tell_shadow(struct filter *f, const struct filter_rbac *r)
{
	const struct rbac_input in = input(f, r);
	struct metadata_entry v[RBAC_SHADOW_MAX];
	const size_t n = rbac_shadow(r, &in, CONFIG_RBAC_HTTP_METADATA, v);

	for (size_t i = 0; i < n; i++)
		filter_add_metadata(f, &v[i]);
	if (n && !r->shadow_gates)
		count_dry_run(f, v, n);
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

/* Whether something hangs on which paths the rules compare with. */
static bool path_counts(const struct filter_rbac *r)
{
	return (r->rules && r->rules->asks_path) || (r->shadow_gates && r->shadow && r->shadow->asks_path);
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_rbac *r = filter_config(f);
	const char *policy;

	(void)end;
	if (r && path_counts(r) && path_has_dot_parameters(path_without_query(filter_path(f)))) {
		reply(f, OUTCOME_BAD_PATH);
		return FILTER_REPLIED;
	}
	if (r && r->shadow)
		tell_shadow(f, r);
	if (allows(f, &policy))
		return FILTER_CONTINUE;
	deny(f, policy);
	return FILTER_REPLIED;
}

const struct filter_ops filter_rbac_ops = {.on_headers = on_headers, .allows = allows, .deny = deny};
