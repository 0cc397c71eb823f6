#!/bin/bash
# suites.sh RESULTS NAME=COMMAND...   runs test suites one after the other and ends with the sum:
#                                     "N passed, N failed"
#
# A suite prints TAP, or is `swift test`. Its output goes to the terminal and to RESULTS/NAME.log.
# A suite that fails without a failed test, or that runs no test, counts as one failure. The last line
# is in RESULTS/summary too.
set -u -o pipefail

results=$1
shift
mkdir -p "$results"
rm -f "$results/summary"

count() { grep -cE "$1" "$2" || true; }

passed=0
failed=0
summary=()
for suite in "$@"; do
    name=${suite%%=*}
    command=${suite#*=}
    log=$results/$name.log
    printf '\n== %s: %s\n' "$name" "$command"
    status=0
    bash -c "$command" 2>&1 | tee "$log" || status=$?
    ok=$(count "^(ok |Test Case '.*' passed)" "$log")
    bad=$(count "^(not ok |Test Case '.*' failed)" "$log")
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$ok" = 0 ]; }; then
        echo "# $name: exit status $status, $ok tests"
        bad=1
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    summary+=("$(printf '%-17s %5d passed, %d failed' "$name" "$ok" "$bad")")
done

printf '\n'
printf '%s\n' "${summary[@]}"
[ "$failed" = 0 ] || grep -hE "^(not ok |Test Case '.*' failed|.*: error: )" "$results"/*.log | head -50
echo "$passed passed, $failed failed" | tee "$results/summary"
[ "$failed" = 0 ]
