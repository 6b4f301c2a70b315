/*
 * libcurl's multi interface on a loop: its sockets and its timeout are watched here, transfers that end are told. Those
 * who use it make and free the easy handles, with CURLOPT_PRIVATE set to what finished gets. One thread.
 */
#ifndef NET_CURL_H
#define NET_CURL_H

#include <curl/curl.h>

#include "base/list.h"
#include "net/loop.h"

/* Embedded in its owner. Zeroed = nothing. */
struct curl_loop {
	struct loop *loop;
	CURLM *multi;
	struct timer timer;
	struct list sockets;
	void (*finished)(void *private, CURLcode code); /* may remove and free the handle; not the owner */
};

/* Returns 0 or -ENOMEM. finished is only called from the loop, never from inside curl_multi_add_handle(). */
int curl_loop_init(struct curl_loop *c, struct loop *l, void (*finished)(void *private, CURLcode code));

/* The handles must have been removed. Zeroed is fine. */
void curl_loop_done(struct curl_loop *c);

#endif
