#!/bin/bash
# run.sh - the libraries against what each release promised, and the checks themselves, as TAP.
#
#   run.sh LISTS LIBRARY_DIRECTORY INCLUDE_DIRECTORY BUILD_DIRECTORY CC VERSION
#
# LISTS has, for each library and release, LIBRARY-RELEASE.symbols and LIBRARY-RELEASE-MACHINE.abi.

lists=$1 libraries=$2 include=$3 build=$4 compiler=$5 version=$6
here=$(dirname "$0")
. "$here/../Harness/tap.sh"
export LC_ALL=C
mkdir -p "$build"
processor=$(uname -m)
release=${version%.*}

# ---- the libraries -----------------------------------------------------------

# That of the diagnostics is left out: its one export is between it and the library, and changes with it.
for library in "$libraries"/libmidl_user*.so.1; do
    name=$(basename "$library" .so.1)
    name=${name#lib}
    output=$(Sources/Shim/check-abi.sh "$library" "$lists/$name"-*.symbols 2>&1)
    report $? "abi: $name exports what every release exported" "$output"
    same "abi: $name: the list of release $release has all that is exported" \
        "$(Sources/Shim/check-abi.sh --print "$library")" "$(<"$lists/$name-$release.symbols")"
    found=0
    for promised in "$lists/$name"-*-"$processor.abi"; do
        [ -e "$promised" ] || continue
        found=$((found + 1))
        output=$("$here/prototypes.sh" "$library" "$promised" 2>&1)
        report $? "abi: $name: prototypes and layouts of $(basename "$promised" .abi)" "$output"
    done
    if [ "$processor" = x86_64 ]; then
        [ "$found" -gt 0 ]
        report $? "abi: $name: there are prototypes of a release to compare with"
    else
        [ "$found" -gt 0 ] || skip "abi: $name: prototypes" "no release was made on $processor"
    fi
done

# ---- the version ---------------------------------------------------------------

number=$("$compiler" -E -P -x c - <<<"#include \"$include/midl_memory.h\"
VERSION MIDL_MEMORY_VERSION" | sed -n 's/^VERSION //p')
IFS=. read -r major minor patch <<<"$version"
same "abi: the header's number is its text" $((major * 10000 + minor * 100 + patch)) "$number"
same "abi: the changelog begins with the version" "$version" \
    "$(sed -n 's/^## \([0-9.]*\).*/\1/p' Sources/MIDLMemory/MIDLMemory.docc/Changelog.md | head -1)"
same "abi: the name of the shared library has the major version" "libmidl_user.so.$major" \
    "$(readelf -dW "$libraries/libmidl_user.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')"

# ---- the checks themselves -----------------------------------------------------
#
# The C of the library without the Swift behind it, from sources that are changed, as a library of its
# own. Unchanged it passes, so that what is refused is the change.

stand_in() { # NAME [FILE EDIT]...: makes $build/NAME/libmidl_user.so.1 from sed's EDITs of FILEs
    local directory=$build/$1 flag features=()
    shift
    rm -rf "$directory"
    mkdir -p "$directory"
    cp -R "$include" Sources/Shim Sources/Platform "$directory"
    while [ $# -gt 0 ]; do
        sed -i "$2" "$directory/$1"
        shift 2
    done
    # The processor has 16-byte atomics in the library as well.
    [ "$processor" != x86_64 ] || features=(-mcx16)
    for flag in "$directory/$(basename "$include")" "$directory"/{Platform,Shim}/include; do
        features+=("-I$flag")
    done
    "$compiler" -gdwarf-4 -O0 -std=c17 -w -fPIC -shared -fvisibility=hidden -fuse-ld=lld \
        "${features[@]}" "$directory"/{Platform,Shim}/*.c -Wl,-z,undefs \
        -Wl,--version-script="$directory/Shim/exports.map",--undefined-version \
        -Wl,-soname,libmidl_user.so.1 -o "$directory/libmidl_user.so.1"
}

symbols_pass() { # NAME
    Sources/Shim/check-abi.sh "$build/$1/libmidl_user.so.1" "$lists"/midl_user-*.symbols
}

prototypes_pass() { # NAME
    "$here/prototypes.sh" "$build/$1/libmidl_user.so.1" "$lists/midl_user-$release-$processor.abi"
}

refused() { # CHECK NAME WHAT IN_MESSAGE [FILE EDIT]...
    local check=$1 name=$2 what=$3 message=$4 output status=0
    shift 4
    output=$(stand_in "$name" "$@" 2>&1) || status=$?
    if [ $status -ne 0 ]; then
        report $status "abi: refused: $what" "the changed library was not built" "$output"
        return
    fi
    ! output=$("$check" "$name" 2>&1)
    report $? "abi: refused: $what" "$output"
    grep -qF -e "$message" <<<"$output"
    report $? "abi: refused: $what, by name" "$output"
}

headers=$(basename "$include")
output=$(stand_in unchanged 2>&1)
report $? "abi: a library without the Swift can be made" "$output"
output=$(symbols_pass unchanged 2>&1)
report $? "abi: accepted: the symbols of an unchanged library" "$output"

refused symbols_pass removed "an export that is gone" RpcSmFree@MIDL_USER_1.0 \
    Shim/exports.map '/ RpcSmFree;/d'
refused symbols_pass moved "an export under another version" midl_memory_trim@MIDL_USER_1.0 \
    Shim/exports.map '/midl_memory_trim;/d; $a MIDL_USER_1.1 { global: midl_memory_trim; } MIDL_USER_1.0;'
refused symbols_pass added "an export that no list has" midl_memory_extra \
    Shim/exports.map 's/midl_memory_trim;/&midl_memory_extra;/' \
    Shim/midl_memory.c '$a EXPORTED void midl_memory_extra(void) {}'

if [ -e "$lists/midl_user-$release-$processor.abi" ]; then
    output=$(prototypes_pass unchanged 2>&1)
    report $? "abi: accepted: the prototypes of an unchanged library" "$output"
    refused prototypes_pass parameter "another type of a parameter" midl_memory_size \
        "$headers/midl_memory.h" 's/midl_memory_size(const void \*block)/midl_memory_size(int block)/' \
        Shim/midl_memory.c 's/midl_memory_size(const void \*block) {/midl_memory_size(int b) { const void *block = \&b;/'
    refused prototypes_pass result "another type of a result" RpcExceptionCode \
        "$headers/rpcexcept.h" 's/^RPC_STATUS RPC_ENTRY RpcExceptionCode/long RpcExceptionCode/' \
        Shim/rpcexcept.c 's/RPC_STATUS RPC_ENTRY RpcExceptionCode/long RpcExceptionCode/'
    refused prototypes_pass field "another type of a structure's field" midl_except_frame \
        "$headers/rpcexcept.h" 's/int is_abnormal;/long is_abnormal;/'
    refused prototypes_pass order "another order of a structure's fields" midl_except_frame \
        "$headers/rpcexcept.h" '/const char \*raised_by;/d; s/int is_abnormal;/&const char *raised_by;/'
    refused prototypes_pass message "another layout of MIDL_STUB_MESSAGE" MIDL_STUB_MESSAGE \
        "$headers/midl_rpctypes.h" 's/unsigned int dwStubPhase;/unsigned long dwStubPhase;/'
else
    skip "abi: prototypes that were changed" "no release was made on $processor"
fi
finish
