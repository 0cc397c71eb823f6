/* NdrServerCall2 between the hooks. The interpreter has a message of its own, out of reach; this
 * one stands for it, made from the same descriptor. */
#include "server_call.h"
#include "rpcexcept.h"
#include "rpcss.h"
#include "watch.h"

void __RPC_STUB NdrRpcSsEnableAllocate_server_call(PRPC_MESSAGE call) {
    const RPC_SERVER_INTERFACE *served = call->RpcInterfaceInformation;
    const MIDL_SERVER_INFO *server = served->InterpreterInfo;
    MIDL_STUB_DESC descriptor = *server->pStubDesc;
    MIDL_STUB_MESSAGE message;

    /* As widl wrote it: before the hook the message has the program's pair. */
    descriptor.pfnAllocate = MIDL_user_allocate;
    descriptor.pfnFree = MIDL_user_free;
    NdrServerInitializeNew(call, &message, &descriptor);
    watch_before_call();
    NdrRpcSsEnableAllocate(&message);
    watch_in_call(&message);
    RpcTryFinally { NdrServerCall2(call); }
    RpcFinally {
        NdrRpcSsDisableAllocate(&message);
        watch_after_call(&message);
    }
    RpcEndFinally
}
