/*
 * An agent of the proxy and what it talks to, on one loop: a control plane that gives what a test sets, a CA, a backend
 * and a client. The agent runs in the process, or a test starts the program with the same environment.
 */
#ifndef TEST_AGENT_WORLD_H
#define TEST_AGENT_WORLD_H

#include "grpc/server.h"
#include "pki/ca.h"
#include "proxy/agent/agent_internal.h"
#include "xds/server.h"

#define AGENT_WORLD_WAIT_MS 20000

struct agent_world {
	struct loop *loop;
	char dir[64]; /* state, token and root certificate; removed at the end */
	struct pki_ca *ca;
	struct grpc_server *grpc;
	struct xds_server *xds;
	struct xds_set *sets[XDS_TYPE_COUNT]; /* what the control plane gives */
	uint16_t port;                        /* of the control plane */
	struct http_server *back;
	uint16_t back_port, front_port;
	unsigned csrs;
	char nack[512];  /* the last refusal that the control plane heard */
	char other[256]; /* the last request of no known type: "type: error", or "type: fine" */
	unsigned others;
	const char *ip;    /* that the proxy says it has: "10.0.0.9" */
	uint16_t dns_port; /* where the pod's DNS is answered; 0 = it is not redirected */
	struct agent *agent;
	struct bootstrap boot;
	bool ended;
	struct agent client; /* only for requests: loop and fetches */
	int status;          /* of the last request */
	char body[1 << 16];
	bool answered;
};

/* The condition becomes true while the loop runs. */
#define WAIT_FOR(w, condition)                                                                                         \
	do {                                                                                                           \
		int64_t until_ = clock_mono_ns() + AGENT_WORLD_WAIT_MS * (int64_t)NS_PER_MS;                           \
		while (!(condition) && clock_mono_ns() < until_)                                                       \
			loop_turn((w)->loop, 20);                                                                      \
		assert_true(condition);                                                                                \
	} while (0)

/* A format for front_port: the listener "front" with the route configuration "80". */
extern const char agent_world_listener[];

/* A directory, a CA, a backend that answers with the path, and resources that lead to it. */
void agent_world_init(struct agent_world *w);
void agent_world_done(struct agent_world *w);
/* The backend's handler: 200 with the path. */
void agent_world_answer(void *ctx, struct http_request *rq);
/* A TCP port of 127.0.0.1 that nobody uses at this moment. */
uint16_t agent_world_free_port(void);

/* Listens at w->port, or chooses one. */
void agent_world_start_control(struct agent_world *w);
void agent_world_stop_control(struct agent_world *w);

/* All resources of a type from now on: n pairs of name and JSON. Push afterwards. */
void agent_world_set(struct agent_world *w, enum xds_type type, const char *const *pairs, size_t n);
/* The route configuration "80": all paths go to the backend with this prefix before them. */
void agent_world_set_route(struct agent_world *w, const char *prefix);
/* Listener, route, cluster and endpoints as at the start. */
void agent_world_set_all(struct agent_world *w);

/* Environment variables for a proxy of this world. */
void agent_world_environment(const struct agent_world *w);
/* The agent in this process, with one worker and without its servers. */
void agent_world_start(struct agent_world *w);
void agent_world_stop(struct agent_world *w);
bool agent_world_ready(struct agent_world *w);

/* One request to 127.0.0.1; the status, or 0 when there is no answer (w->body says why). The body is in w->body. */
int agent_world_request(struct agent_world *w, const char *method, uint16_t port, const char *path);
int agent_world_get(struct agent_world *w, uint16_t port, const char *path);

#endif
