#!/bin/bash
# swiftpackage.sh - a Swift package that depends on this one by path, as TAP.
#
# From the environment: BUILD. Nothing is written into the package that is depended on.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
export LC_ALL=C

work=$PWD/$BUILD/swiftpackage-test
mkdir -p "$work"
rm -rf "$work/consumer"
cp -R "$here/consumer" "$work/consumer"
path=${PWD//[&|\\]/\\&}
sed -i "s|@MIDL_USER@|$path|" "$work/consumer/Package.swift"
before=$(git status --porcelain --ignored 2>/dev/null)

for configuration in debug release; do
    output=$(swift build --package-path "$work/consumer" --scratch-path "$work/scratch" \
        --cache-path "$work/cache" -c "$configuration" 2>&1)
    report $? "swiftpackage: import MIDLMemory, $configuration" "$(tail -20 <<<"$output")"
    ! grep -q 'warning:' <<<"$output"
    report $? "swiftpackage: without a warning, $configuration" "$(grep 'warning:' <<<"$output")"
    output=$("$work/scratch/$configuration/Consumer" 2>&1) && grep -q '^0 failures' <<<"$output"
    report $? "swiftpackage: it runs, $configuration" "$output"
done
same "swiftpackage: nothing is written into the package" "$before" \
    "$(git status --porcelain --ignored 2>/dev/null)"
finish
