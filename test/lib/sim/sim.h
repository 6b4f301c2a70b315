/*
 * A whole control plane in one process: an API server, replicas of weftd and proxies over a clock, a network and dice
 * of a simulation. What is real: of weftd everything from requests' URLs and lines of watches to HTTP/2 frames of its
 * sessions, of the proxies the gRPC channel, the xDS client and the decoder of resources. What is played is what stands
 * behind: the objects of the API server (api.c), the network (net.c), the time (chance.c), and the people (mesh.c).
 *
 * One seed decides all that is chosen, so a run is repeated by its seed. A test includes the .c files of this folder,
 * in the order that this header has them; one thread.
 */
#ifndef TEST_SIM_H
#define TEST_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rand.h"
#include "kube/client.h"
#include "net/loop.h"

/* ---- chance.c: dice, clocks, and the trace of what was done ---- */

/* Throws of this seed. */
extern struct rand sim_dice;
/* True in so many of a hundred throws. */
bool sim_chance(unsigned percent);
/* From low to high, both included. */
int64_t sim_between(int64_t low, int64_t high);

/* How far the wall clock is from where it should be. */
extern int64_t sim_wall_off_ns;

/* Begins a seed: dice, clocks and all randomness of the program follow from it. */
void sim_begin(uint64_t seed);
/* Writes a line of the trace, with the time; loud also prints it. */
void sim_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern struct buf sim_trace;
extern bool sim_loud;

/* The loop of all. */
extern struct loop *sim_loop;
/* Time passes. */
void sim_pass(int64_t ms);

/* ---- net.c: what happens to connections ---- */

/* How bad the network is: in so many of a hundred connections ... */
struct sim_weather {
	unsigned dies;  /* it breaks at some byte */
	unsigned slow;  /* one end gets its bytes in small pieces, at any boundary */
	unsigned stops; /* one end gets nothing for a while, or never again */
};
extern struct sim_weather sim_weather;

void sim_net_start(void);
void sim_net_stop(void);
/* The bad weather is over: what was held arrives, and nothing breaks any more. */
void sim_net_heal(void);
/* Breaks connections of that replica (-1: of any), or of that proxy. */
void sim_net_break(int replica, int proxy);
/* Neither end of the proxy's connections hears of the other any more; nobody is told. */
void sim_net_vanish(int proxy);
/* Where the next connection of a proxy goes: a replica, or -1: nowhere. Set by plane.c. */
extern int (*sim_net_choose)(int proxy);

/* ---- api.c: the API server ---- */

/* What goes wrong with calls: of a hundred ... */
struct sim_api_faults {
	unsigned refused; /* writes get 409, 500, 503 or 429 */
	unsigned lost;    /* calls are carried out and their answer is lost, or never arrive */
	unsigned silent;  /* calls are never answered */
	unsigned slow;    /* answers take seconds */
	unsigned lags;    /* watches are late by seconds, from then on */
	unsigned repeats; /* events come again, with those before them */
	unsigned cut;     /* watches end at some byte of a line */
	unsigned gone;    /* watches end with 410 */
	unsigned hush;    /* watches say nothing any more, and break a while later */
};
extern struct sim_api_faults sim_api_faults;

struct kube_transport;
/* The transport of a replica's client. */
struct kube_transport *sim_api_transport(int replica);

/* No objects, no faults. */
void sim_api_start(void);
/* All calls must have ended. Objects stay. */
void sim_api_stop(void);
/* Changes reach watches: after each hand on the objects. */
void sim_api_changed(void);
/* Nobody is answered for so long; who watched is cut off. */
void sim_api_away(int64_t ms);
/* The state of some versions before is back, after a short absence. */
void sim_api_restore(int versions);
/* What happened so far can no longer be watched from. */
void sim_api_compact(void);
/* The replica cannot reach the API server, nor the other way round, or can again. */
void sim_api_cut(int replica, bool cut);
/* No faults, everybody is reached. */
void sim_api_heal(void);
/* Writes of replicas so far that changed something, leases aside. */
unsigned sim_api_writes(void);

/* ---- plane.c: replicas of weftd ---- */

#define SIM_REPLICAS 2
/* How many there are this time. */
extern int sim_replicas;

void sim_plane_start(int replica);
/* gracefully: it tells its proxies; else they find out. */
void sim_plane_stop(int replica, bool gracefully);
bool sim_plane_up(int replica);
bool sim_plane_ready(int replica);

/* ---- mesh.c: what users say ---- */

/* Certificates of all secrets, made once per program. */
void sim_mesh_once(void);
void sim_mesh_once_done(void);
/* The objects that are there at first. */
void sim_mesh_put(void);
/* The version of the API server at that time. */
int sim_mesh_first_version(void);
/* Something changes. */
void sim_mesh_change(void);
bool sim_mesh_has_secret(const char *ns, struct slice name);
/* A proxy has taken a route configuration: which changes are in it. */
void sim_mesh_saw(int proxy, struct slice routes);
/* What a replica is about to say of an object: nothing that no proxy has heard of. */
void sim_mesh_said(const struct kube_request *status);
/* What was said that was not so; "" = nothing. */
const char *sim_mesh_wrong(void);
/* The namespaces that belong to the mesh now. */
bool sim_mesh_member(const char *ns);
/* Secrets: their number, and whose key a number is; key: base64 is not applied. */
size_t sim_mesh_keys(void);
struct slice sim_mesh_key(size_t i, const char **ret_ns);

/* ---- proxy.c: the proxies ---- */

void sim_proxies_start(void);
void sim_proxies_stop(void);
size_t sim_proxies(void);
const char *sim_proxy_name(int proxy);
/* Whether what it is given counts: it is of a member, and who it says. */
bool sim_proxy_counts(int proxy);
/* Dies without a word, and is there again, with what it had (saved) or with nothing. */
void sim_proxy_restart(int proxy, bool saved);
/* What it holds, a line a resource; appended. */
void sim_proxy_state(int proxy, struct buf *out);
/* Whether it refuses what it does not like, and how often that was. */
bool sim_proxy_picky(int proxy);
unsigned sim_proxy_refusals(void);
/* What was wrong with what it was given so far; "" = nothing. */
const char *sim_proxy_wrong(void);

#endif
