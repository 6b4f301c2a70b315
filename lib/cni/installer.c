/* Installation on a node: one function that makes everything as it should be, run again and again. */
#include "cni/installer.h"

#include <dirent.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "cni/bundle.h"
#include "cni/chain.h"
#include "cni/conf.h"
#include "kube/config.h"
#include "msg/json.h"
#include "net/loop.h"

#define SECRET_MODE 0600
#define CONF_MODE 0644

/* One run; writes nothing when only asked. */
struct run {
	const struct cni_install_options *o;
	struct arena *a;
	bool write;
	int wrote;
};

/* Makes a file hold these bytes. -ESTALE when it does not and may not be written. */
static int put(struct run *r, const char *path, struct slice text, mode_t mode, struct err *e)
{
	CLEANUP(buf_done) struct buf now = BUF_INIT;

	if (file_read(path, CNI_CONF_MAX_BYTES, &now, NULL) == 0 && slice_eq(buf_slice(&now), text))
		return 0;
	if (!r->write)
		return err_set(e, -ESTALE, "%s is not as it should be", path);
	r->wrote = 1;
	log_info("install", "%s written", path);
	return file_write(path, text, mode, e);
}

/* --- the way to the API server --- */

static cJSON *named(cJSON *config, const char *list, const char *name, const char *what)
{
	cJSON *one = cJSON_CreateObject();

	json_set_str(one, "name", name);
	cJSON_AddItemToArray(json_array(config, list), one);
	return json_object(one, what);
}

static void kubeconfig_text(const struct kube_config *c, struct slice token, struct arena *a, struct buf *out)
{
	CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf ca = BUF_INIT;
	cJSON *cluster, *context;

	json_set_str(o, "apiVersion", "v1");
	json_set_str(o, "kind", "Config");
	cluster = named(o, "clusters", "local", "cluster");
	json_set_str(cluster, "server", c->server);
	base64_encode(slice_str(c->ca_pem ? c->ca_pem : ""), &ca);
	json_set_str(cluster, "certificate-authority-data", buf_str(&ca));
	json_set_str(named(o, "users", CNI_PLUGIN, "user"), "token", arena_slicedup(a, token));
	context = named(o, "contexts", "local", "context");
	json_set_str(context, "cluster", "local");
	json_set_str(context, "user", CNI_PLUGIN);
	json_set_str(o, "current-context", "local");
	json_print(o, out);
}

static int put_kubeconfig(struct run *r, struct err *e)
{
	CLEANUP(kube_config_done) struct kube_config config = {0};
	CLEANUP(buf_done) struct buf token = BUF_INIT;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int code = kube_config_in_cluster(r->o->account_dir, &config, e);

	if (code == 0)
		code = file_read(arena_printf(r->a, "%s/token", r->o->account_dir), KUBE_TOKEN_MAX_BYTES, &token, e);
	if (code < 0)
		return code;
	kubeconfig_text(&config, slice_trim(buf_slice(&token)), r->a, &text);
	return put(r, arena_printf(r->a, "%s/" CNI_KUBECONFIG, r->o->conf_dir), buf_slice(&text), SECRET_MODE, e);
}

/* --- the chain --- */

/* The file that a runtime reads: the first by name. NULL: there is none. */
static const char *first_conf(struct arena *a, const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	const char *first = NULL;

	if (!d) {
		err_errno(e, errno, "%s", dir);
		return NULL;
	}
	while ((entry = readdir(d)))
		if (cni_chain_is_conf(entry->d_name) && (!first || strcmp(entry->d_name, first) < 0))
			first = arena_strdup(a, entry->d_name);
	closedir(d);
	if (!first)
		err_set(e, -ENOENT, "%s: no network configuration yet", dir);
	return first;
}

static bool ends_with(const char *s, const char *end)
{
	return slice_ends(slice_str(s), slice_str(end));
}

static struct cni_entry entry_of(const struct run *r)
{
	return (struct cni_entry){.kubeconfig = arena_printf(r->a, "%s/" CNI_KUBECONFIG, r->o->host_conf_dir),
				  .exclude_namespaces = r->o->exclude_namespaces,
				  .n_exclude = r->o->n_exclude};
}

/* "10-x.conf" makes way for "10-x.conflist", which runtimes read as a list. */
static int put_chain(struct run *r, struct err *e)
{
	CLEANUP(buf_done) struct buf now = BUF_INIT;
	CLEANUP(buf_done) struct buf list = BUF_INIT;
	const struct cni_entry entry = entry_of(r);
	const char *name = first_conf(r->a, r->o->conf_dir, e), *path, *to;
	int code;

	if (!name)
		return e->code;
	path = to = arena_printf(r->a, "%s/%s", r->o->conf_dir, name);
	code = file_read(path, CNI_CONF_MAX_BYTES, &now, e);
	if (code == 0)
		code = cni_chain_insert(buf_slice(&now), &entry, &list, e);
	if (code < 0)
		return err_wrap(e, code, "%s", path);
	if (!ends_with(path, ".conflist"))
		to = arena_printf(r->a, "%.*s.conflist", (int)(strrchr(path, '.') - path), path);
	if (!code && to == path)
		return 0;
	if (to != path && !r->write)
		return err_set(e, -ESTALE, "%s is no list", path);
	code = put(r, to, buf_slice(code ? &list : &now), CONF_MODE, e);
	if (code == 0 && to != path && unlink(path) < 0)
		return err_errno(e, errno, "%s", path);
	return code;
}

static int put_alone(struct run *r, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct cni_entry entry = entry_of(r);

	cni_chain_alone(&entry, &text);
	return put(r, arena_printf(r->a, "%s/" CNI_NETWORK ".conf", r->o->conf_dir), buf_slice(&text), CONF_MODE, e);
}

/* --- all of it --- */

/* The program before who calls it: a configuration that names a missing program stops every pod. */
static int run(const struct cni_install_options *o, const struct cni_bundle *b, bool write, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct run r = {.o = o, .a = &a, .write = write};
	int code = 0;

	if (!cni_bundle_is_installed(b, o->bin_dir))
		code = write ? cni_bundle_install(b, o->bin_dir, e)
			     : err_set(e, -ESTALE, "%s: the plugin is not installed", o->bin_dir);
	if (code < 0)
		return code;
	r.wrote = code;
	code = put_kubeconfig(&r, e);
	if (code == 0)
		code = o->alone ? put_alone(&r, e) : put_chain(&r, e);
	return code < 0 ? code : r.wrote;
}

int cni_install(const struct cni_install_options *o, const struct cni_bundle *b, struct err *e)
{
	return run(o, b, true, e);
}

int cni_is_installed(const struct cni_install_options *o, const struct cni_bundle *b, struct err *e)
{
	return run(o, b, false, e);
}

/* Out of every file: which one is first may have changed since. */
static void remove_from(const char *path)
{
	CLEANUP(buf_done) struct buf now = BUF_INIT;
	CLEANUP(buf_done) struct buf list = BUF_INIT;
	struct err e = ERR_INIT;
	int r = file_read(path, CNI_CONF_MAX_BYTES, &now, &e);

	if (r == 0)
		r = cni_chain_remove(buf_slice(&now), &list, &e);
	if (r > 0 && file_write(path, buf_slice(&list), CONF_MODE, &e) == 0)
		log_info("install", "%s: taken out of the chain", path);
	else if (e.code)
		log_warn("install", "%s: %s; it stays as it is", path, e.msg);
}

static void remove_from_all(const char *dir, struct arena *a)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (cni_chain_is_conf(entry->d_name))
			remove_from(arena_printf(a, "%s/%s", dir, entry->d_name));
	if (d)
		closedir(d);
}

void cni_uninstall(const struct cni_install_options *o)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	if (o->alone)
		unlink(arena_printf(&a, "%s/" CNI_NETWORK ".conf", o->conf_dir));
	else
		remove_from_all(o->conf_dir, &a);
	unlink(arena_printf(&a, "%s/" CNI_KUBECONFIG, o->conf_dir));
	if (cni_bundle_remove(o->bin_dir, &e) < 0)
		log_warn("install", "%s; it stays", e.msg);
}

/* --- and again --- */

struct cni_installer {
	struct loop *loop;
	const struct cni_install_options *o;
	const struct cni_bundle *b;
	struct io watch;
	struct timer timer;
	int fd; /* of inotify; -1: without */
	char said[ERR_MSG_MAX];
	void (*on_installed)(void *arg);
	void *arg;
};

static void look(struct cni_installer *i)
{
	struct err e = ERR_INIT;
	int r = cni_install(i->o, i->b, &e);

	/* what stays wrong is said once */
	if (r < 0 && strcmp(i->said, e.msg) != 0)
		log_warn("install", "%s; tried again", e.msg);
	memcpy(i->said, e.msg, sizeof(i->said));
	if (r > 0)
		i->on_installed(i->arg);
}

static void on_timer(struct timer *t)
{
	struct cni_installer *i = CONTAINER_OF(t, struct cni_installer, timer);

	look(i);
	timer_start(i->loop, &i->timer, CNI_LOOK_MS, on_timer);
}

static void on_notified(struct io *io, uint32_t revents)
{
	struct cni_installer *i = CONTAINER_OF(io, struct cni_installer, watch);
	char events[4096];

	(void)revents;
	while (read(io->fd, events, sizeof(events)) > 0)
		;
	look(i);
}

struct cni_installer *cni_installer_new(struct loop *l, const struct cni_install_options *o, const struct cni_bundle *b,
					void (*on_installed)(void *arg), void *arg)
{
	struct cni_installer *i = NEW(struct cni_installer);

	*i = (struct cni_installer){.loop = l, .o = o, .b = b, .on_installed = on_installed, .arg = arg};
	i->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (i->fd < 0 || inotify_add_watch(i->fd, o->conf_dir, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0 ||
	    io_start(l, &i->watch, i->fd, EPOLLIN, on_notified) < 0)
		log_warn("install", "%s cannot be watched: it is looked at every %d s", o->conf_dir,
			 CNI_LOOK_MS / 1000);
	timer_start(l, &i->timer, 0, on_timer);
	return i;
}

void cni_installer_free(struct cni_installer *i)
{
	if (!i)
		return;
	timer_stop(&i->timer);
	io_stop(&i->watch);
	if (i->fd >= 0)
		close(i->fd);
	free(i);
}
