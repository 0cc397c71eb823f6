#!/bin/bash
# headers.sh - rpcss.h, rpcexcept.h and midl_rpctypes.h alone, in every language, as TAP.
#
#   headers.sh INCLUDE_DIRECTORY CC
#
# Warnings are errors, and the headers are not system headers. Each function is assigned to a pointer
# of the documented type, so that a prototype that deviates does not compile.

include=$1 clang=$2
clangxx=${clang%clang}clang++
here=$(dirname "$0")
# shellcheck source=/dev/null
. "$here/../Harness/tap.sh"
export LC_ALL=C
strict=(-Wall -Wextra -Wpedantic -Werror "-I$include")
package=$(<"$here/uses/package.c")
macros=$(<"$here/uses/macros.c")

compiles() { # NAME TEXT COMMAND...
    local name=$1 text=$2 output
    shift 2
    output=$("$@" -c -o /dev/null - <<<"$text" 2>&1)
    report $? "headers: $name" "$*" "$output"
}

alone() { # COMPILER LANGUAGE STANDARD [FLAGS...]
    local compiler=$1 language=$2 standard=$3
    shift 3
    local name="${compiler##*/} -std=$standard $*"
    local command=("$compiler" "$@" -x "$language" "-std=$standard" "${strict[@]}")
    compiles "midl_rpctypes.h alone, $name" "#include <midl_rpctypes.h>
RPC_STATUS status = RPC_X_BAD_STUB_DATA;
PMIDL_STUB_MESSAGE message;" "${command[@]}"
    compiles "rpcss.h alone, $name" "#include <rpcss.h>
$package" "${command[@]}"
    compiles "rpcexcept.h alone, $name" "#include <rpcexcept.h>
$macros" "${command[@]}"
    # At -O2: the warnings about what longjmp clobbers.
    compiles "all, twice, optimised, $name" "#include <rpcexcept.h>
#include <rpcss.h>
#include <midl_rpctypes.h>
#include <rpcss.h>
#include <rpcexcept.h>
$package
$macros" "${command[@]}" -O2
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

# 32 bits, and with them the layout that midl_rpctypes.h asserts. There is no 32-bit C library:
# setjmp.h is replaced by what i386 has.
setjmp='#define _SETJMP_H
typedef struct { int words[39]; } jmp_buf[1];
#ifdef __cplusplus
extern "C"
#endif
int _setjmp(jmp_buf);'
for language in "c c99" "c++ c++11"; do
    read -r kind standard <<<"$language"
    compiler=$clang
    [ "$kind" = c ] || compiler=$clangxx
    command=("$compiler" -m32 -x "$kind" -std="$standard" "${strict[@]}")
    compiles "rpcss.h, -m32 -std=$standard" "#include <rpcss.h>
$package" "${command[@]}"
    compiles "rpcexcept.h, -m32 -std=$standard" "$setjmp
#include <rpcexcept.h>
$macros" "${command[@]}"
done

# The check itself: a prototype that deviates is refused.
wrong="static void (RPC_ENTRY *wrong)(void *) = RpcSmFree;"
! "$clang" -x c -std=c11 "${strict[@]}" -c -o /dev/null - <<<"#include <rpcss.h>
$package
$wrong" 2>/dev/null
report $? "headers: another prototype than the documented one is refused"

# In extern "C++".
compiles "rpcexcept.h in extern \"C++\"" "extern \"C++\" {
#include <rpcexcept.h>
}
$macros" g++ -x c++ -std=c++11 "${strict[@]}"
finish
