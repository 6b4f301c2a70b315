/* The filters of a connection manager, in order. A filter that pauses goes on from its own event. */
#include "proxy/stream/filter.h"
#include "proxy/stream/stream_internal.h"

const void *stream_filter_config(const struct stream *s, enum filter_kind kind, const void *def)
{
	const struct route_override *o;

	if (!s->table || !s->route)
		return def;
	o = route_override_find(s->table, s->route, s->weighted, kind);
	if (!o)
		return def;
	return o->disabled ? NULL : o->config;
}

void stream_filters(struct stream *s)
{
	const struct config_hcm *hcm = s->hcm;

	stream_become(s, STREAM_FILTERING);
	while (s->filter < hcm->n_filters) {
		const struct config_http_filter *f = &hcm->filters[s->filter];
		const struct filter_ops *ops = s->worker->filters[f->kind];
		enum filter_result r;

		if (!ops || !ops->on_request) {
			s->filter++;
			continue;
		}
		r = ops->on_request(s, f);
		if (r == FILTER_REPLIED)
			return;
		s->filter++;
		if (r == FILTER_PAUSE) {
			stream_become(s, STREAM_PAUSED);
			if (!s->request_ended)
				http_leg_pause(&s->down);
			return;
		}
	}
	stream_router(s);
}

void stream_filters_resume(struct stream *s)
{
	if (s->state != STREAM_PAUSED)
		return;
	stream_filters(s);
	if (s->state != STREAM_ENDED && s->state != STREAM_PAUSED && !s->request_ended)
		http_leg_resume(&s->down);
}

/* Names what denies the request by these rules, or NULL; *ret_ops can say so to the client. */
static const char *denied_by(struct stream *s, const struct config_hcm *hcm, const struct filter_ops **ret_ops)
{
	const char *policy = NULL;

	for (size_t i = 0; i < hcm->n_filters; i++) {
		const struct config_http_filter *f = &hcm->filters[i];
		const struct filter_ops *ops = s->worker->filters[f->kind];

		*ret_ops = ops;
		if (ops && ops->allows && !ops->allows(s, f, &policy))
			return policy ? policy : "none";
	}
	return NULL;
}

/*
 * The head may have been changed on its way to the upstream, so the old rules are asked once more, too: only what they
 * would still let pass is taken for denied by the new ones.
 */
static bool update(struct stream *s, const struct config_hcm *hcm)
{
	struct down *d = s->conn;
	const struct filter_ops *ops, *old;
	const char *policy;

	if (!s->prepared) {
		worker_config_put(s->wc);
		s->wc = worker_config_get(d->wc);
		s->hcm = hcm;
		s->table = config_routes_of(s->wc->config, hcm);
		return true;
	}
	policy = s->finished ? NULL : denied_by(s, hcm, &ops);
	if (!policy || denied_by(s, s->hcm, &old))
		return true;
	if (!stream_answered(s)) {
		ops->deny(s, policy);
		return true;
	}
	s->outcome = OUTCOME_RBAC;
	s->flags |= FLAG_UAEX;
	return false;
}

bool streams_update(struct down *d, const struct config_hcm *hcm)
{
	struct stream *s, *next;

	LIST_EACH_SAFE (s, next, &d->streams, conn_link)
		if (!update(s, hcm))
			return false;
	return true;
}

void stream_filters_answer(struct stream *s, struct http_head *h)
{
	const struct config_hcm *hcm = s->hcm;

	for (size_t i = hcm->n_filters; i-- > 0;) {
		const struct filter_ops *ops = s->worker->filters[hcm->filters[i].kind];

		if (ops && ops->on_answer)
			ops->on_answer(s, &hcm->filters[i], h);
	}
}

void stream_filters_response(struct stream *s, struct http_head *h)
{
	const struct config_hcm *hcm = s->hcm;

	for (size_t i = hcm->n_filters; i-- > 0;) {
		const struct filter_ops *ops = s->worker->filters[hcm->filters[i].kind];

		if (ops && ops->on_response)
			ops->on_response(s, &hcm->filters[i], h);
	}
}
