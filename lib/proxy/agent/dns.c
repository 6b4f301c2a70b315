/* The pod's DNS: where it is redirected to the proxy, names come from the control plane. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/agent/agent_internal.h"

int agent_dns_start(struct agent *a, struct err *e)
{
	const struct bootstrap *b = a->boot;
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct responder_params p = {.port = b->dns_port};
	int r = dns_resolv_read(b->resolv_path, &tmp, &p.conf, e);

	if (r < 0)
		return err_wrap(e, r, "DNS");
	if (!p.conf.n_servers)
		log_warn("dns", "%s names no server: only names of the mesh are known", b->resolv_path);
	a->search = mem_strdup(p.conf.search);
	p.scope = (struct name_scope){.ns = b->node->namespace_, .domain = b->domain, .search = a->search};
	r = responder_start(a->loop, &p, &a->responder, e);
	return r < 0 ? err_wrap(e, r, "DNS") : 0;
}

void agent_dns_stop(struct agent *a)
{
	responder_free(take(a->responder));
	free(take(a->search));
}

int agent_dns_apply(struct agent *a, const struct build_update *u, struct err *e)
{
	for (size_t i = 0; a->responder && i < u->n_changed; i++) {
		struct name_table *t = name_table_decode(u->changed[i]->bytes, e);

		if (!t) {
			u->refused[i] = true;
			return err_wrap(e, -EINVAL, "names");
		}
		log_debug("dns", "%zu names", t->by_host.n);
		responder_set_table(a->responder, t);
	}
	return 0;
}
