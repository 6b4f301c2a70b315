/* Destinations that clients choose: one endpoint each, as long as somebody is connected to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "loopback/rig.c"

static const char yaml[] =
	"listeners:\n- name: l\n  address: {socket_address: {address: 10.0.0.9, port_value: 8080}}\n"
	"  use_original_dst: true\n  filter_chains: [{filters: [{name: t, typed_config: {'@type': "
	"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: c}}]}]\n"
	"clusters:\n- {name: c, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, connect_timeout: 5s}\n";

static struct rig r;

struct pair {
	int client, up;
};

/* Nobody listens there yet when the client connects: so it comes to the proxy. */
static void ask(struct pair *p, const char *to, const char *text)
{
	int origin;

	p->client = loopback_connect(to);
	origin = loopback_listen(to);
	loopback_send(p->client, text);
	rig_run(&r);
	p->up = loopback_accept(origin);
	assert_true(p->up >= 0);
	assert_string_equal(loopback_got(p->up), text);
	loopback_close(origin);
	rig_run(&r);
}

static void end(struct pair *p)
{
	rig_close(&r, p->client);
	rig_close(&r, p->up);
}

static void one_endpoint_each(void **state)
{
	struct pair p[4];
	struct cluster *c;

	(void)state;
	rig_start(&r, yaml);
	loopback_redirect(RIG_LISTENER);
	ask(&p[0], "10.1.0.1:80", "a");
	ask(&p[1], "10.1.0.1:81", "b");
	ask(&p[2], "10.1.0.2:80", "c");
	ask(&p[3], "10.1.0.1:80", "d");
	c = rig_cluster(&r, "c");
	assert_int_equal(c->by_address.n, 3);
	end(&p[0]);
	assert_int_equal(c->by_address.n, 3);
	end(&p[1]);
	end(&p[3]);
	assert_int_equal(c->by_address.n, 1);
	end(&p[2]);
	assert_int_equal(c->by_address.n, 0);
	/* Another configuration: those in use are known no more, and end as they would. */
	ask(&p[0], "10.1.0.3:80", "e");
	rig_configure(&r, "clusters:\n- {name: c, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, connect_timeout: "
			  "6s}\n");
	ask(&p[1], "10.1.0.3:80", "f");
	assert_int_equal(rig_cluster(&r, "c")->by_address.n, 1);
	end(&p[0]);
	end(&p[1]);
	assert_int_equal(rig_cluster(&r, "c")->by_address.n, 0);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(one_endpoint_each)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
