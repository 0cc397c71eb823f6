# join-results.sh - runs test programs, each a process of its own, and joins their TAP into one
# stream; sourced.
#
#     { run NAME COMMAND...; run NAME COMMAND...; } | join_results
#
# A program that dies, or stops before its plan, is a failed test by itself; with TIME_LIMIT, in
# seconds, one that does not end is ended.
# shellcheck shell=bash

# A core file for each of thousands of SIGABRTs helps nobody.
ulimit -c 0

# The line "status NAME NUMBER" after each program says how it ended.
run() { # NAME COMMAND...
    local name=$1
    shift
    ${TIME_LIMIT:+"$(dirname "${BASH_SOURCE[0]}")/limited" "$TIME_LIMIT"} "$@"
    echo "status $name $?"
}

# Numbers the results of all programs in one sequence. A program's plan is checked and dropped.
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
