/* Looked up once per configuration. */
#include "proxy/telemetry/self.h"

static void learn_self(struct worker *w, const struct config *c)
{
	if (w->self && w->self_version == c->version)
		return;
	w->self_version = c->version;
	w->self = stats_peer_of_node(w, c->node);
	w->principal = stats_intern(w, slice_str(c->node->principal));
}

struct stats_peer *worker_self(struct worker *w, const struct config *c)
{
	learn_self(w, c);
	return w->self;
}

const char *worker_principal(struct worker *w, const struct config *c)
{
	learn_self(w, c);
	return w->principal;
}
