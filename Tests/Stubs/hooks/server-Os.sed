# What MIDL's compiled server stub does for [enable_allocate]: enters after the initialisation, leaves
# at the end of the finally function, where the freeing pass is over. The watch looks on (watch.h).
/^#include "[a-z]*\.h"$/b headers
/^    NdrServerInitializeNew($/,/;$/ {
    /;$/ a\
\
    watch_before_call();\
    NdrRpcSsEnableAllocate(&__frame->_StubMsg);\
    watch_in_call(&__frame->_StubMsg);
}
/^static void __finally_/,/^}$/ {
    s/^}$/    NdrRpcSsDisableAllocate(\&__frame->_StubMsg);\
    watch_after_call(\&__frame->_StubMsg);\
}/
}
b
: headers
a\
#include "rpcss.h"\
#include "hooks/watch.h"
