/*
 * A connection from a client: accepted, looked at if its listener says so, given to the chain that matches, and then
 * either HTTP (a stream per exchange) or bytes (tcp.h).
 *
 *   SNIFFING -> (chain chosen) -> HTTP | TCP -> dead
 */
#ifndef PROXY_DOWN_H
#define PROXY_DOWN_H

#include "proxy/telemetry/stats.h"
#include "proxy/core/worker.h"

enum down_state { DOWN_SNIFFING, DOWN_HTTP, DOWN_TCP };

struct down {
	struct http_conn http; /* DOWN_HTTP */
	struct io sniff;       /* DOWN_SNIFFING */
	int fd;                /* while SNIFFING */
	uint8_t state;
	bool inbound;      /* metrics reporter "destination" */
	bool secure;       /* TLS is terminated here */
	bool was_tls;      /* the client speaks TLS, whoever terminates it */
	bool closing;      /* no more exchanges: the next response says so */
	bool reached;      /* while SNIFFING its server was connected to, whatever came of it: tcp */
	bool unheard;      /* was taken for no TLS and no HTTP without having said a byte, and has said none yet */
	bool waiting_cert; /* on the open callback: TLS peer not looked at yet */
	bool restored;     /* local is an original destination */
	bool introduced;   /* its PROXY header was read, or there need be none */
	struct worker *worker;
	struct worker_config *wc; /* counted */
	const struct config_listener *listener;
	const struct config_chain *chain;
	struct list link; /* in worker->downs */
	struct corpse corpse;
	struct timer timer; /* sniffing, handshake, or idle between exchanges */
	int64_t used_ns;
	int64_t opened_ns;
	uint64_t id;
	struct addr peer;        /* the socket's */
	struct addr local;       /* the original destination, or the socket's */
	char peer_text[48];      /* address without port */
	const char *server_name; /* SNI, owned; NULL = none */
	struct slice *alpn;      /* what the chain was chosen by, in one block with its texts; owned */
	size_t n_alpn;
	const char *principal;       /* URI of the peer's certificate, owned; NULL = none */
	const char *principal_label; /* the same interned, where there was room for it; NULL = unknown */
	struct tcp *tcp;     /* DOWN_TCP; while SNIFFING a connection to the server alone (tcp_reach); NULL = none */
	struct list streams; /* exchanges under way: struct stream.link */
	struct timer idle_streams; /* fires when one of them may have been idle for too long, or sooner */
	/* What the peer said about itself, by the header last seen. */
	struct stats_peer *source;
	uint64_t source_hash;   /* of that header */
	struct down_cert *cert; /* owned; NULL = nobody asked for it */
};

/* What x-forwarded-client-cert says of the client, which is the same for all its requests. */
struct down_cert {
	const struct config_hcm *hcm; /* what it was made for: of the configuration of this version */
	uint64_t version;
	size_t len;
	char text[];
};

/* Keeps who the peer is by its certificate (may be NULL); once. */
void down_learn_principal(struct down *d, const struct tls_peer *peer);

/* What the chain is chosen by; borrows from the connection. */
struct chain_input down_chain_input(const struct down *d);

/* The TLS connection to the client, NULL when plain. */
struct tls *down_tls(const struct down *d);

#endif
