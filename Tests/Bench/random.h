/* random.h - the same pseudo-random numbers in every run: xorshift64* (Vigna, 2014). */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state; /* never 0 */
};

static inline uint32_t random_next(struct random *random) {
    uint64_t state = random->state;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    random->state = state;
    return (uint32_t)(state * 0x2545F4914F6CDD1DU >> 32);
}

/* 0 ..< limit */
static inline uint32_t random_below(struct random *random, uint32_t limit) {
    return (uint32_t)((uint64_t)random_next(random) * limit >> 32);
}

/* first ... last, each as likely as the others. */
static inline uint32_t random_between(struct random *random, uint32_t first, uint32_t last) {
    return first + random_below(random, last - first + 1);
}

/* 2^first_power ..< 2^last_power, each doubling as likely as the others. */
static inline uint32_t random_doubling(struct random *random, uint32_t first_power,
                                       uint32_t last_power) {
    uint32_t base = 1U << (first_power + random_below(random, last_power - first_power));
    return base + random_below(random, base);
}

#endif /* RANDOM_H */
