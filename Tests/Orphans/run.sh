#!/bin/bash
# run.sh - runs the programs in both forms and joins their results into one TAP stream.
#
#   run.sh PROGRAM_DIRECTORY LIBRARY_DIRECTORY PROGRAM...

programs=$1 library=$2
shift 2
export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# shellcheck source=../Setup/join-results.sh
. "$(dirname "$0")/../Setup/join-results.sh"

run_all() {
    local form program
    for form in shared static; do
        for program in "$@"; do
            run "$form: $program" "$programs/$program-$form"
        done
        run "$form: leaks" bash "$(dirname "$0")/leaks.sh" "$programs/leaky-$form" "$form"
        run "$form: lost" bash "$(dirname "$0")/lost.sh" "$programs/lost-$form" "$form"
    done
}

run_all "$@" | join_results
