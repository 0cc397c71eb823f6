#!/bin/bash
# run.sh - runs the tests of the RpcSs package and joins their results into one TAP stream.
#
#   run.sh PACKAGE_DIRECTORY LIBRARY_DIRECTORY
#   run.sh --groups PROGRAM GROUP...
#
# Each group of tests has a process of its own. One that dies, or stops before its plan, is a
# failed test by itself. Nothing is written to disk.

ulimit -c 0

# Numbers the results of all programs in one sequence. A program's plan is checked and dropped; the
# line "status NUMBER NAME" after each program says how it ended.
join_results() {
    awk '
        function report(passed, text) {
            if (!passed) failures++
            printf "%sok %d - %s\n", passed ? "" : "not ", ++count, text
        }
        /^(not )?ok [0-9]+ - / {
            seen++
            passed = /^ok/
            complaints += !passed
            sub(/^(not )?ok [0-9]+ - /, "")
            report(passed, $0)
            next
        }
        /^1\.\.[0-9]+$/ { planned = substr($0, 4) + 0; next }
        /^status [0-9]+ / {
            if (planned == 0 || planned != seen || ($2 != 0) != (complaints > 0)) {
                status = $2
                sub(/^status [0-9]+ /, "")
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
    echo "status $? $name"
}

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
