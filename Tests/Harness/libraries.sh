#!/bin/bash
# libraries.sh - what can be read from the library files themselves, as TAP.
#
#   libraries.sh LIBRARY_DIRECTORY INCLUDE_DIRECTORY CC

library=$1 include=$2 compiler=$3
. "$(dirname "$0")/tap.sh"
export LC_ALL=C

shared=$library/libmidl_user.so.1
archive=$library/libmidl_user.a

for file in "$shared" "$archive"; do
    [ -s "$file" ]
    report $? "libraries: ${file##*/} exists"
done
same "libraries: libmidl_user.so is a link to libmidl_user.so.1" \
    libmidl_user.so.1 "$(readlink "$library/libmidl_user.so")"

# The functions that the headers declare. What the preprocessor leaves of the library's own headers,
# statement by statement, without typedefs: the name before the first parenthesis.
functions_of() { # HEADER...
    for header in "$@"; do
        "$compiler" -E -x c "$header" 2>/dev/null |
            awk -v own="$include/" '/^# [0-9]+ "/ {mine = index($3, "\"" own) == 1; next} mine'
    done | tr '\n' ' ' | sed 's/__attribute__ *((\([^()]\|([^()]*)\)*))//g; s/extern "C" {//g' |
        tr ';' '\n' | grep -vE 'typedef|[{}]' | grep -oE '^[^(]*\( *[^* ]' |
        grep -oE '[A-Za-z_0-9]+ *\( *.$' | sed 's/ *( *.$//' | sort -u
}
declared=$(functions_of "$include"/*.h)
missing=$(comm -13 <(echo "$declared") <(printf '%s\n' MIDL_user_allocate MIDL_user_free \
    midl_memory_size midl_memory_trim midl_user_allocate midl_user_free))
same "libraries: the headers declare the pair in both spellings, the size and the trim" \
    "" "$missing"

# ---- the shared library ----

dynamic=$(readelf -dW "$shared")
segments=$(readelf -lW "$shared")

same "libraries: SONAME" libmidl_user.so.1 \
    "$(sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p' <<<"$dynamic")"
same "libraries: the only NEEDED entry is libc.so.6" libc.so.6 \
    "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$dynamic")"
same "libraries: no RPATH or RUNPATH" "" "$(grep -E '\((RPATH|RUNPATH)\)' <<<"$dynamic")"
same "libraries: no TEXTREL" "" "$(grep TEXTREL <<<"$dynamic")"
grep -qE '\((FLAGS|FLAGS_1|BIND_NOW)\).*NOW|\(BIND_NOW\)' <<<"$dynamic"
report $? "libraries: bound when loaded (BIND_NOW)" "$dynamic"
grep -q GNU_RELRO <<<"$segments"
report $? "libraries: read-only relocations (GNU_RELRO)" "$segments"
same "libraries: with BIND_NOW no .got.plt stays writable" "" \
    "$(readelf -SW "$shared" | grep -F ' .got.plt ' | grep -v "$(
        # The section may stand, when it lies inside the RELRO segment.
        readelf -lW "$shared" | awk '/Segment Sections/ {on = 1} on' | grep -oF .got.plt | tail -1
    )")"
same "libraries: the stack is not executable" "RW" \
    "$(awk '$1 == "GNU_STACK" {print $7}' <<<"$segments")"
same "libraries: no segment is writable and executable" "" "$(grep -E 'LOAD.* RWE ' <<<"$segments")"

tls=$(awk '$1 == "TLS" {print strtonum($6)}' <<<"$segments" 2>/dev/null)
[ -n "$tls" ] || tls=$(awk '$1 == "TLS" {print $6}' <<<"$segments")
[ $((tls)) -le 32 ]
report $? "libraries: at most 32 bytes of thread-local storage" "$tls"

# What the README says of their sizes.
smaller() { # FILE KIBIBYTES
    local size
    size=$(stat -c %s "$1")
    [ "$size" -lt $(($2 * 1024)) ]
    report $? "libraries: ${1##*/} is smaller than $2 KiB" "$size bytes"
    echo "# $size bytes"
}
smaller "$shared" 64
winelib=$library/libmidl_user_winelib.so.1
if [ -e "$winelib" ]; then
    smaller "$winelib" 72
    same "libraries: ${winelib##*/}: the only NEEDED entry is libc.so.6" libc.so.6 \
        "$(readelf -dW "$winelib" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')"
else
    skip "libraries: ${winelib##*/}" "make winelib has not been run"
fi

# The usual path of each function of the pair runs from its start to its first return: no branch of
# it is taken, nothing is called. Above that the forwarding to Swift is not inlined any more.
fast_path() { # FUNCTION
    local start
    start=$(nm -D "$shared" | awk -v name="$1" '{sub(/@.*/, "", $3)} $3 == name {print $1}')
    objdump -d --no-show-raw-insn --start-address="0x$start" --stop-address=$((16#$start + 256)) \
        "$shared" | awk -F'\t' 'NF > 1 {print $2} $2 ~ /^ret/ {exit}'
}
if [ "$(uname -m)" = x86_64 ]; then
    paths=$(fast_path MIDL_user_allocate; fast_path MIDL_user_free)
    count=$(wc -l <<<"$paths")
    [ "$count" -ge 20 ] && [ "$count" -le 30 ] && ! grep -qE '^(call|jmp)' <<<"$paths"
    report $? "libraries: an allocation and its free take at most 30 instructions" "$count: $paths"
    echo "# $count instructions"
fi

exported=$(nm -D --defined-only "$shared" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort -u)
same "libraries: exported is exactly what the headers declare" "$(echo $declared)" \
    "$(echo $exported)"

# malloc and free are what the RpcSs package's default client pair is documented to be; that the heap
# does not rest on them is tested in test_contract.c.
forbidden='^(calloc|realloc|posix_memalign|aligned_alloc|memalign|valloc|sbrk|brk|pthread_create|clone|thrd_create|swift_.*)$'
imported=$(nm -D --undefined-only "$shared" | awk '{sub(/@.*/, "", $2); print $2}' | sort -u)
same "libraries: the shared library calls no other allocator and makes no thread" "" \
    "$(grep -E "$forbidden" <<<"$imported")"
[ -n "$imported" ]
report $? "libraries: and its imports can be read" "$imported"

# ---- the archive ----

globals=$(nm -g --defined-only "$archive" 2>/dev/null | awk 'NF == 3 {print $3}' | sort -u)
same "libraries: global in the archive is exactly what the headers declare" \
    "$(echo $declared)" "$(echo $globals)"
weak=$(nm -g --defined-only "$archive" 2>/dev/null | awk '$2 == "W" {print $3}' | sort -u)
same "libraries: weak in the archive is the pair" \
    "MIDL_user_allocate MIDL_user_free midl_user_allocate midl_user_free" "$(echo $weak)"
same "libraries: the archive calls no other allocator and makes no thread" "" \
    "$(nm -u "$archive" 2>/dev/null | awk '{print $2}' | grep -E "$forbidden")"
same "libraries: no object of the archive asks for an executable stack" "" \
    "$(readelf -SW "$archive" 2>/dev/null | grep -F .note.GNU-stack | grep -E ' A?X ')"
finish
