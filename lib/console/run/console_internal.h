/* The console's parts. */
#ifndef CONSOLE_RUN_INTERNAL_H
#define CONSOLE_RUN_INTERNAL_H

#include "console/access/access.h"
#include "console/collect/collect.h"
#include "console/run/console.h"
#include "console/server/server.h"

struct console {
	struct loop *loop;
	struct console_config config;
	struct console_server *server;
	struct access *access;
	struct span_store *store;    /* CONSOLE_COLLECTOR */
	struct collector *collector; /* CONSOLE_COLLECTOR */
	uint16_t grpc_port;
};

#endif
