#!/bin/bash
# run.sh - forces each kind of fault in a child process and compares what is printed, as TAP.
#
#   run.sh DIAGNOSTICS_DIRECTORY LIBRARY_DIRECTORY
#
# In the texts that are compared 0xN stands for any address and N for any number of a thread or
# process. "write" in a wanted text stands for the line of faults.c with that mark.

directory=$1 library=$2
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
    text=$(sed -E 's/0x[0-9a-f]+/0xN/g; s/thread [0-9]+/thread N/; s/ at [^ ]*\/(faults\.c)/ at \1/' \
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

# No report where there is nothing to report.
quiet() { # FORM
    local form=$1 choices
    for choices in '' heap malloc guard guard=under guard=3 guard=1000 guard,quarantine=10 stats=USR1; do
        fault "$choices" "$form" sound
        same "$form: MIDL_MEMORY=$choices: a sound program with two threads" "0 sound " \
            "$status $(cat "$scratch/output") $text"
    done
    fault guard "$form" null
    same "$form: a null pointer is no block's fault" "$segv " "$status $text"
    fault guard "$form" other
    same "$form: another fault goes to the program's handler" "3 the program's handler " \
        "$status $(cat "$scratch/output") $text"
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
    for word in help heap malloc guard quarantine stats; do
        grep -q "^  $word" <<<"$text"
        report $? "$form: help has $word" "$text"
    done
    for word in nonsense malloc,nonsense guard=0 guard=x quarantine heap=1 stats=NONE; do
        fault "$word" "$form" sound
        [ "$status" = 0 ] && [ "$(wc -l <<<"$text")" = 1 ] &&
            [[ $text == *"\"${word##*,}\" is no choice; going on without any; choices are "* ]]
        report $? "$form: MIDL_MEMORY=$word: one line, and the program goes on" "$status $text"
    done
}

# ---- Allocators and statistics, in C ----

programs() { # FORM
    local form=$1 pair
    for pair in malloc=malloc heap=heap =own heap,=late =late =statistics stats=statistics \
        stats=peaks stats,heap=peaks; do
        MIDL_MEMORY=${pair%=*} "$directory/choices-$form" "${pair##*=}" >"$scratch/output" 2>&1
        status=$?
        while IFS= read -r line; do
            [[ $line == ok* ]]
            report $? "$form: MIDL_MEMORY=${pair%=*}: ${line#*- }"
        done < <(grep -E '^(not )?ok ' "$scratch/output")
        same "$form: MIDL_MEMORY=${pair%=*}: ${pair##*=} ends well" 0 "$status"
    done
    text=$(MIDL_MEMORY=stats "$directory/choices-$form" late 2>&1 >/dev/null)
    [[ $text == *"libmidl_user: statistics of process "*"at most 100 blocks, "*"thread cache"* ]]
    report $? "$form: stats prints at the end" "$text"
    text=$(MIDL_MEMORY=stats=USR1 "$directory/choices-$form" signal 2>&1; sleep 0.3)
    [[ $text == *"live          1 block, 48 bytes; at most 1 block, 48 bytes; 1 allocation"* ]]
    report $? "$form: stats prints on a signal" "$text"
    MIDL_MEMORY="stats=json:$scratch/$form.json" "$directory/choices-$form" late >/dev/null 2>&1
    grep -qE '^\{"version": [0-9]+, .*"live_block_count": 0, .*"classes": \[\{.*\}\], "caches": \[\{.*\}\]\}$' \
        "$scratch/$form.json"
    report $? "$form: stats=json:FILE" "$(cat "$scratch/$form.json")"
}

for form in shared static; do
    words $form
    programs $form
    quiet $form
    faults $form
    short $form
done
alone
finish
