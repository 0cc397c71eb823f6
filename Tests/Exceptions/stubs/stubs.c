/*
 * stubs.c - widl's own client and server stubs of probe.idl, compiled with USE_COMPILER_EXCEPTIONS,
 * each step raising in turn. Client: B got a buffer, b freed it (its finally block). Server: F
 * freed its parameter (its finally block).
 */
#include "runtime.h"
#include "tap.h"
#include "trace.h"

/* The client's stubs are called client_...; the server's stubs call these. */
LONG client_sum(LONG count, LONG *numbers);
void client_fill(LONG count, LONG *numbers);
LONG client_value_of(LONG *value);
extern RPC_IF_HANDLE probe_v1_0_s_ifspec;

LONG sum(LONG count, LONG *numbers) {
    LONG result = 0;
    trace("sum");
    raise_if_due(MANAGER, 0);
    for (LONG i = 0; i < count; i++)
        result += numbers[i];
    return result;
}

void fill(LONG count, LONG *numbers) {
    trace("fill");
    raise_if_due(MANAGER, 0);
    for (LONG i = 0; i < count; i++)
        numbers[i] = i + 1;
}

LONG value_of(LONG *value) {
    trace("value_of");
    raise_if_due(MANAGER, 0);
    return *value;
}

static void call_server(PRPC_MESSAGE message) {
    const RPC_SERVER_INTERFACE *interface = probe_v1_0_s_ifspec;
    interface->DispatchTable->DispatchTable[message->ProcNum](message);
}

/* A message in another representation than the machine's, which NdrConvert would convert. */
static void call_server_converting(PRPC_MESSAGE message) {
    message->DataRepresentation = 0;
    call_server(message);
    message->DataRepresentation = NDR_LOCAL_DATA_REPRESENTATION;
}

static void call_server_with_short_message(PRPC_MESSAGE message) {
    message->BufferLength = 0;
    call_server(message);
}

static void reply_nothing(PRPC_MESSAGE message) { message->BufferLength = 0; }

static void call_sum(void) {
    LONG numbers[3] = {1, 2, 4};
    trace("=%d", client_sum(3, numbers));
}

static void call_sum_of_nothing(void) { client_sum(3, NULL); }

static void call_fill(void) {
    LONG numbers[3] = {0, 0, 0};
    client_fill(3, numbers);
    trace("=%d%d%d", numbers[0], numbers[1], numbers[2]);
}

static void call_value_of(void) {
    LONG number = 9;
    trace("=%d", client_value_of(&number));
}

static void check(const char *name, void (*call)(void), struct fault with, const char *wanted) {
    fault = with;
    RpcTryExcept { call(); }
    RpcExcept(1) { trace("!%d", RpcExceptionCode()); }
    RpcEndExcept trace("code%d", RpcExceptionCode());
    fault = (struct fault){.step = NO_STEP};
    trace_ok(wanted, name);
}

static struct fault server(enum step step, RPC_STATUS status) {
    return (struct fault){step, 0, status};
}

static struct fault client(enum step step, RPC_STATUS status) {
    return (struct fault){step, 1, status};
}

static void without_faults(void) {
    const struct fault none = {.step = NO_STEP};
    check("sum", call_sum, none, "S3 B M3 U3 sum G F b =7 code0");
    check("fill", call_fill, none, "B fill S3 G M3 F U3 b =123 code0");
    check("value_of", call_value_of, none, "B M1 U1 value_of G F b =9 code0");
}

static void faults_of_the_server(void) {
    check("unmarshal, access violation: 1783", call_sum, server(UNMARSHAL, STATUS_ACCESS_VIOLATION),
          "S3 B M3 U3 F b !1783 code0");
    check("unmarshal, misalignment: 1783", call_sum,
          server(UNMARSHAL, STATUS_DATATYPE_MISALIGNMENT), "S3 B M3 U3 F b !1783 code0");
    check("unmarshal, invalid bound: 1783", call_value_of, server(UNMARSHAL, RPC_S_INVALID_BOUND),
          "B M1 U1 F b !1783 code0");
    check("unmarshal, bad data: 1783", call_sum, server(UNMARSHAL, RPC_X_BAD_STUB_DATA),
          "S3 B M3 U3 F b !1783 code0");
    check("unmarshal, out of memory: 14", call_sum, server(UNMARSHAL, RPC_S_OUT_OF_MEMORY),
          "S3 B M3 U3 F b !14 code0");
    check("a manager raises", call_sum, server(MANAGER, 4711), "S3 B M3 U3 sum F b !4711 code0");
    check("a manager raises, with [out] data", call_fill, server(MANAGER, 4711),
          "B fill F b !4711 code0");
    check("a manager raises a code of the stub's filter", call_value_of,
          server(MANAGER, STATUS_ACCESS_VIOLATION), "B M1 U1 value_of F b !-1073741819 code0");
    check("no memory for [out] data", call_fill, server(NDR_ALLOCATE, 14), "B F0 b !14 code0");
    check("no reply buffer", call_sum, server(SERVER_BUFFER, 14), "S3 B M3 U3 sum F b !14 code0");
    check("sizing", call_fill, server(SIZE, 1766), "B fill S3 F b !1766 code0");
    check("marshal", call_fill, server(MARSHAL, 1766), "B fill S3 G M3 F b !1766 code0");
    transport = call_server_with_short_message;
    check("a short message: 1783", call_sum, (struct fault){.step = NO_STEP},
          "S3 B M3 F0 b !1783 code0");
    transport = call_server_converting;
    check("conversion, bad data: 1783", call_sum, server(CONVERT, 1734),
          "S3 B M3 F0 b !1783 code0");
    transport = call_server;
}

static void faults_of_the_client(void) {
    check("a null reference pointer", call_sum_of_nothing, (struct fault){.step = NO_STEP},
          "!1780 code0");
    check("client: sizing", call_sum, client(SIZE, 14), "S3 b !14 code0");
    check("client: no buffer", call_sum, client(GET_BUFFER, 14), "S3 b !14 code0");
    check("client: marshal", call_sum, client(MARSHAL, 1766), "S3 B M3 b !1766 code0");
    check("client: send", call_sum, client(SEND, 1726), "S3 B M3 b !1726 code0");
    check("client: unmarshal", call_fill, client(UNMARSHAL, STATUS_ACCESS_VIOLATION),
          "B fill S3 G M3 F U3 b !-1073741819 code0");
    transport = reply_nothing;
    check("client: a short reply", call_value_of, (struct fault){.step = NO_STEP},
          "B M1 b !1783 code0");
    transport = call_server;
}

/* A manager that is a client, within a handler of its own. */
static void call_again(PRPC_MESSAGE message) {
    transport = call_server;
    RpcTryExcept {
        fault = server(MANAGER, 99);
        call_value_of();
    }
    RpcExcept(RpcExceptionCode() == 99) {
        fault = server(UNMARSHAL, RPC_S_INVALID_BOUND);
        call_server(message);
    }
    RpcEndExcept
}

int main(void) {
    tap_begin(EXCEPTIONS_FORM, "stubs");
    transport = call_server;
    without_faults();
    faults_of_the_server();
    faults_of_the_client();
    transport = call_again;
    check("calls within calls", call_sum, (struct fault){.step = NO_STEP},
          "S3 B M3 B M1 U1 value_of F b U3 F b !1783 code0");
    transport = call_server;
    without_faults();
    return tap_end();
}
