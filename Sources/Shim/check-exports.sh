#!/bin/bash
# check-exports.sh LIBRARY HEADER...   fails unless LIBRARY exports exactly the functions that the
#                                      headers declare
# check-exports.sh --names HEADER...   prints those names
set -eu -o pipefail

declared() {
    # After the preprocessor only declarations are left; those of system headers have other names.
    for header in "$@"; do
        "${CC:-clang}" -E -P -x c "$header"
    done | grep -oE '\b(midl|MIDL|Rpc|NdrRpc)[A-Za-z_]*\(' | tr -d '(' | sort -u
}

if [ "$1" = --names ]; then
    shift
    declared "$@"
    exit
fi

library=$1
shift
case $library in
*.a) exported=$(nm --defined-only --extern-only "$library" | awk 'NF == 3 { print $3 }' | sort -u) ;;
*) exported=$(nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u) ;;
esac
if ! difference=$(diff <(declared "$@") <(echo "$exported")); then
    echo "$library: exports differ from the headers (< declared, > exported):" >&2
    echo "$difference" >&2
    exit 1
fi
