#!/bin/bash
# run.sh - runs the tests of the RpcSs package and joins their results into one TAP stream.
#
#   run.sh PACKAGE_DIRECTORY LIBRARY_DIRECTORY
#   run.sh --groups PROGRAM GROUP...
#
# Each group of tests has a process of its own. One that dies, or stops before its plan, is a
# failed test by itself. Nothing is written to disk.

# shellcheck source=../Setup/join-results.sh
. "$(dirname "$0")/../Setup/join-results.sh"

run_groups() { # PROGRAM GROUP...
    local program=$1 group
    shift
    for group; do
        run "$group" "$program" "$group"
    done
}

run_all() { # PACKAGE_DIRECTORY
    local package=$1 form group
    for form in shared static; do
        for group in status vectors ndr exceptions slots handles free misuse contents memory \
            sharing disabling thread-ends stub-hooks client-pair limit fork; do
            run "$form: $group" "$package/package-$form" "$group"
        done
        run "$form: exhaustion" "$package/exhaustion-$form"
    done
}

if [ "$1" = --groups ]; then
    shift
    run_groups "$@" | join_results
else
    export LD_LIBRARY_PATH=$2${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    run_all "$1" | join_results
fi
exit "${PIPESTATUS[1]}"
