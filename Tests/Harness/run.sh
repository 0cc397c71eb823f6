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
# A core file for each of thousands of SIGABRTs helps nobody.
ulimit -c 0

# Numbers the results of all programs in one sequence. A program's plan is checked and dropped; the
# line "status NAME NUMBER" after each program says how it ended.
join_results() {
    awk '
        function report(passed, text) {
            count++
            if (!passed) failures++
            printf "%sok %d - %s\n", passed ? "" : "not ", count, text
        }
        /^(not )?ok [0-9]+ - / {
            seen++
            passed = /^ok/
            sub(/^(not )?ok [0-9]+ - /, "")
            report(passed, $0)
            if (!passed) complaints++
            next
        }
        /^1\.\.[0-9]+$/ { planned = substr($0, 4) + 0; next }
        /^status / {
            if (planned == 0 || planned != seen || ($NF != 0) != (complaints > 0)) {
                status = $NF
                sub(/^status /, ""); sub(/ [0-9]+$/, "")
                report(0, $0 ": the program ended with status " status " after " seen + 0 " tests")
            }
            planned = seen = complaints = 0
            next
        }
        { print }
        { fflush() }
        END { printf "1..%d\n", count; exit failures > 0 || count == 0 }
    '
}

run() { # NAME COMMAND...
    local name=$1
    shift
    "$@"
    echo "status $name $?"
}

run_all() {
    local form group
    for form in shared static dlopen; do
        for group in first contract contents threads thread-life exit fork misuse overwrite \
            addresses return limit stubs calls; do
            run "$form: $group" "$harness/harness-$form" -l "$shared" "$group"
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
