/* A bounded pool of like objects (database connections, HTTP client handles) shared by request threads. */
#ifndef COMMON_POOL_H
#define COMMON_POOL_H

#define POOL_MAX 16

struct pool;

/* make() creates an object or returns NULL; drop() destroys one. Lives as long as the process. */
struct pool *pool_new(void *(*make)(void *arg), void (*drop)(void *object), void *arg);

/* Borrows an object, waiting while all POOL_MAX are in use; NULL when a new one cannot be made. Any thread. */
void *pool_get(struct pool *p);

/* Gives it back; broken ones are destroyed instead of kept. */
void pool_put(struct pool *p, void *object, int broken);

#endif
