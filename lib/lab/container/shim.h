/* The container supervisor's two modes, for cmd/weft-shim. */
#ifndef LAB_CONTAINER_SHIM_H
#define LAB_CONTAINER_SHIM_H

/* Runs the container that DIR/config.json describes until it ends; reports its start on descriptor 3. Returns the
 * program's exit code: 0, or 1 when the container could not be started. */
int container_shim_run(const char *dir);

/* Runs a further command (NULL-terminated argv) in the container of DIR. Returns its exit code, 126 or 127. */
int container_shim_exec(const char *dir, char **argv);

#endif
