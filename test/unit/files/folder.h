/* A folder of a test's own, with a folder of configuration and one of state. */
#ifndef TEST_FILES_FOLDER_H
#define TEST_FILES_FOLDER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "files/internal.h"

static char top[200], config[220], kept[220];

static inline int folder_setup(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "%s/files.XXXXXX", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
	assert_non_null(mkdtemp(top));
	snprintf(config, sizeof(config), "%s/config", top);
	snprintf(kept, sizeof(kept), "%s/state", top);
	assert_int_equal(0, file_mkdirs(config, 0755, NULL));
	return 0;
}

static inline int folder_teardown(void **state)
{
	(void)state;
	return file_remove_tree(top, NULL);
}

/* Writes a file below the configuration. */
static inline void put_file(const char *name, const char *text)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", config, name);
	CLEANUP(freep) char *folder = mem_printf("%s", path);

	*strrchr(folder, '/') = 0;
	assert_int_equal(0, file_mkdirs(folder, 0755, NULL));
	assert_int_equal(0, file_put(path, slice_str(text), 0644, NULL));
}

static inline void drop_file(const char *name)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", config, name);

	assert_int_equal(0, unlink(path));
}

/* The text of a file of the state; "" when there is none. The caller frees it. */
static inline char *kept_text(const char *name)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", kept, name);
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)file_read(path, 1 << 20, &text, NULL);
	return buf_take_str(&text);
}

#define ENTRY(name, host)                                                                                              \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: " name ", namespace: shop}, "  \
	"spec: {hosts: [" host "], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}}\n"

#endif
