/* Server side of control.idl: the ledger and the checks of this process, for the client. */
#include <stdio.h>
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "control.h"
#include "ledger.h"
#include "origin.h"

static void report(SERVER_COUNTS *counts) {
    struct ledger ledger = ledger_read();
    struct checks checks = checks_read();

    counts->allocated_blocks = ledger.allocated[INSIDE_CALL].blocks;
    counts->allocated_bytes = ledger.allocated[INSIDE_CALL].bytes;
    counts->freed_blocks = ledger.freed[INSIDE_CALL].blocks;
    counts->freed_bytes = ledger.freed[INSIDE_CALL].bytes;
    counts->orphaned_blocks = ledger.live.blocks;
    counts->orphaned_bytes = ledger.live.bytes;
    counts->strange_blocks = ledger.unknown_frees + ledger.unaligned + ledger.unowned_blocks;
    counts->checks = checks.made;
    counts->failures = checks.failed;
    memcpy(counts->failure, checks.first_failure, sizeof(counts->failure));
}

void __cdecl control_begin(handle_t binding) {
    (void)binding;
    ledger_begin();
    checks_begin();
}

void __cdecl control_look(handle_t binding, SERVER_COUNTS *counts) {
    (void)binding;
    report(counts);
}

void __cdecl control_end(handle_t binding, SERVER_COUNTS *counts) {
    (void)binding;
    report(counts);
    ledger_release_live();
}

void __cdecl control_fail_at(handle_t binding, LONG allocation) {
    (void)binding;
    ledger_fail_at(allocation);
}

void __cdecl control_origin(handle_t binding, SERVER_ORIGIN *answer) {
    struct origin origin = origin_of_pair();

    (void)binding;
    answer->sizes_hold = origin.sizes_hold;
    memcpy(answer->allocate_from, origin.allocate_from, sizeof(answer->allocate_from));
    memcpy(answer->free_from, origin.free_from, sizeof(answer->free_from));
}

void __cdecl control_stop(handle_t binding) {
    (void)binding;
    RpcMgmtStopServerListening(NULL);
}
