/* What happens to connections between proxies and replicas, by what is chosen when each is made. */
#include "sim.h"

#include "base/vec.h"
#include "loopback/loopback.h"

#define TICK_MS 20

struct sim_weather sim_weather;
int (*sim_net_choose)(int proxy);

/* A connection; its ends are valid while they are one another's peers. */
struct link {
	int client, server;
	int proxy, replica;
	int paced;       /* the end that gets its bytes in pieces, -1 = none */
	size_t piece;    /* bytes a tick */
	int64_t till_ns; /* then all arrives */
};

static VEC(struct link) links;
static int connecting = -1, connecting_to = -1; /* the proxy whose connection is being made */
static struct timer tick;

static bool is_link(const struct link *l)
{
	const struct node *c = node_of(l->client), *s = node_of(l->server);

	return c && s && c->peer == s;
}

static void prune(void)
{
	for (size_t i = links.n; i-- > 0;)
		if (!is_link(&links.v[i]))
			vec_remove(&links, i);
}

static void on_tick(struct timer *t)
{
	const int64_t now_ns = loopback_now_ns();

	prune();
	for (size_t i = 0; i < links.n; i++) {
		struct link *l = &links.v[i];

		if (l->paced < 0)
			continue;
		if (now_ns >= l->till_ns) {
			loopback_show(l->paced, SIZE_MAX);
			l->paced = -1;
		} else if (l->piece) {
			loopback_show(l->paced, l->piece);
		}
	}
	timer_start(sim_loop, t, TICK_MS, on_tick);
}

static struct link *either_end(struct link *l)
{
	l->paced = sim_chance(50) ? l->client : l->server;
	loopback_show(l->paced, 0);
	return l;
}

static void on_made(int client, int server)
{
	struct link l = {client, server, connecting, connecting_to, -1, 0, 0};

	if (connecting < 0)
		return;
	connecting = -1;
	if (sim_chance(sim_weather.dies)) {
		const size_t after = (size_t)sim_between(1, sim_chance(50) ? 2000 : 60000);
		const bool ours = sim_chance(30);

		loopback_dies_after(ours ? client : server, after);
		sim_note("net: %s to replica %d breaks after %zu bytes of %s", sim_proxy_name(l.proxy), l.replica,
			 after, ours ? "the proxy" : "the replica");
	}
	if (sim_chance(sim_weather.slow)) {
		l.piece = (size_t)sim_between(1, 900);
		l.till_ns = loopback_now_ns() + sim_between(1000, 60000) * NS_PER_MS;
		either_end(&l);
		sim_note("net: %s to replica %d: the %s gets %zu bytes a tick", sim_proxy_name(l.proxy), l.replica,
			 l.paced == client ? "proxy" : "replica", l.piece);
	} else if (sim_chance(sim_weather.stops)) {
		l.till_ns = loopback_now_ns() + sim_between(500, 120000) * NS_PER_MS;
		either_end(&l);
		sim_note("net: %s to replica %d: the %s gets nothing", sim_proxy_name(l.proxy), l.replica,
			 l.paced == client ? "proxy" : "replica");
	}
	prune();
	vec_push(&links, l);
}

/* Proxies connect to 10.96.1.N: to the replica that is chosen for proxy N. */
static bool on_divert(struct addr *to, const struct addr *from)
{
	const unsigned char *b = (const unsigned char *)&to->in4.sin_addr;

	(void)from;
	if (b[0] != 10 || b[1] != 96 || b[2] != 1)
		return true;
	connecting = b[3];
	connecting_to = sim_net_choose(connecting);
	if (connecting_to < 0) {
		connecting = -1;
		return sim_chance(50); /* refused, or a hole */
	}
	((unsigned char *)&to->in4.sin_addr)[1] = 0;
	((unsigned char *)&to->in4.sin_addr)[3] = (unsigned char)(connecting_to + 1);
	return true;
}

void sim_net_start(void)
{
	loopback_divert(on_divert);
	loopback_made(on_made);
	timer_start(sim_loop, &tick, TICK_MS, on_tick);
}

void sim_net_stop(void)
{
	timer_stop(&tick);
	vec_done(&links);
	sim_weather = (struct sim_weather){0};
}

void sim_net_heal(void)
{
	sim_weather = (struct sim_weather){0};
	prune();
	for (size_t i = 0; i < links.n; i++) {
		struct link *l = &links.v[i];

		l->paced = -1;
		loopback_show(l->client, SIZE_MAX);
		loopback_show(l->server, SIZE_MAX);
		loopback_dies_after(l->client, SIZE_MAX);
		loopback_dies_after(l->server, SIZE_MAX);
	}
}

void sim_net_break(int replica, int proxy)
{
	prune();
	for (size_t i = 0; i < links.n; i++) {
		const struct link *l = &links.v[i];

		if ((replica < 0 || l->replica == replica) && (proxy < 0 || l->proxy == proxy))
			loopback_break(l->client);
	}
}

void sim_net_vanish(int proxy)
{
	prune();
	for (size_t i = 0; i < links.n; i++) {
		struct link *l = &links.v[i];

		if (l->proxy != proxy)
			continue;
		loopback_show(l->client, 0);
		loopback_show(l->server, 0);
		l->paced = -1;
	}
}
