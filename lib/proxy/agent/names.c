/*
 * Host names of STRICT_DNS and LOGICAL_DNS clusters: each is resolved again when its lifetime ends. A failed lookup
 * keeps the last good addresses.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "proxy/agent/agent_internal.h"

struct agent_name {
	struct list link;
	struct agent *agent;
	char *host;
	uint16_t port;
	int64_t refresh_ns;
	bool v4_only, v6_only, wanted;
	struct dns_query *query;
	struct timer again;
};

struct agent_names {
	struct agent *agent;
	struct list list;
};

struct agent_names *agent_names_new(struct agent *a)
{
	struct agent_names *n = NEW(struct agent_names);

	n->agent = a;
	list_init(&n->list);
	return n;
}

static void name_free(struct agent_name *n)
{
	dns_cancel(n->query);
	timer_stop(&n->again);
	list_remove(&n->link);
	free(n->host);
	free(n);
}

void agent_names_free(struct agent_names *n)
{
	if (!n)
		return;
	while (!list_empty(&n->list))
		name_free(LIST_FIRST(&n->list, struct agent_name, link));
	free(n);
}

static void lookup(struct agent_name *n);

static void on_again(struct timer *t)
{
	lookup(CONTAINER_OF(t, struct agent_name, again));
}

static void on_answer(void *user, const struct dns_answer *answer)
{
	struct agent_name *n = user;
	struct addr v[DNS_ADDRS_MAX];
	size_t count = 0;

	n->query = NULL;
	timer_start(n->agent->loop, &n->again, n->refresh_ns / NS_PER_MS, on_again);
	if (answer->error) {
		log_debug("dns", "%s: %s", n->host, answer->error);
		return;
	}
	for (size_t i = 0; i < answer->n; i++) {
		bool v6 = answer->addrs[i].sa.sa_family == AF_INET6;
		if ((v6 && n->v4_only) || (!v6 && n->v6_only))
			continue;
		v[count++] = answer->addrs[i];
	}
	if (build_set_addresses(n->agent->build, n->host, n->port, v, count))
		agent_changed(n->agent);
}

static void lookup(struct agent_name *n)
{
	n->query = dns_resolve(n->agent->dns, n->host, n->port, on_answer, n);
}

static struct agent_name *find(struct agent_names *names, const struct build_dns_name *want)
{
	struct agent_name *n;

	LIST_EACH (n, &names->list, link)
		if (n->port == want->port && strcmp(n->host, want->host) == 0)
			return n;
	return NULL;
}

static struct agent_name *add(struct agent_names *names, const struct build_dns_name *want)
{
	struct agent_name *n = NEW(struct agent_name);

	n->agent = names->agent;
	n->host = mem_strdup(want->host);
	n->port = want->port;
	n->refresh_ns = MAX(want->refresh_ns, (int64_t)NS_PER_S);
	n->v4_only = want->v4_only;
	n->v6_only = want->v6_only;
	list_append(&names->list, &n->link);
	lookup(n);
	return n;
}

void agent_names_update(struct agent_names *names)
{
	struct agent_name *n, *tmp;
	size_t count;
	const struct build_dns_name *want = build_dns_names(names->agent->build, &count);

	LIST_EACH (n, &names->list, link)
		n->wanted = false;
	for (size_t i = 0; i < count; i++) {
		n = find(names, &want[i]);
		if (!n)
			n = add(names, &want[i]);
		n->wanted = true;
	}
	LIST_EACH_SAFE (n, tmp, &names->list, link)
		if (!n->wanted)
			name_free(n);
}
