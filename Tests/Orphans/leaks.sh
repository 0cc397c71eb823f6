#!/bin/bash
# leaks.sh - what MIDL_MEMORY=leaks prints of a program that leaves blocks behind, as TAP.
#
#   leaks.sh LEAKY FORM

program=$1 form=$2 group=leaks
# shellcheck source=expect.sh
. "$(dirname "$0")/expect.sh"

expect "none" leaks none <<END
libmidl_user: leaks of process N: none
status 0
END
expect "none of blocks that were freed" leaks=status freed <<END
libmidl_user: leaks of process N: none
status 0
END
expect "none of an environment's blocks" leaks=status environment <<END
libmidl_user: leaks of process N: none
status 0
END
expect "by stack, the largest first; the status is left alone" leaks more <<END
libmidl_user: leaks of process N: 5 blocks, 103056 bytes from 3 places
  1 block, 102400 bytes allocated at
    #0 lose_large at leaky.c
    #1 main at leaky.c
  1 block, 512 bytes allocated at
    #0 lose_on_purpose at leaky.c
    #1 main at leaky.c
  3 blocks, 144 bytes allocated at
    #0 lose_small at leaky.c
    #1 main at leaky.c
status 0
END
expect "suppressed by name; the status, when asked for" \
    leaks=status,leaks=suppress:lose_small+lose_on_purpose more <<END
libmidl_user: leaks of process N: 1 block, 102400 bytes from 1 place; suppressed: 4 blocks
  1 block, 102400 bytes allocated at
    #0 lose_large at leaky.c
    #1 main at leaky.c
status 23
END
expect "all suppressed: the status stays" leaks=status,leaks=suppress:lose_small some <<END
libmidl_user: leaks of process N: none; suppressed: 3 blocks
status 0
END
expect "of several threads" leaks threads <<END
libmidl_user: leaks of process N: 50 blocks, 2400 bytes from 1 place
  50 blocks, 2400 bytes allocated at
    #0 lose_small at leaky.c
    #1 lose_in_thread at leaky.c
status 0
END
expect "of a child after fork, and of its parent" leaks fork <<END
libmidl_user: leaks of process N: 3 blocks, 102496 bytes from 2 places
  1 block, 102400 bytes allocated at
    #0 lose_large at leaky.c
    #1 main at leaky.c
  2 blocks, 96 bytes allocated at
    #0 lose_small at leaky.c
    #1 main at leaky.c
libmidl_user: leaks of process N: 2 blocks, 96 bytes from 1 place
  2 blocks, 96 bytes allocated at
    #0 lose_small at leaky.c
    #1 main at leaky.c
status 0
END
expect "on demand, without MIDL_MEMORY in one group" "" demand <<END
libmidl_user: leaks of process N: 2 blocks, 96 bytes from 1 place
  2 blocks, 96 bytes allocated at
    (no stack)
result 0, other 22, none 22
status 0
END
MIDL_MEMORY=leaks "$program" demand 2>/dev/null | grep -q '#0 lose_small at'
ok $? "on demand, with stacks"
expect "without memory a report says so" heap short <<END
libmidl_user: leaks: no memory for the report
result 12
status 0
END
report leaks short | grep -q '2 blocks, 96 bytes from 1 place'
ok $? "and the one at the end is as it would have been"
expect "what a watch finds has its stack" leaks=suppress:lose_small orphan <<END
1 block of lose_small, 1 released
libmidl_user: leaks of process N: none
status 0
END
expect_json "as JSON" leaks more leaks=suppress:lose_on_purpose <<END
leaks 4 102544 suppressed 1
1 102400 lose_large leaky.c; main leaky.c
3 144 lose_small leaky.c; main leaky.c
END
expect_json "none, as JSON" leaks none <<END
leaks 0 0 suppressed 0
END
report leaks=json:/absent/file some | grep -qx 'libmidl_user: leaks: its file cannot be opened'
ok $? "a file that cannot be opened: it says so"
report leaks,stats some | grep -q '4 allocations'
ok $? "beside statistics"
expect "of guarded blocks" guard,leaks more <<END
libmidl_user: leaks of process N: 5 blocks, 100644 bytes from 3 places
  1 block, 100000 bytes allocated at
    #0 lose_large at leaky.c
    #1 main at leaky.c
  1 block, 500 bytes allocated at
    #0 lose_on_purpose at leaky.c
    #1 main at leaky.c
  3 blocks, 144 bytes allocated at
    #0 lose_small at leaky.c
    #1 main at leaky.c
status 0
END
for choices in guard,leaks guard=under,leaks guard=2,leaks guard=1000,leaks; do
    expect "of several threads, $choices" $choices threads <<END
libmidl_user: leaks of process N: 50 blocks, 2400 bytes from 1 place
  50 blocks, 2400 bytes allocated at
    #0 lose_small at leaky.c
    #1 lose_in_thread at leaky.c
status 0
END
done
expect "of guarded blocks on demand: their stacks are known" guard demand <<END
libmidl_user: leaks of process N: 2 blocks, 96 bytes from 1 place
  2 blocks, 96 bytes allocated at
    #0 lose_small at leaky.c
    #1 main at leaky.c
result 0, other 22, none 22
status 0
END
expect "malloc's blocks: it says so" malloc unknown <<END
libmidl_user: orphans: not of blocks of malloc
watch 0, errno 38, again 0, libmidl_user: leaks: not of blocks of malloc
libmidl_user: orphans: not of blocks of malloc
leaks 38, orphans 38
status 0
END
expect "blocks of the program's own allocator: it says so" "" own <<END
libmidl_user: orphans: not of blocks of the program's own allocator
watch 0, errno 38, again 0, libmidl_user: leaks: not of blocks of the program's own allocator
libmidl_user: orphans: not of blocks of the program's own allocator
leaks 38, orphans 38
status 0
END
report leaks,malloc some | grep -q "^libmidl_user: leaks, orphans: not of blocks of malloc"
ok $? "at the end, of malloc: it says so"
report leaks own | grep -q "^libmidl_user: leaks: not of blocks of the program's own allocator"
ok $? "at the end, of the program's own allocator: it says so"
report leaks=stat some | grep -q '"leaks=stat" is no choice'
ok $? "another argument is none"
report help none | grep -q '^  leaks\[=status|=suppress:NAME+NAME|=json\[:FILE\]\]$'
ok $? "help has it"

finish
