/* Not compiled alone: headers.sh and company.sh put what declares the functions in front. */
static void *(RPC_ENTRY *sm_allocate)(size_t, RPC_STATUS *) = RpcSmAllocate;
static void *(RPC_ENTRY *ss_allocate)(size_t) = RpcSsAllocate;
static RPC_STATUS(RPC_ENTRY *sm_free)(void *) = RpcSmFree;
static void(RPC_ENTRY *ss_free)(void *) = RpcSsFree;
static RPC_STATUS(RPC_ENTRY *sm_enable)(void) = RpcSmEnableAllocate;
static void(RPC_ENTRY *ss_enable)(void) = RpcSsEnableAllocate;
static RPC_STATUS(RPC_ENTRY *sm_disable)(void) = RpcSmDisableAllocate;
static void(RPC_ENTRY *ss_disable)(void) = RpcSsDisableAllocate;
static RPC_SS_THREAD_HANDLE(RPC_ENTRY *sm_handle)(RPC_STATUS *) = RpcSmGetThreadHandle;
static RPC_SS_THREAD_HANDLE(RPC_ENTRY *ss_handle)(void) = RpcSsGetThreadHandle;
static RPC_STATUS(RPC_ENTRY *sm_set_handle)(RPC_SS_THREAD_HANDLE) = RpcSmSetThreadHandle;
static void(RPC_ENTRY *ss_set_handle)(RPC_SS_THREAD_HANDLE) = RpcSsSetThreadHandle;
static RPC_STATUS(RPC_ENTRY *client_free)(void *) = RpcSmClientFree;
static void(RPC_ENTRY *stub_enter)(PMIDL_STUB_MESSAGE) = NdrRpcSsEnableAllocate;
static void(RPC_ENTRY *stub_leave)(PMIDL_STUB_MESSAGE) = NdrRpcSsDisableAllocate;
static void(RPC_ENTRY *set_to_osf)(PMIDL_STUB_MESSAGE) = NdrRpcSmSetClientToOsf;
static void *(RPC_ENTRY *osf_allocate)(size_t) = NdrRpcSmClientAllocate;
static void(RPC_ENTRY *osf_free)(void *) = NdrRpcSmClientFree;
static void *(RPC_ENTRY *default_allocate)(size_t) = NdrRpcSsDefaultAllocate;
static void(RPC_ENTRY *default_free)(void *) = NdrRpcSsDefaultFree;

void use_package(PMIDL_STUB_MESSAGE message);
void use_package(PMIDL_STUB_MESSAGE message) {
    RPC_STATUS status = RPC_S_OK;
    RPC_CLIENT_ALLOC *allocate = NdrRpcSsDefaultAllocate;
    RPC_CLIENT_FREE *release = NdrRpcSsDefaultFree;
    sm_enable();
    ss_enable();
    sm_free(sm_allocate(1, &status));
    ss_free(ss_allocate(1));
    sm_set_handle(sm_handle(&status));
    ss_set_handle(ss_handle());
    status = RpcSmSetClientAllocFree(allocate, release);
    RpcSsSetClientAllocFree(allocate, release);
    status = RpcSmSwapClientAllocFree(allocate, release, &allocate, &release);
    RpcSsSwapClientAllocFree(allocate, release, &allocate, &release);
    client_free(status == RPC_S_INVALID_ARG ? NULL : default_allocate(1));
    stub_enter(message);
    set_to_osf(message);
    osf_free(osf_allocate(1));
    stub_leave(message);
    default_free(NULL);
    sm_disable();
    ss_disable();
}
