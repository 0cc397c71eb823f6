#!/bin/bash
# company.sh - rpcss.h and rpcexcept.h before, after and between Wine's and mingw-w64's rpc.h and
# rpcndr.h, as TAP.
#
#   company.sh INCLUDE_DIRECTORY CC
#
# Warnings are errors, except in the other headers. There the exceptions are those of the other
# header: rpcexcept.h must bring the names and declare nothing.

include=$1 clang=$2
clangxx=${clang%clang}clang++
here=$(dirname "$0")
# shellcheck source=/dev/null
. "$here/../Harness/tap.sh"
export LC_ALL=C
package=$(<"$here/uses/package.c")

# In every company: the macro and the function exist, and the library's own machinery does not.
names='
#ifndef RpcTryExcept
#error no RpcTryExcept
#endif
#ifndef RpcTryFinally
#error no RpcTryFinally
#endif
#if defined(MIDL_EXCEPT_BEGIN) || defined(MIDL_RPCTYPES_H)
#error what the library has of its own beside what the runtime has
#endif
void use_raise(void);
void use_raise(void) { RpcRaiseException(RPC_X_BAD_STUB_DATA); }'

compiles() { # NAME TEXT COMMAND...
    local name=$1 text=$2 output
    shift 2
    output=$("$@" - <<<"$text" 2>&1)
    report $? "company: $name" "$*" "$output"
}

# One text for each place of the library's headers. windows.h makes these compilations slow: few.
company() { # NAME COMMAND...
    local name=$1 place header includes
    shift
    for place in "rpcss rpcexcept rpc rpcndr" "rpcexcept rpcss" "rpc rpcndr rpcexcept rpcss" \
        "rpc rpcexcept rpcss rpcndr" "rpcexcept rpc rpcndr rpcss"; do
        includes=
        for header in $place; do
            includes+="#include <$header.h>"$'\n'
        done
        compiles "$place, $name" "$includes$package$names" "$@"
    done
}

wine_headers=
for directory in /usr/include/wine/wine/windows /usr/include/wine/windows; do
    [ -e "$directory/rpcndr.h" ] && wine_headers=$directory
done
if ! command -v winegcc-stable >/dev/null || [ -z "$wine_headers" ]; then
    skip "company: Wine's headers" "winegcc-stable is not installed"
else
    company "winegcc -std=gnu99" winegcc-stable -m64 -x c -std=gnu99 \
        -Wall -Wextra -Werror -isystem "$wine_headers" "-I$include" -c -o /dev/null
    company "wineg++ -std=gnu++17" wineg++-stable -m64 -x c++ -std=gnu++17 \
        -Wall -Wextra -Werror -isystem "$wine_headers" "-I$include" -c -o /dev/null
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
        company "mingw-w64, $target, $standard" "$compiler" --target=$target -x "$kind" \
            -std="$standard" -Wall -Wextra -Werror -nostdlibinc -isystem $mingw_headers \
            "-I$include" -fsyntax-only
    done
done
finish
