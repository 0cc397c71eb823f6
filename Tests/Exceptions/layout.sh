#!/bin/bash
# layout.sh - MIDL_STUB_MESSAGE of midl_rpctypes.h has the layout of Wine's and mingw-w64's, as TAP.
#
#   layout.sh INCLUDE_DIRECTORY CC
#
# Each offset and each size becomes the size of an array, once with each header; the assembler text
# gives them. mingw-w64's object format has no sizes: there the numbers become assertions. So 32 bits
# need no C library, and nothing is run. Flags stands for bit-fields, which have no offset.

include=$1 clang=$2
here=$(dirname "$0")
# shellcheck source=/dev/null
. "$here/../Harness/tap.sh"
export LC_ALL=C

# The fields in midl_rpctypes.h: the last name of each declaration in the structure.
fields=$(sed -n '/^typedef struct _MIDL_STUB_MESSAGE/,/^} MIDL_STUB_MESSAGE/p' \
    "$include/midl_rpctypes.h" | sed '1d;$d;s,/\*.*,,' |
    sed -n 's/.*\*pfn\([A-Za-z]*\)).*/pfn\1/p; t; s/.*[ *]\([A-Za-z0-9_]*\);.*/\1/p')

field_count=$(wc -w <<<"$fields")
same "layout: each declaration of midl_rpctypes.h names a field" "$field_count" \
    "$(sed -n '/^typedef struct _MIDL_STUB_MESSAGE/,/^} MIDL_STUB_MESSAGE/p' \
        "$include/midl_rpctypes.h" | sed '$d' | grep -c ';')"

measure() { # FIELDS: C text with an array for each offset and each size
    local field
    echo '#include <stddef.h>'
    for field in $1; do
        echo "char offset_${field}[offsetof(MIDL_STUB_MESSAGE, $field) + 1] = {1};"
        echo "char size_${field}[sizeof(((MIDL_STUB_MESSAGE *)0)->$field)] = {1};"
    done
    echo "char size_of_all[sizeof(MIDL_STUB_MESSAGE)] = {1};"
    echo "char size_of_status[sizeof(RPC_STATUS)] = {1};"
}

sizes() { # COMMAND...: "NAME SIZE" lines, sorted
    "$@" -x c -std=gnu11 -w -S -o - - |
        sed -n 's/^[[:space:]]*\.size[[:space:]]*\([a-z]*_[A-Za-z0-9_]*\),[[:space:]]*\([0-9]*\)$/\1 \2/p' | sort
}

compare() { # NAME BITS OTHER_HEADERS_COMMAND...
    local name=$1 bits=$2 theirs ours common
    shift 2
    common=$(grep -vx -e Flags <<<"$fields")
    theirs=$( (echo '#include <rpc.h>'; echo '#include <rpcndr.h>'; measure "$common") | sizes "$@")
    ours=$( (echo '#include <midl_rpctypes.h>'; measure "$common") |
        sizes "$clang" "-m$bits" "-I$include")
    same "layout: $name: every field but the bit-fields was measured" $(((field_count - 1) * 2 + 2)) \
        "$(wc -l <<<"$theirs")"
    report "$(diff <(echo "$ours") <(echo "$theirs") >/dev/null; echo $?)" \
        "layout: $name: offsets and sizes" "$(diff <(echo "$ours") <(echo "$theirs"))"
}

# Where the bytes of a message of zeros with one bit-field set are not zero, and what they are.
bit() { # FIELD COMMAND...
    local field=$1
    shift
    "$@" -x c -std=gnu11 -w -O1 -S -o - - <<<"#include <rpc.h>
#include <rpcndr.h>
MIDL_STUB_MESSAGE message = {.$field = 1};" | awk '
        function datum(byte_count) {
            if ($2 + 0) print at, $2
            at += byte_count
        }
        /^message:/ { inside = 1; next }
        !inside { next }
        $1 == ".zero" { at += $2 }
        $1 == ".byte" { datum(1) }
        $1 == ".value" { datum(2) }
        $1 == ".long" { datum(4) }
        $1 == ".quad" { datum(8) }
        $1 ~ /^\.(section|text|data|ident)$/ { exit }'
}

flags_offset() { # BITS
    (echo '#include <midl_rpctypes.h>'; measure Flags) | sizes "$clang" "-m$1" "-I$include" |
        awk '/^offset_Flags / { print $2 - 1 }'
}

wine_headers=
for directory in /usr/include/wine/wine/windows /usr/include/wine/windows; do
    [ -e "$directory/rpcndr.h" ] && wine_headers=$directory
done
if ! command -v winegcc-stable >/dev/null || [ -z "$wine_headers" ]; then
    skip "layout: Wine's header" "winegcc-stable is not installed"
else
    wine=(winegcc-stable -m64 -isystem "$wine_headers")
    compare "Wine, 64 bits" 64 "${wine[@]}"
    same "layout: Wine, 64 bits: fInDontFree is the first bit of Flags" \
        "$(flags_offset 64) 1" "$(bit fInDontFree "${wine[@]}")"
    same "layout: Wine, 64 bits: fBufferValid is the tenth" \
        "$(($(flags_offset 64) + 1)) 2" "$(bit fBufferValid "${wine[@]}")"
fi

mingw_headers=/usr/share/mingw-w64/include
if [ ! -e $mingw_headers/rpcndr.h ]; then
    skip "layout: mingw-w64's header" "mingw-w64-common is not installed"
    finish
fi

# Older versions have other names for one field and the last ones, all of which the runtime keeps.
common=$(grep -vx -e Flags -e CorrDespIncrement -e ContextHandleHash -e pUserMarshalList \
    -e 'Reserved51_.' <<<"$fields")

asserted() { # BITS: our numbers as assertions
    (echo '#include <midl_rpctypes.h>'; measure "$common") |
        sizes "$clang" "-m$1" "-I$include" | sed '
            s/^offset_\(.*\) \([0-9]*\)$/_Static_assert(offsetof(MIDL_STUB_MESSAGE, \1) + 1 == \2, "");/
            s/^size_of_all \(.*\)/_Static_assert(sizeof(MIDL_STUB_MESSAGE) == \1, "");/
            s/^size_of_status \(.*\)/_Static_assert(sizeof(RPC_STATUS) == \1, "");/
            s/^size_\(.*\) \([0-9]*\)$/_Static_assert(sizeof(((MIDL_STUB_MESSAGE *)0)->\1) == \2, "");/'
}

for target in 64:x86_64 32:i686; do
    assertions=$(asserted ${target%:*})
    same "layout: mingw-w64, ${target%:*} bits: the common fields were measured" \
        $(($(wc -w <<<"$common") * 2 + 2)) "$(grep -c '^_Static_assert' <<<"$assertions")"
    output=$("$clang" --target=${target#*:}-w64-mingw32 -x c -std=gnu11 -w -nostdlibinc \
        -isystem $mingw_headers -fsyntax-only - 2>&1 <<<"#include <rpc.h>
#include <rpcndr.h>
#include <stddef.h>
$assertions")
    report $? "layout: mingw-w64, ${target%:*} bits: offsets and sizes" "$output"
done
finish
