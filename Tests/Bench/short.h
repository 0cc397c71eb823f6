/* short.h - every workload with every allocator for a moment: are contents what was written? */
#ifndef SHORT_H
#define SHORT_H

#include "results.h"

/* Prints TAP; returns the program's exit status. */
int short_run(const struct results *results);

#endif /* SHORT_H */
