/* resident.c - see resident.h. */
#include "resident.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double read_field(const char *path, const char *field) {
    char line[256];
    double kib = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, field, strlen(field)) == 0)
            kib = strtod(line + strlen(field), NULL);
    fclose(file);
    return kib * 1024;
}

double resident_now(void) { return read_field("/proc/self/smaps_rollup", "Rss:"); }
double resident_estimate(void) { return read_field("/proc/self/status", "VmRSS:"); }
double resident_peak(void) { return read_field("/proc/self/status", "VmHWM:"); }

/* proc(5): 5 sets the peak to what is resident now. */
void resident_reset_peak(void) {
    int file = open("/proc/self/clear_refs", O_WRONLY);
    if (file < 0 || write(file, "5", 1) != 1)
        perror("/proc/self/clear_refs");
    if (file >= 0)
        close(file);
}
