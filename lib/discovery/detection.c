/*
 * Ports at which proxies waited for a protocol in vain, as they report them (weft.mesh.v1.DetectionTimeouts: a request
 * of that type whose error's text lists the ports, "5432,3306"). Told by an event about the Service, once, and in the
 * status of objects of its host for as long as a connected proxy says so and would still wait.
 */
#include <stdlib.h>

#include "api/networking/networking.h"
#include "discovery/internal.h"
#include "kube/plan.h"

#define PORTS_MAX 32  /* of one proxy: as many as it counts by number */
#define TOLD_MAX 1024 /* ports of services of which events were written */

struct waited_ports {
	size_t n;
	uint16_t v[PORTS_MAX];
};

static bool did_wait(const struct session *s, uint16_t port)
{
	for (size_t i = 0; i < s->waited->n; i++)
		if (s->waited->v[i] == port)
			return true;
	return false;
}

/* Where the session's pod listens for the service's port; 0 = it does not serve it. */
static uint16_t target_of(const struct discovery *d, const struct session *s, const struct service *svc,
			  const struct service_port *p)
{
	const struct endpoint_set set = snapshot_endpoints(d->snap, svc, p->port);

	for (size_t i = 0; i < set.n; i++)
		if (strcmp(set.v[i].address, s->proxy.ip) == 0)
			return set.v[i].port;
	return 0;
}

/* What would end it; NULL: nobody waits there any more. */
static const char *remedy(const struct discovery *d, const struct session *s, const struct service_port *p,
			  uint16_t target)
{
	const enum mtls_mode mode = snapshot_mtls_mode(d->snap, s->proxy.ns, &s->proxy.labels, target);
	const bool detects = p->undeclared && d->mesh->sniff_inbound;

	if (mode == MTLS_STRICT || (!p->undeclared && protocol_is_http(p->protocol)))
		return NULL;
	if (mode == MTLS_DISABLE)
		return detects ? "a port that is named after its protocol (tcp-...)" : NULL;
	return detects ? "a port that is named after its protocol (tcp-...) and a PeerAuthentication that says STRICT "
			 "or "
			 "DISABLE for it"
		       : "a PeerAuthentication that says STRICT or DISABLE for it";
}

/* The text for a port of the service, or NULL: by the first proxy that says so. Ends with the buffer. */
static const char *text_of(const struct discovery *d, const struct service *svc, const struct service_port *p,
			   struct buf *out)
{
	const struct session *s;

	LIST_EACH (s, &d->sessions, link) {
		const uint16_t target = s->waited && s->trusted ? target_of(d, s, svc, p) : 0;
		const char *end = target && did_wait(s, target) ? remedy(d, s, p, target) : NULL;

		if (!end)
			continue;
		buf_clear(out);
		buf_printf(out,
			   "Port %u: clients do not speak first, so connections may wait for their protocol to be "
			   "recognised (%s); %s would spare them that.",
			   p->port, s->proxy.id, end);
		return buf_str(out);
	}
	return NULL;
}

void discovery_detection_hint(const struct discovery *d, const struct service *svc, struct buf *out)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	for (size_t i = 0; d->n_waited && i < svc->n_ports; i++)
		if (text_of(d, svc, &svc->ports[i], &text))
			buf_printf(out, " %s", buf_str(&text));
}

static void on_told(void *arg, const struct err *err, bool retry)
{
	(void)arg, (void)retry;
	if (err->code)
		log_warn("detection", "event: %s", err->msg);
}

static void tell(struct discovery *d, const struct service *svc, const struct service_port *p)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(freep) char *key = mem_printf("%s:%u", svc->host, p->port);
	struct plan plan;

	if (d->waited_told.n >= TOLD_MAX || map_get(&d->waited_told, slice_str(key)) || !text_of(d, svc, p, &text))
		return;
	log_warn("detection", "%s: %s", svc->host, buf_str(&text));
	plan_init(&plan);
	plan_event(&plan, svc->obj, true, "ProtocolDetectionTimeout", "%s", buf_str(&text));
	if (d->events)
		executor_run(d->events, &plan, on_told, NULL);
	plan_done(&plan);
	map_set(&d->waited_told, slice_str(key), key);
	key = NULL;
}

void discovery_detection_look(struct discovery *d, const struct session *s)
{
	for (size_t i = 0; d->snap && s->waited && s->trusted && i < d->snap->services->v.n; i++) {
		const struct service *svc = &d->snap->services->v.v[i];

		if (strcmp(svc->ns, s->proxy.ns) != 0 || !svc->obj)
			continue;
		for (size_t k = 0; k < svc->n_ports; k++)
			tell(d, svc, &svc->ports[k]);
	}
	if (s->waited)
		discovery_status_detection(d->status);
}

void discovery_detection_report(struct discovery *d, struct session *s, const char *list)
{
	struct slice rest = slice_str(list);

	if (!s->waited)
		d->n_waited++;
	free(s->waited);
	s->waited = NEW(struct waited_ports);
	while (rest.len && s->waited->n < PORTS_MAX) {
		uint64_t port;

		if (slice_to_u64(slice_trim(slice_split(&rest, ',')), 65535, &port) == 0 && port)
			s->waited->v[s->waited->n++] = (uint16_t)port;
	}
	discovery_detection_look(d, s);
}

void discovery_detection_forget(struct discovery *d, struct session *s)
{
	if (!s->waited)
		return;
	free(take(s->waited));
	d->n_waited--;
	discovery_status_detection(d->status);
}

void discovery_detection_free(struct discovery *d)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&d->waited_told, &i));)
		free(e->value);
	map_done(&d->waited_told);
}
