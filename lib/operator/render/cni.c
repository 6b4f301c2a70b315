/* What installs the CNI plugin. Its objects are the operator's own: as many meshes use it as there are. */
#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"
#include "operator/render/render.h"
#include "operator/template/template.h"

#define FILE_NAME "control-plane/cni.yaml"
#define COMPONENT "istio_cni"

static void label(cJSON *doc)
{
	cJSON *labels = json_object(json_object(doc, "metadata"), "labels");

	json_set_str(labels, "app.kubernetes.io/name", COMPONENT);
	json_set_str(labels, LABEL_COMPONENT, COMPONENT);
	json_set_str(labels, "app.kubernetes.io/part-of", "istio");
	json_set_str(labels, LABEL_MANAGED_BY, MANAGED_BY);
}

static int on_document(void *arg, cJSON *doc, bool create, struct err *e)
{
	struct rendering *out = arg;
	CLEANUP(json_freep) cJSON *json = doc;
	struct api_object *obj;
	int r;

	label(json);
	r = api_object_decode(json, NULL, NULL, &obj, e);
	if (r < 0)
		return err_wrap(e, r, "%s", json_str_or_empty(json, "metadata.name"));
	vec_push(&out->objects, (struct rendered){.obj = obj, .create_only = create});
	return 0;
}

#define MULTUS_DIR "/etc/cni/multus/net.d" /* where it looks for networks by their names */

bool render_by_multus(const struct render_cni *in, const struct api_kind *const *absent, size_t n_absent)
{
	return !(in && in->no_multus) && !render_lacks(absent, n_absent, &api_kind_network_attachment_definition);
}

char *render_cni_kubeconfig(const struct render_cni *in)
{
	return mem_printf("%s/ZZZ-weft-cni-kubeconfig", text_or(in ? in->conf_dir : NULL, MULTUS_DIR));
}

static const char *conf_dir(bool openshift, bool multus)
{
	if (multus)
		return MULTUS_DIR;
	return openshift ? "/etc/kubernetes/cni/net.d" : "/etc/cni/net.d";
}

/* Where OpenShift's nodes have what others have below /opt and /etc. */
static cJSON *values(const struct render_cni *in, bool openshift, bool multus, const char *image)
{
	cJSON *v = cJSON_CreateObject(), *o = json_object(v, "cni");

	json_set_str(o, "namespace", in->ns);
	json_set_str(o, "image", image);
	json_set_str(o, "binDir", text_or(in->bin_dir, openshift ? "/var/lib/cni/bin" : "/opt/cni/bin"));
	json_set_str(o, "confDir", text_or(in->conf_dir, conf_dir(openshift, multus)));
	json_set(o, "more", json_literal(multus ? "[\"--multus\"]" : "[]"));
	json_set_bool(o, "privileged", openshift);
	json_set(o, "drop", json_literal(openshift ? "{}" : "{\"capabilities\":{\"drop\":[\"ALL\"]}}"));
	return v;
}

int render_cni(const struct render_cni *in, bool openshift, bool multus, const char *image, struct rendering *ret,
	       struct err *e)
{
	CLEANUP(json_freep) cJSON *v = values(in, openshift, multus, image);
	struct rendering out = {0};
	int r = template_render(template_file(FILE_NAME), v, on_document, &out, e);

	if (r < 0) {
		rendering_done(&out);
		return err_wrap(e, r, FILE_NAME);
	}
	*ret = out;
	return 0;
}
