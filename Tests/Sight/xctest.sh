# xctest.sh - the tests of the Swift, optimised, under memcheck, a process for each class; sourced by run.sh,
# after suites.sh. No suppressions: neither the Swift runtime nor Foundation gives reason for one.
# shellcheck shell=bash disable=SC2154,SC2034
#
# Valgrind cannot read the debug information of what the Swift compiler makes by way of DWARF 5 in C: the
# tests have none here, and the functions of a report have their names. A child that a test starts is not
# watched.

# Tests with a limit on the address space, under which valgrind itself finds no memory when it comes to
# code that it has not seen, and ends.
left_out() {
    awk '/^final class / { sub(/:.*/, ""); class = $NF }
        /func test/ { sub(/\(.*/, ""); test = $NF }
        /withAddressSpaceLimit\(/ && test != "" { print class "/" test }' \
        "$here"/../MIDLMemoryTests/*Tests.swift | sort -u
}

# Valgrind has less address space to give than the heap reserves at best.
less='RegionTests.testOrdinaryReservationIsLarge'

xctests() { # TESTS
    local tests=$scratch/tests.xctest class names
    strip -g -o "$tests" "$1"
    # A crash is valgrind's to report. What is tested is the heap, which they look into.
    export MIDL_MEMORY=heap=plain SWIFT_BACKTRACE=enable=no
    may_fail=$less faulty=''
    "$tests" --list-tests | sed -n 's/^MIDLMemoryTests\.//p' | grep -vxFf <(left_out) >"$scratch/names"
    while read -r class; do
        names=$(grep "^$class/" "$scratch/names" | sed 's/^/MIDLMemoryTests./' | paste -sd,)
        quiet_under_memcheck "XCTest: $class" "$tests" "$names"
    done < <(cut -d/ -f1 "$scratch/names" | sort -u)
    unset MIDL_MEMORY SWIFT_BACKTRACE
}
