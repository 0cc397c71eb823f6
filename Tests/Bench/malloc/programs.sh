#!/bin/bash
# programs.sh table OUR_LIBRARY MEASURE [ROUNDS]   real programs with glibc's malloc, mimalloc and
#                                                  ours: times and memory of each, as a table
# programs.sh guard OUR_LIBRARY MEASURE [ROUNDS]   what MIDL_MEMORY=guard=1000 costs them
# programs.sh calls OUR_LIBRARY MEASURE            how often they call the system
# programs.sh test  OUR_LIBRARY MEASURE            one short run of each with glibc's malloc and with
#                                                  ours, and with guarded blocks of it; the outputs
#                                                  must be equal; TAP
#
# The guarded blocks are those of the same library with the choices of MIDL_MEMORY, in choosing/ beside it.
#
# An allocator is an LD_PRELOAD. glibc's is libc.so.6: of most programs it changes nothing, and it
# comes before the jemalloc that Debian's redis links.
set -eu -o pipefail

mode=$1 ours=$(realpath "$2") measure=$(realpath "$3") rounds=${4:-5}
here=$(realpath "$(dirname "$0")")
# By way of links, since the path of this directory may have spaces, at which LD_PRELOAD is split.
name=$(basename "$ours")
declare -A preload=([glibc]=libc.so.6 [mimalloc]=libmimalloc.so.2.0 [ours]=./ours/$name
    [guard]=./ours/choosing/$name)
declare -A choices=([guard]=guard=1000)
allocators=(glibc mimalloc ours)
case $mode in
test) allocators=(glibc ours guard) choices[guard]=guard=20 ;;
guard) allocators=(ours guard) ;;
esac
programs=(swiftc gcc python sqlite redis)

# Debian's own python, not one that comes before it in PATH.
python=/usr/bin/python3
work=$(realpath "$(mktemp -d "${TMPDIR:-/tmp}/programs.XXXXXX")")
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
export TMPDIR=$work
ln -s "$(dirname "$ours")" ours

case $mode in
test) counts=(4 25 4000 800 4000) requests=2000 ;;
# Short, so that of two runs in turn the machine is the same.
guard) counts=(8 60 30000 6000 16000) requests=50000 ;;
*) counts=(25 250 100000 20000 50000) requests=300000 ;;
esac
$python "$here/inputs.py" swift "${counts[0]}" >input.swift
$python "$here/inputs.py" c "${counts[1]}" >input.c
$python "$here/inputs.py" sql "${counts[3]}" >input.sql
$python "$here/inputs.py" redis "${counts[4]}" >input.redis

# ---- One run of each program -------------------------------------------------
#
# under LABEL COMMAND... runs a command with the allocator that is measured and notes what it cost.

allocator=
under() {
    local label=$1
    shift
    if [ "$mode" = calls ]; then
        strace -f -c -S calls -o "$label.$allocator.calls" \
            -E LD_PRELOAD="${preload[$allocator]}" "$@"
    else
        MIDL_MEMORY=${choices[$allocator]:-} \
            "$measure" results "$label $allocator" "${preload[$allocator]}" "$@"
    fi
}

# Each leaves in the file output what must not depend on the allocator.
run_swiftc() {
    under swiftc swiftc -O -wmo -c input.swift -o output -module-name input \
        -module-cache-path modules
}

run_gcc() { under gcc gcc -O2 -c input.c -o output; }

run_python() {
    PYTHONMALLOC=malloc PYTHONHASHSEED=0 under python $python "$here/program.py" "${counts[2]}" \
        >output
}

run_sqlite() { under sqlite sqlite3 :memory: <input.sql >output; }

# The server is what is measured; the times in the table are the benchmark's wall time and the
# server's own.
run_redis() {
    # redis-tools has the server's binary under another name, without the service.
    [ -e redis-server ] || ln -s "$(command -v redis-check-rdb)" redis-server
    local socket=redis.socket
    under redis ./redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no \
        --enable-debug-command yes --loglevel warning --dir . >redis.log 2>&1 &
    server=$!
    local try=0
    until redis-cli -s "$socket" ping >/dev/null 2>&1; do
        try=$((try + 1))
        [ "$try" -lt 100 ] && kill -0 "$server" || return 1
        sleep 0.05
    done
    {
        redis-cli -s "$socket" --pipe <input.redis | tail -1
        redis-cli -s "$socket" debug digest
        redis-cli -s "$socket" flushall
    } >output
    "$measure" "$([ "$mode" = calls ] && echo /dev/null || echo results)" \
        "redis-benchmark $allocator" '' \
        redis-benchmark -s "$socket" -q -n "$requests" -c 20 -P 16 -r 100000 -d 120 \
        -t set,get,incr,lpush,rpop,sadd,hset,zadd,mset >redis-benchmark.log
    redis-cli -s "$socket" shutdown nosave || true
    wait "$server"
    server=
}

# run PROGRAM ALLOCATOR: false when it fails; its output is in PROGRAM.ALLOCATOR.
run() {
    allocator=$2
    rm -f output
    "run_$1" || return 1
    mv output "$1.$2"
}

# ---- The modes ---------------------------------------------------------------

if [ "$mode" = test ]; then
    # shellcheck source=../../Harness/tap.sh
    . "$here/../../Harness/tap.sh"
    for each in "${allocators[@]}"; do
        complaints=$(LD_PRELOAD=${preload[$each]} sort /dev/null 2>&1)
        same "$each: is preloaded" '' "$complaints"
    done
    words=$(MIDL_MEMORY=help LD_PRELOAD=${preload[guard]} sort /dev/null 2>&1)
    same 'guard: can be chosen' '  guard[=N|=under]' "$(grep -o '^  guard[^ ]*' <<<"$words")"
    for program in "${programs[@]}"; do
        run "$program" glibc
        for each in ours guard; do
            status=0
            { run "$program" "$each" && cmp "$program.glibc" "$program.$each"; } 2>errors || status=1
            report $status "$program: $each: the same output as with glibc's malloc" "$(tail -5 errors)"
        done
    done
    finish
fi

order=("${allocators[@]}")
for ((round = 0; round < rounds; round++)); do
    # Each is first in turn.
    [ $round = 0 ] || order=("${order[@]:1}" "${order[0]}")
    for program in "${programs[@]}"; do
        for each in "${order[@]}"; do
            echo "round $((round + 1)) of $rounds: $program, $each" >&2
            run "$program" "$each"
        done
        for each in "${allocators[@]}"; do
            cmp "$program.${allocators[0]}" "$program.$each"
        done
    done
    [ "$mode" != calls ] || break
done

if [ "$mode" != calls ]; then
    $python "$here/table.py" results "${allocators[*]}" "${programs[@]}"
else
    for program in "${programs[@]}"; do
        for each in "${allocators[@]}"; do
            echo "== $program, $each"
            grep -E ' (madvise|mmap|munmap|mprotect|mremap|brk|futex|total)$' \
                "$program.$each.calls"
        done
    done
fi
