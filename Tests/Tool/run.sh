#!/bin/bash
# run.sh - runs programs under midl-memory and compares how they end and what is reported, as TAP.
#
# From the environment: BUILD VERSION.

here=$(dirname "$0")
. "$here/../Harness/tap.sh"
# A core file for each fault helps nobody.
ulimit -c 0
export LC_ALL=C.UTF-8
unset MIDL_MEMORY LD_PRELOAD LD_LIBRARY_PATH

# Relative, so that no report has the directory of the checkout.
programs=$BUILD/tool-test
tool=$PWD/$BUILD/bin/midl-memory
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# What the tool makes for a run must be gone afterwards.
export TMPDIR=$scratch/tmp
mkdir "$TMPDIR"

# Runs the tool; `status` is then its exit status, `output` what came on standard output, `text` the
# report, without directories, numbers of lines, times and addresses.
run() { # ARGUMENT...
    { "$tool" "$@" >"$scratch/output" 2>"$scratch/errors" </dev/null; } 2>/dev/null
    status=$?
    output=$(<"$scratch/output")
    text=$(sed -E 's|( at )/.*/(calls\.c):[0-9]+|\1\2|; s|\x27[^\x27]*/tool-test/([^\x27]*)\x27|\1|g; s|(process +)/.*/tool-test/|\1|; s|^    /.*/tool-test/|    |; s|[^ ]*/tool-test/||g; s/\b0x[0-9a-f]+/0xN/g
        s/, after [0-9.,]+ m?s/, after N/; s/[0-9,]+ looks? in [0-9.]+ m?s/N looks/' "$scratch/errors")
}

has() { # NAME LINE...: each is a line of the report
    local name=$1 failed=0 line
    shift
    for line; do
        grep -qxF -- "$line" <<<"$text" || { failed=1 && echo "# not there: $line"; }
    done
    report $failed "$name" "$text"
}

lacks() { # NAME PATTERN
    ! grep -qE -- "$2" <<<"$text"
    report $? "$1" "$text"
}

# From a title on, up to the next empty line.
section() { awk -v title="$1" 'index($0, title) == 3 { p = 1 } p && /^$/ { exit } p' <<<"$text"; }

# ---- The report ----

reports() { # FORM
    local form=$1 program=$programs/calls-$1
    run run --leaks -- "$program" list
    same "$form: a program's exit status" 0 "$status"
    has "$form: the head" "midl-memory: calls-$form list: exit status 0, after N" \
        "  allocations            130, 6,240 bytes" \
        "  live, at most          130 blocks, 6,240 bytes" \
        "  live at the end        30 blocks, 1,440 bytes" \
        "  pages in use, at most  64 KiB"
    same "$form: sizes" "            48           130             130                30" \
        "$(grep '^  *48 ' <<<"$text")"
    same "$form: the largest sites, the largest first" \
        "  the largest sites, by the most bytes that each had live at a time
    at most 100 blocks, 4,800 bytes; at the end none; in all 100 blocks, 4,800 bytes
      #0 make_list at calls.c
      #1 lists at calls.c
      #2 main at calls.c
    at most 30 blocks, 1,440 bytes; at the end 30 blocks, 1,440 bytes; in all 30 blocks, 1,440 bytes
      #0 make_list at calls.c
      #1 keep_list at calls.c
      #2 lists at calls.c
      #3 main at calls.c" "$(section 'the largest sites')"
    same "$form: what is live at the end" "  live at the end: 1 site
    30 blocks, 1,440 bytes allocated at
      #0 make_list at calls.c
      #1 keep_list at calls.c
      #2 lists at calls.c
      #3 main at calls.c" "$(section 'live at the end:')"

    run run --orphans -- "$program" lost
    same "$form: orphans by stack" "  orphans, which nothing refers to: 2 sites
    20 blocks, 960 bytes allocated at
      #0 make_list at calls.c
      #1 lose_list at calls.c
      #2 lost at calls.c
      #3 main at calls.c
    3 blocks, 144 bytes allocated at
      #0 make_list at calls.c
      #1 lose_list at calls.c
      #2 lost at calls.c
      #3 main at calls.c" "$(section orphans)"
    run run --orphans -- "$program" list
    has "$form: no orphans" "  orphans, which nothing refers to: none"
    run run --orphans -- "$program" quick 7
    same "$form: a program that ends by _exit" 7 "$status"
    has "$form: of which orphans are not known, but sites are" \
        "  orphans: not looked for, since the program did not end by exit" \
        "    at most 1 block, 48 bytes; at the end 1 block, 48 bytes; in all 1 block, 48 bytes"
    run run -- "$program" large
    has "$form: large blocks" "  above 32 KiB             1               1                 0"

    run run -- "$program" twice
    same "$form: a block freed twice ends the program" 134 "$status"
    has "$form: and the report has who did" "midl-memory: calls-$form twice: signal 6 (Aborted), after N" \
        "  free of 0xN, which was no live block, at" "      #0 free_again at calls.c"
    run run --guard -- "$program" overflow
    same "$form: an overflow under guard ends the program" 139 "$status"
    has "$form: guard's report, then the tool's" \
        "libmidl_user: overflow: write at 0xN, 10 bytes behind the end of a block of 40 bytes at 0xN" \
        "midl-memory: calls-$form overflow: signal 11 (Segmentation fault), after N" \
        "  live, at most          1 block, 40 bytes"
    lacks "$form: and no other" "which was no live block"
    run run --guard=2 -- "$program" list
    has "$form: with guard=N all blocks are counted" \
        "  live at the end        30 blocks, 1,320 bytes"
    run run -- "$program" threads
    has "$form: threads" "  allocations            40,000, 1.83 MiB" "  live at the end        none" \
        "      #1 work at calls.c"
    run run -- "$program" fork
    has "$form: the child of a fork is not counted" "  allocations            4, 192 bytes"

    MIDL_MEMORY=leaks run run -- "$program" list
    grep -q '^libmidl_user: leaks of process [0-9]*: 30 blocks, 1440 bytes from' <<<"$text"
    report $? "$form: choices of the user's stay" "$text"
}

# ---- How a program ends, and what it gets ----

endings() {
    local program=$programs/calls-shared number
    run run -- "$program" status 42
    same "an exit status is passed on" 42 "$status"
    for number in 1 2 9 10 15; do
        run run -- "$program" signal "$number"
        same "a program ended by signal $number" $((128 + number)) "$status"
        grep -q "^midl-memory: .*: signal $number (" "$scratch/errors"
        report $? "is reported: signal $number" "$text"
    done
    run run -- "$program" say 'two words' "it's" '' '*' '--html' $'tab\there'
    same "arguments are passed on as they are" $'two words\nit\'s\n\n*\n--html\ntab\there' "$output"
    has "and a control character does not reach the terminal" \
        "midl-memory: calls-shared say 'two words' 'it'\\''s' '' '*' --html 'tab?here': exit status 0, after N"
    run run "$program" status 3
    same "without --" 3 "$status"
    same "standard input is the program's" "text" "$(echo text | "$tool" run cat 2>/dev/null)"
    (cd "$programs" && PATH=$PWD:$PATH run run -- calls-shared status 4 && exit "$status")
    same "a program is looked for in PATH" 4 $?
    run run -- "$scratch/absent"
    same "a program that does not exist" "127 midl-memory: $scratch/absent: No such file or directory" \
        "$status $text"
    echo text >"$scratch/text"
    run run -- "$scratch/text"
    same "a file that is no program" "126 midl-memory: $scratch/text: Permission denied" "$status $text"
}

# Starts a program that waits, sends a signal, and has its status and report.
interrupted() { # SIGNAL TARGET: the process of the tool, or its group, as a terminal does
    local process tries=0
    # What the one before wrote is not to be taken for this one's.
    : >"$scratch/output"
    # A script's background processes ignore SIGINT; a terminal's do not.
    setsid python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$tool" run -- "$programs/calls-shared" wait \
        >"$scratch/output" 2>"$scratch/errors" &
    process=$!
    until grep -q ready "$scratch/output" || [ $((tries += 1)) = 600 ]; do sleep 0.05; done
    case $2 in
    tool) kill "-$1" "$process" ;;
    group) kill "-$1" -- "-$process" ;;
    esac
    tries=0
    while kill -0 "$process" 2>/dev/null && [ $((tries += 1)) -lt 600 ]; do sleep 0.05; done
    [ $tries -lt 600 ] || kill -KILL -- "-$process"
    { wait "$process"; } 2>/dev/null
    status=$?
    text=$(<"$scratch/errors")
    # Nothing of its session is left.
    ! pgrep -s "$process" >/dev/null
    report $? "SIG$1 to the $2: nothing goes on"
    same "SIG$1 to the $2: the tool ends by it" $((128 + $(kill -l "$1"))) "$status"
    [[ $text == "midl-memory: "*"signal $(kill -l "$1") ("*"2 blocks, 96 bytes"* ]]
    report $? "SIG$1 to the $2: after its report" "$text"
}

# ---- Over time ----

times() {
    local program=$programs/calls-shared rows rising last looks points
    run run --interval 20 -- "$program" grow
    rows=$(grep -c '^ *\(18\.[0-9] KiB\)\? |' <<<"$text")
    same "the chart has its rows" 6 "$rows"
    grep -qE '^ +18\.[0-9]+ KiB \|' <<<"$text"
    report $? "and the peak beside it" "$text"
    # The lowest row is full to the left of its end; in the highest one only the right part is.
    rising=$(grep -E '^ +18\.[0-9]+ KiB \|' <<<"$text" | sed 's/.*|//')
    last=$(grep -B1 -E '^ +0 \+-' <<<"$text" | head -1 | sed 's/.*|//')
    [[ $rising == "                    "*[▁▂▃▄▅▆▇█]* && $last == *████████████████████* && ${#last} -lt 60 ]]
    report $? "it rises, and falls at the end" "$text"
    looks=$(sed -nE 's/.*\(([0-9,]+) looks in .*/\1/p' "$scratch/errors")
    [ "${looks//,/}" -ge 15 ] && [ "${looks//,/}" -le 60 ]
    report $? "--interval 20: some twenty-five looks in half a second: $looks"
    LC_ALL=C run run --interval 20 -- "$program" grow
    grep -q '####' <<<"$text" && ! grep -q '[▁▂▃▄▅▆▇█]' <<<"$text"
    report $? "a terminal without UTF-8 gets other characters" "$text"
    run run --interval 1 --html "$scratch/long.html" -- "$program" long
    points=$(sed -n 's/.*class="live" points="\([^"]*\)".*/\1/p' "$scratch/long.html" | wc -w)
    looks=$(sed -nE 's/.*any time\. ([0-9,]+) looks in .*/\1/p' "$scratch/long.html")
    [ "$points" -le 1024 ] && [ "$points" -gt 300 ] && [ "${looks//,/}" -gt 1100 ]
    report $? "a long run: $looks looks are $points points"
    run run -- "$program" none
    lacks "no chart where nothing was recorded" '\|'
}

# ---- As a page ----

pages() {
    local form page=$scratch/page.html hostile
    for form in shared archive static; do
        run run --html "$page" --leaks --orphans -- "$programs/calls-$form" lost
        same "$form: a page: the program's status, and one line" "0 midl-memory: the report is $page" \
            "$status $text"
        same "$form: the page" "" "$(python3 "$here/page.py" "$page" "calls-$form lost" \
            "Ended with exit status 0" "midl-memory $VERSION" "29 blocks, 101 KiB" \
            "Largest sites" "Live at the end" "Orphans" "20 blocks, 960 bytes make_list" \
            "lose_list at" "calls.c:" "bytes of a block")"
    done
    hostile='<script>alert("1")</script> & <b>'"'"' ]]> -->'
    run run --html="$page" -- "$programs/calls-shared" say "$hostile" $'\e[31m\x01'
    same "a page: what comes from outside is text" "" "$(python3 "$here/page.py" "$page" \
        '<script>alert("1")</script> & <b>')"
    run run --guard --html "$page" -- "$programs/calls-shared" overflow
    same "a page of a fault: status" 139 "$status"
    same "a page of a fault" "" "$(python3 "$here/page.py" "$page" "Ended with signal 11" \
        "What the library printed" "10 bytes behind the end of a block of 40 bytes" "#0 write_at at")"
    run run --html "$page" -- "$programs/calls-shared" twice
    same "a page of a block freed twice" "" "$(python3 "$here/page.py" "$page" "Ended with signal 6" \
        "Free of what is no live block" "free_again at")"
    run run --html "$page" -- true
    grep -q "made no allocation" "$page"
    report $? "a page of a program without the pair says so"
    echo before >"$page"
    rm -f "$scratch/new.html"
    run run --html "$page" -- "$scratch/absent"
    run run --html "$scratch/new.html" -- "$scratch/absent"
    same "a page of a program that is not there is left as it was" "before none" \
        "$(<"$page") $([ -e "$scratch/new.html" ] || echo none)"
    run run --html "$scratch/absent/page.html" -- "$programs/calls-shared" say something
    same "a page that cannot be written: the program is not run" \
        "2 midl-memory: $scratch/absent/page.html: No such file or directory " "$status $text $output"
}

# ---- Programs without a record ----

without() {
    run run -- "$programs/own"
    [[ $status = 0 && $text == "midl-memory: own (exit status 0) made no allocation through \
midl_user_allocate of libmidl_user"*"link it with -lmidl_user."* ]]
    report $? "a program with a pair of its own: it says so" "$status $text"
    run run -- "$programs/own-static"
    [[ $status = 0 && $text == *"It is statically linked"*"libmidl_user.a"* ]]
    report $? "a static program: what to do" "$status $text"
    run run -- sh -c "'$programs/calls-shared' list; '$programs/calls-shared' lost; exit 5"
    same "a shell that runs two programs: status" 5 "$status"
    has "the larger one is reported, and the other one named" "  allocations            130, 6,240 bytes" \
        "  other processes"
    # shellcheck disable=SC2016
    grep -qE '^    calls-shared, process [0-9]+: 29 allocations, at most 29 blocks, 101 KiB$' <<<"$text"
    report $? "with its figures" "$text"
    run run -- sh -c "exec '$programs/calls-shared' list"
    has "a program that another one executes in its place" "  allocations            130, 6,240 bytes"
}

# A record that cannot be made, of a program without the tool.
no_record() {
    local text wanted="libmidl_user: record: its file cannot be made"
    text=$(MIDL_MEMORY=record=$scratch/absent "$programs/calls-shared" status 8 2>&1)
    same "a record in a directory that is not there: one line, and the program goes on" "8 $wanted" \
        "$? $text"
    text=$(ulimit -f 100 && MIDL_MEMORY=record=$TMPDIR "$programs/calls-shared" status 8 2>&1)
    same "a record that is larger than a file may be" "8 $wanted" "$? $text"
    text=$(MIDL_MEMORY=record=$TMPDIR,malloc "$programs/calls-shared" status 8 2>&1)
    same "a record of malloc's blocks" "8 libmidl_user: record: not of malloc" "$? $text"
}

# ---- What the tool is asked ----

asked() {
    local words bad
    run help
    [[ $status = 0 && $output == "midl-memory run "* ]]
    report $? "help" "$output"
    for words in --guard --leaks --orphans --html --interval --library --winelib; do
        grep -q "^  $words" <<<"$output"
        report $? "help has $words"
    done
    run --version
    same "--version" "0 midl-memory $VERSION" "$status $output"
    for bad in "" "walk" "run" "run --" "run --nonsense x" "run --guard=0 x" "run --guard=x x" \
        "run --leaks=1 x" "run --interval 0 x" "run --interval 60001 x" "run --interval -5 x" \
        "run --interval" "run --html" "run --html= x" "run --guard --orphans x" \
        "run --library $scratch/absent x"; do
        # shellcheck disable=SC2086 # words
        run $bad
        [ "$status" = 2 ] && [ "$(wc -l <<<"$text")" = 1 ] && [[ $text == "midl-memory: "?* ]]
        report $? "\"$bad\" is refused in one line" "$status $text"
    done
    for words in "--interval 1" "--interval 60000"; do
        # shellcheck disable=SC2086 # words
        run run $words -- "$programs/calls-shared" status 6
        same "$words" 6 "$status"
    done
}

# ---- Where the library is ----

libraries() {
    local place="$scratch/a place"
    mkdir -p "$place/bin" "$place/lib/of-this-machine" "$scratch/alone/bin"
    cp "$tool" "$place/bin"
    cp "$tool" "$scratch/alone/bin"
    cp "$BUILD"/lib/lib*.so.1 "$place/lib/of-this-machine"
    # A program that finds no library by itself.
    cp "$programs/calls-shared" "$scratch/calls"
    tool="$place/bin/midl-memory" run run -- "$scratch/calls" list
    has "the library beside the tool, below a directory with a space" "  allocations            130, 6,240 bytes"
    tool=$scratch/alone/bin/midl-memory run run -- "$scratch/calls" list
    [[ $status = 2 && $text == "midl-memory: libmidl_user.so.1 is not in $scratch/alone/lib; "*"--library" ]]
    report $? "no library beside the tool: it says so" "$status $text"
    tool=$scratch/alone/bin/midl-memory run run --library "$BUILD/lib/libmidl_user.so.1" -- \
        "$scratch/calls" list
    has "--library" "  allocations            130, 6,240 bytes"
    rm "$place/lib/of-this-machine/libmidl_diagnostics.so.1"
    tool="$place/bin/midl-memory" run run -- "$scratch/calls" list
    [[ $status = 0 && $text == "libmidl_user: libmidl_diagnostics.so.1 is not there"*"made no allocation"* ]]
    report $? "without the diagnostics: it says so, and the program runs" "$status $text"
}

for form in shared archive static; do
    reports $form
done
endings
interrupted TERM tool
interrupted INT tool
interrupted INT group
interrupted HUP group
times
pages
without
no_record
asked
libraries
same "nothing is left in TMPDIR" "" "$(ls "$TMPDIR")"
finish
