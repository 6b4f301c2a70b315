/* What tests do with their own ends, and time. The system calls are in a file of their own, included with this one. */
#include "loopback/loopback.h"

#include "loopback/kernel.c"

void loopback_start(void)
{
	memset(&net, 0, sizeof(net));
	net.on = true;
	net.now_ns = CLOCK_START_NS;
	net.accept_window = LOOPBACK_WINDOW_BYTES;
}

void loopback_stop(void)
{
	for (int i = 0; i < LOOPBACK_FDS_MAX; i++)
		if (net.v[i])
			node_free(net.v[i]);
	memset(&net, 0, sizeof(net));
}

unsigned loopback_open(void)
{
	unsigned n = 0;

	for (int i = 0; i < LOOPBACK_FDS_MAX; i++)
		n += net.v[i] != NULL;
	return n;
}

static struct addr parse(const char *at)
{
	struct slice text = slice_str(at);
	ptrdiff_t colon = slice_rfind(text, ':');
	struct addr a = {0};
	uint64_t port = 0;

	assert(colon > 0 && slice_to_u64(slice_from(text, (size_t)colon + 1), 65535, &port) == 0);
	assert(addr_parse(slice_head(text, (size_t)colon), (uint16_t)port, &a) == 0);
	return a;
}

int loopback_listen(const char *at)
{
	struct node *n = node_new(KIND_SOCKET);

	n->local = parse(at);
	n->listening = true;
	return n->fd;
}

int loopback_accept(int listener)
{
	return accept4(listener, NULL, NULL, 0);
}

int loopback_connect(const char *to)
{
	return loopback_connect_from(to, NULL);
}

int loopback_connect_from(const char *to, const char *from)
{
	struct node *n = node_new(KIND_SOCKET);
	struct addr a = parse(to);

	if (from)
		n->local = parse(from);
	(void)sock_connect(n, &a);
	assert(n->connected);
	return n->fd;
}

void loopback_redirect(const char *at)
{
	net.redirect = parse(at);
}

void loopback_black_hole(const char *at)
{
	assert(net.n_holes < sizeof(net.holes) / sizeof(net.holes[0]));
	net.holes[net.n_holes++] = parse(at);
}

void loopback_send_bytes(int fd, const void *bytes, size_t size)
{
	ssize_t r = sock_send(node_of(fd), bytes, size);

	assert(r == (ssize_t)size);
}

void loopback_send(int fd, const char *text)
{
	loopback_send_bytes(fd, text, strlen(text));
}

const char *loopback_got_bytes(int fd, size_t *ret_len)
{
	static char text[LOOPBACK_WINDOW_BYTES * 8 + 1];
	struct node *n = node_of(fd);
	size_t len = n->in.len;

	assert(len < sizeof(text));
	if (len)
		len = (size_t)sock_recv(n, text, len, 0);
	text[len] = 0;
	if (ret_len)
		*ret_len = len;
	return text;
}

const char *loopback_got(int fd)
{
	return loopback_got_bytes(fd, NULL);
}

size_t loopback_waiting(int fd)
{
	const struct node *n = node_of(fd);

	return n->peer ? n->peer->in.len : 0;
}

bool loopback_ended(int fd)
{
	const struct node *n = node_of(fd);

	return !n->in.len && (n->ended || n->error);
}

bool loopback_was_reset(int fd)
{
	return node_of(fd)->error == ECONNRESET;
}

void loopback_shutdown(int fd)
{
	sock_shutdown(node_of(fd));
}

void loopback_close(int fd)
{
	node_free(node_of(fd));
}

void loopback_abort(int fd)
{
	node_of(fd)->abort = true;
	node_free(node_of(fd));
}

void loopback_accept_window(size_t bytes)
{
	net.accept_window = bytes;
}

void loopback_window(int fd, size_t bytes)
{
	struct node *n = node_of(fd);

	if (n->in.len >= n->window && n->in.len < bytes && n->peer)
		n->peer->edge = true;
	n->window = bytes;
}

void loopback_divert(bool (*fn)(struct addr *to, const struct addr *from))
{
	net.divert = fn;
}

void loopback_made(void (*fn)(int client, int server))
{
	net.made = fn;
}

void loopback_show(int fd, size_t bytes)
{
	struct node *n = node_of(fd);

	if (bytes == SIZE_MAX)
		n->shown = bytes;
	else
		n->shown = n->shown == SIZE_MAX ? bytes : n->shown + bytes;
	n->edge = true;
}

void loopback_dies_after(int fd, size_t bytes)
{
	node_of(fd)->dies = bytes;
}

void loopback_break(int fd)
{
	break_off(node_of(fd));
}

bool loopback_alive(int fd)
{
	const struct node *n = node_of(fd);

	return n && n->peer;
}

const struct addr *loopback_local(int fd)
{
	return &node_of(fd)->local;
}

void loopback_run(struct loop *l)
{
	/* A turn without events may still have run tasks that made some: two of them are silence. */
	for (int quiet = 0; quiet < 2;) {
		unsigned before = net.told;

		loop_turn(l, 0);
		quiet = net.told == before && !loop_has_waiting(l) ? quiet + 1 : 0;
	}
}

void loopback_advance(struct loop *l, int64_t ms)
{
	int64_t end = net.now_ns + ms * NS_PER_MS;

	loopback_run(l);
	while (net.now_ns < end) {
		loop_turn(l, (int)((end - net.now_ns + NS_PER_MS - 1) / NS_PER_MS));
		loopback_run(l);
	}
}

void loopback_skip(int64_t ms)
{
	net.now_ns += ms * NS_PER_MS;
}

int64_t loopback_now_ns(void)
{
	return net.now_ns;
}
