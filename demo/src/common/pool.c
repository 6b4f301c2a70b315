/* A stack of idle objects and a count of those in use, under one lock. */
#include "pool.h"

#include <pthread.h>

#include "base/mem.h"

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t returned;
	void *idle[POOL_MAX];
	int idle_n, total;
	void *(*make)(void *arg);
	void (*drop)(void *object);
	void *arg;
};

struct pool *pool_new(void *(*make)(void *arg), void (*drop)(void *object), void *arg)
{
	struct pool *p = NEW(struct pool);

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->returned, NULL);
	p->make = make;
	p->drop = drop;
	p->arg = arg;
	return p;
}

static void forget_one(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->total--;
	pthread_cond_signal(&p->returned);
	pthread_mutex_unlock(&p->lock);
}

void *pool_get(struct pool *p)
{
	void *object = NULL;

	pthread_mutex_lock(&p->lock);
	while (!p->idle_n && p->total == POOL_MAX)
		pthread_cond_wait(&p->returned, &p->lock);
	if (p->idle_n)
		object = p->idle[--p->idle_n];
	else
		p->total++;
	pthread_mutex_unlock(&p->lock);
	if (object)
		return object;
	object = p->make(p->arg);
	if (!object)
		forget_one(p);
	return object;
}

void pool_put(struct pool *p, void *object, int broken)
{
	if (broken) {
		p->drop(object);
		forget_one(p);
		return;
	}
	pthread_mutex_lock(&p->lock);
	p->idle[p->idle_n++] = object;
	pthread_cond_signal(&p->returned);
	pthread_mutex_unlock(&p->lock);
}
