/* The supervisor's side of attach.h: the socket, the sessions' pipes, the container's input. */
#ifndef LAB_CONTAINER_ATTACH_INTERNAL_H
#define LAB_CONTAINER_ATTACH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>

#include "base/err.h"

#define ATTACH_SESSIONS_MAX 16

enum attach_stream { ATTACH_OUT, ATTACH_ERR };

/* What is asked, as the one byte of a message; the pipes follow as descriptors in this order. */
enum attach_flag { ATTACH_WANTS_IN = 1, ATTACH_HAS_OUT = 2, ATTACH_HAS_ERR = 4 };

struct attach {
	int listen_fd; /* -1: nobody can join */
	int in_fd;     /* the writing end of the container's input, its terminal, or -1 */
	bool once;     /* the first session that takes the input has its only end */
	struct {
		int fd;
		enum attach_stream stream;
	} pipes[2 * ATTACH_SESSIONS_MAX];
	size_t n;
};

/* The address of DIR/attach by way of an open descriptor of DIR: paths of sockets are short. */
void attach_address(int dir_fd, struct sockaddr_un *ret);

/* Listens on DIR/attach. in_fd is borrowed. Returns 0 or -errno. */
int attach_listen(struct attach *a, const char *dir, int in_fd, bool once, struct err *e);

/* Somebody connected: takes them in, or sends them away. */
void attach_accept(struct attach *a);

/* Copies output to all who joined; those who do not take it are let go. */
void attach_write(struct attach *a, enum attach_stream stream, const char *bytes, size_t n);

/* Lets all go. */
void attach_done(struct attach *a);

#endif
