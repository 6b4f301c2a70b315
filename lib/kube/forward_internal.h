/* A port-forward's session, for one request and for a relay. */
#ifndef KUBE_FORWARD_INTERNAL_H
#define KUBE_FORWARD_INTERNAL_H

#include <curl/curl.h>

#include "kube/config.h"
#include "kube/forward.h"
#include "kube/spdy.h"

#define FORWARD_DATA_STREAM 3

struct forwarding {
	const struct kube_config *cfg;
	const struct forward_request *rq;
	CURL *easy;
	struct spdy *spdy;
	int64_t until_ns;
	struct buf answer, complaint; /* of the two streams */
	bool over;                    /* the data stream ended */
	bool too_long;
	char curl_error[CURL_ERROR_SIZE];
};

/* Connects, upgrades and opens the streams within until_ns; in gets what came behind the upgrade. 0 or negative. */
int forward_begin(struct forwarding *f, struct buf *in, struct err *e);
/* Sends what the session has to say. 0 or negative. */
int forward_flush(struct forwarding *f, struct err *e);
/* Appends what has come without waiting: 1, 0 where nothing has, or negative, also at the end of the connection. */
int forward_read(struct forwarding *f, struct buf *in, struct err *e);
/* What the API server says that went wrong at the pod's port, as an error; 0 where it said nothing. */
int forward_complaint(const struct forwarding *f, struct err *e);
/* Frees what it holds. */
void forward_end(struct forwarding *f);

#endif
