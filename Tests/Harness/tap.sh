# tap.sh - results of shell tests in the Test Anything Protocol; sourced.
# shellcheck shell=bash

test_count=0
failure_count=0

report() { # STATUS NAME [DETAIL...]: STATUS 0 is success
    local status=$1 name=$2
    shift 2
    test_count=$((test_count + 1))
    if [ "$status" -eq 0 ]; then
        echo "ok $test_count - $name"
    else
        failure_count=$((failure_count + 1))
        echo "not ok $test_count - $name"
        [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /' | head -20
    fi
}

skip() { # NAME REASON
    test_count=$((test_count + 1))
    echo "ok $test_count - $1 # SKIP $2"
}

# Passes when the two texts are equal.
same() { # NAME WANTED FOUND
    local status=0
    [ "$2" = "$3" ] || status=1
    report $status "$1" "wanted: $2" "found: $3"
}

finish() {
    echo "1..$test_count"
    [ "$failure_count" -eq 0 ]
    exit
}
