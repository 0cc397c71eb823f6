#!/bin/bash
# run.sh native|winelib - builds and runs the examples, as TAP.
#
# From the environment: BUILD CC. Each example is built in a copy below the build directory.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
. "$here/../Setup/wine.sh"
export LC_ALL=C

which=$1
work=$PWD/$BUILD/examples-$which
rm -rf "$work"
mkdir -p "$work"
# The variables of the make that runs this are not those of the examples.
unset MAKEFLAGS MFLAGS MAKELEVEL PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR LDLIBS CFLAGS CXXFLAGS

installed() { # PREFIX
    local output
    output=$(make --no-print-directory BUILD="$BUILD" install PREFIX="$1" 2>&1)
    report $? "examples: make install" "$output"
    export PKG_CONFIG_LIBDIR=$1/lib/pkgconfig
}

built() { # NAME EXAMPLE COMMAND...: in a new copy of the example; what it says is its log
    local name=$1 directory=$work/$2 status
    rm -rf "$directory"
    cp -R "$here/$2" "$directory"
    shift 2
    (cd "$directory" && "$@") >"$directory.log" 2>&1
    status=$?
    report $status "examples: $name is built" "$(tail -20 "$directory.log")"
    return $status
}

# `output` is to be what the example's file says, without the addresses.
prints() { # NAME FILE
    local difference
    difference=$(diff "$here/$2" <(sed 's/(0x[0-9a-f]*)/(ADDRESS)/' <<<"$output") 2>&1)
    report $? "examples: $1 prints what it should" "$difference"
}

made() { # EXAMPLE PROGRAM...: by its Makefile, with two compilers
    local example=$1 compiler program output
    shift
    for compiler in gcc "$CC"; do
        built "$example, $compiler" "$example" \
            make "CC=$compiler" "CXX=$([ "$compiler" = gcc ] && echo g++ || echo "$compiler++")" || continue
        for program in "$@"; do
            output=$("$work/$example/$program" 2>&1)
            prints "$example, $compiler, $program" "$example/expected.txt"
        done
    done
}

preload() {
    local output library=$work/prefix/lib/libmidl_user.so.1
    built "preload" preload make CC=gcc || return
    output=$(
        cd "$work/preload" || exit
        ulimit -c 0
        # The dynamic linker takes no name with a space from the variable, hence the short one.
        ln -s "$library" .
        ./program
        LD_LIBRARY_PATH=. LD_PRELOAD=libmidl_user.so.1 ./program
        { LD_LIBRARY_PATH=. LD_PRELOAD=libmidl_user.so.1 ./program twice; } 2>&1
    )
    prints "preload" preload/expected.txt
}

cmake_example() {
    local output program
    built "cmake" cmake sh -c 'cmake -S . -B build "-DCMAKE_PREFIX_PATH=$1" && cmake --build build' \
        sh "$work/prefix" || return
    for program in blocks blocks-static; do
        output=$("$work/cmake/build/$program" 2>&1)
        prints "cmake, $program" cmake/expected.txt
    done
}

# In its place, since its dependency is the package around it; nothing is written there.
swift_example() {
    local output
    output=$(swift build --package-path "$here/swift" --scratch-path "$work/swift" \
        --cache-path "$work/swift-cache" 2>&1)
    report $? "examples: swift is built" "$(tail -20 <<<"$output")"
    output=$("$work/swift/debug/Server" 2>&1)
    prints "swift" swift/expected.txt
    [ ! -e "$here/swift/.build" ] && [ ! -e "$here/swift/Package.resolved" ]
    report $? "examples: swift leaves nothing in its directory"
}

native() {
    installed "$work/prefix"
    made exceptions inventory
    made cplusplus points
    made own-pair own own-static
    made pkg-config blocks blocks-static
    preload
    cmake_example
    swift_example
}

# What a program prints; not its status, see `wine64_ended`.
under_wine() { # PROGRAM
    "${wine[@]}" "$1" 2>&1 | wine64_output
}

client_and_server() { # shared|static
    local output server linked
    built "winelib, $1" winelib make "LINK=$1" || return
    cd "$work/winelib" || return
    linked=static
    ! readelf -dW client.exe.so | grep -q 'NEEDED.*libmidl_user_winelib' || linked=shared
    same "examples: winelib, $1: how it is linked" "$1" "$linked"
    "${wine[@]}" ./server.exe.so >server.log 2>&1 &
    server=$!
    for ((tenths = 0; tenths < 300; tenths++)); do
        grep -qs listening server.log && break
        sleep 0.1
    done
    output=$(under_wine ./client.exe.so)
    wait "$server"
    wine64_ended $?
    report $? "examples: winelib, $1: the server ends" "$(<server.log)"
    cd "$top" || exit
    prints "winelib, $1, the client" winelib/expected-client.txt
}

winelib() {
    local output top=$PWD
    if ! command -v winegcc-stable >/dev/null; then
        skip "examples: winelib" "winegcc-stable is not installed"
        return
    fi
    wine_begin "$work"
    report $? "examples: a Wine prefix" "$(<"$work/wineboot.log")"
    trap wine_end EXIT
    installed "$wine_place/prefix"
    client_and_server shared
    client_and_server static
    if built "models" models make; then
        output=$(cd "$work/models" && under_wine ./models.exe.so)
        prints "models" models/expected.txt
    fi
    wine_end
    trap - EXIT
}

"$which"
finish
