/* A snapshot without some objects: what protects is not opened by that, and the numbers stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "world.h"

#define META(name) "metadata: {name: " name ", namespace: shop}"

static const char objects[] = "{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, " META(
	"pa-off") ", spec: {mtls: {mode: DISABLE}, portLevelMtls: {8080: {mode: DISABLE}}, selector: {matchLabels: "
		  "{app: "
		  "a}}}}\n---\n"
		  "{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, " META(
			  "open") ", spec: {selector: {matchLabels: {app: a}}, rules: [{}]}}\n---\n"
				  "{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, " META(
					  "rule") ", spec: {host: catalog, trafficPolicy: {tls: {mode: SIMPLE}, "
						  "loadBalancer: {simple: RANDOM}, portLevelSettings: "
						  "[{port: {number: 8080}, tls: {mode: SIMPLE}, outlierDetection: "
						  "{}}]}, "
						  "subsets: [{name: v1, labels: {v: '1'}, "
						  "trafficPolicy: {tls: {mode: SIMPLE}, connectionPool: {}}}]}}\n---\n"
						  "{apiVersion: networking.istio.io/v1beta1, kind: "
						  "VirtualService, " META(
							  "one") ", spec: {hosts: [a]}}\n---\n"
								 "{apiVersion: networking.istio.io/v1beta1, kind: "
								 "VirtualService, " META(
									 "two") ", spec: {hosts: [b]}}\n";

static bool all_but_two(void *arg, const struct mesh_object *o)
{
	(void)arg;
	return strcmp(o->name, "two") != 0;
}

static void what_protects_stays(void **state)
{
	const char *yaml[] = {world_shop, objects, NULL};
	struct str_pair pair = {"app", "a"};
	struct str_map labels = {&pair, 1};
	struct world w;
	struct snapshot *s;

	(void)state;
	world_init(&w, "", yaml);
	assert_int_equal(snapshot_mtls_mode(w.snap, "shop", &labels, 8080), MTLS_DISABLE);
	s = snapshot_without(w.snap, all_but_two, NULL);
	assert_int_equal(snapshot_mtls_mode(s, "shop", &labels, 8080), MTLS_STRICT);
	assert_int_equal(s->policies->authz.n, 1);
	assert_int_equal(s->policies->authz.v[0].spec->action, ISTIO_AUTHORIZATION_POLICY_ACTION_DENY);
	assert_int_equal(s->policies->authz.v[0].spec->rules.n, 1);
	assert_non_null(s->policies->authz.v[0].spec->selector);

	const struct istio_destination_rule_spec *d = s->policies->destination_rules.v[0].spec;
	assert_non_null(d->traffic_policy->tls);
	assert_null(d->traffic_policy->load_balancer);
	assert_non_null(d->traffic_policy->port_level_settings.v[0].tls);
	assert_null(d->traffic_policy->port_level_settings.v[0].outlier_detection);
	assert_string_equal(d->subsets.v[0].name, "v1");
	assert_non_null(d->subsets.v[0].traffic_policy->tls);
	assert_null(d->subsets.v[0].traffic_policy->connection_pool);
	/* the original is as it was */
	assert_non_null(w.snap->policies->destination_rules.v[0].spec->traffic_policy->load_balancer);

	assert_int_equal(s->policies->virtual_services.n, 1);
	assert_int_equal(s->policies->virtual_services.v[0].o.number, w.snap->policies->virtual_services.v[1].o.number);
	assert_int_equal(s->policies->n_objects, w.snap->policies->n_objects);
	assert_ptr_equal(s->services, w.snap->services);
	world_done(&w); /* what it was made of lives on with it */
	assert_string_equal(s->policies->virtual_services.v[0].hosts[0], "b.shop.svc.cluster.local");
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_protects_stays)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
