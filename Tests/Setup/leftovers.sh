#!/bin/bash
# leftovers.sh BUILD COMMAND... - runs commands, each a text for a shell, and tells what is there
# afterwards that was not there before, as TAP: processes, temporary files, files in the home directory
# and in /usr/local, files in the tree outside BUILD.
#
# The home directory is an empty one. As root /tmp and its like are empty too, in a mount namespace of
# the run's own, and the home directory of the list of users has a layer of its own, so that nobody
# else's files come and go there meanwhile; the tree stays where it is. Processes are told by a variable
# in their environment.

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
# Some look for it there and not in HOME.
home=$(getent passwd "$(id -u)" | cut -d: -f6)
# Where what is new in it comes to stand.
home_layer=$home

# Puts what is mounted at MOUNTED in the place of a directory, with the tree in it if that is where it
# is.
replace() { # DIRECTORY MOUNTED
    if [[ $top == "$1"/* ]]; then
        mkdir -p "$2${top#"$1"}"
        mount --bind "$top" "$2${top#"$1"}" || return
    fi
    mount --move "$2" "$1" && cd "$top" || return
}

hide_temporary() { # EMPTY_DIRECTORY
    local directory
    for directory in "${temporary[@]}"; do
        mount -t tmpfs none "$1" && chmod 1777 "$1" && replace "$directory" "$1" || return
    done
}

# Without a layer where the system has none for it.
cover_home() { # EMPTY_DIRECTORY LAYERS
    mkdir -p "$2"
    mount -t tmpfs none "$2" && mkdir "$2/upper" "$2/work" || return
    mount -t overlay none -o "lowerdir=$home,upperdir=$2/upper,workdir=$2/work" "$1" 2>/dev/null || return 0
    home_layer=$2/upper
    replace "$home" "$1"
}

work=$top/$build/leftovers
rm -rf "$work"
mkdir -p "$work/home" "$work/empty"
if [ $is_inside = 1 ]; then
    hide_temporary "$work/empty" && cover_home "$work/empty" "${temporary[0]}/layers"
    report $? "leftovers: empty temporary directories"
fi

files() {
    find "${temporary[@]}" -xdev -mindepth 1 -user "$(id -u)" -not -path "$top" -not -path "$top/*" 2>/dev/null |
        while IFS= read -r path; do [[ $top == "$path"/* ]] || echo "$path"; done
    find /usr/local -xdev
    find "$work/home" -mindepth 1
    find "$home_layer" -mindepth 1 -maxdepth 1 -printf "$home/%P\n"
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
known=$(find "$home" -mindepth 1 -maxdepth 1)
before=$(files)
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
    after=$(files)
    same "leftovers: and no file" "" "$(comm -13 <(sort <<<"$before"$'\n'"$known") <(sort <<<"$after"))"
    before=$after
done
finish
