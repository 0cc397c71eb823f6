#!/bin/bash
# prototypes.sh LIBRARY RELEASE.abi   compares the functions and types behind LIBRARY's exports, as
#                                     its debugging information has them, with those of a release;
#                                     prints the differences and fails when a program that was
#                                     compiled for the release would notice
# prototypes.sh --print LIBRARY       prints what a release keeps: without places and paths, which
#                                     differ from one build to the next
set -eu -o pipefail

if [ "$1" = --print ]; then
    exec abidw --debug-info-dir "$(dirname "$2")" --exported-interfaces-only --no-show-locs \
        --no-corpus-path --no-comp-dir-path --no-elf-needed "$2"
fi
# New functions are the symbol list's business (check-abi.sh).
exec abidiff --no-added-syms --debug-info-dir2 "$(dirname "$1")" "$2" "$1"
