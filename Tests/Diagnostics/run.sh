#!/bin/bash
# run.sh - forces each kind of fault in a child process and compares what is printed, as TAP.
#
#   run.sh DIAGNOSTICS_DIRECTORY LIBRARY_DIRECTORY
#   run.sh --sanitized SANITIZER DIAGNOSTICS_DIRECTORY
#
# In the texts that are compared 0xN stands for any address and N for any number of a thread or
# process. "write" in a wanted text stands for the line of faults.c with that mark.

mode=all
if [ "$1" = --sanitized ]; then
    mode="sanitized $2"
    shift 2
fi
directory=$1 library=${2-}
here=$(dirname "$0")
. "$here/../Harness/tap.sh"
# A core file for each fault helps nobody.
ulimit -c 0
export LC_ALL=C LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

line_of() { grep -n "/\* mark $1 \*/" "$here/faults.c" | cut -d: -f1; }

# Runs a fault; `text` is then what it printed, made comparable, and `status` its exit status.
fault() { # CHOICES FORM NAME
    {
        MIDL_MEMORY=$1 "$directory/faults-$2" "$3" >"$scratch/output" 2>"$scratch/errors"
        status=$?
    } 2>/dev/null
    text=$(sed -E 's/0x[0-9a-f]+/0xN/g; s/thread [0-9]+/thread N/; s/ at .*\/(faults\.c)/ at \1/' \
        "$scratch/errors")
}

# What stands in the stack of a function, with the line of a mark.
frame() { # NUMBER FUNCTION MARK
    echo "    #$1 $2 at faults.c:$(line_of "$3")"
}

# The first line of the report and the innermost frames of its stacks.
expect() { # NAME STATUS FIRST FRAME...
    local name=$1 wanted_status=$2 first=$3 failed=0 wanted
    shift 3
    [ "$status" = "$wanted_status" ] && [ "$(head -1 <<<"$text")" = "$first" ] || failed=1
    for wanted; do
        grep -qxF -- "$wanted" <<<"$text" || failed=1
    done
    report $failed "$name" "status $status, wanted $wanted_status, $first" "$@" "found:" "$text"
}

segv=139 abrt=134
block="of a block of 45 bytes at 0xN"
allocated=$(frame 0 make allocation)
freed=$(frame 0 release free)
access="  access, thread N:"
call="  call, thread N:"
allocation="  allocation, thread N:"
free="  free, thread N:"

# ---- guard ----

faults() { # FORM
    local form=$1
    fault guard "$form" overflow
    expect "$form: overflow" $segv \
        "libmidl_user: overflow: write at 0xN, 3 bytes behind the end $block" \
        "$access" "$(frame 0 write_at write)" "$(frame 1 overflow fault)" \
        "$(frame 2 main main)" "$allocation" "$allocated"
    same "$form: overflow: nothing follows main, and nothing of the library is before" 9 \
        "$(wc -l <<<"$text")"
    fault guard=under "$form" underflow
    expect "$form: underflow" $segv \
        "libmidl_user: underflow: write at 0xN, 1 byte before the start $block" \
        "$access" "$(frame 0 write_at write)" "$allocation" "$allocated"
    fault guard "$form" slack
    expect "$form: overflow into slack bytes" $abrt \
        "libmidl_user: overflow, seen at the free: write at 0xN, 1 byte behind the end $block" \
        "$call" "$freed" "$allocation" "$allocated"
    fault guard=under "$form" slack
    expect "$form: overflow, blocks after a page without access" $abrt \
        "libmidl_user: overflow, seen at the free: write at 0xN, 1 byte behind the end $block" \
        "$call" "$freed" "$allocation" "$allocated"
    fault guard "$form" before
    expect "$form: underflow within the page" $abrt \
        "libmidl_user: underflow, seen at the free: write at 0xN, 5 bytes before the start $block" \
        "$call" "$freed" "$allocation" "$allocated"
    fault guard "$form" use-after-free
    expect "$form: use after free, by another thread" $segv \
        "libmidl_user: use after free: read at 0xN, 7 bytes into ${block#of }" \
        "$access" "$(frame 0 read_at read)" "$allocation" "$allocated" "$free" "$freed" \
        "$(frame 1 release_on_thread thread)"
    fault guard "$form" twice
    expect "$form: freed twice" $abrt \
        "libmidl_user: freed twice: 0xN, 0 bytes into ${block#of }" \
        "$call" "$freed" "$allocation" "$allocated" "$free"
    fault guard "$form" foreign
    expect "$form: foreign pointer" $abrt "libmidl_user: foreign pointer: 0xN did not come from \
midl_user_allocate; give it back to the allocator that made it" "$call" "$freed"
    fault guard "$form" interior
    expect "$form: pointer inside a block" $abrt \
        "libmidl_user: pointer inside a block: 0xN, 16 bytes into ${block#of }" \
        "$call" "$freed" "$allocation" "$allocated"
    fault guard "$form" size-after-free
    expect "$form: size after free" $abrt \
        "libmidl_user: size after free: 0xN, 0 bytes into ${block#of }" \
        "$allocation" "$allocated" "$free" "$freed"
    fault guard "$form" large
    expect "$form: overflow of a large block" $segv "libmidl_user: overflow: write at 0xN, \
0 bytes behind the end of a block of 200000 bytes at 0xN" "$access" "$(frame 0 write_at write)"
    fault guard "$form" thread
    expect "$form: overflow on another thread" $segv \
        "libmidl_user: overflow: write at 0xN, 3 bytes behind the end $block" \
        "$access" "$(frame 0 write_at write)" "$(frame 1 overflow fault)"
    fault guard "$form" forked
    expect "$form: use after free in the child of a fork" $segv \
        "libmidl_user: use after free: read at 0xN, 7 bytes into ${block#of }" \
        "$free" "$freed"
    fault guard,quarantine=1 "$form" old-free
    expect "$form: use after free, when the block has left the quarantine" $segv \
        "libmidl_user: use after free: read at 0xN, 7 bytes into ${block#of }"
    fault guard "$form" environment-overflow
    expect "$form: overflow of a block of an environment" $segv \
        "libmidl_user: overflow: write at 0xN, 0 bytes behind the end of a block of 48 bytes at 0xN" \
        "$access" "$(frame 0 write_at write)" "$allocation" \
        "$(frame 0 make_in_environment environment)"
    fault guard "$form" use-after-disable
    expect "$form: use after Disable" $segv \
        "libmidl_user: use after free: read at 0xN, 7 bytes into ${block#of }" \
        "$access" "$(frame 0 read_at read)" "$allocation" \
        "$(frame 0 make_in_environment environment)" "$free" "$(frame 0 disable disable)"
    for choices in guard malloc; do
        fault $choices "$form" environment-by-pair
        same "$form: $choices: midl_user_free of a block of an environment" "$abrt \
midl_user_free(0xN): the block belongs to an RpcSs environment; free it with RpcSsFree or RpcSmFree, or \
leave it to the environment's end" "$status $text"
    done
    for choices in foreign twice; do
        fault malloc "$form" $choices
        same "$form: malloc: $choices" "$abrt midl_user_free(0xN): no block of midl_user_allocate is \
here; it came from another allocator, or has been freed" "$status $text"
    done
    for choices in guard=1000 guard=300 guard=2; do
        fault $choices "$form" sample
        expect "$form: $choices" $segv \
            "libmidl_user: overflow: read at 0xN, 0 bytes behind the end of a block of 48 bytes at 0xN" \
            "$access" "$(frame 0 read_at read)" "$(frame 1 sample sample)" "$allocation" "$allocated"
    done
}

# The heap's own line for misuse, after the stacks where they are recorded.
misuse() { # FORM
    local form=$1 choices
    for choices in leaks orphans leaks,stats; do
        fault $choices "$form" twice
        expect "$form: $choices: freed twice" $abrt "libmidl_user: free of 0xN, where no block starts" \
            "$call" "$freed" "$(frame 1 twice again)" "  last allocation there:" "$allocated" \
            "midl_user_free(0xN): the block is free already; it was freed twice, or used after it had been freed"
        fault $choices "$form" interior
        expect "$form: $choices: pointer inside a block" $abrt \
            "libmidl_user: free of 0xN, where no block starts" "$call" "$freed" "  allocation:" \
            "$allocated" "midl_user_free(0xN): the address is inside a block; pass the address that \
midl_user_allocate returned"
        fault $choices "$form" foreign
        expect "$form: $choices: foreign pointer" $abrt \
            "libmidl_user: free of 0xN, where no block starts" "$call" "$freed" \
            "midl_user_free(0xN): the pointer did not come from this heap; give it back to the \
allocator that made it"
    done
    fault guard=1000,leaks "$form" twice
    expect "$form: guard=1000,leaks: freed twice" $abrt \
        "libmidl_user: free of 0xN, where no block starts" "$call" "$freed" "$allocated"
}

# No report where there is nothing to report.
quiet() { # FORM
    local form=$1 choices
    for choices in '' heap malloc guard guard=under guard=3 guard=1000 guard,quarantine=10 stats=USR1 \
        guard=3,stats=USR1 guard,stats=USR1; do
        fault "$choices" "$form" sound
        same "$form: MIDL_MEMORY=$choices: a sound program with two threads" "0 sound " \
            "$status $(cat "$scratch/output") $text"
    done
    fault guard "$form" null
    same "$form: a null pointer is no block's fault" "$segv " "$status $text"
    fault guard "$form" other
    same "$form: another fault goes to the program's handler; it says so once" \
        "3 the program's handler libmidl_user: guard: the program has a handler of SIGSEGV of its \
own; faults are reported only where it passes them on" "$status $(cat "$scratch/output") $text"
    fault guard "$form" passed-on
    expect "$form: the program's handler passes a fault on" $segv \
        "libmidl_user: guard: the program has a handler of SIGSEGV of its own; faults are reported \
only where it passes them on" \
        "libmidl_user: overflow: write at 0xN, 3 bytes behind the end $block" \
        "$access" "$(frame 0 write_at write)" "$allocation" "$allocated"
}

# ---- When something is short ----

short() { # FORM
    local form=$1
    fault guard "$form" many
    same "$form: more blocks than mappings: it says so and the program goes on" \
        "0 sound libmidl_user: guard: short of mappings (vm.max_map_count); blocks \
of the heap take the place of guarded ones" "$status $(cat "$scratch/output") $text"
    text=$(ulimit -v 300000 && MIDL_MEMORY=guard "$directory/faults-$form" many 2>&1)
    same "$form: little address space: it says so and the program goes on" \
        "0 libmidl_user: guard: short of address space; blocks of the heap take the place of \
guarded ones sound" "$? $(tr '\n' ' ' <<<"$text" | sed 's/ $//')"
    strip -o "$scratch/faults" "$directory/faults-$form"
    text=$(MIDL_MEMORY=guard "$scratch/faults" overflow 2>&1)
    # shellcheck disable=SC2016
    same "$form: without symbols: module and offset" 2 \
        "$(grep -cE '^    #0 .*/faults\+0x[0-9a-f]+$' <<<"$text")"
}

alone() {
    mkdir "$scratch/alone"
    cp "$library/libmidl_user.so.1" "$scratch/alone"
    text=$(LD_LIBRARY_PATH=$scratch/alone MIDL_MEMORY=guard "$directory/faults-shared" sound 2>&1)
    same "shared: without libmidl_diagnostics.so.1: one line, and the program goes on" \
        "0 libmidl_user: libmidl_diagnostics.so.1 is not there, or not of this version; going on \
without it sound" "$? $(tr '\n' ' ' <<<"$text" | sed 's/ $//')"
}

# ---- Words ----

words() { # FORM
    local form=$1 word
    fault help "$form" sound
    for word in help heap malloc guard quarantine stats leaks orphans record; do
        grep -q "^  $word" <<<"$text"
        report $? "$form: help has $word" "$text"
    done
    for word in nonsense malloc,nonsense guard=0 guard=x quarantine heap=1 stats=NONE orphans=x record \
        leaks=jsonx; do
        fault "$word" "$form" sound
        [ "$status" = 0 ] && [ "$(wc -l <<<"$text")" = 1 ] &&
            [[ $text == *"\"${word##*,}\" is no choice; going on without any; choices are "* ]]
        report $? "$form: MIDL_MEMORY=$word: one line, and the program goes on" "$status $text"
    done
}

# ---- Programs that are tests themselves ----

# Their results as they are; one that dies fails.
join() { # NAME COMMAND...
    local name=$1 line
    shift
    "$@" >"$scratch/output" 2>&1
    status=$?
    while IFS= read -r line; do
        [[ $line == ok* ]]
        report $? "$name: ${line#*- }"
    done < <(grep -E '^(not )?ok ' "$scratch/output")
    same "$name ends well" 0 "$status"
}

programs() { # FORM
    local form=$1 pair
    for pair in malloc=malloc heap=heap =own heap,=late =late =statistics stats=statistics \
        stats=peaks stats,heap=peaks stats,guard=peaks stats,malloc=peaks \
        stats,guard=others guard=others stats,malloc=others stats,guard=2=mixed stats=forked \
        stats,guard=forked stats,malloc=forked heap=short; do
        MIDL_MEMORY=${pair%=*} join "$form: MIDL_MEMORY=${pair%=*}: ${pair##*=}" \
            "$directory/choices-$form" "${pair##*=}"
    done
    text=$(MIDL_MEMORY=stats "$directory/choices-$form" late 2>&1 >/dev/null)
    [[ $text == *"libmidl_user: statistics of process "*"at most 100 blocks, "*"thread cache"* ]]
    report $? "$form: stats prints at the end" "$text"
    text=$(MIDL_MEMORY=stats "$directory/choices-$form" short 2>&1 >/dev/null)
    same "$form: stats at the end, without memory" "libmidl_user: stats: no memory" "$text"
    text=$(MIDL_MEMORY=stats=USR1 "$directory/choices-$form" signal 2>&1; sleep 0.3)
    [[ $text == *"live          1 block, 48 bytes; at most 1 block, 48 bytes; 1 allocation"* ]]
    report $? "$form: stats prints on a signal" "$text"
    MIDL_MEMORY="stats=json:$scratch/$form.json" "$directory/choices-$form" late >/dev/null 2>&1
    grep -qE '^\{"version": [0-9]+, .*"live_block_count": 0, .*"classes": \[\{.*\}\], "caches": \[\{.*\}\]\}$' \
        "$scratch/$form.json"
    report $? "$form: stats=json:FILE" "$(cat "$scratch/$form.json")"
}

all() {
    local form
    for form in shared static; do
        words $form
        programs $form
        quiet $form
        faults $form
        misuse $form
        short $form
    done
    # Without the directory in which the system would look for the diagnostics, too.
    LD_LIBRARY_PATH='' join "dlopen" "$directory/loaded" "$library/libmidl_user.so.1"
    alone
}

# What a sanitizer has no other opinion of: blocks that are the library's, and no faults.
sanitized() { # SANITIZER
    local pair choices pairs=() all=(heap guard guard=under guard=3 guard=1000 'heap,stats=USR1')
    # The thread sanitizer has no threads after a fork, and calls what __cxa_atexit has been given
    # for no object without its argument: nothing is printed at the end.
    if [ "$1" = address ]; then
        pairs=('stats,heap=forked' 'stats,guard=forked')
        all+=('heap,leaks' 'heap,orphans')
    fi
    for pair in heap=heap heap=late heap=plain=statistics stats=USR1,heap=peaks stats=USR1,guard=peaks \
        stats=USR1,guard=others stats=USR1,guard=2=mixed "${pairs[@]}"; do
        MIDL_MEMORY=${pair%=*} join "MIDL_MEMORY=${pair%=*}: ${pair##*=}" \
            "$directory/choices-static" "${pair##*=}"
    done
    for choices in "${all[@]}"; do
        fault "$choices" static sound
        same "MIDL_MEMORY=$choices: a sound program with two threads" "0 sound" \
            "$status $(cat "$scratch/output")"
        ! grep -q Sanitizer <<<"$text"
        report $? "MIDL_MEMORY=$choices: and the sanitizer has nothing to say" "$text"
    done
}

$mode
finish
