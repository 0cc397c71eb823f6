# suites.sh - runs groups of the suites of C programs under the tools, and wants no word of them; sourced
# by run.sh. The long choice is all.sh.
# shellcheck shell=bash disable=SC2154

# Tests that may fail under a tool which has malloc in the heap's place; all.sh has the reasons.
reuse='a freed block is used again at once|is used again by the owner|was used again meanwhile'
reuse+='|what was freed is handed out again'
growth='no growth|owners that end without Disable'
may_fail="$reuse|$growth"
# Functions of tests that make the fault which the tool is to report: what it says of them is none.
faulty=''
# The paragraph with which a tool's report of its own end begins, where the test leaves it no memory.
own_end='^$'

# What is no report of a fault made on purpose. Memcheck's are paragraphs; the sanitizer's ends the process.
# Lines with -- are memcheck's about itself.
reports() {
    local file
    for file in "$scratch"/reports/*; do
        [ -s "$file" ] || continue
        if [[ ${file##*/} == *.* ]]; then
            [ -n "$faulty" ] && grep -qE "($faulty)" "$file" || cat "$file"
        else
            grep -v '^--\|set address range perms: large\|failed to move log file descriptor' "$file" | sed -E 's/^==[0-9]+== ?//' |
                awk -v faulty="${faulty:-^$}" -v own_end="$own_end" \
                    'BEGIN { RS = "" } $0 ~ own_end { exit } $0 !~ faulty { print $0 "\n" }'
        fi
    done
}

judge() { # NAME STATUS SECONDS: what the group printed is in $scratch/said
    local line failed='' count text ended=''
    text=$(reports)
    while IFS= read -r line; do
        [[ $line == 'not ok '* ]] || continue
        [[ $line =~ $may_fail ]] || failed+="$line"$'\n'
    done <"$scratch/said"
    count=$(grep -cE '^(not )?ok ' "$scratch/said")
    if [ "$count" -gt 0 ] && ! grep -q "^1\.\.$count\$" "$scratch/said"; then
        ended="without its plan"
    elif [ "$count" = 0 ] && [ "$2" != 0 ]; then
        ended="with status $2"
    fi
    [ -z "$failed$text$ended" ]
    report $? "$1: $([ "$count" = 0 ] || echo "$count tests and ")no report" "$ended" "$failed" "$text" "$(tail -3 "$scratch/said")"
    [ "${SIGHT_ALL:-}" != 1 ] || echo "# $3 s, $(grep -c '^not ok ' "$scratch/said") of them may fail"
}

quiet() { # NAME COMMAND...
    local name=$1 start=$SECONDS status
    shift
    timeout -k 5 "${SIGHT_TIME:-900}" "$@" >"$scratch/said" 2>&1
    status=$?
    # Of XCTest.
    sed -E -i "s/^Test Case '(.*)' passed .*/ok - \1/; s/^Test Case '(.*)' failed .*/not ok - \1/
        s/^.* Executed ([0-9]+) tests?, .*/1..\1/; s/^.*\tExecuted ([0-9]+) tests?, .*/1..\1/" "$scratch/said"
    judge "$name" $status $((SECONDS - start))
}

quiet_under_memcheck() { # NAME COMMAND...
    local name=$1
    shift
    rm -rf "$scratch/reports"
    mkdir "$scratch/reports"
    # Else a thread that is busy may keep the others from running, for minutes.
    quiet "memcheck: $name" valgrind -q --fair-sched=yes --leak-check=no --error-exitcode=97 \
        --log-file="$scratch/reports/%p" "$@"
}

quiet_under_sanitizer() { # NAME COMMAND...
    local name=$1
    shift
    rm -rf "$scratch/reports"
    mkdir "$scratch/reports"
    ASAN_OPTIONS=detect_leaks=0:log_path=$scratch/reports/report quiet "address sanitizer: $name" "$@"
}

short() {
    local group package=(status vectors ndr exceptions slots handles free stub-hooks)
    quiet_under_memcheck contract "$programs/harness-memcheck" contract
    for group in "${package[@]}"; do
        quiet_under_memcheck "package: $group" "$programs/package-memcheck" "$group"
    done
    for group in nesting orders filters codes leaving jumps volume threads; do
        quiet_under_memcheck "exceptions: $group" "$build/exceptions/clang-O2-shared/exceptions" "$group"
    done

    # The heap itself: what it does to its own blocks, which are described to the tool, is no fault either.
    export MIDL_MEMORY=heap
    quiet_under_memcheck "heap: contract" "$build/harness/harness-static" contract
    for group in slots handles free; do
        quiet_under_memcheck "heap: package: $group" "$build/package/package-static" "$group"
    done
    unset MIDL_MEMORY

    for group in contract stubs; do
        quiet_under_sanitizer "$group" "$programs/harness-address" "$group"
    done
    for group in "${package[@]}" sharing; do
        quiet_under_sanitizer "package: $group" "$programs/package-address" "$group"
    done
}
