#!/bin/bash
# run.sh native|wine - runs the code blocks of the README, of the articles and of the reference, as TAP.
#
# From the environment: BUILD CC. A comment before a block says what is done with it:
#
#   <!-- test: run -->           a shell runs it, in the page's directory, with what the blocks before
#                                it exported and defined
#   <!-- test: dies -->          a shell runs it; its last command ends with a signal
#   <!-- test: fails -->         a shell runs it; its last command ends with a status that is not 0
#   <!-- test: serves TITLE -->  a shell runs it; its last command is a web server, and at the address
#                                in the block, but on a free port, is a page of that title
#   <!-- test: as PATH -->       it has make do what that script has it do; neither is done
#   <!-- test: output -->        what the block before it prints; an address, a number of a process or
#                                thread, a time, or a directory of a source is as good as another, the
#                                page's directory is not named, and a line ... stands for some lines
#   <!-- test: file NAME -->     it is that file of the page's directory
#   <!-- test: in NAME -->       it is compiled and run in the place of @BLOCK@ in around/NAME.in
#   <!-- test: from PATH -->     it is a part of that file, which another suite builds and runs
#
# With "wine" before these words, a block is run where there is Wine. A page with such blocks is run
# as a whole then. A block without a language or a comment is a picture; one with a language and no
# comment is an error. In the page's directory are links to all that a clone has at its top level,
# and libmidl_user, a link to the clone itself.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
. "$here/../Setup/wine.sh"
. "$here/server.sh"
export LC_ALL=C

mode=$1
top=$PWD
work=$top/$BUILD/docs-test-$mode
rm -rf "$work"
mkdir -p "$work"
home=$work/home temporary=
end() {
    end_server
    [ -z "$temporary" ] || rm -rf "$temporary"
}
trap end EXIT
if [[ $work == *' '* ]]; then
    # What pkg-config says of it stands without quotes in commands, as nobody's home has a space.
    temporary=$(mktemp -d /tmp/midl_user-docs.XXXXXX)
    home=$temporary
fi
mkdir -p "$home"
shell=(bash)
unset MAKEFLAGS MFLAGS MAKELEVEL PKG_CONFIG_PATH PKG_CONFIG_LIBDIR CFLAGS LDLIBS

begin_page() { # NAME
    directory=$work/$1
    mkdir -p "$directory" "$work/blocks/$1"
    for entry in "$top"/*; do
        ln -s "$entry" "$directory/"
    done
    ln -s "$top" "$directory/libmidl_user"
    output=
    state=$work/blocks/$1/state
    : >"$state"
    export HOME=$home
}

# In the shell of the page. Its output is in `output`, without what the shell says of a signal.
run_block() { # FILE [MODE]: the mode of the shell is -e unless it is given
    local status
    # shellcheck disable=SC2016
    (cd "$directory" && ulimit -c 0 && exec "${shell[@]}" -c '
        . "$1"; set "$3"; . "$2"; status=$?; set +e
        { declare -px; declare -f; } | grep -v "^declare -[a-z]*r" >"$1"
        exit $status' bash "$state" "$1" "${2:--e}") >"$state.output" 2>&1 </dev/null
    status=$?
    output=$(sed -E '/^[^:]+:( line [0-9]+:)? +[0-9]+ Aborted /d' "$state.output" | wine64_output)
    return $status
}

# Of the directory that the page is tested in nobody knows the name.
comparable() {
    sed -E "s/0x[0-9A-Fa-f]{6,}/ADDRESS/g; s/\b(process|thread) [0-9]+/\1 N/g; s/==[0-9]+==/==PROCESS==/g
        s/\bafter [0-9.]+ m?s\b/after TIME/g
        s| at [^ ]*/([^ /]+:[0-9]+)\$| at \1|; s|${directory//|/\\|}/||g"
}

# Passes when the text is as wanted, where a line ... stands for one line or more.
alike() { # NAME WANTED FOUND
    local pattern status=0
    pattern=$(sed -E 's/[^[:alnum:]]/\\&/g; s/^(\\\.){3}$/*/' <<<"$2")
    # shellcheck disable=SC2053 # it is a pattern
    [[ $3 == $pattern ]] || status=1
    report $status "$1" "wanted: $2" "found: $3"
}

# What commands ask make for, a line for each time: in the place of make is what only writes that down.
asked_of_make() { # COMMAND...
    mkdir -p "$work/asked"
    : >"$work/asked/list"
    # shellcheck disable=SC2016
    printf '#!/bin/bash\necho "make ${*@Q}" >>"${0%%/*}/list"\n' >"$work/asked/make"
    chmod +x "$work/asked/make"
    (cd "$work/asked" && PATH=$work/asked:$PATH exec "$@") >"$work/asked/output" 2>&1 </dev/null
    cat "$work/asked/list"
}

# The script runs in a directory that has nothing else.
test_as() { # NAME BLOCK SCRIPT
    local wanted
    mkdir -p "$work/asked/$(dirname "$3")"
    cp "$3" "$work/asked/$3"
    wanted=$(asked_of_make "./$3")
    same "$1 has make do what $3 does" "${wanted:-something}" "$(asked_of_make bash -e "$2")"
}

fill_in() { # TEMPLATE BLOCK
    sed -e "/@BLOCK@/{r $2" -e 'd;}' "$here/around/$1.in"
}

compiled() { # TEMPLATE BLOCK: built and run; `output` is what it prints, or what the compiler says
    local program=$work/blocks/program.d
    rm -rf "$program"
    mkdir -p "$program"
    (
        set -e
        case $1 in
        *.c | *.cpp)
            fill_in "$1" "$2" >"$program/$1"
            compiler=$CC standard=gnu17
            [[ $1 == *.c ]] || compiler=$CC++ standard=gnu++17
            "$compiler" "-std=$standard" -Wall -Wextra -Werror -IInclude -pthread "$program/$1" \
                -o "$program/program" -L"$BUILD/lib" -lmidl_user "-Wl,-rpath,$top/$BUILD/lib"
            "$program/program"
            ;;
        *.swift)
            mkdir -p "$program/Sources/Page"
            fill_in "$1" "$2" >"$program/Sources/Page/main.swift"
            sed "s|@MIDL_USER@|${top//[&|\\]/\\&}|" "$here/around/Package.swift.in" >"$program/Package.swift"
            swift build -q --package-path "$program" --scratch-path "$work/swift" \
                --cache-path "$work/swift-cache"
            "$work/swift/debug/Page"
            ;;
        esac
    ) >"$program.output" 2>&1
    status=$?
    output=$(<"$program.output")
    return $status
}

# Whether a file's lines are a run of lines of another's.
is_part_of() { # BLOCK FILE
    awk 'NR == FNR { block = block $0 "\n"; next } { text = text $0 "\n" }
        END { exit index("\n" text, "\n" block) == 0 }' "$1" "$2"
}

test_block() { # NAME LANGUAGE WORDS BLOCK
    local name=$1 language=$2 block=$4 words verb argument status
    words=${3#wine }
    read -r verb argument <<<"$words"
    case $verb in
    run)
        run_block "$block"
        report $? "$name runs" "$(tail -20 <<<"$output")"
        ;;
    dies)
        run_block "$block" +e
        [ $? -gt 128 ]
        report $? "$name ends with a signal" "$(tail -20 <<<"$output")"
        ;;
    fails)
        run_block "$block" +e
        status=$?
        [ $status -gt 0 ] && [ $status -le 125 ]
        report $? "$name fails" "status $status" "$(tail -20 <<<"$output")"
        ;;
    serves) test_server "$name" "$block" "$argument" ;;
    as) test_as "$name" "$block" "$argument" ;;
    output) alike "$name is what is printed" "$(comparable <"$block")" "$(comparable <<<"$output")" ;;
    file)
        cp "$block" "$directory/$argument"
        report $? "$name is written"
        ;;
    in)
        compiled "$argument" "$block"
        report $? "$name is compiled and runs" "$output"
        ;;
    from)
        is_part_of "$block" "$argument"
        report $? "$name is a part of $argument" "$(<"$block")"
        ;;
    declaration)
        output=$("$CC" -std=c17 -Wall -Werror -fsyntax-only -IInclude -x c "$block" 2>&1)
        report $? "$name agrees with the header" "$output"
        ;;
    '') [ "$language" = - ] || report 1 "$name: nothing says how it is tested" ;;
    *) report 1 "$name: what is this: $words" ;;
    esac
}

test_page() { # PAGE [WORDS_OF_BLOCK]: the second are those of a block without any
    local page=$1 name=${1##*/} number line language words was_left=0 blocks
    blocks=$work/blocks/$name
    begin_page "$name"
    awk -v out="$blocks" -f "$here/blocks.awk" "$page" >"$blocks.list"
    [ "$mode" = native ] || cut -f 4 "$blocks.list" | grep -q '^wine ' || return 0
    while IFS=$'\t' read -r number line language words; do
        if [ "$language" = indented ]; then
            report 1 "$name:$line: code without a fence"
        elif [[ $mode = native && ($words = 'wine '* || $words = output && $was_left = 1) ]]; then
            was_left=1 # to docswine-test
        else
            was_left=0
            [ -n "$words" ] || [ $# = 1 ] || words=$("$2" "$number" "$page")
            test_block "$name:$line" "$language" "$words" "$blocks/$number"
        fi
    done <"$blocks.list"
}

# The reference: first a declaration, then examples of the header.
words_of_reference() { # NUMBER PAGE
    if [ "$1" = 1 ] && grep -q '^## Declaration' "$2"; then
        echo declaration
    else
        echo "in $(basename "$2" .md).c"
    fi
}

native() {
    local page
    for page in README.md Sources/MIDLMemory/MIDLMemory.docc/*.md; do
        test_page "$page"
    done
    for page in "$BUILD"/docs-work/MIDLMemory.docc/*.md; do
        [ -e "Sources/MIDLMemory/MIDLMemory.docc/${page##*/}" ] || test_page "$page" words_of_reference
    done
    . "$here/site.sh"
}

wine() {
    local page
    if ! command -v winegcc-stable >/dev/null; then
        skip "docs: what needs Wine" "winegcc-stable is not installed"
        return
    fi
    wine_begin "$work"
    report $? "docs: a Wine prefix" "$(<"$work/wineboot.log")"
    trap 'wine_end; end' EXIT
    shell=("${settled[@]}" bash)
    for page in README.md Sources/MIDLMemory/MIDLMemory.docc/*.md; do
        test_page "$page"
    done
}

"$mode"
finish
