/*
 * A request that has happened, by its id: the lines of it in the access logs of all proxies that the user may read, one
 * hop after another, and its spans where a collector has them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "ctl/explain/explain_internal.h"
#include "ctl/explain/happened.h"
#include "kube/config.h"
#include "kube/forward.h"
#include "msg/json.h"

#define LOG_TAIL_LINES 50000
#define LOG_MAX_BYTES (16u << 20) /* of one proxy */
#define PODS_MAX 2000
#define HOPS_MAX 64
#define SINCE_S 3600
#define PROXY "istio-proxy"

struct hop {
	const char *time, *pod, *line;
};

struct searching {
	struct ctl *c;
	struct arena a;
	const char *id;
	VEC(struct hop) hops;
	size_t read, refused;
	struct err last; /* why a log was refused */
};

static bool is_id(const char *id)
{
	size_t n = 0;

	for (; id[n]; n++)
		if (!isalnum((unsigned char)id[n]) && !strchr("-_.", id[n]))
			return false;
	return n >= 8 && n <= 128;
}

/* The time that a line begins with: "[2024-05-01T10:00:00.000Z]", or member start_time. */
static const char *time_of(struct searching *s, struct slice line)
{
	const char *text = arena_slicedup(&s->a, line);
	const char *at = strstr(text, "\"start_time\":\""), *end;

	at = at ? at + 14 : strchr(text, '[');
	if (at && *at == '[')
		at++;
	end = at ? strpbrk(at, "]\"") : NULL;
	return end ? arena_slicedup(&s->a, slice_make(at, (size_t)(end - at))) : "";
}

static void look_at(struct searching *s, const char *pod, struct slice log)
{
	while (log.len && s->hops.n < HOPS_MAX) {
		const struct slice line = slice_split(&log, '\n');

		if (memmem(line.ptr, line.len, s->id, strlen(s->id)))
			vec_push(&s->hops,
				 (struct hop){time_of(s, line), pod, arena_slicedup(&s->a, slice_trim(line))});
	}
}

static void read_log(struct searching *s, const char *ns, const char *name)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const int64_t since_s = s->c->o.since_s ? s->c->o.since_s : SINCE_S;
	const char *path = arena_printf(&s->a,
					"/api/v1/namespaces/%s/pods/%s/log?container=" PROXY
					"&tailLines=%d&limitBytes=%u&sinceSeconds=%lld",
					ns, name, LOG_TAIL_LINES, LOG_MAX_BYTES, (long long)since_s);

	if (ctl_get_text(s->c, path, &text, &s->last) != KUBE_OK) {
		s->refused++;
		return;
	}
	s->read++;
	look_at(s, arena_printf(&s->a, "%s/%s", ns, name), buf_slice(&text));
}

static bool has_proxy(const cJSON *pod)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		JSON_EACH(c, json_at(pod, lists[i]))
	if (!strcmp(json_str_or_empty(c, "name"), PROXY))
		return true;
	return false;
}

/* Pods of all namespaces, or of the one that was named where those may not be listed. */
static int list_pods(struct searching *s, cJSON **ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *body = NULL;

	if (ctl_list(s->c, &api_kind_pod, NULL, ret, e) == KUBE_OK)
		return 0;
	if (!s->c->o.ns)
		return -EACCES;
	if (ctl_get_path(s->c, arena_printf(&s->a, "/api/v1/namespaces/%s/pods", s->c->o.ns), &body, e) != KUBE_OK)
		return -EACCES;
	*ret = cJSON_DetachItemFromObject(body, "items");
	return *ret ? 0 : err_set(e, -EIO, "the API server's list has no items");
}

static int search(struct searching *s, struct err *e)
{
	CLEANUP(json_freep) cJSON *pods = NULL;
	size_t n = 0;
	int r = ctl_connect(s->c, e);

	if (r == 0)
		r = list_pods(s, &pods, e);
	JSON_EACH(p, pods)
	{
		const char *ns = json_str_or_empty(p, "metadata.namespace");

		if (has_proxy(p) && n++ < PODS_MAX)
			read_log(s, arena_strdup(&s->a, ns), json_str_or_empty(p, "metadata.name"));
	}
	return r;
}

static int by_time(const void *a, const void *b)
{
	return strcmp(((const struct hop *)a)->time, ((const struct hop *)b)->time);
}

static enum ctl_status tell(struct searching *s)
{
	if (!s->hops.n) {
		fprintf(s->c->err,
			"%s: no access log has %s: %zu logs were read, %zu could not be%s%s. Proxies write one line a "
			"request when meshConfig.accessLogFile or a Telemetry says so; --since reaches further back\n",
			s->c->name, s->id, s->read, s->refused, s->refused ? ", as in " : "",
			s->refused ? s->last.msg : "");
		return CTL_FAILED;
	}
	qsort(s->hops.v, s->hops.n, sizeof(*s->hops.v), by_time);
	explain_lines_begin(s->c);
	for (size_t i = 0; i < s->hops.n; i++)
		explain_line(s->c, s->hops.v[i].pod, s->hops.v[i].time, s->hops.v[i].line);
	explain_spans(s->c, s->id);
	explain_lines_end(s->c, s->hops.n, s->read, s->refused);
	return CTL_OK;
}

enum ctl_status explain_request_id(struct ctl *c, const char *id)
{
	struct searching s = {.c = c, .id = id};
	struct err e = ERR_INIT;
	enum ctl_status status = CTL_FAILED;

	if (!is_id(id)) {
		fprintf(c->err, "%s explain --request-id: %s is no request id\n", c->name, id);
		return CTL_USAGE;
	}
	if (search(&s, &e) < 0)
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
	else
		status = tell(&s);
	vec_done(&s.hops);
	arena_done(&s.a);
	return status;
}
