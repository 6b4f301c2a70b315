/*
 * weft-cni-launch: what a container runtime starts as "weft-cni" on a node, statically linked, since the node may have
 * none of the plugin's libraries. Starts the plugin, or one of its tools, by the dynamic loader and the libraries
 * beside it (lib/cni/bundle.h). Where they are gone the plugin was taken off the node: pods can still be taken down,
 * and are not started.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/flags.h"

#define NOT_INSTALLED                                                                                                  \
	"{\"cniVersion\":\"0.3.1\",\"code\":11,\"msg\":\"weft-cni is not installed on this node: its DaemonSet "       \
	"istio-cni-node has taken it away\"}\n"
#define VERSIONS "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}\n"
#define ARGUMENTS_MAX 128

/* The folder with exec, bin and lib: this program is in its bin, or beside weft-cni.d. */
static int find_folder(char ret[PATH_MAX])
{
	char self[PATH_MAX], path[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0)
		return -1;
	self[n] = 0;
	slash = strrchr(self, '/');
	*slash = 0;
	snprintf(path, sizeof(path), "%s/../lib/ld.so", self);
	if (access(path, X_OK) == 0)
		snprintf(path, sizeof(path), "%s/..", self);
	else
		snprintf(path, sizeof(path), "%s/weft-cni.d/current", self);
	return realpath(path, ret) ? 0 : -1;
}

/* Without the plugin: what frees a pod's network succeeds, or pods would never end. */
static int without(void)
{
	const char *command = getenv("CNI_COMMAND");

	if (command && (!strcmp(command, "DEL") || !strcmp(command, "GC")))
		return 0;
	if (command && !strcmp(command, "VERSION")) {
		fputs(VERSIONS, stdout);
		return 0;
	}
	fputs(NOT_INSTALLED, stdout);
	return 1;
}

static void extend_path(const char *folder)
{
	const char *path = getenv("PATH");
	char value[2 * PATH_MAX];

	snprintf(value, sizeof(value), "%s/bin:%s", folder, path ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
	setenv("PATH", value, 1);
	snprintf(value, sizeof(value), "%s/xtables", folder);
	setenv("XTABLES_LIBDIR", value, 1);
}

/* Asked by its own name, and not by a runtime. */
static int explain(int argc, char **argv)
{
	static const struct flags_program program = {
		.name = "weft-cni-launch",
		.usage = "",
		.about = "Starts weft-cni on a node with the libraries beside it; the node's container runtime calls "
			 "it as "
			 "weft-cni.",
	};
	struct flags f = flags_begin(&program, argc, argv);

	return flags_next(&f) == FLAGS_EXIT ? f.status : flags_wrong(&f, "a container runtime calls it, as weft-cni");
}

int main(int argc, char **argv)
{
	char folder[PATH_MAX], loader[PATH_MAX + 16], libraries[PATH_MAX + 16], program[2 * PATH_MAX];
	char *args[ARGUMENTS_MAX + 8];
	const char *name = argc && strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argc ? argv[0] : "weft-cni";
	int n = 0;

	if (strcmp(name, "weft-cni-launch") == 0 && argc > 1)
		return explain(argc, argv);
	if (find_folder(folder) < 0)
		return without();
	if (argc > ARGUMENTS_MAX)
		return 2;
	snprintf(loader, sizeof(loader), "%s/lib/ld.so", folder);
	snprintf(libraries, sizeof(libraries), "%s/lib", folder);
	snprintf(program, sizeof(program), "%s/exec/%s", folder, name);
	extend_path(folder);
	args[n++] = loader;
	args[n++] = (char *)"--argv0";
	args[n++] = (char *)name;
	args[n++] = (char *)"--library-path";
	args[n++] = libraries;
	args[n++] = program;
	for (int i = 1; i < argc; i++)
		args[n++] = argv[i];
	args[n] = NULL;
	execv(loader, args);
	perror(loader);
	return without() ? 1 : 0;
}
