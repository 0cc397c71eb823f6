/*
 * crowd.h - two clients that call the package's managers at once, each for itself.
 */
#ifndef STUBS_CROWD_H
#define STUBS_CROWD_H

#include "report.h"

/* How many test lines each of the two prints. */
int crowd_plan(void);

/* Meets the other in the server, makes the calls, and returns how many lines failed. */
int crowd(const struct session *session, int first);

#endif
