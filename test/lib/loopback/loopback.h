/*
 * Sockets, epoll and the clock in memory, for tests of whatever stands on lib/net: the code under test is the real one
 * down to the system calls, and these are answered here. A test includes loopback.c, which puts its own socket(),
 * recv(), epoll_wait() ... before those of the C library; descriptors that were not made here go to the kernel as ever.
 *
 *   loopback_start();
 *   int origin = loopback_listen("10.0.0.1:80"), client = loopback_connect("10.0.0.9:8080"), up;
 *   loopback_send(client, "GET / ...");
 *   loopback_run(loop);                        until nothing moves; no time passes
 *   up = loopback_accept(origin);
 *   assert_string_equal(loopback_got(up), "GET / ...");
 *   loopback_advance(loop, 15000);             time passes; what is due in between happens in order
 *
 * Nothing ever blocks and nothing sleeps: the clock stands still but in loopback_advance. Ends of stream, half closes,
 * resets (SO_LINGER 0, or unread bytes at close) and full receive windows are as TCP's. One thread.
 */
#ifndef TEST_LOOPBACK_H
#define TEST_LOOPBACK_H

#include "net/loop.h"
#include "net/socket.h"

/* Bytes that a socket takes before its peer must wait, unless loopback_window says otherwise. */
#define LOOPBACK_WINDOW_BYTES 262144
#define LOOPBACK_FDS_MAX 4096

/* From here on sockets, epolls and eventfds are made in memory, and the clock is given. */
void loopback_start(void);
/* Frees all and goes back to the kernel's. */
void loopback_stop(void);

/* Descriptors that are open, of either side: for leak checks. */
unsigned loopback_open(void);

/* ---- the test's own ends: plain descriptors, nothing watches them ---- */

/* "10.0.0.1:80"; "0.0.0.0:80" takes connections to every address. */
int loopback_listen(const char *at);
/* The next connection to a listening socket, or -1. */
int loopback_accept(int listener);
/* Connects from some address of 192.0.2.0/24, or from a given one. */
int loopback_connect(const char *to);
int loopback_connect_from(const char *to, const char *from);
/* Connections to where nobody listens arrive at this address, which learns where they were going (as of REDIRECT). */
void loopback_redirect(const char *at);
/* Connections to this address are neither taken nor refused. */
void loopback_black_hole(const char *at);

/* All of it must fit. */
void loopback_send(int fd, const char *text);
void loopback_send_bytes(int fd, const void *bytes, size_t n);
/* Takes what arrived: text that is valid until the next call; for bytes with NULs, *ret_len has their number. */
const char *loopback_got(int fd);
const char *loopback_got_bytes(int fd, size_t *ret_len);
/* How many bytes of ours the peer has not taken yet. */
size_t loopback_waiting(int fd);
/* Nothing is left to be read and the peer has ended or reset. */
bool loopback_ended(int fd);
/* The peer has reset. */
bool loopback_was_reset(int fd);
/* Our end of stream; then the peer's can still be read. */
void loopback_shutdown(int fd);
void loopback_close(int fd);
/* Closes so that the peer sees a reset. */
void loopback_abort(int fd);
/* How many unread bytes the sockets take that are accepted from now on. */
void loopback_accept_window(size_t bytes);
/* How many unread bytes this end takes. */
void loopback_window(int fd, size_t bytes);

/* ---- a bad network, under either end of any connection ---- */

/* Asked where each connection goes: may write another address; false = it is neither taken nor refused. */
void loopback_divert(bool (*fn)(struct addr *to, const struct addr *from));
/* Told of each connection that was made: its two ends. */
void loopback_made(void (*fn)(int client, int server));
/* Of what this end was sent so many bytes (more) have arrived, the rest is under way; SIZE_MAX = all arrives. */
void loopback_show(int fd, size_t bytes);
/* The connection breaks when this end has sent so many more bytes, not 0. */
void loopback_dies_after(int fd, size_t bytes);
/* The connection breaks now, for both. */
void loopback_break(int fd);
/* Whether the end is open and has a peer. */
bool loopback_alive(int fd);
/* The address of this end. */
const struct addr *loopback_local(int fd);

/* ---- time ---- */

/* Turns the loop until nothing moves. */
void loopback_run(struct loop *l);
/* The same while time passes. */
void loopback_advance(struct loop *l, int64_t ms);
int64_t loopback_now_ns(void);
/* The machine was asleep: so much time is gone at once. */
void loopback_skip(int64_t ms);

#endif
