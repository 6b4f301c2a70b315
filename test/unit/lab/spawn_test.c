/* Programs that the lab starts: the descriptors they get and no others, their session, their signals. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "lab/sys/job.h"
#include "lab/sys/spawn.h"

/* What a shell script writes to its standard output, and its exit status. */
static int run(const char *script, char *out, size_t cap)
{
	int fds[2], status = -1;
	ssize_t n, len = 0;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(spawn_program((const char *const[]){"sh", "-c", script, NULL},
				       (struct spawn_fd[]){{-1, 0}, {fds[1], 1}, {-1, 2}}, 3, &pid),
			 0);
	close(fds[1]);
	while ((n = read(fds[0], out + len, cap - 1 - (size_t)len)) > 0)
		len += n;
	out[len] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void only_the_descriptors_given(void **state)
{
	int other = fcntl(0, F_DUPFD, 50); /* not close-on-exec */
	char out[200];

	(void)state;
	assert_int_equal(
		run("test -e /proc/$$/fd/50 || echo closed; read x || echo empty; echo lost >&2", out, sizeof(out)), 0);
	assert_string_equal(out, "closed\nempty\n");
	close(other);
}

static void a_session_and_signals_of_its_own(void **state)
{
	sigset_t term, old;
	int status;
	char out[200];

	(void)state;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &old);
	signal(SIGTERM, SIG_IGN);
	status = run("cut -d' ' -f6 /proc/$$/stat | grep -qx $$ && echo leads; kill -TERM $$; echo deaf", out,
		     sizeof(out));
	signal(SIGTERM, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
	assert_string_equal(out, "leads\n");
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void tools_take_input_and_tell_why_they_failed(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(tool_run((const char *const[]){"grep", "-q", "wanted", NULL}, SLICE("is wanted\n"), &e), 0);
	assert_int_equal(
		tool_run((const char *const[]){"sh", "-c", "cat >&2; exit 3", NULL}, SLICE("because\nmore"), &e), -EIO);
	assert_string_equal(e.msg, "sh: because");
	assert_int_equal(tool_run((const char *const[]){"no-such-program", NULL}, SLICE(""), &e), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_descriptors_given),
		cmocka_unit_test(a_session_and_signals_of_its_own),
		cmocka_unit_test(tools_take_input_and_tell_why_they_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
