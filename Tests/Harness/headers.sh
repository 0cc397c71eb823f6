#!/bin/bash
# headers.sh - the public headers compile in every language and company, as TAP.
#
#   headers.sh INCLUDE_DIRECTORY CC
#
# Warnings are errors. The text assigns each function to a pointer of the documented
# type, so that a prototype that deviates does not compile. It is fed by standard input.

include=$1 clang=$2
clangxx=${clang%clang}clang++
. "$(dirname "$0")/tap.sh"
export LC_ALL=C

use='
static void *(__RPC_USER *allocate_lower)(size_t) = midl_user_allocate;
static void *(__RPC_USER *allocate_upper)(size_t) = MIDL_user_allocate;
static void (__RPC_USER *free_lower)(void *) = midl_user_free;
static void (__RPC_USER *free_upper)(void *) = MIDL_user_free;
static size_t (__RPC_USER *usable_size)(const void *) = midl_memory_size;
static size_t (__RPC_USER *trim)(void) = midl_memory_trim;
void use(void);
void use(void) {
    free_lower(allocate_lower(usable_size(NULL)));
    free_upper(allocate_upper(trim()));
}'
pair_use='
static void *(__RPC_USER *allocate)(size_t) = midl_user_allocate;
static void (__RPC_USER *release)(void *) = MIDL_user_free;
void use(void);
void use(void) { release(allocate(1)); }'

compiles() { # NAME TEXT COMMAND...
    local name=$1 text=$2 output
    shift 2
    output=$("$@" -c -o /dev/null - <<<"$text" 2>&1)
    report $? "headers: $name" "$*" "$output"
}

strict="-Wall -Wextra -Wpedantic -Werror"

alone() { # COMPILER LANGUAGE STANDARD [FLAGS...]
    local compiler=$1 language=$2 standard=$3
    shift 3
    local name="${compiler##*/} -std=$standard $*"
    compiles "midl_user.h alone, $name" "#include <midl_user.h>$pair_use" \
        "$compiler" "$@" -x "$language" "-std=$standard" $strict "-I$include"
    compiles "midl_memory.h alone, $name" "#include <midl_memory.h>$use" \
        "$compiler" "$@" -x "$language" "-std=$standard" $strict "-I$include"
    compiles "both, twice, $name" "#include <midl_memory.h>
#include <midl_user.h>
#include <midl_memory.h>
#include <midl_user.h>$use" \
        "$compiler" "$@" -x "$language" "-std=$standard" $strict "-I$include"
}

for standard in c89 c99 c11 c17 c2x; do
    alone gcc c $standard
done
for standard in c89 c99 c11 c17 c23; do
    alone "$clang" c $standard
done
for standard in c++98 c++11 c++14 c++17 c++20; do
    alone g++ c++ $standard
    alone "$clangxx" c++ $standard
done
# clang brings its own stddef.h, so no 32-bit C library is needed.
alone "$clang" c c99 -m32
alone "$clangxx" c++ c++11 -m32

# Before them, after them and between them. rpcndr.h stands behind rpc.h: it does not compile alone.
company() { # NAME COMMAND...
    local name=$1
    shift
    compiles "before rpc.h, $name" "#include <midl_memory.h>
#include <rpc.h>$use" "$@"
    compiles "after rpc.h, $name" "#include <rpc.h>
#include <midl_memory.h>$use" "$@"
    compiles "before rpc.h and rpcndr.h, $name" "#include <midl_memory.h>
#include <rpc.h>
#include <rpcndr.h>$use" "$@"
    compiles "between rpc.h and rpcndr.h, $name" "#include <rpc.h>
#include <midl_user.h>
#include <rpcndr.h>
#include <midl_memory.h>$use" "$@"
}

wine_headers=
for directory in /usr/include/wine/wine/windows /usr/include/wine/windows; do
    [ -e "$directory/rpcndr.h" ] && wine_headers=$directory
done
if ! command -v winegcc-stable >/dev/null; then
    skip "headers: together with Wine's" "winegcc-stable is not installed"
else
    for standard in gnu99 gnu11 gnu17; do
        company "winegcc -std=$standard" winegcc-stable -m64 -x c -std=$standard \
            -Wall -Wextra -Werror -isystem "$wine_headers" "-I$include"
    done
    for standard in gnu++98 gnu++11 gnu++17; do
        company "wineg++ -std=$standard" wineg++-stable -m64 -x c++ -std=$standard \
            -Wall -Wextra -Werror -isystem "$wine_headers" "-I$include"
    done
fi

mingw_headers=/usr/share/mingw-w64/include
for target in x86_64-w64-mingw32 i686-w64-mingw32; do
    for language in "c gnu99" "c gnu17" "c++ gnu++98" "c++ gnu++17"; do
        read -r kind standard <<<"$language"
        compiler=$clang
        [ "$kind" = c ] || compiler=$clangxx
        # -nostdlibinc: without it clang finds the headers of this machine's C library.
        company "mingw-w64, $target, $standard" "$compiler" --target=$target -x "$kind" \
            -std="$standard" -Wall -Wextra -Werror -nostdlibinc -isystem $mingw_headers "-I$include"
    done
done
finish
