/* The loop's half: answers, and what is asked of a request. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "console/server/server_internal.h"
#include "msg/json.h"

void server_exchange_free(struct exchange *x)
{
	struct exchange_wire *w = x->wire;

	pthread_mutex_lock(&x->server->live_lock);
	list_remove(&w->live);
	pthread_mutex_unlock(&x->server->live_lock);
	atomic_fetch_sub(&x->server->waiting, w->waiting);
	free(w->type);
	for (size_t i = 0; i < EXCHANGE_COOKIES; i++)
		free(w->set_cookie[i]);
	free(w->location);
	free(w->etag);
	buf_done(&w->body);
	buf_done(&w->push);
	free(w);
	buf_done(&x->body);
	arena_done(&x->arena);
	free(x);
}

void server_wake(struct console_server *s, struct exchange_wire *w)
{
	pthread_mutex_lock(&s->lock);
	if (!list_linked(&w->link))
		list_append(&s->answered, &w->link);
	pthread_mutex_unlock(&s->lock);
	lws_cancel_service(s->context);
}

void exchange_reply(struct exchange *x, const struct exchange_answer *a)
{
	struct exchange_wire *w = x->wire;

	w->status = a->status;
	w->type = mem_strdup(a->type ? a->type : "application/json");
	for (size_t i = 0; i < EXCHANGE_COOKIES; i++)
		w->set_cookie[i] = mem_strdup(a->set_cookie[i]);
	w->location = mem_strdup(a->location);
	w->etag = mem_strdup(a->etag);
	w->gzip = a->gzip;
	w->keep = a->keep;
	w->is_head = x->method == EXCHANGE_HEAD;
	w->rest = a->constant;
	if (a->body) {
		w->body = *a->body;
		*a->body = (struct buf)BUF_INIT;
		w->rest = buf_slice(&w->body);
	}
	server_wake(x->server, w);
}

static void tell_json(struct exchange *x, int status, const char *sentence)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	CLEANUP(json_freep) cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "error", sentence);
	json_print(json, &body);
	exchange_reply(x, &(struct exchange_answer){.status = status, .body = &body});
}

void exchange_vreply_error(struct exchange *x, int status, const char *fmt, va_list ap)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_vprintf(&text, fmt, ap);
	(x->tell_error ? x->tell_error : tell_json)(x, status,
						    json_is_utf8(buf_slice(&text)) ? buf_str(&text) : "not UTF-8");
}

void exchange_reply_error(struct exchange *x, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	exchange_vreply_error(x, status, fmt, ap);
	va_end(ap);
}

void exchange_push(struct exchange *x, struct buf *body)
{
	struct exchange_wire *w = x->wire;
	struct console_server *s = x->server;

	pthread_mutex_lock(&s->lock);
	if (w->push_ready)
		atomic_fetch_add(&s->dropped_pushes, 1);
	buf_done(&w->push);
	w->push = *body;
	*body = (struct buf)BUF_INIT;
	w->push_ready = true;
	pthread_mutex_unlock(&s->lock);
	server_wake(s, w);
}

void exchange_close(struct exchange *x, const char *reason)
{
	struct exchange_wire *w = x->wire;

	pthread_mutex_lock(&x->server->lock);
	w->closing = true;
	snprintf(w->reason, sizeof(w->reason), "%.100s", reason);
	pthread_mutex_unlock(&x->server->lock);
	server_wake(x->server, w);
}

/* The wire has let it go before on_gone was called. */
void exchange_free(struct exchange *x)
{
	pthread_mutex_lock(&x->server->lock);
	list_remove(&x->wire->link);
	pthread_mutex_unlock(&x->server->lock);
	server_exchange_free(x);
}

struct slice exchange_argument(const struct exchange *x, const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < x->n_arguments; i++) {
		const struct slice a = x->arguments[i];

		if (a.len > len && a.ptr[len] == '=' && memcmp(a.ptr, name, len) == 0)
			return slice_from(a, len + 1);
	}
	return (struct slice){NULL, 0};
}

struct slice exchange_cookie(const struct exchange *x, const char *name)
{
	struct slice rest = x->cookie;

	while (rest.len) {
		struct slice part = slice_trim(slice_split(&rest, ';'));
		const struct slice key = slice_split(&part, '=');

		if (slice_eq_str(key, name))
			return part;
	}
	return (struct slice){NULL, 0};
}
