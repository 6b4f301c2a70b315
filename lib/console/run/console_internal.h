/* The console's parts, and a request on its way through them. */
#ifndef CONSOLE_RUN_INTERNAL_H
#define CONSOLE_RUN_INTERNAL_H

#include <cjson/cJSON.h>

#include "console/access/access.h"
#include "console/collect/collect.h"
#include "console/graph/graph.h"
#include "console/live/live.h"
#include "console/mesh/mesh.h"
#include "console/run/console.h"
#include "console/server/server.h"
#include "console/source/source.h"

struct console {
	struct loop *loop;
	struct console_config config;
	struct console_server *server;
	struct access *access;
	struct span_store *store;                    /* CONSOLE_COLLECTOR */
	struct collector *collector;                 /* CONSOLE_COLLECTOR */
	struct mesh *mesh;                           /* CONSOLE_MESH */
	struct live *live;                           /* CONSOLE_MESH */
	struct source *prometheus, *traces, *istiod; /* NULL = not configured */
	uint16_t grpc_port;
	struct list calls;
	struct store_watch listed; /* of the mesh's objects */
	struct timer trim;
};

/* What was freed goes back to the system, soon: after lists and large answers three quarters of the heap are free. */
#define LARGE_ANSWER_BYTES (128u << 10)
void console_trim_soon(struct console *c);

#define CALL_PARTS_MAX 4

/* A request that is being answered. It owns the exchange until it is answered, and ends with it. */
struct call {
	struct list link; /* in console->calls */
	struct console *console;
	struct exchange *x;
	struct access_user *user;           /* referenced */
	struct slice parts[CALL_PARTS_MAX]; /* what the path's stars stand for */
	/* Of questions to Prometheus: */
	enum graph_type type;
	enum graph_measure measures[GRAPH_MEASURES];
	size_t n_measures;
	char *namespaces; /* the regular expression that was asked with */
	unsigned seconds;
	void (*on_graph)(struct call *c, cJSON *graph, const char *error); /* graph is taken over; NULL with an error */
	cJSON *json;                                                       /* what is added to before it is sent */
	struct kube_call *kube;
	struct live_pod *pods; /* that are asked by question; in the exchange's arena */
	size_t n_pods;
	struct live_question *question;
};

/* Finds who answers; false: nobody. The exchange is the call's then. */
bool api_serve(struct console *c, struct exchange *x, struct access_user *u);
/* Gives up all that is under way; the exchanges stay unanswered. */
void api_stop(struct console *c);

/* ---- for those who answer ---- */

/* Answers 200 with the JSON (freed), or an error, and ends the call. */
void call_reply(struct call *c, cJSON *json);
void call_fail(struct call *c, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The API server's answer to c->kube, which is over; false: answered, with its error. */
bool call_kube_took(struct call *c, const struct kube_result *r);
/* Whether this part knows the mesh; false: answered, with what stands before "shown by the Route kiali". */
bool call_has_mesh(struct call *c, const char *what);
/* What the user may see of the mesh. */
struct mesh_view call_view(struct call *c);
bool call_sees(void *arg, const char *ns);
/* Part i of the path as a text in the call's memory. */
const char *call_part(struct call *c, size_t i);

/* Sets namespaces to those that the request names (all that are seen, when it names none); false: answered. */
bool call_wants_namespaces(struct call *c);
/* Whether an edge touches one of them; for graph_json, with the call. */
bool call_keeps(void *arg, const char *source_ns, const char *target_ns);

/*
 * Asks for the graph of the namespaces that the request names (all that are seen, when it names none) over its
 * duration, and calls on_graph. false: the arguments are wrong, and that was answered.
 */
bool call_ask_graph(struct call *c, enum graph_type type, const enum graph_measure *measures, size_t n,
		    void (*on_graph)(struct call *c, cJSON *graph, const char *error));

/* Rows of the control plane's /debug/syncz. */
bool api_is_proxy_of(const cJSON *row, const char *pod);
bool api_is_synced(const cJSON *row);

/* The handlers, by the file they are in. */
void api_status(struct call *c);
void api_namespaces(struct call *c);
void api_workloads(struct call *c);
void api_workload(struct call *c);
void api_applications(struct call *c);
void api_application(struct call *c);
void api_services(struct call *c);
void api_service(struct call *c);
void api_graph(struct call *c);
void api_live(struct call *c);
void api_pod_proxy(struct call *c);
void api_pod_logs(struct call *c);
void api_why(struct call *c);
void api_config(struct call *c);
void api_config_object(struct call *c);
void api_config_write(struct call *c);
void api_config_delete(struct call *c);
void api_query(struct call *c);
void api_traces(struct call *c);

#endif
