/* resident.h - resident memory of this process, in bytes, as the kernel counts it. */
#ifndef RESIDENT_H
#define RESIDENT_H

/* By a walk over the page tables: exact, and slow. */
double resident_now(void);

/* As kept by the kernel at all times; it counts in batches for each processor, so that some 256 KiB
 * may be missing or too much. */
double resident_estimate(void);

/* The highest since the start, or since the last resident_reset_peak. As exact as the estimate. */
double resident_peak(void);
void resident_reset_peak(void);

#endif /* RESIDENT_H */
