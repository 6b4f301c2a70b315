/* The filters of a connection manager, in order. A filter that pauses goes on from its own event. */
#include "proxy/stream/stream_internal.h"

#include <assert.h>

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

/* Where its memory stands is known when all are: the handles come first. */
void stream_filters_make(struct stream *s)
{
	const struct config_hcm *hcm = s->hcm;

	s->filters = (struct filter *)(void *)stream_alloc_aligned(s, hcm->n_filters * sizeof(struct filter));
	s->n_filters = (uint8_t)hcm->n_filters;
	for (size_t i = 0; i < hcm->n_filters; i++) {
		const struct filter_ops *ops = s->worker->filters[hcm->filters[i].kind];

		s->filters[i] = (struct filter){.ops = ops, .stream = s, .at = &hcm->filters[i]};
		if (!ops)
			continue;
		s->watched |= ops->on_data || ops->on_trailers;
		if (ops->own_bytes)
			s->filters[i].own = memset(stream_alloc_aligned(s, ops->own_bytes), 0, ops->own_bytes);
	}
}

void stream_filters(struct stream *s)
{
	stream_become(s, STREAM_FILTERING);
	while (s->filter < s->n_filters) {
		struct filter *f = &s->filters[s->filter++];
		enum filter_result r;

		if (!f->ops || !f->ops->on_headers)
			continue;
		r = f->ops->on_headers(f, s->request_ended);
		if (r == FILTER_REPLIED)
			return;
		if (r == FILTER_PAUSE) {
			stream_become(s, STREAM_PAUSED);
			if (!s->request_ended && !stream_gathering(s))
				http_leg_pause(&s->down);
			return;
		}
	}
	stream_router(s);
}

bool stream_filters_data(struct stream *s, struct slice data, bool end)
{
	for (unsigned i = 0; s->watched && i < s->n_filters; i++) {
		struct filter *f = &s->filters[i];

		if (f->ops && f->ops->on_data && f->ops->on_data(f, data, end) == FILTER_REPLIED)
			return false;
	}
	return true;
}

void stream_filters_gather(struct stream *s, struct slice data, bool end)
{
	struct stream_gather *g = s->gather;
	struct filter *f = g->by;

	assert(f && s->state == STREAM_PAUSED);
	buf_append_slice(&g->body, data);
	if (!end && g->body.len <= g->max)
		return;
	g->by = NULL;
	s->held = g->body.len ? buf_slice(&g->body) : slice_make("", 0);
	s->held_end = end && !s->trailers;
	s->holding = s->held.len || s->held_end;
	if (!end)
		http_leg_pause(&s->down);
	f->ops->on_body(f, s->held, end);
}

bool stream_filters_trailers(struct stream *s, const struct http_trailers *t)
{
	for (unsigned i = 0; s->watched && i < s->n_filters; i++) {
		struct filter *f = &s->filters[i];

		if (f->ops && f->ops->on_trailers && f->ops->on_trailers(f, t) == FILTER_REPLIED)
			return false;
	}
	return true;
}

void stream_filters_try(struct stream *s)
{
	for (unsigned i = 0; i < s->n_filters; i++)
		if (s->filters[i].ops && s->filters[i].ops->on_try)
			s->filters[i].ops->on_try(&s->filters[i]);
}

void stream_filters_end(struct stream *s)
{
	for (unsigned i = 0; i < s->n_filters; i++) {
		struct filter *f = &s->filters[i];

		if (f->ops && f->ops->on_end)
			f->ops->on_end(f);
		if (f->ops && f->ops->destroy)
			f->ops->destroy(f);
	}
	s->n_filters = 0;
	s->metadata.first = NULL;
}

void stream_filters_resume(struct stream *s)
{
	if (s->state != STREAM_PAUSED)
		return;
	stream_filters(s);
	/* What was gathered goes first; reading goes on behind it. */
	if (s->state != STREAM_ENDED && s->state != STREAM_PAUSED && !s->request_ended && !s->holding)
		http_leg_resume(&s->down);
}

/* Names what denies the request by these rules, or NULL; *ret can say so to the client. */
static const char *denied_by(struct stream *s, const struct config_hcm *hcm, struct filter *ret)
{
	const char *policy = NULL;

	for (size_t i = 0; i < hcm->n_filters; i++) {
		const struct config_http_filter *at = &hcm->filters[i];

		*ret = (struct filter){.ops = s->worker->filters[at->kind], .stream = s, .at = at};
		if (ret->ops && ret->ops->allows && !ret->ops->allows(ret, &policy))
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
	struct filter by, old;
	const char *policy;

	if (!s->prepared) {
		worker_config_put(s->wc);
		s->wc = worker_config_get(d->wc);
		s->hcm = hcm;
		s->table = config_routes_of(s->wc->config, hcm);
		return true;
	}
	policy = s->finished ? NULL : denied_by(s, hcm, &by);
	if (!policy || denied_by(s, s->hcm, &old))
		return true;
	if (!stream_answered(s)) {
		by.ops->deny(&by, policy);
		return true;
	}
	s->outcome = OUTCOME_RBAC;
	s->flags |= FLAG_UAEX;
	return false;
}

bool streams_update(struct down *d, const struct config_hcm *hcm)
{
	struct stream *s, *next;

	LIST_EACH_SAFE (s, next, &d->streams, link)
		if (!update(s, hcm))
			return false;
	return true;
}

void stream_filters_answer(struct stream *s, struct http_head *h)
{
	for (unsigned i = s->n_filters; i-- > 0;)
		if (s->filters[i].ops && s->filters[i].ops->on_answer)
			s->filters[i].ops->on_answer(&s->filters[i], h);
}

void stream_filters_response(struct stream *s, struct http_head *h)
{
	for (unsigned i = s->n_filters; i-- > 0;)
		if (s->filters[i].ops && s->filters[i].ops->on_response)
			s->filters[i].ops->on_response(&s->filters[i], h);
}
