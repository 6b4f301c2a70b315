/* One read of /proc/self/stat (proc(5)), one walk over /proc/self/fd. */
#include "telemetry/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

static void value(struct buf *out, const char *name, const char *type, double v)
{
	buf_printf(out, "# TYPE %s %s\n%s %.17g\n", name, type, name, v);
}

static void open_files(struct buf *out)
{
	struct rlimit most;
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	if (!dir)
		return;
	while (readdir(dir))
		n++;
	closedir(dir);
	value(out, "process_open_fds", "gauge", (double)n - 3); /* ".", ".." and the folder itself */
	if (getrlimit(RLIMIT_NOFILE, &most) == 0)
		value(out, "process_max_fds", "gauge", (double)most.rlim_cur);
}

void process_metrics_write(struct buf *out)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	unsigned long long user = 0, sys = 0, virt = 0;
	long pages = 0;
	const char *p;

	open_files(out);
	if (file_read("/proc/self/stat", 4096, &text, NULL) < 0)
		return;
	p = strrchr(buf_str(&text), ')');
	if (!p ||
	    sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u %llu %ld",
		   &user, &sys, &virt, &pages) != 4)
		return;
	value(out, "process_cpu_seconds_total", "counter", (double)(user + sys) / (double)sysconf(_SC_CLK_TCK));
	value(out, "process_virtual_memory_bytes", "gauge", (double)virt);
	value(out, "process_resident_memory_bytes", "gauge", (double)pages * (double)sysconf(_SC_PAGESIZE));
}
