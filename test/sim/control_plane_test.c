/*
 * The control plane under everything that can go wrong at once, a seed at a time (test/lib/sim/sim.h). While a seed is
 * played users change their mesh, the API server, the network, the replicas of weftd, the proxies and the clocks do
 * their worst; then all is well again, and after so much simulated time it must be as if nothing had been:
 *   - each proxy holds, and each object's status says, what they would in a mesh that began with these objects
 *   - at no time was anybody given a key that is not its own, or anything when it is not who it says
 *
 *   control_plane_test [FIRST [SEEDS [loud]]]         200 seeds from 1 on; loud prints the trace while it happens
 *
 * A seed that fails is printed with its trace, and is repeated by its number.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loopback/loopback.c"

#include "sim/chance.c"
#include "sim/net.c"
#include "sim/api.c"
#include "sim/plane.c"
#include "sim/mesh.c"
#include "sim/proxy.c"

#include "base/log.h"
#include "cluster_state.h"

#define SEEDS 200
/* After the last fault all must be as it should: a list that nobody answers takes a replica 30 s, a proxy that tries to
 * connect meanwhile 10 s, and its longest back-off is 45 s. */
#define PATIENCE_MS 120000
/* By then few write anything: a proxy that comes back late makes a status or two. */
#define QUIET_AFTER_MS 50000
#define QUIET_MS 4000
#define QUIET_WRITES 20
#define FRESH_MS 5000 /* to begin without faults */

/* ---- what goes wrong ---- */

static void choose_faults(void)
{
	unsigned *const of[] = {&sim_weather.dies,       &sim_weather.slow,    &sim_weather.stops,
				&sim_api_faults.refused, &sim_api_faults.lost, &sim_api_faults.silent,
				&sim_api_faults.slow,    &sim_api_faults.lags, &sim_api_faults.repeats,
				&sim_api_faults.cut,     &sim_api_faults.gone, &sim_api_faults.hush};

	for (size_t i = 0; i < ARRAY_LEN(of); i++)
		*of[i] = sim_chance(25) ? (unsigned)sim_between(1, 40) : 0;
}

static int some_replica(void)
{
	return (int)sim_between(0, sim_replicas - 1);
}

static int some_proxy(void)
{
	return (int)sim_between(0, (int64_t)sim_proxies() - 1);
}

static void restart(void)
{
	const int i = some_replica();

	sim_plane_stop(i, sim_chance(50));
	sim_pass(sim_between(0, 4000));
	if (!sim_plane_up(i))
		sim_plane_start(i);
}

static void jump(void)
{
	const int64_t ms = sim_between(1000, 3600 * 1000);

	if (sim_chance(40)) {
		sim_note("clock: all sleep for %lld ms", (long long)ms / 20);
		loopback_skip(ms / 20);
		return;
	}
	sim_wall_off_ns += sim_chance(50) ? ms * NS_PER_MS : -ms * NS_PER_MS;
	sim_note("clock: it is off by %lld ms", (long long)(sim_wall_off_ns / NS_PER_MS));
}

static bool restored; /* the past of this seed came back: a generation may be another's */

static void mishap(void)
{
	switch (sim_between(0, 10)) {
	case 0:
		sim_api_away(sim_between(100, 40000));
		break;
	case 1:
		restored = true;
		sim_api_restore((int)sim_between(1, 30));
		break;
	case 2:
		sim_api_compact();
		break;
	case 3:
		sim_api_cut(some_replica(), sim_chance(60));
		break;
	case 4:
		restart();
		break;
	case 5:
	case 6:
		sim_proxy_restart(some_proxy(), sim_chance(50));
		break;
	case 7:
		sim_note("net: all connections break");
		sim_net_break(sim_chance(50) ? some_replica() : -1, -1);
		break;
	case 8: {
		const int p = some_proxy();

		sim_note("net: %s vanishes", sim_proxy_name(p));
		sim_net_vanish(p);
		break;
	}
	case 9:
		jump();
		break;
	default:
		choose_faults();
	}
}

static void play_round(void)
{
	const int steps = (int)sim_between(4, 14);

	if (sim_chance(60))
		choose_faults();
	for (int i = 0; i < steps; i++) {
		if (sim_chance(65))
			sim_mesh_change();
		else
			mishap();
		sim_pass(sim_chance(50) ? sim_between(0, 300) : sim_between(0, 5000));
	}
}

static void heal(void)
{
	sim_note("--- all is well again ---");
	sim_net_heal();
	sim_api_heal();
	for (int i = 0; i < sim_replicas; i++)
		if (!sim_plane_up(i))
			sim_plane_start(i);
}

/*
 * One replica goes, at once or when all has become quiet, and what it did is the other's: all proxies are with one,
 * whose word on them counts. False: they did not become quiet.
 */
static bool leave_one(void)
{
	bool quiet = true;

	if (sim_replicas > 1 && sim_chance(50)) {
		unsigned before;

		sim_pass(QUIET_AFTER_MS);
		before = sim_api_writes();
		sim_pass(QUIET_MS);
		quiet = sim_api_writes() - before < QUIET_WRITES;
	}
	sim_pass(sim_between(1000, 40000));
	if (sim_replicas > 1)
		sim_plane_stop(some_replica(), sim_chance(50));
	return quiet;
}

/* ---- what must be so ---- */

/*
 * What only a proxy can tell depends on what it was shown before: which object is guessed to be at fault, and for how
 * long it stays so. Where it refused something, it and what could be at fault is not compared; all others are.
 */
static bool refused; /* in this seed */

static char *state_of_proxies(void)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sim_proxies(); i++)
		if (sim_proxy_counts((int)i) && !(refused && sim_proxy_picky((int)i)))
			sim_proxy_state((int)i, &out);
	return buf_take_str(&out);
}

/* What is said of objects of the mesh: "Kind NAMESPACE/NAME {...}", a line each. */
static char *state_of_objects(void)
{
	CLEANUP(freep) char *all = state_text();
	struct slice rest = slice_str(all);
	struct buf out = BUF_INIT;

	while (rest.len) {
		const struct slice line = slice_split(&rest, '\n');
		struct slice name = line, space;
		char ns[64];

		slice_split(&name, ' ');
		space = slice_split(&name, '/');
		snprintf(ns, sizeof(ns), "%.*s", SLICE_ARG(space));
		if (refused && slice_starts(line, SLICE("VirtualService ")))
			continue;
		if (!*ns || sim_mesh_member(ns))
			buf_printf(&out, "%.*s\n", SLICE_ARG(line));
	}
	return buf_take_str(&out);
}

static bool is_derived(const cJSON *o)
{
	return fake_is(o, &api_kind_route, NULL, NULL) || fake_is(o, &api_kind_event, NULL, NULL) ||
	       fake_is(o, &api_kind_lease, NULL, NULL) || fake_is(o, &api_kind_config_map, NULL, "istio-ca-root-cert");
}

/* The objects as users made them, without what weftd says of them and makes. */
static void forget_what_was_said(void)
{
	for (size_t i = fake_kube.objects.n; i-- > 0;) {
		cJSON *o = fake_kube.objects.v[i];

		if (is_derived(o)) {
			cJSON_Delete(o);
			vec_remove(&fake_kube.objects, i);
		} else if (!strncmp(json_str(o, "apiVersion"), "networking.istio.io", 19) ||
			   !strncmp(json_str(o, "apiVersion"), "security.istio.io", 17)) {
			cJSON_DeleteItemFromObject(o, "status");
		}
	}
	cluster_log_anew();
}

static void begin(int n)
{
	loopback_start();
	sim_loop = loop_new();
	sim_net_start();
	sim_api_start();
	sim_replicas = n;
	for (int i = 0; i < n; i++)
		sim_plane_start(i);
}

static void end(void)
{
	sim_proxies_stop();
	for (int i = 0; i < SIM_REPLICAS; i++)
		sim_plane_stop(i, false);
	sim_pass(100);
	sim_api_stop();
	sim_net_stop();
	loop_free(sim_loop);
	assert_int_equal(0, loopback_open());
	loopback_stop();
}

static int choose_replica(int proxy)
{
	const int first = proxy % sim_replicas;

	for (int i = 0; i < sim_replicas; i++)
		if (sim_plane_ready((first + i) % sim_replicas))
			return (first + i) % sim_replicas;
	return -1;
}

/* Lines of a that are not in b. */
static void print_others(const char *how, const char *a, const char *b)
{
	struct slice rest = slice_str(a);

	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');

		if (line.len && !memmem(b, strlen(b), line.ptr, line.len))
			fprintf(stderr, "  %s: %.*s\n", how, (int)MIN(line.len, 1500), line.ptr);
	}
}

static bool same(uint64_t seed, const char *what, const char *want, const char *got)
{
	if (!strcmp(want, got))
		return true;
	fprintf(stderr, "seed %llu: %s:\n", (unsigned long long)seed, what);
	print_others("want", want, got);
	print_others("got ", got, want);
	return false;
}

/* The same objects in a mesh that begins with them. */
static bool as_if_nothing_had_been(uint64_t seed, const char *proxies_had, const char *objects_said)
{
	CLEANUP(freep) char *proxies_want = NULL, *objects_want = NULL;
	bool ok;

	forget_what_was_said();
	sim_note("--- the same without faults ---");
	sim_wall_off_ns = 0;
	begin(1);
	while (!sim_plane_ready(0))
		sim_pass(100);
	sim_proxies_start();
	sim_pass(FRESH_MS);
	proxies_want = state_of_proxies();
	objects_want = state_of_objects();
	ok = same(seed, "proxies", proxies_want, proxies_had);
	ok = same(seed, "objects", objects_want, objects_said) && ok;
	if (*sim_proxy_wrong()) {
		fprintf(stderr, "seed %llu: without faults: %s\n", (unsigned long long)seed, sim_proxy_wrong());
		ok = false;
	}
	end();
	return ok;
}

static void print_objects(void)
{
	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		char *text = cJSON_PrintUnformatted(fake_kube.objects.v[i]);

		if (!fake_is(fake_kube.objects.v[i], &api_kind_secret, NULL, NULL))
			fprintf(stderr, "  object: %.900s\n", text);
		cJSON_free(text);
	}
}

static bool play(uint64_t seed)
{
	CLEANUP(freep) char *proxies_had = NULL, *objects_said = NULL, *wrong_text = NULL;
	bool ok = true;

	sim_begin(seed);
	restored = refused = false;
	loopback_start();
	sim_mesh_put();
	loopback_stop();
	begin(sim_chance(50) ? 2 : 1);
	sim_proxies_start();
	sim_pass(sim_chance(70) ? 4000 : sim_between(0, 2000));
	for (int64_t rounds = sim_between(1, 3); rounds > 0; rounds--) {
		play_round();
		if (sim_chance(50)) {
			heal();
			sim_pass(sim_between(0, 20000));
		}
	}
	heal();
	if (!leave_one()) {
		fprintf(stderr, "seed %llu: the replicas write without end\n", (unsigned long long)seed);
		ok = false;
	}
	sim_pass(PATIENCE_MS);
	refused = sim_proxy_refusals() > 0;
	proxies_had = state_of_proxies();
	objects_said = state_of_objects();
	wrong_text = mem_printf("%s%s", sim_proxy_wrong(), restored ? "" : sim_mesh_wrong());
	end();
	if (*wrong_text) {
		fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, wrong_text);
		ok = false;
	}
	ok = as_if_nothing_had_been(seed, proxies_had, objects_said) && ok;
	if (!ok)
		print_objects();
	cluster_forget();
	fake_objects_reset();
	if (!ok && !sim_loud)
		fprintf(stderr, "the trace of seed %llu:\n%s\n", (unsigned long long)seed, buf_str(&sim_trace));
	return ok;
}

int main(int argc, char **argv)
{
	const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	const uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : SEEDS;
	unsigned failed = 0;

	log_set_level(argc > 3 ? LOG_INFO : LOG_NONE);
	sim_loud = argc > 3;
	setvbuf(stdout, NULL, sim_loud ? _IOLBF : _IOFBF, 1 << 16);
	sim_net_choose = choose_replica;
	sim_begin(0);
	sim_mesh_once();
	for (uint64_t seed = first; seed < first + n; seed++)
		failed += !play(seed);
	sim_mesh_once_done();
	buf_done(&sim_trace);
	printf("%llu passed, %u failed\n", (unsigned long long)(n - failed), failed);
	return failed > 0;
}
