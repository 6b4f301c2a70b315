/* One worker over sockets in memory; time passes when told to. */
#include "loopback/rig.c"

#include <errno.h>
#include <stdint.h>

#include "certs.h"
#include "config/config_parts.h"
#include "place.h"

static struct rig r;
static place_step *step_peers;
static void *step_arg;

static int begin(place_step *step, void *arg, struct setup *s, struct err *e)
{
	(void)e;
	step_peers = step;
	step_arg = arg;
	rig_begin(&r);
	loopback_close(r.origin); /* servers are the scenario's */
	r.origin = -1;
	s->log = r.log;
	return 0;
}

/* ---- configuration ---- */

static void set_own_secrets(const struct mesh_proxy *p)
{
	CLEANUP(freep) char *name = mem_printf("%s/%s", p->ns, p->service_account);
	const struct cert *c = certs_get(name);

	build_set_secret(r.build, config_secret_new("default", c->chain, c->key, SLICE("")));
	build_set_secret(r.build, config_secret_new("ROOTCA", SLICE(""), SLICE(""), certs_roots()));
}

/* What weftd would read from Secrets. */
static void set_credentials(const struct setup *s)
{
	for (size_t i = 0; i < s->n_credentials; i++) {
		struct slice hosts = slice_str(s->credentials[i]), name = slice_split(&hosts, '=');
		const struct cert *c = certs_get(hosts.ptr);
		CLEANUP(freep) char *key = mem_printf("kubernetes://%.*s", SLICE_ARG(name));
		CLEANUP(freep) char *roots = mem_printf("%s-cacert", key);

		build_set_secret(r.build, config_secret_new(key, c->chain, c->key, SLICE("")));
		build_set_secret(r.build, config_secret_new(roots, SLICE(""), SLICE(""), certs_roots()));
	}
}

static int load_text(const char *yaml, struct err *e)
{
	char path[] = "/tmp/weft-scenario.XXXXXX";
	const int fd = mkstemp(path);
	int n;

	assert(fd >= 0 && write(fd, yaml, strlen(yaml)) == (ssize_t)strlen(yaml));
	close(fd);
	n = config_file_load(path, r.build, e);
	unlink(path);
	return n;
}

static int apply_setup(const struct setup *s, struct err *e)
{
	int n;

	if (s->mesh)
		set_own_secrets(&s->proxy);
	set_credentials(s);
	n = s->yaml ? load_text(s->yaml, e) : mesh_fill(s->mesh, &s->proxy, r.build, e);
	if (n < 0)
		return n;
	rig_apply(&r);
	return 0;
}

/* ---- sockets ---- */

static int listen_at(const char *at, struct err *e)
{
	(void)e;
	return loopback_listen(at);
}

/* As REDIRECT does it: the connection arrives at via and knows where it was going. */
static int connect_redirected(const struct addr *target, const char *via, const char *from)
{
	const int fd = loopback_connect_from(via, from);
	struct node *n = node_of(fd);

	n->peer->original = *target;
	n->remote = *target;
	return fd;
}

static int connect_to(const char *to, const char *from, const char *via, struct err *e)
{
	const char *at = via ? via : to;
	const struct addr target = parse(to), first = parse(at);

	if (!listener_at(&first))
		return err_set(e, -ECONNREFUSED, "nobody listens on %s", at);
	return via ? connect_redirected(&target, via, from) : loopback_connect_from(to, from);
}

/* ---- time ---- */

static void settle(void)
{
	do {
		loopback_run(r.loop);
	} while (step_peers(step_arg));
}

static void advance(int64_t ms)
{
	const int64_t end = net.now_ns + ms * NS_PER_MS;

	settle();
	while (net.now_ns < end) {
		loop_turn(r.loop, (int)((end - net.now_ns + NS_PER_MS - 1) / NS_PER_MS));
		settle();
	}
}

/* ---- more ---- */

static void resolve(const char *host, uint16_t port, const char *ip)
{
	struct addr a;

	assert(addr_parse(slice_str(ip), port, &a) == 0);
	if (build_set_addresses(r.build, host, port, &a, 1))
		rig_apply(&r);
}

static void write_counters(struct buf *out)
{
	struct metrics *m = metrics_new();

	metrics_merge(m, r.worker.metrics);
	worker_stats_write(&r.worker, m);
	metrics_write_prometheus(m, out);
	metrics_free(m);
}

static int end(struct err *e)
{
	(void)e;
	loopback_run(r.loop);
	rig_stop(&r);
	return 0;
}

const struct place place_memory = {
	.name = "memory",
	.in_memory = true,
	.begin = begin,
	.apply = apply_setup,
	.listen = listen_at,
	.connect = connect_to,
	.settle = settle,
	.advance = advance,
	.patience_steps = 80,
	.step_ms = 5,
	.hang = loopback_black_hole,
	.resolve = resolve,
	.counters = write_counters,
	.end = end,
};
