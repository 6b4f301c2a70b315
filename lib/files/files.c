/* Start and end; when the folder is looked at: at the start, when something happened there, and now and then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "files/internal.h"

#define QUIET_MS 50  /* after an event, in which more may come */
#define YOUNG_MS 120 /* until a file that is being written is looked at again */
#define LOOK_MS 5000 /* where no event comes from: behind links, on file systems of others */

static void on_look(struct timer *t);

static void take_good(void *arg, struct file *file)
{
	const struct files *f = arg;

	state_take_good(f->cfg.state, file);
}

static void keep_good(struct files *f)
{
	for (size_t i = 0; i < f->tree.files.n; i++)
		if (f->tree.files.v[i]->fresh) {
			f->tree.files.v[i]->fresh = false;
			state_put_good(f->cfg.state, f->tree.files.v[i]);
		}
	state_sweep_good(f->cfg.state, &f->tree);
}

/* now_ns INT64_MAX: at the start, when nothing waits, and all is settled though there may be nothing. */
static void look(struct files *f, int64_t now_ns)
{
	f->soon = false;
	if (tree_look(&f->tree, now_ns, take_good, f) || now_ns == INT64_MAX) {
		files_settle(f);
		keep_good(f);
	}
	watch_follow(f->watch, &f->tree);
	timer_start(f->loop, &f->look, f->tree.young ? YOUNG_MS : LOOK_MS, on_look);
}

static void on_look(struct timer *t)
{
	look(CONTAINER_OF(t, struct files, look), clock_wall_ns());
}

/* A row of events is one look: the first decides when. */
static void on_change(void *arg)
{
	struct files *f = arg;

	if (!f->soon)
		timer_start(f->loop, &f->look, QUIET_MS, on_look);
	f->soon = true;
}

static void keep(void *arg, const struct api_kind *kind, cJSON *json)
{
	struct files *f = arg;

	memory_put(&f->memory, kind, json, NULL, 0);
}

static int start(struct files *f, struct err *e)
{
	static char server[] = "http://files";
	const struct kube_config c = {.server = server};
	int r;

	r = f->lock = state_open(f->cfg.state, e);
	if (r >= 0)
		r = state_each(f->cfg.state, keep, f, e);
	if (r < 0)
		return r;
	state_clear_statuses(f->cfg.state);
	f->watch = watch_new(f->loop, on_change, f, e);
	f->client = f->watch ? kube_client_new(f->loop, &c, e) : NULL;
	if (!f->client)
		return -EIO;
	kube_client_carry(f->client, &f->transport);
	look(f, INT64_MAX);
	return f->tree.problem ? err_set(e, -EIO, "%s", f->tree.problem) : 0;
}

struct files *files_new(struct loop *l, const struct files_config *cfg, struct err *e)
{
	struct files *f = NEW(struct files);

	f->loop = l;
	f->cfg = *cfg;
	f->lock = -1;
	f->tree.dir = cfg->dir;
	f->tree.ns = cfg->ns;
	f->cacerts = mem_printf("%s/cacerts", cfg->state);
	files_serve_init(f);
	if (start(f, e) == 0)
		return f;
	files_free(f);
	return NULL;
}

struct kube_client *files_client(struct files *f)
{
	return f->client;
}

const char *files_cacerts_dir(const struct files *f)
{
	return f->cacerts;
}

static size_t count(const struct files *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->tree.files.n; i++)
		n += f->tree.files.v[i]->objects.n;
	return n;
}

void files_metrics(const struct files *f, struct buf *out)
{
	buf_printf(
		out,
		"# HELP weft_files_objects Objects of the configuration's files.\n# TYPE weft_files_objects gauge\n"
		"weft_files_objects %zu\n"
		"# HELP weft_files_refused Files and objects that are refused now.\n# TYPE weft_files_refused gauge\n"
		"weft_files_refused %zu\n"
		"# HELP weft_files_warnings What is told beside.\n# TYPE weft_files_warnings gauge\n"
		"weft_files_warnings %zu\n",
		count(f), f->refused, f->warned);
}

void files_free(struct files *f)
{
	if (!f)
		return;
	kube_client_free(f->client);
	watch_free(f->watch);
	timer_stop(&f->look);
	task_cancel(&f->tell);
	tree_done(&f->tree);
	memory_done(&f->memory);
	map_done(&f->told);
	arena_done(&f->told_texts);
	if (f->lock >= 0)
		close(f->lock);
	free(f->cacerts);
	free(f);
}
