/* What the parts of a TCP connection share: tcp.c moves bytes, tcp_record.c counts and logs. */
#ifndef PROXY_TCP_INTERNAL_H
#define PROXY_TCP_INTERNAL_H

#include "net/transport.h"
#include "proxy/listener/peer_exchange.h"
#include "proxy/listener/tcp.h"
#include "proxy/listener/tcp_authz.h"

/* One direction: bytes read from one side that the other has not taken. */
struct flow {
	char *buf;
	uint32_t cap, start, end;
	bool ended; /* the end of stream was passed on */
	uint64_t bytes, reported;
};

struct side {
	struct transport transport;
	struct flow out; /* what waits to be written here */
	struct peer_exchange exchange;
	bool open;
};

struct tcp {
	struct down *down; /* NULL = being torn down */
	struct worker *worker;
	const struct config_tcp_proxy *config;
	struct side client, server;
	struct cluster *cluster;   /* a user of it */
	struct endpoint *endpoint; /* a reference */
	struct timer timer;        /* connecting, then idle */
	struct timer report;
	struct timer duration; /* the whole connection's */
	struct task again;
	struct tcp_authz authz;
	struct corpse corpse;
	bool counted, relaying, opened;
	bool early; /* the client has not shown yet what it speaks: nothing passes, and nothing is counted or logged */
	bool cut;   /* one side was reset: the other hears no ordinary end */
	uint32_t attempts;
	uint32_t flags;
	int64_t active_ns;
	const struct stats_tcp *stats;
	struct stats_peer *source, *destination;
};

/* Counts the connection as opened, once, where both peers are known or will never be. */
void tcp_count_opened(struct tcp *t);
/* Counts its end; a handshake that failed is no connection. */
void tcp_count_closed(struct tcp *t);
/* Writes the line of the access log. */
void tcp_write_log(struct tcp *t);

#endif
