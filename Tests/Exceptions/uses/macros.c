/* Not compiled alone: headers.sh and company.sh put what declares the functions in front. */
int use_macros(RPC_STATUS status);
int use_macros(RPC_STATUS status) {
    volatile int result = 0;
    RpcTryExcept{RpcTryFinally{if (status != RPC_S_OK) RpcRaiseException(status);
}
RpcFinally { result = RpcAbnormalTermination() ? 1 : 2; }
RpcEndFinally
}
RpcExcept(RpcExceptionCode() ==
          RPC_S_OUT_OF_MEMORY){RpcTryExcept{RpcRaiseException(RPC_X_BAD_STUB_DATA);
}
RpcExcept(RPC_BAD_STUB_DATA_EXCEPTION_FILTER) { return (int)RpcExceptionCode(); }
RpcEndExcept
}
RpcEndExcept return result;
}
