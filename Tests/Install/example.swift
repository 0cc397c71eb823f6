// Swift that calls the installed C library; the module is the one beside the headers.
import CMIDL

guard midl_memory_version() == MIDL_MEMORY_VERSION, let block = midl_user_allocate(100),
    midl_memory_size(block) >= 100
else { fatalError("not as the header says") }
midl_user_free(block)

var status = RpcSmEnableAllocate()
guard status == RPC_S_OK, RpcSmAllocate(100, &status) != nil, RpcSmDisableAllocate() == RPC_S_OK
else { fatalError("no environment") }
print("0 failures with libmidl_user \(String(cString: midl_memory_version_string()))")
