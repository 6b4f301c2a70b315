/*
 * Inbound ports at which workers waited for a protocol in vain are reported to the control plane
 * (weft.mesh.v1.DetectionTimeouts), which tells those who own the Service. A new one is looked for from time to time.
 */
#include "proxy/agent/agent_internal.h"

#define DETECTION_TYPE "type.googleapis.com/weft.mesh.v1.DetectionTimeouts"
#define LOOK_MS 5000

static void on_ports(void *arg, const uint16_t *ports, size_t n)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct agent *a = arg;

	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s%u", i ? "," : "", ports[i]);
	if (text.len && a->xds)
		xds_client_report(a->xds, DETECTION_TYPE, buf_str(&text));
}

static void on_look(struct timer *t)
{
	struct agent *a = CONTAINER_OF(t, struct agent, detection);
	const unsigned now = workers_silent_changes(a->workers);

	if (now != a->detection_seen)
		workers_silent(a->workers, on_ports, a);
	a->detection_seen = now;
	timer_start(a->loop, &a->detection, LOOK_MS, on_look);
}

void agent_detection_start(struct agent *a)
{
	timer_start(a->loop, &a->detection, LOOK_MS, on_look);
}
