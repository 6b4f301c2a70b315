/* Sockets and addresses: non-blocking, close-on-exec, IPv4, IPv6 and Unix. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>

#include "base/err.h"
#include "base/slice.h"

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len; /* 0 = none */
};

#define ADDR_TEXT_MAX 128

/* A literal address: "10.0.0.1", "::1", "[::1]" with a port, or "/path" for a Unix socket. Returns 0 or -EINVAL. */
int addr_parse(struct slice host, uint16_t port, struct addr *ret);

/* "10.0.0.1:80", "[::1]:80" or "/path". Returns out, ADDR_TEXT_MAX bytes. */
const char *addr_format(const struct addr *a, char *out);

/* The address alone, "10.0.0.1". Returns out, ADDR_TEXT_MAX bytes. */
const char *addr_format_host(const struct addr *a, char *out);

/* Host byte order; 0 for Unix sockets. */
uint16_t addr_port(const struct addr *a);
/* In host byte order; Unix sockets have none and stay as they are. */
void addr_set_port(struct addr *a, uint16_t port);

/* The same family, address and port; for Unix sockets the same path. */
bool addr_eq(const struct addr *a, const struct addr *b);

/* 127.0.0.0/8, ::1 and IPv4 loopback written as IPv6: only this network namespace can send from there. */
bool addr_is_loopback(const struct addr *a);

enum socket_flag {
	SOCKET_REUSEPORT = 1,   /* one listener per worker */
	SOCKET_TRANSPARENT = 2, /* IP_TRANSPARENT, needs CAP_NET_ADMIN */
	SOCKET_NO_DELAY = 4,    /* TCP_NODELAY */
};

/* A listening stream socket; -errno with a message naming the address ("listen on 0.0.0.0:80: Address already in use").
 */
int socket_listen(const struct addr *a, int backlog, unsigned flags, struct err *e);

/*
 * The same at a Unix socket's address. A file that a process left behind that listens no more is replaced; one that is
 * served, or is no socket, stays: -EADDRINUSE. mode: permissions of the file, 0 = as the process makes files.
 */
int socket_listen_unix(const struct addr *a, unsigned mode, int backlog, struct err *e);
/* Takes the file of a Unix socket away that listens no more; nothing for other addresses. */
void socket_remove_file(const struct addr *a);

/* Accepts one connection, with TCP_NODELAY. Returns the descriptor, -EAGAIN, or -errno. peer may be NULL. */
int socket_accept(int listen_fd, struct addr *peer);

/* Starts connecting. Returns the descriptor (connected or connecting: wait for EPOLLOUT, then socket_error), or -errno.
 */
int socket_connect(const struct addr *a, unsigned flags);

/* The pending error of a socket as a positive errno, 0 = none. */
int socket_error(int fd);

/* Where a redirected connection was going before iptables REDIRECT changed it (SO_ORIGINAL_DST). Returns 0 or -errno.
 */
int socket_original_dst(int fd, struct addr *ret);

/* The socket's own address: 0 or -errno. */
int socket_local_addr(int fd, struct addr *ret);
/* The address of the other end: 0, or -errno (-ENOTCONN when there is none). */
int socket_peer_addr(int fd, struct addr *ret);

#endif
