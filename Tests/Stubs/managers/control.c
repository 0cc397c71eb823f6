/* Server side of control.idl: the ledger and the checks of this process, for the client. */
#include <stdio.h>
#include <string.h>

#include <rpc.h>
#include <rpcndr.h>

#include "checks.h"
#include "control.h"
#include "hooks/watch.h"
#include "ledger.h"
#include "origin.h"
#include "roster_language.h"

/* What was taken down last. */
static LONG numbers[SERVER_NUMBER_COUNT];
static char texts[SERVER_TEXT_COUNT][SERVER_TEXT_CAPACITY];

static void set_text(SERVER_TEXT which, const char *text) {
    snprintf(texts[which], sizeof(texts[which]), "%s", text);
}

/* The second number of the process's statm is its resident pages. */
static LONG resident_kilobytes(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;

    if (!file)
        return -1;
    if (fscanf(file, "%ld %ld", &total, &resident) != 2)
        resident = -1;
    fclose(file);
    return (LONG)(resident * 4);
}

void __cdecl control_begin(handle_t binding) {
    (void)binding;
    ledger_begin();
    checks_begin();
}

void __cdecl control_look(handle_t binding) {
    struct ledger ledger = ledger_read();
    struct checks checks = checks_read();
    struct watched watched = watch_read();

    (void)binding;
    numbers[SERVER_ALLOCATED_BLOCKS] = ledger.allocated[INSIDE_CALL].blocks;
    numbers[SERVER_ALLOCATED_BYTES] = ledger.allocated[INSIDE_CALL].bytes;
    numbers[SERVER_FREED_BLOCKS] = ledger.freed[INSIDE_CALL].blocks;
    numbers[SERVER_FREED_BYTES] = ledger.freed[INSIDE_CALL].bytes;
    numbers[SERVER_LIVE_BLOCKS] = ledger.live.blocks;
    numbers[SERVER_LIVE_BYTES] = ledger.live.bytes;
    numbers[SERVER_STRANGE_BLOCKS] =
        ledger.unknown_frees + ledger.unaligned + ledger.unowned_blocks;
    numbers[SERVER_CHECKS_MADE] = checks.made;
    numbers[SERVER_CHECKS_FAILED] = checks.failed;
    numbers[SERVER_CALLS_BEGUN] = watched.begun;
    numbers[SERVER_CALLS_ENDED] = watched.ended;
    numbers[SERVER_RESIDENT_KILOBYTES] = resident_kilobytes();
    set_text(SERVER_FIRST_FAILURE, checks.first_failure);
}

void __cdecl control_end(handle_t binding) {
    control_look(binding);
    ledger_release_live();
}

void __cdecl control_origin(handle_t binding) {
    struct origin origin = origin_of_pair();

    (void)binding;
    numbers[SERVER_SIZES_HOLD] = origin.sizes_hold;
    set_text(SERVER_ALLOCATE_FROM, origin.allocate_from);
    set_text(SERVER_FREE_FROM, origin.free_from);
    set_text(SERVER_ELSEWHERE, origin.elsewhere);
    set_text(SERVER_ROSTER_LANGUAGE, roster_language());
}

LONG __cdecl control_number(handle_t binding, SERVER_NUMBER which) {
    (void)binding;
    return which < SERVER_NUMBER_COUNT ? numbers[which] : -1;
}

hyper __cdecl control_text(handle_t binding, SERVER_TEXT which, LONG from) {
    hyper characters = 0;

    (void)binding;
    if (which < SERVER_TEXT_COUNT && from >= 0 &&
        from <= SERVER_TEXT_CAPACITY - (LONG)sizeof(characters))
        memcpy(&characters, texts[which] + from, sizeof(characters));
    return characters;
}

void __cdecl control_fail_at(handle_t binding, LONG allocation) {
    (void)binding;
    ledger_fail_at(allocation);
}

void __cdecl control_stop(handle_t binding) {
    (void)binding;
    RpcMgmtStopServerListening(NULL);
}
