"""Prints the measurements as tables: table.py RESULTS 'ALLOCATOR...' PROGRAM...

One table for each quantity: the median for each program and allocator, then the last allocator as a
share of each of the others, and the geometric means of these. A share is the median of those of the
rounds, in which programs run one right after the other: what else the machine does slows both down.
"""
import collections
import math
import os
import statistics
import sys

# Of the server the user and system time and the memory count, of its client the time it took.
QUANTITIES = ["wall seconds", "user seconds", "system seconds", "peak MiB", "page faults"]


def read(path):
    results = collections.defaultdict(list)
    with open(path) as file:
        for line in file:
            program, allocator, *numbers = line.split()
            results[program, allocator].append([float(number) for number in numbers])
    return results


def values(results, program, allocator, quantity):
    if program == "redis" and quantity == 0:
        program = "redis-benchmark"
    column = [row[quantity] for row in results[program, allocator]]
    return [each / 1024 for each in column] if quantity == 3 else column


def share(results, program, last, other, quantity):
    """The median of the rounds, and half the distance of their quartiles."""
    shares = [mine / its
              for mine, its in zip(values(results, program, last, quantity),
                                   values(results, program, other, quantity)) if its]
    if len(shares) < 2:
        return (shares or [math.nan])[0], 0
    first, _, third = statistics.quantiles(shares, n=4, method="inclusive")
    return statistics.median(shares), (third - first) / 2


def main(path, allocators, programs):
    results = read(path)
    *others, last = allocators
    rounds = len(results[programs[0], last])
    with open("/proc/cpuinfo") as file:
        model = next((line.split(": ")[1].strip() for line in file if "model name" in line), "?")
    print(f"# {model}, {os.cpu_count()} processors; medians of {rounds} rounds")
    for quantity, name in enumerate(QUANTITIES):
        print(f"\n{name:<16}" + "".join(f"{column:>12}" for column in allocators)
              + "".join(f"{last + '/' + other:>18}" for other in others))
        ratios = []
        for program in programs:
            shares = [share(results, program, last, other, quantity) for other in others]
            ratios.append([ratio for ratio, _ in shares])
            digits = 0 if quantity == 4 else 1 if quantity == 3 else 3
            medians = [statistics.median(values(results, program, allocator, quantity))
                       for allocator in allocators]
            print(f"{program:<16}" + "".join(f"{x:>12.{digits}f}" for x in medians)
                  + "".join(f"{ratio:>11.3f} ±{spread:.3f}" for ratio, spread in shares))
        print(f"{'geometric mean':<{16 + 12 * len(allocators)}}" + "".join(
            f"{math.exp(statistics.fmean(math.log(ratio) for ratio in column if ratio > 0)):>11.3f}"
            + " " * 7 for column in zip(*ratios)).rstrip())


main(sys.argv[1], sys.argv[2].split(), sys.argv[3:])
