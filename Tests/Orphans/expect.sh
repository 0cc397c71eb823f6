# expect.sh - compares what a program prints under MIDL_MEMORY with what it must print; sourced.
#
# Given: program, form, group.
# shellcheck shell=bash disable=SC2154

count=0 failed=0

# ok PASSED NAME
ok() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $form: $group: $2"
    else
        failed=$((failed + 1))
        echo "not ok $count - $form: $group: $2"
    fi
}

# What a command prints, with its status.
report() { # CHOICES COMMAND
    local status=0
    MIDL_MEMORY=$1 "$program" "$2" 2>&1 || status=$?
    echo "status $status"
}

# The same without what differs from run to run: numbers of processes and lines, directories, and
# what is called before main or a thread's function.
readable() {
    sed -E 's/process [0-9]+/process N/; s/ at .*\/([a-z]+\.c):[0-9]+/ at \1/' |
        grep -v 'start_thread\|clone\| in .*\/libc\.so\|the program is done'
}

# expect NAME CHOICES COMMAND: standard input is what must be printed
expect() {
    local expected got
    expected=$(cat)
    got=$(report "$2" "$3" | readable)
    [ "$got" = "$expected" ]
    ok $? "$1"
    [ "$got" = "$expected" ] || diff <(echo "$expected") <(echo "$got") | sed 's/^/# /'
}

# The same of a report in JSON that a choice writes to a file: expect_json NAME CHOICE COMMAND [CHOICES]
expect_json() {
    local expected got file
    file=$(mktemp)
    expected=$(cat)
    report "$2=json:$file${4:+,$4}" "$3" >"$file.printed"
    # Nothing else says so.
    got=$(python3 "$(dirname "$0")/readable.py" <"$file"; grep libmidl_user "$file.printed")
    rm -f "$file" "$file.printed"
    [ "$got" = "$expected" ]
    ok $? "$1"
    [ "$got" = "$expected" ] || diff <(echo "$expected") <(echo "$got") | sed 's/^/# /'
}

finish() {
    echo "1..$count"
    [ "$failed" = 0 ]
}
