#!/bin/bash
# install.sh install|uninstall   puts the files of files.sh below DESTDIR, or takes them away again
#
# From the environment: BUILD INCLUDE VERSION LIBRARIES TOOLS, and the directories DESTDIR PREFIX LIBDIR
# INCLUDEDIR MANDIR BINDIR, absolute but for DESTDIR. Nothing is written outside of these.
set -eu -o pipefail
export LC_ALL=C
umask 022

HEADERDIR=$INCLUDEDIR/midl_user
CMAKEDIR=$LIBDIR/cmake/midl_user
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/files.sh"

for directory in "$PREFIX" "$LIBDIR" "$INCLUDEDIR" "$MANDIR" "$BINDIR"; do
    if [[ $directory != /* ]]; then
        echo "install: $directory is not absolute" >&2
        exit 1
    fi
done

module_headers() {
    local header
    for header in "$INCLUDE"/*.h; do
        printf '    header "%s"\\n' "${header##*/}"
    done
}

fill() { # TEMPLATE: to standard output
    local name value expressions=()
    for name in VERSION PREFIX LIBDIR HEADERDIR; do
        value=${!name}
        expressions+=(-e "s|@$name@|${value//[&|\\]/\\&}|g")
    done
    # CMake finds the rest from where its files are, so that the tree may be moved.
    value=$(realpath -ms --relative-to="$CMAKEDIR" "$HEADERDIR")
    expressions+=(-e "s|@HEADERDIR_FROM_CMAKE@|${value//[&|\\]/\\&}|g")
    value=$(realpath -ms --relative-to="$CMAKEDIR" "$LIBDIR")
    expressions+=(-e "s|@LIBDIR_FROM_CMAKE@|${value//[&|\\]/\\&}|g")
    # Below the prefix as pkg-config files have it, so that --define-prefix can move them.
    expressions+=(-e "s|^\([a-z]*dir\)=${PREFIX//[&|\\.]/\\&}/|\1=\${prefix}/|")
    sed "${expressions[@]}" -e "s|@MODULE_HEADERS@|$(module_headers)|" "$1"
}

place() { # KIND SOURCE DESTINATION
    local destination=$DESTDIR$3
    mkdir -p "${destination%/*}"
    case $1 in
    file) install -m 644 "$2" "$destination" ;;
    program) install -m 755 "$2" "$destination" ;;
    link) ln -sf "$2" "$destination" ;;
    fill)
        fill "$2" >"$destination.new"
        chmod 644 "$destination.new"
        mv -f "$destination.new" "$destination"
        ;;
    esac
}

is_ours() { # DIRECTORY
    local top
    for top in "$PREFIX" "$LIBDIR" "$INCLUDEDIR" "$MANDIR" "$BINDIR"; do
        [[ $1 != "$top" && $1 != "$top"/* ]] || return 0
    done
    return 1
}

# Directories that are left empty: below DESTDIR all; on the machine itself up to PREFIX, or LIBDIR and
# its like elsewhere, of which the standard ones of a standard PREFIX stay.
remove_empty() { # DIRECTORY
    local directory=$1
    while [ -n "$directory" ]; do
        if [ -z "$DESTDIR" ]; then
            is_ours "$directory" || return 0
            [[ $PREFIX != /usr && $PREFIX != /usr/local ]] || case $directory in
            "$LIBDIR" | "$INCLUDEDIR" | "$MANDIR" | "$BINDIR") return 0 ;;
            esac
        fi
        rmdir "$DESTDIR$directory" 2>/dev/null || return 0
        directory=${directory%/*}
    done
}

# The dynamic linker's cache, where the machine itself was changed.
refresh_linker() {
    if [ -z "$DESTDIR" ] && [ "$(id -u)" = 0 ] && command -v ldconfig >/dev/null; then
        ldconfig
    fi
}

case $1 in
install)
    files | while IFS=$'\t' read -r kind source destination; do
        place "$kind" "$source" "$destination"
    done
    refresh_linker
    echo "installed below $DESTDIR$PREFIX"
    ;;
uninstall)
    files | while IFS=$'\t' read -r kind source destination; do
        rm -f "$DESTDIR$destination"
        echo "${destination%/*}"
    done | sort -ru | while read -r directory; do
        remove_empty "$directory"
    done
    refresh_linker
    echo "uninstalled from $DESTDIR$PREFIX"
    ;;
esac
