#!/bin/bash
# instructions.sh PROGRAM LIBRARY   how many instructions one allocation of 40 bytes and its free
#                                   take inside the library, by function, as callgrind counts them
#
# A figure is of one pair: an average over 100,000. It says nothing about time, but is the same in
# every run, on every machine with the same build.
set -eu -o pipefail

program=$1 library=$2
pairs=100000

counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT

# callgrind's own format: "ob=" and "fn=" say where the cost lines after them belong ("12 3": line 12,
# 3 instructions); the line after "calls=" is what the callee took, which has lines of its own. Of a
# function with two names callgrind takes MIDL_user_allocate, the one that stubs call.
print_functions() { # COUNTS
    awk -v library="$library" -v pairs="$pairs" '
        /^calls=/ { getline; next }
        /^ob=/ { is_ours = $0 ~ "/" library "$" }
        /^fn=/ { name = substr($0, 4) }
        /^[0-9]/ && is_ours { counts[name] += $2; sum += $2 }
        END {
            for (name in counts)
                printf "%10.3f  %s\n", counts[name] / pairs, name
            printf "%10.3f  together\n", sum / pairs
            exit sum == 0
        }
    ' "$1" | sort -rn
}

for kind in pairs batches; do
    if ! valgrind --tool=callgrind --toggle-collect=measured --callgrind-out-file="$counts/$kind" \
        --compress-strings=no --compress-pos=no "$program" "$kind" >"$counts/log" 2>&1; then
        cat "$counts/log" >&2
        exit 1
    fi
    case $kind in
    pairs) printf 'instructions for one block of 40 bytes and its free, one at a time\n' ;;
    batches) printf '\ninstructions for the same, 64 at a time, last in first out\n' ;;
    esac
    print_functions "$counts/$kind" | { swift demangle --compact 2>/dev/null || cat; }
done
