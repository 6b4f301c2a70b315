/*
 * The origin of the benchmarks that speak gRPC: answers each call of /bench.Echo/Unary with the message that it got.
 *
 * usage: origin_grpc PORT   (on 127.0.0.1)
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "grpc/server.h"

static void on_message(struct grpc_call *c, struct slice message)
{
	grpc_call_send(c, message);
}

static void on_half_close(struct grpc_call *c)
{
	grpc_call_finish(c, GRPC_OK, NULL);
}

static void start(struct grpc_call *c, void *user)
{
	static const struct grpc_call_ops ops = {.on_message = on_message, .on_half_close = on_half_close};

	(void)user;
	grpc_call_set_ops(c, &ops);
}

int main(int argc, char **argv)
{
	const struct grpc_server_params params = {.max_streams = 256};
	struct err e = ERR_INIT;
	struct grpc_server *server;
	struct loop *loop;
	struct addr a;

	if (argc != 2) {
		fputs("usage: origin_grpc PORT\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	server = grpc_server_new(loop, &params);
	grpc_server_add(server, "/bench.Echo/Unary", start, NULL);
	addr_parse(SLICE("127.0.0.1"), (uint16_t)atoi(argv[1]), &a);
	if (grpc_server_listen(server, &a, NULL, &e) < 0) {
		fprintf(stderr, "origin_grpc: %s\n", e.msg);
		return 1;
	}
	loop_run(loop);
	return 0;
}
