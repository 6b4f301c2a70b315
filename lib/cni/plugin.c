/* The operations of the plugin. */
#include "cni/plugin.h"

#include <string.h>

#include "base/cleanup.h"
#include "cni/conf.h"
#include "cni/pod.h"
#include "msg/json.h"

struct call {
	const struct cni_request *rq;
	const struct cni_ops *ops;
	struct arena arena;
	struct cni_conf conf;
	const char *ns, *name, *uid; /* of the pod; ns NULL: it is none of Kubernetes' */
};

/* --- parameters --- */

/* Of "K=V;K=V", the value of a key in the arena, or NULL. */
static const char *argument(struct call *c, const char *key)
{
	struct slice rest = slice_str(c->rq->args ? c->rq->args : "");

	while (rest.len) {
		struct slice value = slice_split(&rest, ';'), k = slice_split(&value, '=');

		if (slice_eq_str(k, key) && value.len)
			return arena_printf(&c->arena, "%.*s", SLICE_ARG(value));
	}
	return NULL;
}

/* Names go into the path of a request: nothing but what Kubernetes gives as a name. */
static bool is_name(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(s) && *s != '.';
}

static int read_pod_name(struct call *c, struct err *e)
{
	c->ns = argument(c, "K8S_POD_NAMESPACE");
	c->name = argument(c, "K8S_POD_NAME");
	c->uid = argument(c, "K8S_POD_UID");
	if (!c->ns && !c->name)
		return 0;
	if (!c->ns || !is_name(c->ns))
		return err_set(e, -CNI_BAD_ENVIRONMENT, "CNI_ARGS: K8S_POD_NAMESPACE: '%s' is no name",
			       c->ns ? c->ns : "");
	if (!c->name || !is_name(c->name))
		return err_set(e, -CNI_BAD_ENVIRONMENT, "CNI_ARGS: K8S_POD_NAME: '%s' is no name",
			       c->name ? c->name : "");
	return 0;
}

static int need(const char *name, const char *value, struct err *e)
{
	return value && *value ? 0 : err_set(e, -CNI_BAD_ENVIRONMENT, "%s is not set", name);
}

/* --- the pod --- */

/* A static pod's mirror has a uid of its own, and the node's in an annotation. */
static bool is_same(const struct call *c, const struct api_object *pod)
{
	const char *mirror = api_object_annotation(pod, "kubernetes.io/config.mirror");

	return !c->uid || !pod->meta->uid || strcmp(c->uid, mirror ? mirror : pod->meta->uid) == 0;
}

/* *ret is the caller's, also of a failure. */
static int fetch(struct call *c, struct api_object **ret, struct err *e)
{
	int r;

	if (!c->conf.kubeconfig)
		return err_set(e, -CNI_BAD_CONF, "kubeconfig: is required");
	r = c->ops->get_pod(c->ops->arg, c->conf.kubeconfig, c->ns, c->name, ret, e);
	if (r == -ENOENT)
		return err_wrap(e, -CNI_TRY_LATER, "pod %s/%s", c->ns, c->name);
	if (r < 0)
		return err_wrap(e, -CNI_NOT_ASKED, "pod %s/%s: the API server cannot be asked whether it is of a mesh",
				c->ns, c->name);
	if (is_same(c, *ret))
		return 0;
	return err_set(e, -CNI_TRY_LATER, "pod %s/%s: the API server has another one of this name", c->ns, c->name);
}

/* CNI_REDIRECT and the options, CNI_LEAVE, or a negative code. */
static int judge(struct call *c, struct capture_options *ret, struct err *e)
{
	CLEANUP(api_object_unrefp) struct api_object *pod = NULL;
	const char *why;
	int r = read_pod_name(c, e);

	if (r < 0)
		return r;
	if (!c->ns || cni_conf_excludes(&c->conf, c->ns))
		return CNI_LEAVE;
	r = fetch(c, &pod, e);
	if (r < 0)
		return r;
	r = cni_pod_judge(API_VALUE(pod, pod, core_pod), ret, &why, e);
	return r < 0 ? err_wrap(e, -CNI_BAD_POD, "pod %s/%s", c->ns, c->name) : r;
}

/* --- operations --- */

/* The result of the plugin before, as it came; of the first of a chain one that says nothing. */
static void print_result(const struct call *c, struct buf *out)
{
	if (c->conf.prev_result)
		json_print(c->conf.prev_result, out);
	else
		buf_printf(out, "{\"cniVersion\":\"%s\"}", c->conf.version);
	buf_append_char(out, '\n');
}

static int add(struct call *c, struct buf *out, struct err *e)
{
	struct capture_options o;
	int r = judge(c, &o, e);

	if (r == CNI_REDIRECT) {
		r = c->ops->apply(c->ops->arg, c->rq->netns, &o.settings, e);
		capture_options_done(&o);
		if (r < 0)
			return err_wrap(e, -CNI_IO, "pod %s/%s", c->ns, c->name);
	}
	if (r < 0)
		return r;
	print_result(c, out);
	return 0;
}

static int check(struct call *c, struct err *e)
{
	struct capture_options o;
	int r = judge(c, &o, e);

	if (r != CNI_REDIRECT)
		return r;
	r = c->ops->verify(c->ops->arg, c->rq->netns, &o.settings, e);
	capture_options_done(&o);
	return r < 0 ? err_wrap(e, r == -ESRCH ? -CNI_NOT_REDIRECTED : -CNI_IO, "pod %s/%s", c->ns, c->name) : 0;
}

static int status(struct call *c, struct err *e)
{
	int r;

	if (!c->conf.kubeconfig)
		return err_set(e, -CNI_BAD_CONF, "kubeconfig: is required");
	r = c->ops->ready(c->ops->arg, c->conf.kubeconfig, e);
	return r < 0 ? err_wrap(e, -CNI_NOT_AVAILABLE, "pods of a mesh cannot be started") : 0;
}

/* What an operation wants to be set, and the version of the specification it came with. */
static const struct operation {
	const char *name, *since;
	bool container, netns;
} operations[] = {
	{"ADD", "0.3.1", true, true},
	{"DEL", "0.3.1", true, false}, /* rules go with the namespace: nothing is left, and nothing can be in the way */
	{"CHECK", "0.4.0", true, true},
	{"GC", "1.1.0", false, false}, /* nothing is kept outside of the pods */
	{"STATUS", "1.1.0", false, false},
};

static int check_call(struct call *c, const struct operation *op, struct err *e)
{
	int r = cni_conf_parse(c->rq->conf, &c->conf, e);

	if (r == 0 && cni_version_order(c->conf.version) < cni_version_order(op->since))
		return err_set(e, -CNI_INCOMPATIBLE_VERSION, "%s is not part of version %s", op->name, c->conf.version);
	if (r == 0 && op->container)
		r = need("CNI_CONTAINERID", c->rq->container, e);
	if (r == 0 && op->netns)
		r = need("CNI_NETNS", c->rq->netns, e);
	return r;
}

static int run(struct call *c, struct buf *out, struct err *e)
{
	const struct operation *op = NULL;
	int r = need("CNI_COMMAND", c->rq->command, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(operations) && !op; i++)
		if (strcmp(operations[i].name, c->rq->command) == 0)
			op = &operations[i];
	if (!op)
		return err_set(e, -CNI_BAD_ENVIRONMENT, "CNI_COMMAND: '%s' is no operation", c->rq->command);
	r = check_call(c, op, e);
	if (r < 0)
		return r;
	if (strcmp(op->name, "ADD") == 0)
		return add(c, out, e);
	if (strcmp(op->name, "CHECK") == 0)
		return check(c, e);
	return strcmp(op->name, "STATUS") == 0 ? status(c, e) : 0;
}

int cni_run(const struct cni_request *rq, const struct cni_ops *ops, struct buf *out, struct err *e)
{
	struct call c = {.rq = rq, .ops = ops, .arena = ARENA_INIT};
	int r;

	if (rq->command && strcmp(rq->command, "VERSION") == 0) {
		cni_versions(out);
		return 0;
	}
	r = run(&c, out, e);
	if (r < 0)
		cni_error(c.conf.version, -r, e->msg, out);
	cni_conf_done(&c.conf);
	arena_done(&c.arena);
	return r < 0;
}
