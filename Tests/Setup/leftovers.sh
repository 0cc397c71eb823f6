#!/bin/bash
# leftovers.sh BUILD COMMAND... - runs commands, each a text for a shell, and tells what is there
# afterwards that was not there before, as TAP: processes, temporary files, files in the home directory
# and in /usr/local, files in the tree outside BUILD.
#
# The home directory is an empty one. As root /tmp and its like are empty too, in a mount namespace of
# the run's own, so that nobody else's files come and go there meanwhile; the tree stays where it is.
# Processes are told by a variable in their environment.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
export LC_ALL=C

top=$PWD
is_inside=0
if [ "$1" = inside ]; then
    is_inside=1
    shift
elif [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    exec unshare -m --propagation private "$0" inside "$@"
fi
build=$1
shift

temporary=(/tmp /var/tmp /dev/shm)

# An empty directory in the place of each, with the tree in it if that is where it is.
hide_temporary() { # EMPTY_DIRECTORY
    local directory
    for directory in "${temporary[@]}"; do
        mount -t tmpfs none "$1" || return
        if [[ $top == "$directory"/* ]]; then
            mkdir -p "$1${top#"$directory"}"
            mount --bind "$top" "$1${top#"$directory"}" || return
        fi
        mount --move "$1" "$directory" || return
        chmod 1777 "$directory"
        cd "$top" || return
    done
}

work=$top/$build/leftovers
rm -rf "$work"
mkdir -p "$work/home" "$work/empty"
if [ $is_inside = 1 ]; then
    hide_temporary "$work/empty"
    report $? "leftovers: empty temporary directories"
fi

files() {
    find "${temporary[@]}" -xdev -mindepth 1 -user "$(id -u)" -not -path "$top" -not -path "$top/*" 2>/dev/null |
        while IFS= read -r path; do [[ $top == "$path"/* ]] || echo "$path"; done
    find /usr/local -xdev
    find "$work/home" -mindepth 1
    # Some look for it in the list of users.
    find "$(getent passwd "$(id -u)" | cut -d: -f6)" -mindepth 1 -maxdepth 1
    git status --porcelain --ignored 2>/dev/null | grep -v " $build/\$"
}
marked_processes() {
    local environment
    for environment in /proc/[0-9]*/environ; do
        if grep -qsz "^LEFTOVERS=$mark\$" "$environment"; then
            environment=${environment%/environ}
            echo "${environment##*/} $(tr '\0' ' ' 2>/dev/null <"$environment/cmdline")"
        fi
    done
}

mark=$$-$RANDOM
before=$(files | sort)
for command in "$@"; do
    # A file and no pipe, which would wait for what is left.
    HOME=$work/home LEFTOVERS=$mark bash -c "$command" >"$work/log" 2>&1 </dev/null
    report $? "leftovers: $command" "$(grep -E '^not ok|rror' "$work/log" | tail -20)"
    # What has been told to end may take a moment.
    for ((tenths = 0; tenths < 50; tenths++)); do
        processes=$(marked_processes)
        [ -n "$processes" ] || break
        sleep 0.1
    done
    same "leftovers: of its processes none is left" "" "$processes"
    after=$(files | sort)
    same "leftovers: and no file" "" "$(comm -13 <(echo "$before") <(echo "$after"))"
    before=$after
done
finish
