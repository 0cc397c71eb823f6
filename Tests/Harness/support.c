/*
 * support.c - random numbers, patterns and the size of this process.
 */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t random_next(struct random *random) {
    uint64_t x = random->state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    random->state = x;
    return x * 0x2545F4914F6CDD1Du;
}

size_t random_below(struct random *random, size_t bound) {
    return (size_t)((random_next(random) >> 11) % bound);
}

size_t random_byte_count(struct random *random, size_t limit) {
    size_t octave = 1;
    while (octave < limit && random_below(random, 2 + limit / octave / 4) != 0)
        octave *= 2;
    octave *= 2;
    return random_below(random, octave < limit ? octave : limit);
}

static uint64_t pattern_word(uint64_t seed, size_t index) {
    return (seed + index) * 0x9E3779B97F4A7C15u ^ seed;
}

void pattern_fill(void *block, size_t byte_count, uint64_t seed) {
    unsigned char *bytes = block;
    size_t index = 0;
    for (; byte_count - index * 8 >= 8; index++) {
        uint64_t word = pattern_word(seed, index);
        memcpy(bytes + index * 8, &word, 8);
    }
    uint64_t word = pattern_word(seed, index);
    memcpy(bytes + index * 8, &word, byte_count - index * 8);
}

bool pattern_holds(const void *block, size_t byte_count, uint64_t seed) {
    const unsigned char *bytes = block;
    size_t index = 0;
    for (; byte_count - index * 8 >= 8; index++) {
        uint64_t word = pattern_word(seed, index);
        if (memcmp(bytes + index * 8, &word, 8) != 0)
            return false;
    }
    uint64_t word = pattern_word(seed, index);
    return memcmp(bytes + index * 8, &word, byte_count - index * 8) == 0;
}

/* The fields of statm, in pages. */
enum { STATM_MAPPED, STATM_RESIDENT, STATM_SHARED, STATM_TEXT, STATM_LIBRARY, STATM_WRITABLE };

static size_t statm(int field) {
    unsigned long pages[6] = {0};
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%lu %lu %lu %lu %lu %lu", &pages[0], &pages[1], &pages[2],
                               &pages[3], &pages[4], &pages[5]) != 6) {
        fprintf(stderr, "/proc/self/statm cannot be read\n");
        exit(2);
    }
    fclose(file);
    return pages[field] * (size_t)sysconf(_SC_PAGESIZE);
}

size_t resident_bytes(void) { return statm(STATM_RESIDENT); }
size_t mapped_bytes(void) { return statm(STATM_MAPPED) + statm(STATM_WRITABLE); }

int thread_count(void) {
    int count = 0;
    DIR *directory = opendir("/proc/self/task");
    if (directory == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

pthread_t thread_start(void *(*body)(void *), void *argument) {
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WATCHED ? 1024 * KIBI : 64 * KIBI);
    int error = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
        abort();
    }
    return thread;
}

void *thread_join(pthread_t thread) {
    void *result = NULL;
    int error = pthread_join(thread, &result);
    if (error != 0) {
        fprintf(stderr, "pthread_join: %s\n", strerror(error));
        abort();
    }
    return result;
}
