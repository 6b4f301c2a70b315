/* Rules in the shadow say which connections are asked about; what cannot be asked is denied, unless the configuration
 * says else. */
#include "proxy/listener/tcp_authz.h"

#include "proxy/filter/ext_authz.h"
#include "proxy/listener/listener.h"

bool tcp_authz_concerns(const struct down *d, struct tls *tls, const struct config_tcp_proxy *c)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct rbac_input in = down_rbac_input(d, tls);
	struct metadata all = {NULL};

	if (!c->ext_authz)
		return false;
	for (size_t i = 0; i < c->n_rbac; i++) {
		struct metadata_entry *v = ARENA_NEW_N(&a, struct metadata_entry, RBAC_SHADOW_MAX);
		const size_t n = rbac_shadow(c->rbac[i], &in, CONFIG_RBAC_NETWORK_METADATA, v);

		for (size_t k = 0; k < n; k++)
			metadata_add(&all, &v[k]);
	}
	return !c->ext_authz->enabled || match_metadata_test(c->ext_authz->enabled, &all);
}

void tcp_authz_cancel(struct tcp_authz *a)
{
	side_call_cancel(take(a->call));
	worker_config_put(take(a->wc));
}

static void on_answer(void *arg, const struct side_answer *answer)
{
	struct tcp_authz *a = arg;
	bool may = false;

	if (!ext_authz_read_connection(answer, &may))
		may = a->config->failure_allow;
	a->call = NULL;
	worker_config_put(take(a->wc));
	a->on_verdict(a, may);
}

void tcp_authz_ask(struct tcp_authz *a, struct down *d, struct worker_config *wc, const struct filter_ext_authz *c,
		   void (*on_verdict)(struct tcp_authz *a, bool may))
{
	const struct side_params p = {.timeout_ns = c->timeout_ns, .on_answer = on_answer, .arg = a};
	CLEANUP(buf_done) struct buf message = BUF_INIT;

	*a = (struct tcp_authz){.config = c, .wc = worker_config_get(wc), .on_verdict = on_verdict, .asked = true};
	a->call = side_call_new(d->worker, wc, c->cluster.slot);
	side_call_grpc(a->call, c->authority, SLICE("/envoy.service.auth.v3.Authorization/Check"));
	for (size_t i = 0; i < c->n_add; i++)
		http_set(side_call_head(a->call), c->add[i].name, c->add[i].value);
	ext_authz_write_connection(d, wc->config->node->principal, &message);
	side_call_send(a->call, buf_slice(&message), &p);
}
