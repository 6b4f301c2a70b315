/* signalfd on the loop. */
#include "net/signal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

static void on_readable(struct io *io, uint32_t revents)
{
	struct signal_watch *w = CONTAINER_OF(io, struct signal_watch, io);
	struct signalfd_siginfo info;

	(void)revents;
	while (io_active(io) && read(io->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		w->fn(w, (int)info.ssi_signo);
}

int signal_start(struct loop *l, struct signal_watch *w, const int *signals,
		 void (*fn)(struct signal_watch *w, int signo))
{
	sigset_t set;
	int fd, r;

	sigemptyset(&set);
	for (; *signals; signals++)
		sigaddset(&set, *signals);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	w->fn = fn;
	r = io_start(l, &w->io, fd, EPOLLIN, on_readable);
	if (r < 0)
		close(fd);
	return r;
}

void signal_stop(struct signal_watch *w)
{
	int fd = w->io.fd;

	if (!io_active(&w->io))
		return;
	io_stop(&w->io);
	close(fd);
}
