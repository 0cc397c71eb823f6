#!/bin/bash
# run.sh - runs the harness's programs and joins their results into one TAP stream.
#
#   run.sh HARNESS_DIRECTORY LIBRARY_DIRECTORY INCLUDE_DIRECTORY CC
#
# Each group of tests has a process of its own. One that dies, or stops before its plan, is a
# failed test by itself. Nothing is written to disk.

harness=$1 library=$2 include=$3 compiler=$4
here=$(dirname "$0")
shared=$library/libmidl_user.so.1
export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# shellcheck source=../Setup/join-results.sh
. "$(dirname "$0")/../Setup/join-results.sh"

run_all() {
    local form group choices
    for form in shared static dlopen; do
        for group in first contract contents threads thread-life exit fork misuse overwrite sized \
            addresses return limit stubs calls; do
            run "$form: $group" "$harness/harness-$form" -l "$shared" "$group"
        done
        # With locks of their own.
        for choices in malloc guard; do
            MIDL_MEMORY=$choices run "$form: first: $choices" "$harness/harness-$form" -l "$shared" first
        done
        run "$form: failing-calls" "$harness/failing-$form" -l "$shared"
        LD_PRELOAD=libjemalloc.so.2 run "$form: jemalloc" "$harness/beside-$form" \
            -l "$shared" "jemalloc by LD_PRELOAD" mallctl
        LD_PRELOAD=libtcmalloc_minimal.so.4 run "$form: tcmalloc" "$harness/beside-$form" \
            -l "$shared" "tcmalloc by LD_PRELOAD" tc_malloc
        run "$form: swift program" "$harness/swift-$form" "$form" "$shared"
    done
    run "linked with jemalloc" "$harness/linked-jemalloc" "jemalloc linked" mallctl
    run "linked with tcmalloc" "$harness/linked-tcmalloc" "tcmalloc linked" tc_malloc
    run "own definition beside the shared library" "$harness/own-shared"
    run "own definition beside the archive" "$harness/own-static"
    run "loading" "$harness/loading" "$shared"
    run "libraries" bash "$here/libraries.sh" "$library" "$include" "$compiler"
    run "headers" bash "$here/headers.sh" "$include" "$compiler"
}

run_all | join_results
