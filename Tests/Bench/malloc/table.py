"""Prints the measurements as tables: table.py RESULTS 'ALLOCATOR...' PROGRAM...

One table for each quantity: the least for each program and allocator, then the last allocator as a
share of each of the others, and the geometric means of these.
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


def value(results, program, allocator, quantity):
    if program == "redis" and quantity == 0:
        program = "redis-benchmark"
    least = min(row[quantity] for row in results[program, allocator])
    return least / 1024 if quantity == 3 else least


def main(path, allocators, programs):
    results = read(path)
    *others, last = allocators
    rounds = len(results[programs[0], last])
    with open("/proc/cpuinfo") as file:
        model = next((line.split(": ")[1].strip() for line in file if "model name" in line), "?")
    print(f"# {model}, {os.cpu_count()} processors; the least of {rounds} rounds")
    for quantity, name in enumerate(QUANTITIES):
        print(f"\n{name:<16}" + "".join(f"{column:>12}" for column in allocators)
              + "".join(f"{last + '/' + other:>16}" for other in others))
        ratios = []
        for program in programs:
            values = [value(results, program, allocator, quantity) for allocator in allocators]
            shares = [values[-1] / other if other else math.nan for other in values[:-1]]
            ratios.append(shares)
            digits = 0 if quantity == 4 else 1 if quantity == 3 else 3
            print(f"{program:<16}" + "".join(f"{x:>12.{digits}f}" for x in values)
                  + "".join(f"{share:>16.3f}" for share in shares))
        print(f"{'geometric mean':<{16 + 12 * len(allocators)}}" + "".join(
            f"{math.exp(statistics.fmean(math.log(share) for share in column if share > 0)):>16.3f}"
            for column in zip(*ratios)))


main(sys.argv[1], sys.argv[2].split(), sys.argv[3:])
