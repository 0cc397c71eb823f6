# wine64.sh - Wine's loader, so that every start of it succeeds; sourced.
# shellcheck shell=bash disable=SC2034 # what its users read
#
#     "${wine64[@]}" program.exe.so
#     "${settled[@]}" command...        for a command that starts "$wine_loader" or its like
#     wine64_ended STATUS               whether a program that printed all it should ended well
#     ... | wine64_output               without what shells and the loader say of such an end
#
# Debian's wine64 is linked to 0x7d000000, and the kernel puts its heap anywhere in the GiB behind it: in
# one of some 6,000 starts over 0x7ffe0000, where Windows' shared user data must be. Wine exits with 1 then
# and, with WINEDEBUG=-all, without a word. Not randomised, the heap is right behind the program; so it is in
# all that is started from there. A container that forbids setarch has the odd failure.
wine_loader=${WINE64:-/usr/lib/wine/wine64}
settled=()
setarch -R true 2>/dev/null && settled=(setarch -R)
wine64=("${settled[@]}" "$wine_loader")

# Wine ends the other threads of a process that exits, wherever they are; all is done and printed then. One
# in the C library's loader leaves its lock taken, and Wine kills the process a second later (137), or the
# loader finds its list in disorder (127); one that was ending by itself faults (139). With a server's threads
# and other work on the machine that is one exit of twenty, of programs without this library too.
wine64_ended() { # STATUS
    case $1 in
    0 | 127 | 137 | 139) ;;
    *) return 1 ;;
    esac
}
wine64_output() {
    sed -E '/^[^:]+:( line [0-9]+:)? +[0-9]+ (Killed|Segmentation fault) /d
        /^Inconsistency detected by ld\.so: /d'
}
