/* What the options name becomes a mesh. */
#include "ctl/mesh/load.h"

#include <string.h>

#include "api/kind.h"

/* What a mesh is made of beside the kinds of its own. */
static int read_cluster(struct ctl *c, struct mesh *m, struct err *e)
{
	static const struct api_kind *const kinds[] = {
		&api_kind_service,        &api_kind_pod,
		&api_kind_endpoint_slice, &api_kind_deployment,
		&api_kind_stateful_set,   &api_kind_daemon_set,
		&api_kind_replica_set,    &api_kind_mutating_webhook_configuration,
	};
	struct err why = ERR_INIT;
	int r = ctl_connect(c, e);

	if (r == 0)
		r = source_cluster(c, &m->set, e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(kinds); i++)
		r = source_cluster_kind(c, &m->set, kinds[i], e);
	/* Few may read Secrets; gateways' certificates are all that they are for. */
	if (r == 0 && source_cluster_kind(c, &m->set, &api_kind_secret, &why) < 0)
		vec_push(&m->set.remarks,
			 (struct source_remark){
				 "cluster", arena_printf(&m->set.arena, "Secrets are not read: %s", why.msg), false});
	return r;
}

int mesh_read(struct ctl *c, struct mesh *m, struct err *e)
{
	int r = c->o.all ? read_cluster(c, m, e) : 0;

	for (size_t i = 0; r == 0 && i < c->o.n_files; i++)
		r = source_tree(&m->set, c->o.files[i], e);
	return r;
}

int mesh_load(struct ctl *c, struct mesh *m, struct err *e)
{
	const struct mesh_options o = {.ns = c->o.ns, .plane_ns = c->o.plane_ns, .mesh_config = c->o.mesh_config};
	int r;

	mesh_init(m, &o);
	r = mesh_read(c, m, e);
	return r == 0 ? mesh_build(m, e) : r;
}

void mesh_tell(struct ctl *c, const struct mesh *m)
{
	for (size_t i = 0; i < m->remarks.n; i++)
		fprintf(c->err, "%s: %s%s\n", m->remarks.v[i].place, m->remarks.v[i].text,
			m->remarks.v[i].bad ? "; it is left out" : "");
}
