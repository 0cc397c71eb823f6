# The interpreter takes the pair of a sensitive client stub from its message; the descriptor is where
# it can be put.
/^#include "[a-z]*\.h"$/b headers
s/^    MIDL_user_allocate,$/    NdrRpcSmClientAllocate,/
s/^    MIDL_user_free,$/    NdrRpcSmClientFree,/
b
: headers
a\
#include "rpcss.h"
