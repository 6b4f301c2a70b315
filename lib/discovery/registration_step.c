/*
 * The decision of what to do for a registered entry. Each replica decides for the proxies that are connected to it, and
 * the one that an entry names as its controller tells that its proxy is gone; only of an entry whose controller is gone
 * itself does another replica say so.
 *
 *   (none) --CREATE--> connected --DISCONNECT--> disconnected --grace, REMOVE--> (none)
 *                          ^                          |
 *                          +---------CONNECT----------+
 */
#include "base/clock.h"
#include "discovery/registration_internal.h"
#include "api/networking/networking.h"

/* The time in an annotation; false where there is none. Of one that nobody can read it is long ago. */
static bool time_of(const struct api_object *entry, const char *key, int64_t *ret_ns)
{
	const char *text = api_object_annotation(entry, key);

	*ret_ns = 0;
	if (!text || !*text)
		return false;
	if (clock_parse(slice_str(text), ret_ns) < 0 || *ret_ns < 0)
		*ret_ns = 0;
	return true;
}

static bool is_controller(const struct registration_view *v)
{
	const char *of = api_object_annotation(v->entry, REGISTRATION_CONTROLLER);

	return of && strcmp(of, v->self) == 0;
}

static bool health_differs(const struct registration_view *v)
{
	const struct istio_workload_entry *w = API_VALUE(v->entry, workload_entry, istio_workload_entry);

	for (size_t i = 0; w->status && i < w->status->conditions.n; i++) {
		const struct istio_condition *c = &w->status->conditions.v[i];

		if (c->type && strcmp(c->type, "Healthy") == 0)
			return !c->status || strcmp(c->status, v->healthy ? "True" : "False") != 0 ||
			       strcmp(c->message ? c->message : "", v->health_text) != 0;
	}
	return true;
}

/* Of two replicas that both have a connection of the proxy, the younger connection counts. */
static enum registration_step next_connected(const struct registration_view *v)
{
	int64_t since_ns;
	const bool connected = time_of(v->entry, REGISTRATION_CONNECTED, &since_ns);

	/* annotations hold microseconds */
	if (!connected || since_ns / 1000 < v->connected_ns / 1000 || (!is_controller(v) && !v->controller_lives))
		return REGISTRATION_CONNECT;
	if (v->reported && is_controller(v) && health_differs(v))
		return REGISTRATION_HEALTH;
	return REGISTRATION_NOTHING;
}

static enum registration_step after(int64_t left_ns, enum registration_step step, int64_t *ret_wait_ms)
{
	if (left_ns <= 0)
		return step;
	*ret_wait_ms = left_ns / NS_PER_MS + 1;
	return REGISTRATION_NOTHING;
}

/* Where the controller lives, it alone acts. */
static enum registration_step next_absent(const struct registration_view *v, int64_t *ret_wait_ms)
{
	const bool orphan = !is_controller(v) && !v->controller_lives;
	int64_t since_ns;

	if (!is_controller(v) && !orphan)
		return REGISTRATION_NOTHING;
	if (time_of(v->entry, REGISTRATION_CONNECTED, &since_ns))
		return orphan ? after(v->ready_ns + REGISTRATION_ORPHAN_MS * (int64_t)NS_PER_MS - v->now_ns,
				      REGISTRATION_DISCONNECT, ret_wait_ms)
			      : REGISTRATION_DISCONNECT;
	if (!time_of(v->entry, REGISTRATION_DISCONNECTED, &since_ns))
		return REGISTRATION_DISCONNECT;
	return after(since_ns - v->now_ns + REGISTRATION_GRACE_MS * (int64_t)NS_PER_MS, REGISTRATION_REMOVE,
		     ret_wait_ms);
}

enum registration_step registration_next(const struct registration_view *v, int64_t *ret_wait_ms)
{
	*ret_wait_ms = 0;
	if (!v->entry)
		return v->connected ? REGISTRATION_CREATE : REGISTRATION_NOTHING;
	if (!registration_made(v->entry) || v->entry->meta->deletion_timestamp)
		return REGISTRATION_NOTHING;
	return v->connected ? next_connected(v) : next_absent(v, ret_wait_ms);
}
