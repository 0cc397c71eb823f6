/* elsewhere.c - another file than the one with the statement. */
#include "rpcexcept.h"

RPC_STATUS code_elsewhere(void);
RPC_STATUS code_elsewhere(void) { return RpcExceptionCode(); }
