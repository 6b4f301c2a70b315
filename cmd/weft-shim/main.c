/* weft-shim: the supervisor of one container of the embedded cluster; started by weft-lab, not by people. */
#include <stdio.h>
#include <string.h>

#include "lab/container/shim.h"

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "run") == 0)
		return container_shim_run(argv[2]);
	if (argc > 3 && strcmp(argv[1], "exec") == 0)
		return container_shim_exec(argv[2], argv + 3);
	fprintf(stderr, "usage: weft-shim run DIR | exec DIR COMMAND [ARG...]\n");
	return 2;
}
