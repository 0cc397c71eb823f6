#!/bin/bash
# run.sh PROGRAMS   what the benchmarks can say without a clock, as one TAP stream: contents survive
#                   in every workload with every allocator, and memory stays within its bounds

programs=$1

# shellcheck source=../Setup/join-results.sh
. "$(dirname "$0")/../Setup/join-results.sh"
export TIME_LIMIT=120

{
    run allocators "$programs/allocators" --short
    run memory "$programs/memory"
} | join_results
