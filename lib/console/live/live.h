/*
 * The traffic of a few proxies as of now, from their own metrics (port 15090, /stats/prometheus: the proxy's alone, so
 * that looking costs the application nothing). A proxy is asked when somebody asks here, and at most once in
 * LIVE_FRESH_NS however many do; what was heard in the last ten questions gives rates. Nobody looks: nothing is asked,
 * and soon nothing is kept. The loop's thread.
 */
#ifndef CONSOLE_LIVE_H
#define CONSOLE_LIVE_H

#include "base/clock.h"
#include "console/graph/graph.h"
#include "net/loop.h"

#define LIVE_PORT 15090
#define LIVE_PODS_MAX 100u    /* that are asked; on a screen with more nobody is */
#define LIVE_PROXIES_MAX 300u /* that all who look together may have asked */
#define LIVE_TIMEOUT_MS 3000
#define LIVE_SERIES_MAX 40000u /* of all proxies together; more are left out, and counted */
#define LIVE_ANSWER_MAX_BYTES (4u << 20)
#define LIVE_FRESH_NS (500 * (int64_t)NS_PER_MS)
#define LIVE_WAIT_MS 1500  /* an answer does not wait longer for a proxy that is slow */
#define LIVE_KEEP_MS 15000 /* without a question */

struct live;
struct live_question;

/* A proxy that may be asked. Texts are borrowed for the call. */
struct live_pod {
	const char *ns, *name, *ip, *workload;
};

enum live_state {
	LIVE_NEW,   /* it has not answered twice yet, or nobody asked */
	LIVE_KNOWN, /* there are rates */
	LIVE_LOST,  /* it does not answer */
};

struct live *live_new(struct loop *l, uint16_t port);
/* Questions under way are given up. NULL is fine. */
void live_free(struct live *l);

/*
 * Asks those of the pods (at most LIVE_PODS_MAX) whose last answer is not fresh, and calls fn once all have answered or
 * LIVE_WAIT_MS are over; never inside. Until then the question may be taken back.
 */
struct live_question *live_ask(struct live *l, const struct live_pod *pods, size_t n, void (*fn)(void *arg), void *arg);
/* NULL is fine. */
void live_forget(struct live_question *q);

/* How far a pod is. ret_why: what it said instead of answering, until the next turn; "" else. */
enum live_state live_state_of(const struct live *l, const struct live_pod *pod, const char **ret_why);
/* In how many seconds its certificate ends, as it said last; false: it has not said. */
bool live_certificate(const struct live *l, const struct live_pod *pod, int64_t *ret_s);
/* Adds what the pods know of the last seconds to a graph; gives the series that had no room. */
size_t live_add(struct live *l, const struct live_pod *pods, size_t n, struct graph *g);

#endif
