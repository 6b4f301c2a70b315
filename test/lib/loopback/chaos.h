/*
 * Random courses over a rig: the dice, the ends that a test plays, and what must be true when all have gone. A test
 * includes chaos.c instead of rig.c, and plays one seed as it likes:
 *
 *   dice = (struct rand){seed};
 *   rig_start(&r, ...); ... step ...; chaos_turn_away(&r, listeners, n); chaos_nothing_held(&r, seed); rig_stop(&r);
 *
 * usage of such a program: NAME_test [FIRST-SEED [SEEDS]]; a failing seed is printed, with CHAOS_PRINT each.
 */
#ifndef TEST_CHAOS_H
#define TEST_CHAOS_H

#include "base/rand.h"
#include "loopback/rig.h"

#define CHAOS_ENDS_MAX 24

/* Throws of one seed. */
extern struct rand chaos_dice;
#define ONE_OF(list) ((list)[rand_below(&chaos_dice, ARRAY_LEN(list))])

/* Open descriptors of one side; of more than max one is closed by chance. */
struct chaos_ends {
	int v[CHAOS_ENDS_MAX];
	unsigned n, max; /* max 0 = all that there is room for */
};
void chaos_add(struct chaos_ends *e, int fd);
void chaos_remove(struct chaos_ends *e, unsigned i);
/* Closes all. */
void chaos_leave(struct chaos_ends *e);

/* Writes what there is room for. */
void chaos_put(int fd, const char *text);

/* All have gone: what still comes to these listening sockets is turned away, for longer than anybody waits. */
void chaos_turn_away(struct rig *r, const int *listeners, size_t n);
/* Fails unless the worker, cluster "c" and its breakers hold nothing. */
void chaos_nothing_held(struct rig *r, uint64_t seed);

/* main() of such a program: plays so many seeds, from 1 on, or those that its arguments say. */
int chaos_main(int argc, char **argv, uint64_t seeds, void (*play)(uint64_t seed));

#endif
