#!/bin/bash
# install.sh - what `make install` gives to somebody else, as TAP.
#
# From the environment: BUILD VERSION CC LIBRARIES TOOLS.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
. "$here/../Setup/wine.sh"
. "$here/programs.sh"
export LC_ALL=C

work=$PWD/$BUILD/install-test
rm -rf "$work"
mkdir -p "$work"
# The variables of the make that runs this are not those of the installation.
make=(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory BUILD="$BUILD")

# ---- into a prefix -------------------------------------------------------------

# Of a name with a space, and with files of somebody else in it.
prefix="$work/the prefix"
mkdir -p "$prefix/include" "$prefix/lib/pkgconfig"
touch "$prefix/include/other.h" "$prefix/lib/pkgconfig/other.pc"
before=$(cd "$prefix" && find . | sort)

output=$(umask 077 && "${make[@]}" -j3 install PREFIX="$prefix" 2>&1)
report $? "install: make -j3 install, into a prefix with a space" "$output"
same "install: whatever the umask, everybody can read it" "" \
    "$(find "$prefix" -not -perm -a+r -o -type d -not -perm -a+x)"
same "install: nothing of the build tree is in the files" "" \
    "$(grep -rlF "$PWD/$BUILD/lib" "$prefix")"
same "install: the headers are those of Include" "$(cd Include && echo *.h)" \
    "$(cd "$prefix/include/midl_user" && echo *.h)"
for library in $LIBRARIES; do
    for file in "lib$library.so" "lib$library.so.1" "lib$library.a" "pkgconfig/$library.pc"; do
        [ -s "$prefix/lib/$file" ]
        report $? "install: $file"
    done
done
for tool in $TOOLS; do
    [ -x "$prefix/bin/$tool" ]
    report $? "install: $tool"
done

use_prefix "$prefix"
# A program that finds no library by itself.
gcc -pthread -I"$prefix/include/midl_user" "$here/example.c" -L"$prefix/lib" -lmidl_user -o "$work/bare"
output=$("$prefix/bin/midl-memory" run -- "$work/bare" 2>&1)
grep -q 'exit status 0' <<<"$output" && grep -q '^  allocations  ' <<<"$output"
report $? "install: midl-memory finds its library, and the program finds it" "$output"
same "install: pkg-config's version" "$VERSION" "$(pkg-config --modversion midl_user 2>&1)"
pkgconfig_programs install
cmake_programs install "$work/cmake" "$prefix"
swift_programs install

mv "$prefix" "$work/moved it"
cmake_programs "install: moved" "$work/cmake moved" "$work/moved it"
# pkgconf's own quoting of a moved prefix takes no space in it.
mv "$work/moved it" "$work/moved"
use_prefix "$work/moved"
[[ $PWD == *' '* ]] || pkgconfig_program "install: moved" gcc c11 static --define-prefix
mv "$work/moved" "$prefix"

output=$("${make[@]}" uninstall PREFIX="$prefix" 2>&1)
report $? "install: make uninstall" "$output"
same "install: uninstalled, what was there before is there, and nothing else" "$before" \
    "$(cd "$prefix" && find . | sort)"

# ---- into directories of several places ----------------------------------------

places=(PREFIX="$work/one" LIBDIR="$work/two/lib64" INCLUDEDIR="$work/three" MANDIR="$work/four/man"
    BINDIR="$work/five")
output=$("${make[@]}" install "${places[@]}" 2>&1 && "${make[@]}" install "${places[@]}" 2>&1)
report $? "install: twice, to directories of their own" "$output"
[ ! -e "$work/one" ] && [ -e "$work/two/lib64/pkgconfig/midl_user.pc" ] &&
    [ -e "$work/three/midl_user/midl_user.h" ] && [ -e "$work/four/man/man3/midl_user_allocate.3" ]
report $? "install: each has its own" "$(find "$work"/{one,two,three,four,five} 2>&1)"
cmake_programs "install: several places" "$work/cmake places" "$work/two/lib64/cmake"
output=$("${make[@]}" uninstall "${places[@]}" 2>&1)
report $? "install: uninstall from them" "$output"
same "install: nothing is left in them" "two four " "$(cd "$work" && find one two three four five 2>/dev/null | tr '\n' ' ')"

# ---- into a DESTDIR ------------------------------------------------------------

destination="$work/a root"
layout=(PREFIX=/usr LIBDIR=/usr/lib/of-this-machine)
output=$("${make[@]}" install DESTDIR="$destination" "${layout[@]}" 2>&1)
report $? "install: into a DESTDIR" "$output"
same "install: below PREFIX and nowhere else" "usr" "$(ls -A "$destination")"
same "install: LIBDIR has the libraries" "" \
    "$(find "$destination" -name 'lib*.so*' -not -path '*/usr/lib/of-this-machine/*')"
same "install: DESTDIR is in no file" "" "$(grep -rlF "$destination" "$destination")"
same "install: pkg-config's directories" "-I/usr/include/midl_user -L/usr/lib/of-this-machine -lmidl_user" \
    "$(PKG_CONFIG_PATH="$destination/usr/lib/of-this-machine/pkgconfig" PKG_CONFIG_SYSTEM_LIBRARY_PATH=/ \
        pkg-config --cflags --libs midl_user | sed 's/ *$//')"
cmake_programs "install: DESTDIR" "$work/cmake root" "$destination/usr/lib/of-this-machine/cmake"
output=$("${make[@]}" uninstall DESTDIR="$destination" "${layout[@]}" 2>&1)
report $? "install: uninstall from a DESTDIR" "$output"
same "install: it is empty again" "$destination" "$(find "$destination")"

output=$("${make[@]}" install PREFIX=relative 2>&1)
[ $? -ne 0 ]
report $? "install: a relative PREFIX is refused" "$output"
[ ! -e relative ]
report $? "install: and nothing is written"

# ---- for Wine ------------------------------------------------------------------

if [[ $LIBRARIES != *winelib* ]] || ! command -v winegcc-stable >/dev/null; then
    skip "install: Winelib" "another processor than x86-64, or winegcc-stable is not installed"
else
    wine_begin "$work"
    report $? "install: a Wine prefix" "$(<"$work/wineboot.log")"
    trap wine_end EXIT
    output=$("${make[@]}" install PREFIX="$wine_place/plain" 2>&1)
    report $? "install: into a prefix for Winelib" "$output"
    use_prefix "$wine_place/plain"
    winelib_programs install
    wine_end
    trap - EXIT
fi

finish
