#!/bin/bash
# run.sh EXCEPTIONS_DIRECTORY LIBRARY_DIRECTORY - runs the programs for Winelib under Wine, as ../run.sh does
# the others: a process for each group, one TAP stream.

programs=$1
here=$(dirname "$0")
# shellcheck source=../../Setup/join-results.sh
. "$here/../../Setup/join-results.sh"
. "$here/../../Setup/wine.sh"
LD_LIBRARY_PATH=$(cd "$2" && pwd)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

begin() {
    if wine_begin "$PWD/$programs/wine"; then
        echo "ok 1 - winelib: a Wine prefix"
    else
        echo "not ok 1 - winelib: a Wine prefix"
        sed 's/^/# /' "$programs/wine/wineboot.log"
    fi
    echo "1..1"
}

under_wine() { # PROGRAM GROUP
    local status
    "${wine[@]}" "$@"
    status=$?
    wine64_ended $status || return $status
}

run_all() {
    local form group
    trap wine_end EXIT
    run "winelib: a Wine prefix" begin
    for form in winegcc-O2-shared winegcc-O0-static; do
        for group in nesting orders filters codes leaving jumps volume threads package runtime; do
            run "$form: $group" under_wine "$programs/$form/exceptions.exe.so" "$group"
        done
    done
}

mkdir -p "$programs/wine"
run_all | join_results
