/* Small files that need no promise of the disk. */
#include "lab/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/mem.h"

int file_put(const char *path, struct slice content, mode_t mode, struct err *e)
{
	CLEANUP(freep) char *temp = mem_printf("%s.part", path);
	CLEANUP(closep) int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || (content.len && write(fd, content.ptr, content.len) != (ssize_t)content.len) ||
	    fchmod(fd, mode) < 0 || rename(temp, path) < 0)
		return err_errno(e, errno, "write %s", path);
	return 0;
}
