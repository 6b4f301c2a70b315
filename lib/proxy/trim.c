/*
 * Most of what a small process has resident after its start is code that ran once. Executable file mappings are never
 * written, so dropping their pages loses nothing.
 */
#include "proxy/trim.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

void trim_memory(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];

	malloc_trim(0);
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long from, to;
		char mode[8];
		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 && strcmp(mode, "r-xp") == 0 &&
		    strchr(line, '/'))
			(void)madvise((void *)(uintptr_t)from, to - from, MADV_DONTNEED);
	}
	if (f)
		fclose(f);
}
