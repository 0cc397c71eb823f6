# wine.sh - a Wine prefix for a test, which nothing outlives; sourced.
# shellcheck shell=bash disable=SC2034 # what its users read
#
#     wine_begin DIRECTORY || ...     makes the prefix, and exports what Wine reads
#     "${wine[@]}" program.exe.so     within a time limit
#     wine_end                        ends every process of the prefix and removes it
#
# winegcc splits the names of libraries and of their directories at spaces: `wine_place` is DIRECTORY
# by a name without one.

limited=$(dirname "${BASH_SOURCE[0]}")/limited
limited=$(realpath "$limited")
# shellcheck source=wine64.sh
. "$(dirname "$limited")/wine64.sh"
wine_server=${WINESERVER:-/usr/lib/wine/wineserver64}
wine=("$limited" 120 "${wine64[@]}")
wine_place='' wine_link=''

wine_begin() { # DIRECTORY
    wine_place=$1
    if [[ $1 == *' '* ]]; then
        wine_link=$(mktemp -d /tmp/midl_user-wine.XXXXXX) || return
        wine_place=$wine_link/place
        ln -s "$1" "$wine_place"
    fi
    export WINEPREFIX=$1/wineprefix HOME=$1/wineprefix TMPDIR=$1/tmp
    export WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe='
    unset DISPLAY WAYLAND_DISPLAY
    rm -rf "$WINEPREFIX"
    mkdir -p "$WINEPREFIX" "$TMPDIR"
    "$limited" 180 "${wine64[@]}" wineboot -i >"$1/wineboot.log" 2>&1
}

wine_end() {
    "$wine_server" -k 2>/dev/null
    "$limited" 20 "$wine_server" -w
    rm -rf "$WINEPREFIX" "$TMPDIR" ${wine_link:+"$wine_link"}
    wine_link=
}
