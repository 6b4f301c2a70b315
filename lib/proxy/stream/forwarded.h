/* Who the client is when proxies stand in front of us: x-forwarded-for. Pure. */
#ifndef PROXY_FORWARDED_H
#define PROXY_FORWARDED_H

#include "base/slice.h"
#include "net/socket.h"

/*
 * The client's address as the trusted proxies in front of this one tell it: list is what x-forwarded-for held on
 * arrival, all lines joined by commas. own_peer: this proxy adds the connection's peer to the list itself (it is an
 * edge), so that without trusted hops the peer is the client. False, and ret untouched, when the list says nothing that
 * can be trusted: too few entries, or no address there.
 */
bool forwarded_client(struct slice list, bool own_peer, uint32_t trusted_hops, struct addr *ret);

#endif
