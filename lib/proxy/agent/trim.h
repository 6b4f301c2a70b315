/* Giving memory back once the start is over. */
#ifndef PROXY_TRIM_H
#define PROXY_TRIM_H

/*
 * Returns free heap pages to the kernel and drops the code pages of start-up (library initialisation, loading of the
 * first configuration) from this process; those that are needed come back from the page cache at their next use. Any
 * thread; costs about a millisecond.
 */
void trim_memory(void);

#endif
