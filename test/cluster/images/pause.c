/* The process that keeps a pod's namespaces: it waits, reaps, and ends when told. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal)
{
	(void)signal;
	_exit(0);
}

static void child(int signal)
{
	(void)signal;
}

int main(void)
{
	signal(SIGTERM, end);
	signal(SIGINT, end);
	signal(SIGCHLD, child); /* a handler, so that pause() returns */
	for (;;) {
		pause();
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
	}
}
