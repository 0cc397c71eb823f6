#!/bin/bash
# run.sh - the headers for 32 bits, the libraries for aarch64 and for musl, as TAP.
#
# From the environment: BUILD VERSION CC, HARNESS (the sources of the harness, but for its form).

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
export LC_ALL=C

work=$BUILD/platforms
rm -rf "$work"
mkdir -p "$work"
example=Tests/Install/example.c

runs() { # NAME COMMAND...
    local name=$1 output
    shift
    output=$(Tests/Setup/limited 120 "$@" 2>&1) && grep -q "^0 failures with libmidl_user $VERSION" <<<"$output"
    report $? "$name runs" "$output"
}

# ---- 32 bits ---------------------------------------------------------------------
#
# The headers alone. The layouts of 32 bits are asserted in them.

for compiler in "gcc -std=c11" "gcc -std=c17" "$CC -std=c11" "$CC -std=c17" "g++ -x c++ -std=c++11" \
    "g++ -x c++ -std=c++20" "$CC++ -x c++ -std=c++11" "$CC++ -x c++ -std=c++20"; do
    read -ra command <<<"$compiler"
    # Debian has the kernel's headers in the directory of 64 bits.
    command+=(-m32 -isystem /usr/include/x86_64-linux-gnu -Wall -Wextra -Werror -fsyntax-only)
    output=$("${command[@]}" -IInclude "$example" 2>&1)
    report $? "platforms: 32 bits, $compiler" "$output"
done
cp -R Include "$work/Include"
sed -i 's/unsigned int dwStubPhase;/unsigned int dwStubPhase, another;/' "$work/Include/midl_rpctypes.h"
! output=$("${command[@]}" "-I$work/Include" "$example" 2>&1)
report $? "platforms: 32 bits: another layout is refused" "$output"

# ---- other machines ----------------------------------------------------------------

built() { # TARGET MACHINE NEEDED LISTS
    local library=$BUILD/$1/lib/libmidl_user.so.1 promised output
    same "platforms: $1: the machine" "$2" "$(readelf -hW "$library" | sed -n 's/ *Machine: *//p')"
    # Of the dynamic linker itself, which is always there, aarch64 takes the stack's guard.
    same "platforms: $1: NEEDED" "$3" \
        "$(readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -v '^ld-linux-')"
    same "platforms: $1: the exports are those of this machine" \
        "$(Sources/Shim/check-abi.sh --print "$BUILD/lib/libmidl_user.so.1")" \
        "$(Sources/Shim/check-abi.sh --print "$library")"
    for promised in Sources/Shim/abi/midl_user-*-"$4".abi; do
        output=$(Tests/ABI/prototypes.sh "$library" "$promised" 2>&1)
        report $? "platforms: $1: prototypes and layouts of $(basename "$promised" .abi)" "$output"
    done
    [ -s "$BUILD/$1/lib/libmidl_user.a" ]
    report $? "platforms: $1: there is an archive"
}

programs() { # TARGET COMPILER RUNNER...: a program with the shared library and one with the archive
    local target=$1 compiler=$2 lib=$BUILD/$1/lib output
    shift 2
    output=$("$compiler" -pthread -IInclude "$example" -o "$work/$target-shared" "$lib/libmidl_user.so.1" \
        "-Wl,-rpath,$PWD/$lib" 2>&1)
    report $? "platforms: $target: a program with the shared library" "$output"
    runs "platforms: $target: shared:" "$@" "$work/$target-shared"
    output=$("$compiler" -static -pthread -IInclude "$example" -o "$work/$target-static" \
        "$lib/libmidl_user.a" 2>&1)
    report $? "platforms: $target: a program with the archive" "$output"
    runs "platforms: $target: static:" "$@" "$work/$target-static"
}

built aarch64-linux-gnu AArch64 libc.so.6 aarch64
programs aarch64-linux-gnu aarch64-linux-gnu-gcc qemu-aarch64 -L /usr/aarch64-linux-gnu
# Groups of the harness that make few processes: each takes qemu two seconds for the reservation.
read -ra sources <<<"$HARNESS"
output=$(aarch64-linux-gnu-gcc -std=gnu17 -O1 -pthread -IInclude '-DPAIR_FORM="aarch64"' \
    Tests/Harness/pair_linked.c "${sources[@]}" -o "$work/harness" \
    "$BUILD/aarch64-linux-gnu/lib/libmidl_user.so.1" "-Wl,-rpath,$PWD/$BUILD/aarch64-linux-gnu/lib" 2>&1)
report $? "platforms: aarch64-linux-gnu: the harness" "$output"
for group in contract contents stubs calls; do
    output=$(Tests/Setup/limited 300 qemu-aarch64 -L /usr/aarch64-linux-gnu "$work/harness" "$group" 2>&1)
    report $? "platforms: aarch64-linux-gnu: harness $group, $(grep -c '^ok' <<<"$output") tests" \
        "$(grep -v '^ok' <<<"$output")"
done

built x86_64-linux-musl "Advanced Micro Devices X86-64" libc.so x86_64-musl
programs x86_64-linux-musl musl-gcc env
finish
