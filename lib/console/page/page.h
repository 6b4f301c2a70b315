/*
 * The pages: one document for all of them, with its modules, its styles and the libraries of others that they use, and
 * the handbook below /docs. All of it is embedded; nothing is fetched from anywhere else.
 */
#ifndef CONSOLE_PAGE_H
#define CONSOLE_PAGE_H

#include "console/server/server.h"

/* Answers a GET for a page or one of its files, to anybody: there is nothing of the mesh in them. false: it is none. */
bool page_serve(struct exchange *x);

#endif
