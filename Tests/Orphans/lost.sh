#!/bin/bash
# lost.sh - what MIDL_MEMORY=orphans prints of a program some of whose blocks nothing refers to, as
# TAP.
#
#   lost.sh LOST FORM

program=$1 form=$2 group="program's orphans"
# shellcheck source=expect.sh
. "$(dirname "$0")/expect.sh"

expect "at the end: a list, a cycle, a large block" orphans lost <<END
libmidl_user: orphans of process N: 6 blocks, 200944 bytes from 3 places
  1 block, 200704 bytes allocated at
    #0 lose_large at lost.c
    #1 main at lost.c
  3 blocks, 144 bytes allocated at
    #0 make_list at lost.c
    #1 lose_list at lost.c
    #2 main at lost.c
  2 blocks, 96 bytes allocated at
    #0 make_list at lost.c
    #1 lose_cycle at lost.c
    #2 main at lost.c
status 0
END
expect "the first block of all, which begins where the heap's region does" orphans first <<END
libmidl_user: orphans of process N: 1 block, 200704 bytes from 1 place
  1 block, 200704 bytes allocated at
    #0 lose_large at lost.c
    #1 main at lost.c
status 0
END
expect "guarded blocks too" orphans,guard lost <<END
libmidl_user: orphans of process N: 6 blocks, 200240 bytes from 3 places
  1 block, 200000 bytes allocated at
    #0 lose_large at lost.c
    #1 main at lost.c
  3 blocks, 144 bytes allocated at
    #0 make_list at lost.c
    #1 lose_list at lost.c
    #2 main at lost.c
  2 blocks, 96 bytes allocated at
    #0 make_list at lost.c
    #1 lose_cycle at lost.c
    #2 main at lost.c
status 0
END
expect_json "as JSON" orphans lost <<END
orphans 6 200944 suppressed 0
1 200704 lose_large lost.c; main lost.c
3 144 make_list lost.c; lose_list lost.c; main lost.c
2 96 make_list lost.c; lose_cycle lost.c; main lost.c
END
for choices in orphans orphans,guard orphans,guard=2; do
    expect "none of globals, thread-locals, malloc's blocks, mappings, environments; then one global, \
$choices" $choices kept <<END
libmidl_user: orphans of process N: none
result 0
libmidl_user: orphans of process N: 2 blocks, 96 bytes from 1 place
  2 blocks, 96 bytes allocated at
    #0 make_list at lost.c
    #1 keep_in_memory at lost.c
    #2 main at lost.c
result 0
libmidl_user: orphans of process N: 2 blocks, 96 bytes from 1 place
  2 blocks, 96 bytes allocated at
    #0 make_list at lost.c
    #1 keep_in_memory at lost.c
    #2 main at lost.c
status 0
END
    report $choices threads | readable | grep -v ': guard: short of mappings' | head -40 |
        cmp -s - <(for _ in {1..20}; do printf 'libmidl_user: orphans of process N: none\nresult 0\n'; done)
    ok $? "none of other threads' stacks, registers, thread-locals, while two allocate: 20 reports, $choices"
    expect "of a child after fork, and of its parent, $choices" $choices child <<END
libmidl_user: orphans of process N: 3 blocks, 144 bytes from 1 place
  3 blocks, 144 bytes allocated at
    #0 make_list at lost.c
    #1 lose_list at lost.c
    #2 main at lost.c
result 0
libmidl_user: orphans of process N: 3 blocks, 144 bytes from 1 place
  3 blocks, 144 bytes allocated at
    #0 make_list at lost.c
    #1 lose_list at lost.c
    #2 main at lost.c
status 0
END
done
expect "without MIDL_MEMORY; a thread that blocks all signals: it says so, and goes on" \
    "" deaf <<END
libmidl_user: orphans: a thread cannot be stopped
result 12
libmidl_user: orphans of process N: 3 blocks, 144 bytes from 1 place
  3 blocks, 144 bytes allocated at
    (no stack)
result 0
status 0
END
expect "without memory: it says so" heap short <<END
libmidl_user: orphans: no memory for the report
result 12
libmidl_user: orphans of process N: 3 blocks, 144 bytes from 1 place
  3 blocks, 144 bytes allocated at
    (no stack)
result 0
status 0
END

finish
