# wine64.sh - Wine's loader, so that every start of it succeeds; sourced.
# shellcheck shell=bash disable=SC2034 # what its users read
#
#     "${wine64[@]}" program.exe.so
#     "${settled[@]}" command...        for a command that starts "$wine_loader" or its like
#     wine64_ended STATUS               whether a program ended by itself
#
# Debian's wine64 is linked to 0x7d000000, and the kernel puts its heap anywhere in the GiB behind it: in
# one of some 6,000 starts over 0x7ffe0000, where Windows' shared user data must be. Wine exits with 1 then
# and, with WINEDEBUG=-all, without a word. Not randomised, the heap is right behind the program; so it is in
# all that is started from there. A container that forbids setarch has the odd failure.
wine_loader=${WINE64:-/usr/lib/wine/wine64}
settled=()
setarch -R true 2>/dev/null && settled=(setarch -R)
wine64=("${settled[@]}" "$wine_loader")

# Wine ends the other threads of a process that exits, wherever they are. When one of them is in the C
# library's loader its lock stays taken: all is done then, and Wine kills the process a second later.
wine64_ended() { # STATUS
    [ "$1" = 0 ] || [ "$1" = 137 ]
}
