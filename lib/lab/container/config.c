/* DIR/config.json as a struct, for the supervisor. */
#include "lab/container/container_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "msg/json.h"

static const char *text(struct container_config *c, const cJSON *o, const char *name)
{
	return arena_strdup(&c->arena, json_get_str(o, name));
}

static bool flag(const cJSON *o, const char *name)
{
	return cJSON_IsTrue(json_get(o, name));
}

static double number(const cJSON *o, const char *name)
{
	const cJSON *v = json_get(o, name);

	return cJSON_IsNumber(v) ? v->valuedouble : 0;
}

static char **texts(struct container_config *c, const cJSON *list)
{
	char **v = ARENA_NEW_N(&c->arena, char *, (size_t)cJSON_GetArraySize(list) + 1);
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach(item, list) if (cJSON_IsString(item)) v[n++] = arena_strdup(&c->arena, item->valuestring);
	return v;
}

static void read_mounts(struct container_config *c, const cJSON *list)
{
	const cJSON *m;

	c->mounts = ARENA_NEW_N(&c->arena, struct container_mount, (size_t)cJSON_GetArraySize(list));
	cJSON_ArrayForEach(m, list)
	{
		c->mounts[c->mounts_n++] = (struct container_mount){
			.source = text(c, m, "source"),
			.target = text(c, m, "target"),
			.type = text(c, m, "type"),
			.read_only = flag(m, "readOnly"),
		};
	}
}

static void read_limits(struct container_config *c, const cJSON *list)
{
	const cJSON *m;

	c->limits = ARENA_NEW_N(&c->arena, struct container_limit, (size_t)cJSON_GetArraySize(list));
	cJSON_ArrayForEach(m, list)
	{
		c->limits[c->limits_n++] = (struct container_limit){
			.dir = text(c, m, "dir"),
			.file = text(c, m, "file"),
			.value = text(c, m, "value"),
		};
	}
}

static void read_groups(struct container_config *c, const cJSON *list)
{
	const cJSON *g;

	c->groups = ARENA_NEW_N(&c->arena, gid_t, (size_t)cJSON_GetArraySize(list));
	cJSON_ArrayForEach(g, list) c->groups[c->groups_n++] = (gid_t)g->valuedouble;
}

int container_config_load(const char *dir, struct container_config *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	struct container_config c = {.arena = ARENA_INIT};
	const char *path = arena_printf(&c.arena, "%s/config.json", dir), *caps;
	cJSON *o;
	int r = file_read(path, CONTAINER_CONFIG_MAX_BYTES, &bytes, e);

	if (r < 0 || !(o = cJSON_ParseWithLength(buf_str(&bytes), bytes.len))) {
		r = r < 0 ? r : err_set(e, -EINVAL, "%s: not JSON", path);
		arena_done(&c.arena);
		return r;
	}
	c.root = text(&c, o, "root");
	c.lower = text(&c, o, "lower");
	c.layer = text(&c, o, "layer");
	c.hostname = text(&c, o, "hostname");
	c.netns = text(&c, o, "netns");
	c.cwd = text(&c, o, "cwd");
	c.log = text(&c, o, "log");
	c.args = texts(&c, json_get(o, "args"));
	c.env = texts(&c, json_get(o, "env"));
	c.uid = (uid_t)number(o, "uid");
	c.gid = (gid_t)number(o, "gid");
	c.oom_score_adj = (int)number(o, "oomScoreAdj");
	caps = text(&c, o, "caps");
	c.caps = caps ? strtoull(caps, NULL, 16) : 0;
	c.read_only = flag(o, "readOnly");
	c.privileged = flag(o, "privileged");
	c.no_new_privs = flag(o, "noNewPrivileges");
	c.tty = flag(o, "tty");
	c.std_in = flag(o, "stdin");
	c.std_in_once = flag(o, "stdinOnce");
	read_mounts(&c, json_get(o, "mounts"));
	read_limits(&c, json_get(o, "limits"));
	read_groups(&c, json_get(o, "groups"));
	cJSON_Delete(o);
	*ret = c;
	return 0;
}
