# programs.sh - builds and runs programs against an installed library, each as a test; sourced after
# tap.sh. The caller has set BUILD, CC, VERSION and `work`, a directory for the programs.
# shellcheck shell=bash disable=SC2154

tests=$(dirname "${BASH_SOURCE[0]}")

# pkg-config of this prefix and of nothing else.
use_prefix() { # PREFIX
    export PKG_CONFIG_LIBDIR=$1/lib/pkgconfig
    unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
}

# What pkg-config says, as words: it quotes for a shell.
pkgconfig_flags() { # ARGUMENT...: sets `flags`
    local line
    line=$(pkg-config "$@") || return
    eval "flags=($line)"
}

runs() { # NAME COMMAND...: a program that says that nothing was wrong
    local name=$1 output
    shift
    output=$("$@" 2>&1) && grep -q "^0 failures with libmidl_user $VERSION" <<<"$output"
    report $? "$name runs" "$output"
}

pkgconfig_program() { # NAME COMPILER STANDARD shared|static|all-static [PKG_CONFIG_OPTION...]
    local compiler=$2 standard=$3 form=$4 name output libraries language=c
    local program="$work/${compiler##*/}-$3-$4"
    name="$1: ${compiler##*/} -std=$standard, $form, by pkg-config"
    shift 4
    [[ $standard != *++* ]] || language=c++
    local flags=() cflags
    pkgconfig_flags "$@" --cflags midl_user
    cflags=("${flags[@]}")
    case $form in
    shared)
        pkgconfig_flags "$@" --libs midl_user
        libraries=("${flags[@]}" "-Wl,-rpath,$(pkg-config "$@" --variable=libdir midl_user)")
        ;;
    static) libraries=("$(pkg-config "$@" --variable=libdir midl_user)/libmidl_user.a") ;;
    all-static)
        pkgconfig_flags "$@" --static --libs midl_user
        libraries=(-static "${flags[@]}")
        ;;
    esac
    output=$({
        "$compiler" -x "$language" "-std=$standard" -O2 -Wall -Wextra -Werror -pthread "${cflags[@]}" \
            -c "$tests/example.c" -o "$program.o" &&
            "$compiler" -pthread -o "$program" "$program.o" "${libraries[@]}"
    } 2>&1)
    report $? "$name" "$output"
    runs "$name:" "$program"
}

pkgconfig_programs() { # NAME
    local form
    for form in shared static all-static; do
        pkgconfig_program "$1" gcc gnu17 $form
        pkgconfig_program "$1" "$CC" gnu17 $form
    done
    pkgconfig_program "$1" g++ c++17 shared
    pkgconfig_program "$1" "$CC++" c++17 static
}

cmake_configures() { # SOURCE_TEXT BUILD_DIRECTORY PREFIX: sets `output`
    mkdir -p "$2/source"
    cp "$tests/example.c" "$2/source/example.c"
    cp "$tests/example.c" "$2/source/example.cpp"
    printf 'cmake_minimum_required(VERSION 3.13)\nproject(example C CXX)\n%s\n' "$1" \
        >"$2/source/CMakeLists.txt"
    output=$(env -u MAKEFLAGS cmake -S "$2/source" -B "$2/build" -DCMAKE_PREFIX_PATH="$3" \
        -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF 2>&1)
}

cmake_programs() { # NAME BUILD_DIRECTORY PREFIX
    local output program
    cmake_configures "
        find_package(midl_user ${VERSION%.*} CONFIG REQUIRED COMPONENTS static)
        find_package(midl_user CONFIG REQUIRED)
        set(THREADS_PREFER_PTHREAD_FLAG ON)
        find_package(Threads REQUIRED)
        add_executable(shared example.c)
        target_link_libraries(shared midl_user::midl_user Threads::Threads)
        add_executable(static example.c)
        target_link_libraries(static midl_user::static Threads::Threads)
        add_executable(cplusplus example.cpp)
        target_link_libraries(cplusplus midl_user::midl_user Threads::Threads)" "$2" "$3" &&
        output=$(env -u MAKEFLAGS cmake --build "$2/build" 2>&1)
    report $? "$1: CMake, the targets of find_package(midl_user)" "$output"
    for program in shared static cplusplus; do
        runs "$1: CMake, $program:" "$2/build/$program"
    done
    readelf -dW "$2/build/static" 2>/dev/null | grep -q libmidl_user
    [ $? = 1 ]
    report $? "$1: CMake, static: the archive is what it links"
    ! cmake_configures "find_package(midl_user $((${VERSION%%.*} + 1)) CONFIG REQUIRED)" \
        "$2 of another version" "$3"
    report $? "$1: CMake, another major version is refused" "$output"
    ! cmake_configures "find_package(midl_user CONFIG REQUIRED COMPONENTS absent)" \
        "$2 with a component" "$3"
    report $? "$1: CMake, a component that is not there is refused" "$output"
}

# Swift imports the module that is beside the headers, which says what to link.
swift_programs() { # NAME
    local output headers libraries
    headers=$(pkg-config --variable=includedir midl_user)
    libraries=$(pkg-config --variable=libdir midl_user)
    output=$(swiftc -swift-version 6 -module-cache-path "$work/modules" -I "$headers" -L "$libraries" \
        -Xlinker -rpath -Xlinker "$libraries" "$tests/example.swift" -o "$work/swift" 2>&1)
    report $? "$1: Swift, import CMIDL" "$output"
    runs "$1: Swift:" "$work/swift"
}

# After wine_begin, with a prefix below wine_place. winegcc leaves directories behind where it runs.
winelib_programs() { # NAME
    local headers=/usr/include/wine/wine/windows flags=() output
    pkgconfig_flags --cflags --libs midl_user_winelib
    cp "$tests/winelib_example.c" "$work"
    output=$(cd "$work" && winegcc-stable -m64 -isystem "$headers" winelib_example.c -o winelib.exe \
        "${flags[@]}" "-Wl,-rpath,$(pkg-config --variable=libdir midl_user_winelib)" 2>&1)
    report $? "$1: Winelib, by pkg-config" "$output"
    runs "$1: Winelib:" "${wine[@]}" "$work/winelib.exe.so"
    output=$("$limited" 120 "${settled[@]}" \
        "$(pkg-config --variable=prefix midl_user_winelib)/bin/midl-memory" run --leaks -- \
        "$wine_loader" "$work/winelib.exe.so" 2>&1)
    grep -q "^0 failures with libmidl_user $VERSION" <<<"$output" &&
        grep -q '^  allocations            1, 112 bytes$' <<<"$output" &&
        grep -q '^      #0 main at .*winelib_example.c\|^      #0 .*winelib.exe.so' <<<"$output"
    report $? "$1: Winelib: midl-memory" "$output"
}
