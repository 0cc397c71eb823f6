# all.sh - every group of every suite of C programs under the tools; sourced by run.sh, after suites.sh.
# shellcheck shell=bash disable=SC2154,SC2034
#
# A group runs whole. Single tests of it may fail, for one of these reasons; their reports count all the
# same, but for those of faults that a test makes on purpose.
#   fault     it makes the fault that the tool is to report, which then ends the process
#   heap      it wants what the heap alone does, and malloc in its place does not
#   calls     it has calls of the system fail, also those that the sanitizer makes itself
#   reuse     it wants a freed block to be handed out again, which a tool puts off
#   memory    it measures memory, of which a tool takes several times as much
#   counted   it wants what the heap has given for blocks, and a tool's are counted as asked for; or it
#             counts free ones, and a tool has them put off
#   limit     it puts a limit on the address space, which a tool has filled
# With MIDL_MEMORY=heap the blocks are the heap's, described to the tool; the first three do not count, and
# nothing may be reported. With quarantine=0 besides, a freed block goes back to the heap at once, where the
# tool takes it for memory like any other: for tests of what becomes of it.

memory="$growth| return: "
counted='statistics: (live bytes|live blocks by size class|its bytes|after a trim all free pages)'
counted+="|statistics: the thread's cache has the free blocks"
limit='under RLIMIT_AS| limit: |without memory a watch and a find say so'
calls='failing-calls: (loading the library makes no|(pthread_setspecific|pthread_atfork|any) call)'
calls+='|failing-calls: .* fails,|exhaustion: .* fails,|exhaustion: .* when memory ends'
heap='freed as one of|freed twice with its size|freed with (its|a) size'
heap+='|loaded: (statistics count it|a report has it|a watch finds it|and frees it)'
fault='free of a foreign pointer as the first call|: misuse: |ClientFree (of|inside)'
fault+='|uncaught: freed twice: |ClientFree of a freed block raises|DefaultFree of a freed block raises'
with_malloc="$reuse|$memory|$limit|$heap|$fault"
with_heap="$reuse|a new block at the address of a freed one|$memory|$limit"
functions='misuse_first|test_misuse\.c|(freed_before|inside|of_gone) .*test_client_pair\.c'
functions+='|default_free_twice|raise_invalid'
# What the sanitizer says of itself, when it has no memory.
own='AddressSanitizer: out of memory|AddressSanitizer: CHECK failed: asan_|AddressSanitizer failed to'

without_memory() { # NAME COMMAND...: for all_of
    local may_fail="$may_fail|$calls" faulty=${faulty:+$faulty|}$own own_end='^host stacktrace:'
    "$tool" "$@"
}

all_of() { # TOOL FORM: in malloc's place and in the heap's
    local tool=$1 form=$2 group
    may_fail=$with_malloc faulty=$functions
    for group in first contract contents threads thread-life exit fork misuse sized return stubs \
        calls; do
        "$tool" "$group" "$programs/harness-$form" "$group"
    done
    without_memory "limit" "$programs/harness-$form" limit
    without_memory "failing calls" "$programs/failing-$form"
    "$tool" "own pair" "$programs/own-$form"
    "$tool" "loaded" "$programs/loaded-$form" "$library/libmidl_user.so.1"
    for group in status vectors ndr exceptions slots handles free misuse contents memory sharing \
        disabling thread-ends stub-hooks client-pair fork; do
        "$tool" "package: $group" "$programs/package-$form" "$group"
    done
    without_memory "package: limit" "$programs/package-$form" limit
    without_memory "package: exhaustion" "$programs/exhaustion-$form"
    for group in nesting orders filters codes leaving jumps volume threads uncaught package; do
        "$tool" "exceptions: $group" "$programs/exceptions-$form" "$group"
    done
    without_memory "exceptions: exhaustion" "$programs/exceptions-$form" exhaustion

    export MIDL_MEMORY=heap
    may_fail=$with_heap faulty=''
    for group in first contract contents threads thread-life exit fork misuse sized addresses return \
        stubs calls; do
        "$tool" "heap: $group" "$programs/harness-$form" "$group"
    done
    for group in status slots handles free misuse contents memory sharing \
        disabling thread-ends stub-hooks client-pair fork; do
        "$tool" "heap: package: $group" "$programs/package-$form" "$group"
    done
    for group in uncaught package; do
        "$tool" "heap: exceptions: $group" "$programs/exceptions-$form" "$group"
    done

    # Where the heap fails with the system there is nothing to describe its blocks with.
    MIDL_MEMORY=heap=plain without_memory "heap=plain: failing calls" "$programs/failing-$form"
    MIDL_MEMORY=heap=plain "$tool" "heap=plain: loaded" "$programs/loaded-$form" "$library/libmidl_user.so.1"
    unset MIDL_MEMORY

    # What frees a block again after it was overwritten has the heap hand out one that is live.
    export MIDL_MEMORY=heap,quarantine=0
    may_fail="$memory|$limit" faulty=freed_again
    for group in contract fork overwrite; do
        "$tool" "heap, no quarantine: $group" "$programs/harness-$form" "$group"
    done
    "$tool" "heap, no quarantine: package: status" "$programs/package-$form" status
    unset MIDL_MEMORY
    may_fail=$with_heap faulty=''

    # The walks, which read all memory of the program, with and without guarded blocks.
    local choices
    for choices in heap heap,quarantine=0 guard=3,quarantine=0; do
        for group in situations watches model; do
            # The guard's stacks are the sanitizer's to take, by a lock that in the child of a fork
            # may be another thread's for ever.
            [ "$form $choices $group" != "address guard=3,quarantine=0 watches" ] || continue
            MIDL_MEMORY=$choices "$tool" "$choices: orphans: $group" "$programs/$group-$form"
        done
    done
    for choices in orphans orphans,guard orphans,guard=2; do
        for group in lost kept; do
            MIDL_MEMORY=$choices "$tool" "$choices: $group" "$programs/lost-$form" $group
        done
    done
    for choices in leaks leaks,guard; do
        MIDL_MEMORY=$choices "$tool" "$choices: some" "$programs/leaky-$form" some
    done
    local pair
    may_fail="$with_malloc|$counted"
    # Without malloc=malloc, which asks the C library's malloc about itself, and gives a block to free.
    for pair in heap=heap heap,=late =late stats=statistics stats=peaks stats,heap=peaks \
        stats,guard=peaks stats,malloc=peaks stats,guard=others guard=others stats,malloc=others \
        stats,guard=2=mixed stats=forked stats,guard=forked stats,malloc=forked; do
        MIDL_MEMORY=${pair%=*} "$tool" "MIDL_MEMORY=${pair%=*}: ${pair##*=}" \
            "$programs/choices-$form" "${pair##*=}"
    done
    MIDL_MEMORY=heap without_memory "MIDL_MEMORY=heap: short" "$programs/choices-$form" short
    "$tool" "choices: own" "$programs/choices-$form" own
}

# Forms of which there is one for memcheck only: optimised, of another compiler, in C++, widl's stubs.
other_programs() {
    local form name
    may_fail=$with_malloc faulty=''
    for form in clang-O0-static gcc-O2-static gcc-O0-shared; do
        for name in nesting orders filters codes leaving jumps volume threads; do
            quiet_under_memcheck "exceptions: $form: $name" "$build/exceptions/$form/exceptions" $name
        done
    done
    for form in clang-O2-shared clang-O0-static gcc-O2-static gcc-O0-shared; do
        [ ! -x "$build/exceptions/$form/stubs" ] ||
            quiet_under_memcheck "stubs: $form" "$build/exceptions/$form/stubs"
    done
    for form in clang++-c++11-shared clang++-c++20-static g++-c++11-static g++-c++20-shared; do
        quiet_under_memcheck "exceptions: $form" "$build/exceptions/$form/cplusplus"
    done
}

# As they were built and installed by examples-test; valgrind reads no DWARF 5. Without the one that is wholly
# static: in it memcheck can take nothing's place, and reports of the C library alone.
examples() {
    local program expected work=$build/examples-native
    for program in exceptions/inventory cplusplus/points own-pair/own own-pair/own-static \
        pkg-config/blocks cmake/build/blocks cmake/build/blocks-static \
        swift/debug/Server; do
        expected=$here/../Examples/${program%%/*}/expected.txt
        strip -g -o "$scratch/example" "$work/$program"
        LD_LIBRARY_PATH=$work/prefix/lib:$LD_LIBRARY_PATH \
            quiet_under_memcheck "example $program" "$scratch/example"
        same "memcheck: example $program prints what it should" "$(<"$expected")" \
            "$(sed 's/(0x[0-9a-f]*)/(ADDRESS)/' "$scratch/said")"
    done
}
