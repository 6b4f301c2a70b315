/* The plugin's entry in network configurations, and which files are such. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "cni/chain.h"
#include "msg/json.h"

#define ENTRY "{\"type\":\"weft-cni\",\"kubeconfig\":\"/etc/k\",\"excludeNamespaces\":[\"kube-system\"]}"
#define OLD "{\"type\":\"weft-cni\",\"kubeconfig\":\"/old\"}"
#define LIST(plugins) "{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"disableCheck\":true,\"plugins\":[" plugins "]}"
#define BRIDGE "{\"type\":\"bridge\",\"mtu\":9007199254740993}"

static const struct row {
	const char *text;
	int r;
	const char *out; /* or a part of the message */
} inserted[] =
	{
		{LIST(BRIDGE), 1, LIST(BRIDGE "," ENTRY)},
		{LIST(BRIDGE "," ENTRY), 0, NULL},
		{LIST(BRIDGE "," OLD), 1, LIST(BRIDGE "," ENTRY)},
		{LIST(ENTRY "," BRIDGE), 1, LIST(BRIDGE "," ENTRY)}, /* nothing may run after it that it does not see */
		{"{\"cniVersion\":\"0.4.0\",\"name\":\"n\",\"type\":\"bridge\"}", 1,
		 "{\"cniVersion\":\"0.4.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"bridge\"}," ENTRY "]}"},
		{"{\"name\":\"n\",\"type\":\"bridge\"}", -ENOTSUP, "cniVersion ''"},
		{"{\"cniVersion\":\"0.2.0\",\"name\":\"n\",\"type\":\"bridge\"}", -ENOTSUP, "cniVersion '0.2.0'"},
		{LIST(ENTRY), -EINVAL, "no plugin makes a network"},
		{"{\"name\":\"n\"}", -EINVAL, "neither plugins nor a type"},
		{"[]", -EINVAL, "an object is wanted"},
		{"{", -EINVAL, "network configuration"},
},
  removed[] = {
	  {LIST(BRIDGE "," ENTRY), 1, LIST(BRIDGE)},
	  {LIST(BRIDGE), 0, NULL},
	  {LIST(OLD "," BRIDGE "," ENTRY), 1, LIST(BRIDGE)},
	  {"{", -EINVAL, "network configuration"},
};

static void same(const char *text, const char *want)
{
	CLEANUP(json_freep) cJSON *a = json_literal(text);
	CLEANUP(json_freep) cJSON *b = json_literal(want);

	if (!json_equal(a, b))
		fail_msg("want %s, got %s", want, text);
}

static void check(const struct row *row, int r, const struct buf *out, const struct err *e)
{
	if (r != row->r || (r < 0 && !strstr(e->msg, row->out)))
		fail_msg("%s: %d %s", row->text, r, e->msg);
	if (r > 0)
		same(buf_str(out), row->out);
	if (r == 0)
		assert_int_equal(out->len, 0);
}

static void insert_and_remove(void **state)
{
	static const char *const excluded[] = {"kube-system"};
	const struct cni_entry entry = {"/etc/k", excluded, 1};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(inserted); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct err e = ERR_INIT;

		check(&inserted[i], cni_chain_insert(slice_str(inserted[i].text), &entry, &out, &e), &out, &e);
	}
	for (size_t i = 0; i < ARRAY_LEN(removed); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct err e = ERR_INIT;

		check(&removed[i], cni_chain_remove(slice_str(removed[i].text), &out, &e), &out, &e);
	}
}

static void alone(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct cni_entry entry = {.kubeconfig = "/etc/k"};

	(void)state;
	cni_chain_alone(&entry, &out);
	same(buf_str(&out), "{\"type\":\"weft-cni\",\"kubeconfig\":\"/etc/k\",\"excludeNamespaces\":[],\"cniVersion\":"
			    "\"0.3.1\",\"name\":\"weft-istio-cni\"}");
}

static void names(void **state)
{
	static const char *const yes[] = {"10-x.conf", "a.conflist", "b.json"}, *const no[] = {
											"ZZZ-weft-cni-kubeconfig",
											"a.conflist.tmp", ".conf", "x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		assert_true(cni_chain_is_conf(yes[i]));
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		assert_false(cni_chain_is_conf(no[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(insert_and_remove), cmocka_unit_test(alone),
					   cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
