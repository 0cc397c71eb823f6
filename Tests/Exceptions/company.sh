#!/bin/bash
# company.sh - rpcss.h and rpcexcept.h before, after and between Wine's and mingw-w64's rpc.h and
# rpcndr.h, as TAP.
#
#   company.sh INCLUDE_DIRECTORY CC
#
# Warnings are errors, except in the other headers. The exceptions are the runtime's there; beside
# mingw-w64's headers its statements too, so that rpcexcept.h must bring the names and declare nothing,
# and beside Wine's, which have statements that do nothing, its own.

include=$1 clang=$2
clangxx=${clang%clang}clang++
here=$(dirname "$0")
# shellcheck source=/dev/null
. "$here/../Harness/tap.sh"
export LC_ALL=C
package=$(<"$here/uses/package.c")
macros=$(<"$here/uses/macros.c")

# In every company: the macros and the function exist, and the library's own function does not.
names='
#ifndef RpcTryExcept
#error no RpcTryExcept
#endif
#ifndef RpcTryFinally
#error no RpcTryFinally
#endif
#ifdef MIDL_RPCTYPES_H
#error what the library has of its own beside what the runtime has
#endif
void use_raise(void);
void use_raise(void) { RpcRaiseException(RPC_X_BAD_STUB_DATA); }
'
names_of_mingw='
#ifdef MIDL_EXCEPT_BEGIN
#error statements of the library beside those of the compiler
#endif
'

compiles() { # NAME TEXT COMMAND...
    local name=$1 text=$2 output
    shift 2
    output=$("$@" - <<<"$text" 2>&1)
    report $? "company: $name" "$*" "$output"
}

# One text for each place of the library's headers. windows.h makes these compilations slow: few.
company() { # NAME TEXT COMMAND...
    local name=$1 text=$2 place header includes
    shift 2
    for place in "rpcss rpcexcept rpc rpcndr" "rpcexcept rpcss" "rpc rpcndr rpcexcept rpcss" \
        "rpc rpcexcept rpcss rpcndr" "rpcexcept rpc rpcndr rpcss"; do
        includes=
        for header in $place; do
            includes+="#include <$header.h>"$'\n'
        done
        compiles "$place, $name" "$includes$package$names$text" "$@"
    done
}

wine_headers=
for directory in /usr/include/wine/wine/windows /usr/include/wine/windows; do
    [ -e "$directory/rpcndr.h" ] && wine_headers=$directory
done
if ! command -v winegcc-stable >/dev/null || [ -z "$wine_headers" ]; then
    skip "company: Wine's headers" "winegcc-stable is not installed"
else
    flags=(-Wall -Wextra -Werror -O2 -isystem "$wine_headers" "-I$include" -c -o /dev/null)
    company "winegcc -std=gnu99" "$macros" winegcc-stable -m64 -x c -std=gnu99 "${flags[@]}"
    company "wineg++ -std=gnu++17" "$macros" wineg++-stable -m64 -x c++ -std=gnu++17 -fno-exceptions \
        "${flags[@]}"
    compiles "rpcexcept.h without a statement, wineg++ with exceptions" "#include <rpcexcept.h>$names" \
        wineg++-stable -m64 -x c++ "${flags[@]}"
    ! output=$(wineg++-stable -m64 -x c++ "${flags[@]}" - <<<"#include <rpcexcept.h>"$'\n'"$macros" 2>&1) &&
        grep -q 'error: .*compile with -fno-exceptions' <<<"$output"
    report $? "company: a statement, wineg++ with exceptions: an error that says what to do" "$output"
fi

mingw_headers=/usr/share/mingw-w64/include
if [ ! -e $mingw_headers/rpcndr.h ]; then
    skip "company: mingw-w64's headers" "mingw-w64-common is not installed"
    finish
fi
for target in x86_64-w64-mingw32 i686-w64-mingw32; do
    for language in "c gnu17" "c++ gnu++98"; do
        read -r kind standard <<<"$language"
        compiler=$clang
        [ "$kind" = c ] || compiler=$clangxx
        # -nostdlibinc: without it clang finds the headers of this machine's C library.
        company "mingw-w64, $target, $standard" "$names_of_mingw" "$compiler" --target=$target -x "$kind" \
            -std="$standard" -Wall -Wextra -Werror -nostdlibinc -isystem $mingw_headers \
            "-I$include" -fsyntax-only
    done
done
finish
