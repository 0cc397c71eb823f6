#!/bin/bash
# check-abi.sh LIBRARY LIST...        fails unless LIBRARY exports every symbol of every release's
#                                     list, under the version it had there, and no symbol that is
#                                     in no list
# check-abi.sh --print LIBRARY        prints the list of LIBRARY
#
# A list is lines "name@version". A symbol that is the default version counts as any other: a program
# that was linked with it runs.
set -eu -o pipefail
export LC_ALL=C

exported() { # LIBRARY
    nm -D --defined-only --with-symbol-versions "$1" |
        awk '$2 != "A" { sub(/@@/, "@", $3); print $3 }' | sort -u
}

if [ "$1" = --print ]; then
    exported "$2"
    exit
fi

library=$1
shift
if [ $# = 0 ]; then
    echo "$library: there is no list of a release to compare it with" >&2
    exit 1
fi
missing=$(comm -23 <(sort -u "$@") <(exported "$library"))
unlisted=$(comm -13 <(sort -u "$@") <(exported "$library"))
if [ -n "$missing" ]; then
    echo "$library: programs that were linked with a release miss these:" >&2
    grep -HxF -e "$missing" "$@" >&2
    exit 1
fi
if [ -n "$unlisted" ]; then
    echo "$library: in no release's list; \`make abi-lists\` puts them into the coming one's:" >&2
    echo "$unlisted" >&2
    exit 1
fi
