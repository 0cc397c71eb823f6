#!/bin/bash
# run.sh - runs the programs in both forms and joins their results into one TAP stream.
#
#   run.sh PROGRAM_DIRECTORY LIBRARY_DIRECTORY PROGRAM...
#   run.sh --sanitized PROGRAM_DIRECTORY PROGRAM...

mode=run_all
if [ "$1" = --sanitized ]; then
    mode=run_sanitized
    shift
    set -- "$1" '' "${@:2}"
fi
programs=$1 library=$2
shift 2
export LD_LIBRARY_PATH=$library${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

# shellcheck source=../Setup/join-results.sh
. "$(dirname "$0")/../Setup/join-results.sh"

run_all() {
    local form program choices
    for form in shared static; do
        for program in "$@"; do
            run "$form: $program" "$programs/$program-$form"
            # Guarded blocks are blocks like others; without a quarantine addresses come again.
            for choices in guard guard=3,quarantine=0 guard=under,quarantine=0; do
                echo "# $form: $program: MIDL_MEMORY=$choices"
                run "$form: $program: $choices" env MIDL_MEMORY=$choices \
                    "$programs/$program-$form" 2>&1
            done
        done
        run "$form: leaks" bash "$(dirname "$0")/leaks.sh" "$programs/leaky-$form" "$form"
        run "$form: lost" bash "$(dirname "$0")/lost.sh" "$programs/lost-$form" "$form"
    done
}

run_sanitized() {
    local program choices
    for program in "$@"; do
        # The heap, whatever watches it; a freed block is to be handed out again.
        for choices in heap,quarantine=0 guard=3,quarantine=0; do
            # The guard's stacks are the sanitizer's to take, by a lock that in the child of a fork may
            # be another thread's for ever.
            [ "${programs##*-} $choices $program" != "address guard=3,quarantine=0 watches" ] || continue
            echo "# $program: MIDL_MEMORY=$choices"
            run "$program: $choices" env MIDL_MEMORY=$choices "$programs/$program" 2>&1
        done
    done
}

"$mode" "$@" | join_results
