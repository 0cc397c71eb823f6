# files.sh - what is installed, and where; sourced by install.sh, which has the directories.
# shellcheck shell=bash disable=SC2153
#
# `files` prints one line for each file, "KIND<tab>SOURCE<tab>DESTINATION". The KIND is
#   file      copied
#   program   copied, and may be run
#   fill      copied with each @NAME@ replaced (install.sh)
#   link      a symbolic link to SOURCE

files() {
    local file library page tool
    list() { printf '%s\t%s\t%s\n' "$@"; }

    for file in "$INCLUDE"/*.h; do
        list file "$file" "$HEADERDIR/${file##*/}"
    done
    list fill Sources/Install/module.modulemap.in "$HEADERDIR/module.modulemap"

    for library in $LIBRARIES; do
        list file "$BUILD/lib/lib$library.so.1" "$LIBDIR/lib$library.so.1"
        list link "lib$library.so.1" "$LIBDIR/lib$library.so"
        list file "$BUILD/lib/lib$library.a" "$LIBDIR/lib$library.a"
        list fill "Sources/Install/pkgconfig/$library.pc.in" "$LIBDIR/pkgconfig/$library.pc"
    done
    for library in $LOADED_LIBRARIES; do
        list file "$BUILD/lib/lib$library.so.1" "$LIBDIR/lib$library.so.1"
    done
    for file in Sources/Install/cmake/*.in; do
        page=${file##*/}
        list fill "$file" "$CMAKEDIR/${page%.in}"
    done

    for page in "$BUILD"/man/man*/*; do
        file=${page%/*}
        list file "$page" "$MANDIR/${file##*/}/${page##*/}"
    done
    for tool in $TOOLS; do
        list program "$BUILD/bin/$tool" "$BINDIR/$tool"
    done
}
