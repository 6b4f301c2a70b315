/*
 * Wiring of the agent: start, publishing of configurations, readiness, graceful end.
 *
 *   WAITING --first configuration in use--> SERVING --agent_stop--> DRAINING --idle or time is up--> ENDED
 *
 * A configuration is published when everything it refers to has arrived (make before break: routes never name a cluster
 * that is not there yet), or when patience ends.
 */
#include "proxy/agent/agent.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/agent/agent_internal.h"
#include "proxy/boot/config_file.h"
#include "proxy/agent/trim.h"

/* How long a new configuration waits for resources it refers to: at first, and later. */
#define FIRST_PATIENCE_MS 5000
#define PATIENCE_MS 2000
/* A drain ends early when there was no connection for this long: peers may still be learning that we go. */
#define IDLE_BEFORE_END_MS 1000
#define DRAIN_POLL_MS 100
/* When the start is over and its memory is given back, and then again and again. */
#define TRIM_AFTER_MS 2000
#define TRIM_EVERY_MS 15000

const char *agent_state_str(enum agent_state s)
{
	static const char *const names[] = {"PRE_INITIALIZING", "LIVE", "DRAINING", "ENDED"};

	return names[s];
}

bool agent_ready(const struct agent *a, const char **ret_why)
{
	const bool answers = !a->responder || responder_ready(a->responder);

	*ret_why = a->state == AGENT_DRAINING             ? "draining"
		   : a->state == AGENT_SERVING && answers ? ""
		   : a->state == AGENT_SERVING            ? "names not received from the control plane"
		   : !build_has(a->build, XDS_CLUSTER) || !build_has(a->build, XDS_LISTENER)
			   ? "config not received from the control plane"
			   : "config received but not complete";
	return a->state == AGENT_SERVING && answers;
}

/* ---- publishing ---- */

static void on_trim(struct timer *t)
{
	struct agent *a = CONTAINER_OF(t, struct agent, trim);

	trim_memory();
	timer_start(a->loop, &a->trim, TRIM_EVERY_MS, on_trim);
}

static void on_applied(void *arg)
{
	struct agent *a = arg;
	char text[CLOCK_TEXT_MAX];

	if (a->state != AGENT_WAITING)
		return;
	a->state = AGENT_SERVING;
	timer_start(a->loop, &a->trim, TRIM_AFTER_MS, on_trim);
	log_info("agent", "ready after %s", duration_format(clock_mono_ns() - a->started_ns, text));
}

static void publish_now(struct agent *a)
{
	struct config *c = build_config(a->build);

	timer_stop(&a->patience);
	workers_set_config(a->workers, c, on_applied, a);
	config_unref(a->config);
	a->config = c;
	agent_names_update(a->names);
	if (a->boot->state_dir)
		agent_state_save_later(a);
}

static bool initial_parts(const struct agent *a)
{
	return a->boot->config_file || (build_has(a->build, XDS_CLUSTER) && build_has(a->build, XDS_LISTENER));
}

static void on_patience(struct timer *t)
{
	struct agent *a = CONTAINER_OF(t, struct agent, patience);
	enum xds_type type;
	const char *name;
	size_t missing;

	if (!initial_parts(a))
		return;
	missing = build_missing(a->build, &type, &name);
	if (missing)
		log_warn("agent", "%zu resources are missing, the first is %s '%s'; serving without them", missing,
			 xds_type_short(type), name);
	build_give_up(a->build);
	publish_now(a);
}

static void on_publish(struct task *t)
{
	struct agent *a = CONTAINER_OF(t, struct agent, publish);
	enum xds_type type;
	const char *name;

	if (!initial_parts(a))
		return;
	agent_names_update(a->names);
	if (build_missing(a->build, &type, &name) == 0) {
		publish_now(a);
		return;
	}
	log_debug("agent", "waiting for %s '%s'", xds_type_short(type), name);
	if (!timer_active(&a->patience))
		timer_start(a->loop, &a->patience, a->config ? PATIENCE_MS : FIRST_PATIENCE_MS, on_patience);
}

void agent_changed(struct agent *a)
{
	agent_secrets_update(a->secrets);
	agent_xds_subscribe(a);
	task_defer(a->loop, &a->publish, on_publish);
}

/* ---- start ---- */

static void on_listen_error(void *ctx, const struct config_listener *l, const struct err *e)
{
	(void)ctx;
	log_error("agent", "listener '%s': %s; its traffic is not served", l->name, e->msg);
}

static int start_parts(struct agent *a, struct err *e)
{
	const struct bootstrap *b = a->boot;
	int r;

	a->workers = workers_new(
		a->loop, &(struct workers_params){.n = b->concurrency, .on_listen_error = on_listen_error, .ctx = a});
	if (!a->workers)
		return err_errno(e, errno, "worker threads");
	r = agent_servers_start(a, e);
	if (r < 0)
		return r;
	if (b->config_file) {
		r = config_file_load_kept(b->config_file, a->build, a->fixed, e);
		if (r < 0)
			return r;
		agent_changed(a);
		return 0;
	}
	if (b->dns_capture && (r = agent_dns_start(a, e)) < 0)
		return r;
	size_t n = agent_state_load(a);
	if (n) {
		log_info("agent", "%zu resources restored from %s", n, b->state_dir);
		agent_changed(a);
	}
	r = agent_xds_start(a, e);
	if (r == 0)
		a->app_health = agent_health_new(a);
	if (r == 0)
		agent_detection_start(a);
	return r;
}

int agent_start(struct loop *l, const struct bootstrap *b, void (*on_end)(void *ctx), void *ctx, struct agent **ret,
		struct err *e)
{
	struct agent *a = NEW(struct agent);
	int r;

	a->loop = l;
	a->boot = b;
	a->on_end = on_end;
	a->ctx = ctx;
	a->started_ns = clock_mono_ns();
	list_init(&a->fetches);
	a->build = build_new(b->node);
	build_set_reader(a->build, file_read);
	a->dns = dns_new(l, e);
	if (!a->dns) {
		agent_free(a);
		return -EIO;
	}
	a->secrets = agent_secrets_new(a);
	a->names = agent_names_new(a);
	r = start_parts(a, e);
	if (r < 0) {
		agent_free(a);
		return r;
	}
	*ret = a;
	return 0;
}

/* ---- the end ---- */

static void end(struct agent *a)
{
	timer_stop(&a->drain);
	a->state = AGENT_ENDED;
	agent_state_flush(a);
	a->on_end(a->ctx);
}

static bool drained(struct agent *a, int64_t now_ns)
{
	const struct bootstrap *b = a->boot;
	int64_t passed_ms = (now_ns - a->drain_began_ns) / NS_PER_MS;

	if (workers_active_connections(a->workers) > 0)
		a->idle_since_ns = now_ns;
	bool idle = now_ns - a->idle_since_ns >= IDLE_BEFORE_END_MS * (int64_t)NS_PER_MS;
	if (b->exit_on_zero)
		return idle && passed_ms >= b->min_drain_ms;
	return idle || passed_ms >= b->drain_ms;
}

/* Who has not asked for anything until the end of the time is not waited for: where only zero connections are the end,
 * that would be for ever. */
static void close_idle(struct agent *a, int64_t now_ns)
{
	const int64_t passed_ms = (now_ns - a->drain_began_ns) / NS_PER_MS;

	if (a->closed_idle || !a->boot->exit_on_zero || passed_ms < a->boot->min_drain_ms)
		return;
	a->closed_idle = true;
	workers_drain(a->workers, WORKERS_DRAIN_IDLE);
}

static void on_drain(struct timer *t)
{
	struct agent *a = CONTAINER_OF(t, struct agent, drain);

	close_idle(a, loop_now_ns(a->loop));
	if (drained(a, loop_now_ns(a->loop)))
		end(a);
	else
		timer_start(a->loop, &a->drain, DRAIN_POLL_MS, on_drain);
}

void agent_stop(struct agent *a)
{
	if (a->state == AGENT_ENDED)
		return;
	if (a->state == AGENT_DRAINING || a->state == AGENT_WAITING) {
		end(a);
		return;
	}
	log_info("agent", "draining, %u connections are open", workers_active_connections(a->workers));
	a->state = AGENT_DRAINING;
	a->drain_began_ns = a->idle_since_ns = loop_now_ns(a->loop);
	workers_drain(a->workers, a->boot->node->type == NODE_SIDECAR ? WORKERS_DRAIN_INBOUND : WORKERS_DRAIN_ALL);
	timer_start(a->loop, &a->drain, DRAIN_POLL_MS, on_drain);
}

void agent_free(struct agent *a)
{
	if (!a)
		return;
	timer_stop(&a->drain);
	timer_stop(&a->patience);
	timer_stop(&a->save);
	timer_stop(&a->trim);
	timer_stop(&a->detection);
	timer_stop(&a->retry);
	task_cancel(&a->publish);
	agent_dns_stop(a);
	agent_health_stop(a->app_health);
	agent_servers_stop(a);
	free(a->app_health);
	agent_secrets_free(a->secrets); /* its request goes over the channel that ends next */
	agent_xds_stop(a);
	agent_names_free(a->names);
	workers_free(a->workers);
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		xds_set_unref(a->fixed[i]);
	config_unref(a->config);
	build_free(a->build);
	dns_free(a->dns);
	free(a);
}
