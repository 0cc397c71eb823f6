"""Prints the measurements as tables: table.py RESULTS PROGRAM...

One table for each quantity: the median for each program and allocator, then ours as a share of
glibc's and of mimalloc's, and the geometric means of these.
"""
import collections
import math
import os
import statistics
import sys

ALLOCATORS = ["glibc", "mimalloc", "ours"]
# Of the server the user and system time and the memory count, of its client the time it took.
QUANTITIES = ["wall seconds", "user seconds", "system seconds", "peak MiB", "page faults"]


def read(path):
    results = collections.defaultdict(list)
    with open(path) as file:
        for line in file:
            program, allocator, *numbers = line.split()
            results[program, allocator].append([float(number) for number in numbers])
    return results


def value(results, program, allocator, quantity):
    if program == "redis" and quantity == 0:
        program = "redis-benchmark"
    median = statistics.median(row[quantity] for row in results[program, allocator])
    return median / 1024 if quantity == 3 else median


def main(path, programs):
    results = read(path)
    rounds = len(results[programs[0], "ours"])
    with open("/proc/cpuinfo") as file:
        model = next((line.split(": ")[1].strip() for line in file if "model name" in line), "?")
    print(f"# {model}, {os.cpu_count()} processors; medians of {rounds} rounds")
    for quantity, name in enumerate(QUANTITIES):
        print(f"\n{name:<16}" + "".join(f"{column:>12}" for column in ALLOCATORS)
              + f"{'ours/glibc':>14}{'ours/mimalloc':>15}")
        ratios = []
        for program in programs:
            glibc, mimalloc, ours = (
                value(results, program, allocator, quantity) for allocator in ALLOCATORS)
            pair = [ours / other if other else math.nan for other in (glibc, mimalloc)]
            ratios.append(pair)
            digits = 0 if quantity == 4 else 1 if quantity == 3 else 3
            print(f"{program:<16}" + "".join(f"{x:>12.{digits}f}" for x in (glibc, mimalloc, ours))
                  + f"{pair[0]:>14.3f}{pair[1]:>15.3f}")
        means = [
            math.exp(statistics.fmean(math.log(pair[i]) for pair in ratios if pair[i] > 0))
            for i in (0, 1)]
        print(f"{'geometric mean':<52}{means[0]:>14.3f}{means[1]:>15.3f}")


main(sys.argv[1], sys.argv[2:])
