/* server_call.h - NdrServerCall2 for an interface with [enable_allocate]. */
#ifndef STUBS_SERVER_CALL_H
#define STUBS_SERVER_CALL_H

#include <rpc.h>
#include <rpcndr.h>

void __RPC_STUB NdrRpcSsEnableAllocate_server_call(PRPC_MESSAGE call);

#endif
