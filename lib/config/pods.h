/*
 * Addresses of pods that take the mesh's mutual TLS: immutable blocks of 256 addresses, shared from one configuration
 * to the next and by all workers. What config.h says of struct config_pods is the reader's side.
 */
#ifndef CONFIG_PODS_H
#define CONFIG_PODS_H

#include "base/map.h"
#include "config/config.h"

#define CONFIG_PODS_PREFIX 15 /* bytes of an address of 16 that all of a block share; IPv4 is ::ffff:a.b.c.d */

/* Ports of one address at which it is the other way round than its bit says. */
struct config_pod_ports {
	uint8_t address; /* its last byte */
	const uint16_t *v;
	size_t n;
};

struct config_pod_block {
	int refs;
	uint8_t prefix[CONFIG_PODS_PREFIX];
	uint8_t mutual[32];                    /* a bit for each address, the lowest first */
	const struct config_pod_ports *except; /* ascending by address; ports ascending */
	size_t n_except;
	const uint16_t *plain; /* ascending: never mutual TLS at these */
	size_t n_plain;
	struct arena arena;
};

struct config_pods {
	int refs;
	struct map blocks; /* prefix -> struct config_pod_block, a reference */
};

/* Zeroed, with one reference. */
struct config_pod_block *config_pod_block_new(void);
/* One more reference; any thread. */
struct config_pod_block *config_pod_block_ref(struct config_pod_block *b);
/* Gives a reference back. NULL is fine; any thread. */
void config_pod_block_unref(struct config_pod_block *b);

/* No blocks yet, with one reference. */
struct config_pods *config_pods_new(void);
/* Adds a block, which takes the place of one with the same prefix; before anybody else has the pods. */
void config_pods_add(struct config_pods *p, struct config_pod_block *b);

#endif
