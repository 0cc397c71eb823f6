# What MIDL's compiled client stub does when it is sensitive: takes the thread's client pair.
/^#include "[a-z]*\.h"$/b headers
/^        NdrClientInitializeNew(.*;$/ a\
        NdrRpcSmSetClientToOsf(&__frame->_StubMsg);
b
: headers
a\
#include "rpcss.h"
