#!/bin/bash
# run.sh - runs the programs of this directory and joins their results into one TAP stream.
#
#   run.sh EXCEPTIONS_DIRECTORY LIBRARY_DIRECTORY INCLUDE_DIRECTORY CC
#
# Each group has a process of its own. One that dies, or stops before its plan, is a failed test by
# itself: a raise to a dead frame ends a process in any way, or not at all, hence the time limit.

programs=$1 library=$2 include=$3 compiler=$4
here=$(dirname "$0")
export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# shellcheck source=../Setup/join-results.sh
. "$(dirname "$0")/../Setup/join-results.sh"
export TIME_LIMIT=120

compile_all() {
    run headers "$here/headers.sh" "$include" "$compiler"
    run company "$here/company.sh" "$include" "$compiler"
    run layout "$here/layout.sh" "$include" "$compiler"
}

# The compilations take as long as all programs: they run beside them, and are read at the end.
run_all() {
    local form group compilations
    exec {compilations}< <(compile_all)
    for form in clang-O2-shared clang-O0-static gcc-O2-static gcc-O0-shared; do
        for group in nesting orders filters codes leaving jumps volume threads uncaught package \
            exhaustion; do
            run "$form: $group" "$programs/$form/exceptions" "$group"
        done
        if [ -x "$programs/$form/stubs" ]; then
            run "$form: stubs" "$programs/$form/stubs"
        else
            printf 'ok 1 - %s: stubs # SKIP widl is not installed\n1..1\nstatus stubs 0\n' "$form"
        fi
    done
    for form in clang++-c++11-shared clang++-c++20-static g++-c++11-static g++-c++20-shared; do
        run "$form" "$programs/$form/cplusplus"
    done
    cat <&"$compilations"
}

run_all | join_results
