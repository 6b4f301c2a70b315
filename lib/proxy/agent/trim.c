/*
 * Most of what a small process has resident after its start is code and tables that were used once. Read-only file
 * mappings without a page of their own (what relocation wrote to has some) lose nothing when their pages are dropped.
 */
#include "proxy/agent/trim.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct mapping {
	unsigned long from, to;
	bool candidate; /* of a file and not writable */
};

/* The head line of a mapping: "from-to mode offset device inode path". */
static bool parse_head(const char *line, struct mapping *ret)
{
	unsigned long from, to;
	char mode[8];

	if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3)
		return false;
	*ret = (struct mapping){from, to, mode[0] == 'r' && mode[1] == '-' && strchr(line, '/')};
	return true;
}

void trim_memory(void)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	struct mapping m = {0};
	unsigned long own_kb;
	char line[512];

	malloc_trim(0);
	while (f && fgets(line, sizeof(line), f)) {
		if (parse_head(line, &m) || !m.candidate)
			continue;
		if (sscanf(line, "Anonymous: %lu kB", &own_kb) == 1 && own_kb == 0)
			(void)madvise((void *)(uintptr_t)m.from, m.to - m.from, MADV_DONTNEED);
	}
	if (f)
		fclose(f);
}
