# The interpreter's message is out of reach. So each call is dispatched to hooks/server_call.c, which
# enters and leaves around the interpreter, and the descriptor gives the interpreter the pair that
# the hook would have put into its message.
/^#include "[a-z]*\.h"$/b headers
s/^    NdrServerCall2,$/    NdrRpcSsEnableAllocate_server_call,/
s/^    MIDL_user_allocate,$/    RpcSsAllocate,/
s/^    MIDL_user_free,$/    RpcSsFree,/
b
: headers
a\
#include "rpcss.h"\
#include "hooks/server_call.h"
