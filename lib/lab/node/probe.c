/* Repetition and thresholds of probes, as the kubelet counts them. */
#include "lab/node/probe.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "lab/object/object.h"

static void on_timer(struct timer *t);

const char *probe_kind_str(enum probe_kind kind)
{
	static const char *const names[PROBE_KIND_COUNT] = {"Startup", "Readiness", "Liveness"};

	return names[kind];
}

static void judge(struct probe *p, bool verdict)
{
	bool repeat = !verdict && p->kind != PROBE_READINESS;

	if (p->told && p->verdict == verdict && !repeat)
		return;
	p->told = true;
	p->verdict = verdict;
	p->on_verdict(p);
}

static void on_action_done(struct action *a)
{
	struct probe *p = CONTAINER_OF(a, struct probe, action);
	bool ok = a->ok;

	timer_start(p->place->loop, &p->timer, p->period_ms, on_timer);
	if (!ok && p->on_failure)
		p->on_failure(p, buf_str(&a->output));
	if (!p->running)
		return;
	p->successes = ok ? p->successes + 1 : 0;
	p->failures = ok ? 0 : p->failures + 1;
	if (p->successes >= p->need_successes)
		judge(p, true);
	else if (p->failures >= p->need_failures)
		judge(p, false);
}

static void on_timer(struct timer *t)
{
	struct probe *p = CONTAINER_OF(t, struct probe, timer);

	action_start(&p->action, p->place, p->spec, p->timeout_ms, on_action_done);
}

void probe_start(struct probe *p, enum probe_kind kind, const struct action_place *place, const cJSON *spec,
		 int64_t started_ago_ms)
{
	int64_t delay_ms = json_int(spec, "initialDelaySeconds", 0) * MS_PER_S - started_ago_ms;

	probe_stop(p);
	p->kind = kind;
	p->place = place;
	p->spec = cJSON_Duplicate(spec, true);
	p->period_ms = json_int(spec, "periodSeconds", 10) * MS_PER_S;
	p->timeout_ms = json_int(spec, "timeoutSeconds", 1) * MS_PER_S;
	p->need_successes = json_int(spec, "successThreshold", 1);
	p->need_failures = json_int(spec, "failureThreshold", 3);
	p->successes = p->failures = 0;
	p->told = p->verdict = false;
	p->running = true;
	timer_start(place->loop, &p->timer, delay_ms > 0 ? delay_ms : 0, on_timer);
}

void probe_stop(struct probe *p)
{
	if (!p->running)
		return;
	p->running = false;
	timer_stop(&p->timer);
	action_stop(&p->action);
	cJSON_Delete(p->spec);
	p->spec = NULL;
}
