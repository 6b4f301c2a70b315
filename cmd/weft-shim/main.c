/* weft-shim: the supervisor of one container of the embedded cluster; started by weft-lab, not by people. */
#include <string.h>

#include "base/flags.h"
#include "lab/container/shim.h"

int main(int argc, char **argv)
{
	static const struct flags_program program = {
		.name = "weft-shim",
		.usage = "run DIR\nexec DIR COMMAND [ARG...]",
		.about = "Supervises one container of the embedded cluster; weft-lab starts it.",
	};
	struct flags f = flags_begin(&program, argc, argv);

	/* Before flags are read: the command's are its own. */
	if (argc == 3 && strcmp(argv[1], "run") == 0)
		return container_shim_run(argv[2]);
	if (argc > 3 && strcmp(argv[1], "exec") == 0)
		return container_shim_exec(argv[2], argv + 3);
	if (flags_next(&f) == FLAGS_EXIT)
		return f.status;
	return flags_wrong(&f, "it wants 'run DIR' or 'exec DIR COMMAND'");
}
