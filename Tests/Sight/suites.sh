# suites.sh - runs groups of the suites of C programs under the tools, and wants no word of them; sourced
# by run.sh. With SIGHT_ALL=1 every group that a tool can say something about.
# shellcheck shell=bash disable=SC2154
#
# A group is left out, or a test of it may fail, for one of these reasons:
#   fault     it makes the fault that the tool is to report, and then reports
#   reuse     it wants a freed block to be handed out again, which a tool puts off
#   memory    it measures memory, of which a tool takes several times as much
#   limit     it puts a limit on the address space, which a tool has filled
#   slow      it has thousands of processes or threads, each of which a tool makes as slow as 50
#   fork      it forks while other threads are in malloc: in the child the sanitizer waits for its own lock

# Tests that may fail under a tool which has replaced malloc.
reuse='a freed block is used again at once|is used again by the owner|was used again meanwhile'
reuse+='|what was freed is handed out again'
memory='no growth|owners that end without Disable'

may_fail() { [[ $1 =~ $reuse || $1 =~ $memory ]]; }

# The reports of all processes are in $scratch/reports.
judge() { # NAME REPORT_TEXT: what the group printed is in $scratch/said
    local line failed='' count
    while IFS= read -r line; do
        [[ $line == 'not ok '* ]] || continue
        may_fail "$line" || failed+="$line"$'\n'
    done <"$scratch/said"
    count=$(grep -cE '^(not )?ok ' "$scratch/said")
    grep -q "^1\.\.$count\$" "$scratch/said" && [ "$count" -gt 0 ] && [ -z "$failed$2" ]
    report $? "$1: $count tests and no report" "$failed" "$2" "$(tail -3 "$scratch/said")"
}

quiet_under_memcheck() { # NAME COMMAND...
    local name=$1
    shift
    rm -rf "$scratch/reports"
    mkdir "$scratch/reports"
    timeout -k 5 "${SIGHT_TIME:-300}" valgrind -q --leak-check=no --error-exitcode=97 \
        --log-file="$scratch/reports/%p" "$@" >"$scratch/said" 2>&1
    judge "memcheck: $name" "$(cat "$scratch"/reports/* 2>/dev/null | grep -v 'set address range perms: large')"
}

quiet_under_sanitizer() { # NAME COMMAND...
    local name=$1
    shift
    rm -rf "$scratch/reports"
    mkdir "$scratch/reports"
    ASAN_OPTIONS=detect_leaks=0:log_path=$scratch/reports/report timeout -k 5 "${SIGHT_TIME:-300}" "$@" \
        >"$scratch/said" 2>&1
    judge "address sanitizer: $name" "$(cat "$scratch"/reports/* 2>/dev/null)"
}

# Left out everywhere: first misuse overwrite addresses sized client-pair uncaught (fault), memory return
# (memory), limit exhaustion (limit), and `package` of the exceptions (fault).
harness=(contract) package=(status vectors ndr exceptions slots handles free stub-hooks)
exceptions=(nesting orders filters codes leaving jumps volume threads)
sanitized_harness=(contract stubs) sanitized_package=("${package[@]}" sharing)
if [ "${SIGHT_ALL:-}" = 1 ]; then
    # memcheck: without exit, fork, disabling (slow)
    harness+=(contents threads thread-life stubs calls)
    package+=(contents sharing thread-ends)
    sanitized_harness+=(contents threads thread-life exit calls) # without fork (fork)
    sanitized_package+=(contents disabling thread-ends fork)
fi

for group in "${harness[@]}"; do
    quiet_under_memcheck "$group" "$build/harness/harness-shared" -l "$library/libmidl_user.so.1" "$group"
done
for group in "${package[@]}"; do
    quiet_under_memcheck "package: $group" "$build/package/package-shared" "$group"
done
for group in "${exceptions[@]}"; do
    quiet_under_memcheck "exceptions: $group" "$build/exceptions/clang-O2-shared/exceptions" "$group"
done

# The heap itself, which memcheck takes for memory of the program: what it does to its own blocks is
# no fault either.
export MIDL_MEMORY=heap
quiet_under_memcheck "heap: contract" "$build/harness/harness-static" contract
for group in slots handles free; do
    quiet_under_memcheck "heap: package: $group" "$build/package/package-static" "$group"
done
unset MIDL_MEMORY

for group in "${sanitized_harness[@]}"; do
    quiet_under_sanitizer "$group" "$programs/harness-address" "$group"
done
for group in "${sanitized_package[@]}"; do
    quiet_under_sanitizer "package: $group" "$programs/package-address" "$group"
done
