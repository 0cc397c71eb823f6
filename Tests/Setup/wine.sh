# wine.sh - a Wine prefix for a test, which nothing outlives; sourced.
# shellcheck shell=bash
#
#     wine_begin DIRECTORY || ...     makes the prefix, and exports what Wine reads
#     "${wine[@]}" program.exe.so     within a time limit
#     wine_end                        ends every process of the prefix and removes it

wine_server=${WINESERVER:-/usr/lib/wine/wineserver64}
wine=(timeout -k 5 60 "${WINE64:-/usr/lib/wine/wine64}")

wine_begin() { # DIRECTORY
    export WINEPREFIX=$1/wineprefix HOME=$1/wineprefix TMPDIR=$1/tmp
    export WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe='
    unset DISPLAY WAYLAND_DISPLAY
    rm -rf "$WINEPREFIX"
    mkdir -p "$WINEPREFIX" "$TMPDIR"
    timeout -k 5 180 "${wine[4]}" wineboot -i >"$1/wineboot.log" 2>&1
}

wine_end() {
    "$wine_server" -k 2>/dev/null
    timeout -k 5 20 "$wine_server" -w
    rm -rf "$WINEPREFIX" "$TMPDIR"
}
