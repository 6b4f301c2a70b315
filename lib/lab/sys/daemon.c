/* One daemon per data directory: see daemon.h. */
#include "lab/sys/daemon.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "msg/json.h"

#define LOCK_WAIT_MS 1000
#define STATE_MAX_BYTES 4096

static char *path_of(const char *data_dir, const char *name)
{
	return mem_printf("%s/%s", data_dir, name);
}

int daemon_state_write(const char *data_dir, const struct daemon_state *s, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(freep) char *state = path_of(data_dir, "state.json"), *pid = path_of(data_dir, "pid");
	int r;

	buf_printf(&text, "%d\n", s->pid);
	r = file_write(pid, buf_slice(&text), 0644, e);
	buf_clear(&text);
	buf_printf(&text, "{\"pid\":%d,\"apiPort\":%d,\"routerPort\":%d,\"routerTlsPort\":%d}\n", s->pid, s->api_port,
		   s->router_port, s->router_tls_port);
	return r < 0 ? r : file_write(state, buf_slice(&text), 0644, e);
}

bool daemon_state_read(const char *data_dir, struct daemon_state *ret)
{
	CLEANUP(freep) char *path = path_of(data_dir, "state.json"), *lock = path_of(data_dir, "lock");
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(json_freep) cJSON *j = NULL;
	CLEANUP(closep) int fd = open(lock, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return false;
	if (file_read(path, STATE_MAX_BYTES, &text, NULL) < 0 ||
	    json_parse(buf_slice(&text), STATE_MAX_BYTES, &j, NULL) < 0)
		return false;
	*ret = (struct daemon_state){(int)json_int(j, "pid", 0), (int)json_int(j, "apiPort", 0),
				     (int)json_int(j, "routerPort", 0), (int)json_int(j, "routerTlsPort", 0)};
	return ret->pid > 0;
}

int daemon_check_ground(const char *data_dir, struct err *e)
{
	static const char *const tools[] = {"ip", "nft"};
	static const char *const dirs[] = {"/usr/sbin", "/sbin", "/usr/bin", "/bin"};

	if (geteuid() != 0)
		return err_set(e, -EPERM, "it makes network namespaces and must run as root: sudo weft-lab up");
	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		bool found = false;

		for (size_t k = 0; k < ARRAY_LEN(dirs); k++) {
			CLEANUP(freep) char *path = mem_printf("%s/%s", dirs[k], tools[i]);

			found |= access(path, X_OK) == 0;
		}
		if (!found)
			return err_set(e, -ENOENT,
				       "the program %s is missing: make deps, or apt-get install iproute2 nftables",
				       tools[i]);
	}
	return file_mkdirs(data_dir, 0755, e);
}

/* The lock is held as long as the daemon lives. */
int daemon_lock(const char *data_dir, struct err *e)
{
	CLEANUP(freep) char *path = path_of(data_dir, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_errno(e, errno, "%s", path);
	/* A daemon that was just killed may need a moment to be gone. */
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0 && i < LOCK_WAIT_MS / 20; i++)
		usleep(20000);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, -EBUSY, "a cluster runs on %s already: weft-lab status, weft-lab down", data_dir);
	return 0;
}
