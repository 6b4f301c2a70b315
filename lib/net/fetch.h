/*
 * Fetches small documents over HTTP and HTTPS: bounded in size, time and redirections, from addresses that its owner
 * allows. Names are looked up by the system, no proxy is used, servers are verified with the system's authorities.
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/slice.h"
#include "net/loop.h"
#include "net/socket.h"

#define FETCH_REDIRECTS_MAX 3
#define FETCH_CONNECT_MS 5000

struct fetcher;
struct fetch;

struct fetch_params {
	const char *url;
	size_t max_bytes;
	int64_t timeout_ms;
	/* Asked of each address before it is connected to, also after a redirection. NULL = all are fine. */
	bool (*may_reach)(const struct addr *a);
	/* Servers' certificates may also end at these, PEM; NULL = none, and so a missing file. The text must live
	 * until on_done. */
	const char *roots_file, *roots;
	/* Once, unless the fetch was stopped; gone when this returns. error "" = there is a document; else why not. */
	void (*on_done)(void *arg, struct slice body, const char *error);
	void *arg;
	const char *field; /* one more field of the request, "authorization: Bearer ..."; copied. NULL = none */
	const char
		*form; /* is posted (x-www-form-urlencoded); copied, wiped afterwards as the answer is. NULL = a GET */
	bool stay;     /* redirections are not followed: they are no document */
	bool any_status; /* a body counts whatever its status is, such as an API's error in JSON */
};

/* NULL when out of memory. */
struct fetcher *fetcher_new(struct loop *l);
/* All fetches were stopped or are done. NULL is fine. */
void fetcher_free(struct fetcher *f);

/* Begins one; p is copied, also its url. on_done is never called inside. */
struct fetch *fetch_start(struct fetcher *f, const struct fetch_params *p);
/* Gives it up: on_done does not follow. NULL is fine. */
void fetch_stop(struct fetch *f);

/*
 * For addresses that others choose: false for those of this machine and its link, among them the metadata services of
 * clouds, and for what is no single machine's (unspecified, multicast).
 */
bool fetch_not_local(const struct addr *a);

#endif
