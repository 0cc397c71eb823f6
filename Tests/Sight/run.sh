#!/bin/bash
# run.sh - what memcheck and the address sanitizer say of faults, and that they say nothing else, as TAP.
#
#   run.sh SIGHT_DIRECTORY LIBRARY_DIRECTORY BUILD_DIRECTORY [short|all|memcheck|xctest|address]
#   run.sh --faults PROGRAM                                    the faults of one program with the sanitizer
#
# In the reports that are compared 0xN stands for any address, and the number of a process is left out.
# "@NAME" in a wanted line stands for the line of faults.c with that mark.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
ulimit -c 0
export LC_ALL=C ASAN_OPTIONS=detect_leaks=0
unset MIDL_MEMORY
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# ---- Running a fault ----

# `text` is then the report, made comparable, `said` what else the program printed, `status` its status.
under_memcheck() { # PROGRAM FAULT
    {
        timeout -k 5 200 valgrind --leak-check=full --error-exitcode=97 --log-file="$scratch/report" \
            "$1" "$2" >"$scratch/said" 2>&1
        status=$?
    } 2>/dev/null
    text=$(sed -E 's/^==[0-9]+== ?//; s/0x[0-9A-Fa-f]+/0xN/g; s/^   (at|by) 0xN: /   /
        s/([0-9]),([0-9]{3})/\1\2/g' "$scratch/report")
    said=$(sed -E 's/0x[0-9a-f]+/0xN/g' "$scratch/said")
}

# Older sanitizers say "to the right of" for "after".
under_sanitizer() { # PROGRAM FAULT
    {
        timeout -k 5 200 "$1" "$2" >"$scratch/said" 2>&1
        status=$?
    } 2>/dev/null
    text=$(sed -E 's/^==[0-9]+==//; s/0x[0-9a-f]+/0xN/g; s/^ +#[0-9]+ 0xN in /   /
        s/ (\/.*\/|[^ ]*\/)?faults\.c:([0-9]+)(:[0-9]+)?$/ (faults.c:\2)/; s/ at pc .*//; s/thread T[0-9]+/thread/
        s/ to the right of / after /; s/ to the left of / before /; s/\[0xN,0xN\)$//' "$scratch/said")
    said=$(sed -E 's/0x[0-9a-f]+/0xN/g' "$scratch/said")
}

with_line() { # LINE: its mark replaced
    local mark
    if [[ $1 == *@* ]]; then
        mark=${1##*@} mark=${mark%)}
        echo "${1%@*}$(grep -n "/\* mark $mark \*/" "$here/faults.c" | cut -d: -f1))"
    else
        echo "$1"
    fi
}

# The lines stand in the text in this order, others between them.
expect() { # NAME STATUS LINE...
    local name=$1 wanted_status=$2 line wanted=() position=0
    shift 2
    local -a lines
    mapfile -t lines <<<"$text"
    for line; do
        wanted+=("$(with_line "$line")")
    done
    for line in "${lines[@]}"; do
        [ "$position" -lt ${#wanted[@]} ] && [ "$line" = "${wanted[position]}" ] && position=$((position + 1))
    done
    [ "$status" = "$wanted_status" ] && [ "$position" = ${#wanted[@]} ]
    report $? "$name" "status $status, wanted $wanted_status; missing: ${wanted[position]:-nothing}" "$text"
}

# ---- Faults ----

# What both tools say of an access: `where` is "2 bytes after", the block is live or free.
memcheck_access() { # PROGRAM FAULT NAME ACCESS WHERE BYTES ALLOCATION [FREE...]
    local program=$1 fault=$2 name=$3 access=$4 where=$5 bytes=$6 allocation=$7 ending="alloc'd" line
    local -a free=()
    shift 7
    if [ $# -gt 0 ]; then
        ending="free'd"
        for line; do free+=("   $line"); done
        free+=(" Block was alloc'd at")
    fi
    under_memcheck "$program" "$fault"
    expect "$name: memcheck" 97 "Invalid $access of size 1" "   ${access}_at (faults.c:@$access)" \
        " Address 0xN is $where a block of size $bytes $ending" "${free[@]}" "   $allocation" \
        "ERROR SUMMARY: 1 errors from 1 contexts (suppressed: 0 from 0)"
}
sanitizer_access() {
    local program=$1 fault=$2 name=$3 access=$4 where=$5 bytes=$6 allocation=$7 line
    local kind='heap-buffer-overflow' ending="allocated by thread here:"
    local -a free=()
    shift 7
    if [ $# -gt 0 ]; then
        kind='heap-use-after-free'
        free=("freed by thread here:")
        for line; do free+=("   $line"); done
        ending="previously allocated by thread here:"
    fi
    under_sanitizer "$program" "$fault"
    expect "$name: address sanitizer" 1 "ERROR: AddressSanitizer: $kind on address 0xN" \
        "${access^^} of size 1 at 0xN thread" "   ${access}_at (faults.c:@$access)" \
        "0xN is located ${where/%inside/inside of} $bytes-byte region " "${free[@]}" "$ending" \
        "   $allocation"
}

# Of the heap's own blocks the sanitizer knows which bytes are theirs, and no stacks.
sanitizer_heap_access() { # PROGRAM FAULT NAME ACCESS...
    under_sanitizer "$1" "$2"
    expect "$3: address sanitizer" 1 "ERROR: AddressSanitizer: use-after-poison on address 0xN" \
        "${4^^} of size 1 at 0xN thread" "   ${4}_at (faults.c:@$4)"
}

accesses() { # TOOL PROGRAM FORM
    local tool=$1 program=$2 form=$3
    "${tool}_access" "$program" overflow "$form: overflow" \
        write "2 bytes after" 45 "make (faults.c:@allocation)"
    "${tool}_access" "$program" overflow-by-one "$form: overflow of one byte" \
        write "0 bytes after" 45 "make (faults.c:@allocation)"
    "${tool}_access" "$program" underflow "$form: underflow" \
        read "3 bytes before" 45 "make (faults.c:@allocation)"
    "${tool}_access" "$program" large "$form: overflow of a large block" \
        write "0 bytes after" 200000 "make (faults.c:@allocation)"
    "${tool}_access" "$program" use-after-free "$form: use after free, by another thread" \
        read "7 bytes inside" 45 "make (faults.c:@allocation)" \
        "release (faults.c:@free)" "release_on_thread (faults.c:@thread)"
    "${tool}_access" "$program" environment-overflow \
        "$form: overflow of a block of an environment into the next" \
        write "0 bytes after" 48 "make_in_environment (faults.c:@environment)"
    "${tool}_access" "$program" environment-use-after-free "$form: use after RpcSsFree" \
        read "7 bytes inside" 45 "make_in_environment (faults.c:@environment)" \
        "environment_use_after_free (faults.c:@package)"
    "${tool}_access" "$program" use-after-disable "$form: use after Disable, in the next environment" \
        read "7 bytes inside" 45 "make_in_environment (faults.c:@environment)" \
        "disable (faults.c:@disable)"
    "${tool}_access" "$program" attached-use-after-disable \
        "$form: use after Disable of a block that an attached thread allocated" \
        write "7 bytes inside" 45 "make_in_environment (faults.c:@environment)" \
        "disable (faults.c:@disable)"
}

# What the library finds, with or without a tool: one line.
refused() { # RUN PROGRAM FORM
    "$1" "$2" foreign
    same "$3: a block of malloc is refused" "134 midl_user_free(0xN): no block of midl_user_allocate is \
here; it came from another allocator, or has been freed" "$status $said"
    "$1" "$2" environment-by-pair
    same "$3: midl_user_free of a block of an environment" "134 midl_user_free(0xN): the block belongs \
to an RpcSs environment; free it with RpcSsFree or RpcSmFree, or leave it to the environment's end" \
        "$status $said"
}

memcheck_faults() { # PROGRAM FORM
    local program=$1 form=$2 invalid="Invalid free() / delete / delete[] / realloc()"
    local released="   release (faults.c:@free)" made="   make (faults.c:@allocation)"
    accesses memcheck "$program" "$form"
    refused under_memcheck "$program" "$form: memcheck"
    under_memcheck "$program" twice
    expect "$form: freed twice: memcheck" 97 "$invalid" "$released" "   twice (faults.c:@second)" \
        " Address 0xN is 0 bytes inside a block of size 45 free'd" "$released" \
        " Block was alloc'd at" "$made"
    under_memcheck "$program" interior
    expect "$form: pointer inside a block: memcheck" 97 "$invalid" "$released" \
        " Address 0xN is 16 bytes inside a block of size 45 alloc'd" "$made"
    under_memcheck "$program" by-free
    expect "$form: given to free, and freed: memcheck" 97 "$invalid" "$released" \
        " Address 0xN is 0 bytes inside a block of size 45 free'd" \
        "   give_to_free (faults.c:@library)" " Block was alloc'd at" "$made"
    under_memcheck "$program" uninitialised
    expect "$form: use of bytes that were never written: memcheck" 97 \
        "Conditional jump or move depends on uninitialised value(s)" \
        "   uninitialised (faults.c:@condition)"
    under_memcheck "$program" leak
    text=$(sed -E 's/in loss record .*/in loss record/' <<<"$text")
    expect "$form: leak of a list: memcheck" 97 \
        "120 (40 direct, 80 indirect) bytes in 1 blocks are definitely lost in loss record" "$made" \
        "   lose (faults.c:@list)" "ERROR SUMMARY: 1 errors from 1 contexts (suppressed: 0 from 0)"
    under_memcheck "$program" sound
    expect "$form: a sound program with two threads: memcheck" 0 \
        "ERROR SUMMARY: 0 errors from 0 contexts (suppressed: 0 from 0)"
    same "$form: and no line of its" "" "$(grep -i 'warning\|lost in' <<<"$text")"
}

sanitizer_faults() { # PROGRAM FORM
    local program=$1 form=$2
    local released="   release (faults.c:@free)" made="   make (faults.c:@allocation)"
    accesses sanitizer "$program" "$form"
    refused under_sanitizer "$program" "$form: address sanitizer"
    under_sanitizer "$program" twice
    expect "$form: freed twice: address sanitizer" 1 \
        "ERROR: AddressSanitizer: attempting double-free on 0xN in thread:" "$released" \
        "   twice (faults.c:@second)" "0xN is located 0 bytes inside of 45-byte region " \
        "$released" "$made"
    under_sanitizer "$program" interior
    expect "$form: pointer inside a block: address sanitizer" 1 \
        "ERROR: AddressSanitizer: attempting free on address which was not malloc()-ed: 0xN in thread" \
        "$released" "0xN is located 16 bytes inside of 45-byte region " "$made"
    under_sanitizer "$program" by-free
    expect "$form: given to free, and freed: address sanitizer" 1 \
        "ERROR: AddressSanitizer: attempting double-free on 0xN in thread:" "$released" \
        "   give_to_free (faults.c:@library)" "$made"
    ASAN_OPTIONS=detect_leaks=1 under_sanitizer "$program" leak
    expect "$form: leak of a list: address sanitizer" 1 \
        "Direct leak of 40 byte(s) in 1 object(s) allocated from:" "$made" "   lose (faults.c:@list)" \
        "Indirect leak of 80 byte(s) in 2 object(s) allocated from:"
    ASAN_OPTIONS=detect_leaks=1 under_sanitizer "$program" sound
    same "$form: a sound program with two threads: address sanitizer" "0 sound" "$status $said"
}

# With MIDL_MEMORY=heap, when the blocks are the heap's own and are described to the tool.
heap_faults() { # TOOL PROGRAM FORM
    local tool=$1 program=$2 form="$3: heap" run=under_$1 access=$1 choices
    local -x MIDL_MEMORY=heap
    [ "$tool" = memcheck ] || access=sanitizer_heap
    accesses "$access" "$program" "$form"
    "${access}_access" "$program" empty "$form: read of a block of no bytes" \
        read "0 bytes after" 0 "make (faults.c:@allocation)"
    "$run" "$program" twice
    same "$form: freed twice: $tool" "134 midl_user_free(0xN): the block is free already; it was \
freed twice, or used after it had been freed" "$status $said"
    "$run" "$program" interior
    same "$form: pointer inside a block: $tool" "134 midl_user_free(0xN): the address is inside a \
block; pass the address that midl_user_allocate returned" "$status $said"
    "$run" "$program" foreign
    same "$form: a block of malloc is refused: $tool" "134 midl_user_free(0xN): the pointer did not \
come from this heap; give it back to the allocator that made it" "$status $said"
    "$run" "$program" environment-by-pair
    same "$form: midl_user_free of a block of an environment: $tool" "134 midl_user_free(0xN): the \
block belongs to an RpcSs environment; free it with RpcSsFree or RpcSmFree, or leave it to the \
environment's end" "$status $said"
    # Blocks that go back to the heap, and whole slabs, have to be open again.
    for choices in heap heap,quarantine=0 heap,quarantine=20; do
        MIDL_MEMORY=$choices "$run" "$program" sound
        same "$form: a sound program with two threads, $choices: $tool" "0 sound" "$status $said"
    done
}

if [ "$1" = --faults ]; then
    sanitizer_faults "$2" "${2##*/}"
    heap_faults sanitizer "$2" "${2##*/}"
    finish
fi

# ---- No false report ----

programs=$1 library=$2 build=$3 choice=${4:-short}
export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

. "$here/suites.sh"
. "$here/all.sh"
. "$here/xctest.sh"
case $choice in
short | all)
    for form in shared static; do
        memcheck_faults "$programs/faults-$form" $form
        heap_faults memcheck "$programs/faults-$form" $form
    done
    MIDL_MEMORY=heap under_memcheck "$programs/faults-shared" uninitialised
    expect "heap: use of bytes that were never written: memcheck" 97 \
        "Conditional jump or move depends on uninitialised value(s)" \
        "   uninitialised (faults.c:@condition)"
    for form in shared-address shared-address-gcc static-address; do
        sanitizer_faults "$programs/faults-$form" $form
        heap_faults sanitizer "$programs/faults-$form" $form
    done
    ;;&
short) short ;;
all | memcheck) all_of quiet_under_memcheck memcheck ;;&
all | memcheck) other_programs ;;&
all | memcheck) examples ;;&
all | address) all_of quiet_under_sanitizer address ;;&
all | xctest) xctests "$build/swift-optimised/release/midl_userPackageTests.xctest" ;;
esac
finish
