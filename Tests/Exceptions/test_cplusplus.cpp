/* The macros in C++: methods, destructors on the ways that C++ itself takes, C++ exceptions. */
extern "C++" {
#include "rpcexcept.h"
#include "rpcss.h"
}
extern "C" {
#include "tap.h"
}

#include <new>
#include <string>

namespace {

int destroyed;

struct Local {
    ~Local() { destroyed++; }
};

struct Failure {
    int code;
};

/* A raise behind a statement goes to the one around, and nothing is being handled. */
template <typename Leave> bool left_properly(Leave leave) {
    volatile bool clean = false, caught = false;
    RpcTryExcept {
        leave();
        clean = RpcExceptionCode() == 0;
        RpcRaiseException(7);
    }
    RpcExcept(RpcExceptionCode() == 7) { caught = true; }
    RpcEndExcept return clean && caught && RpcExceptionCode() == 0;
}

class Manager {
  public:
    explicit Manager(RPC_STATUS status) : status(status) {}

    int call() {
        int volatile result = 0;
        RpcTryExcept {
            RpcTryFinally { work(); }
            RpcFinally { finally_blocks += RpcAbnormalTermination() ? 100 : 1; }
            RpcEndFinally result = 1;
        }
        RpcExcept(handles(RpcExceptionCode())) { result = RpcExceptionCode(); }
        RpcEndExcept return result;
    }

    virtual ~Manager() {}
    int finally_blocks = 0;

  protected:
    virtual bool handles(RPC_STATUS code) const { return code == status; }

  private:
    void work() const {
        if (status != 0)
            RpcRaiseException(status);
    }
    RPC_STATUS status;
};

void methods() {
    Manager raising(87), normal(0);
    tap_ok(raising.call() == 87 && raising.finally_blocks == 100, "a method raises and catches");
    tap_ok(normal.call() == 1 && normal.finally_blocks == 1, "a method without a raise");
}

int return_from_body() {
    RpcTryExcept {
        Local local;
        return 5;
    }
    RpcExcept(1) { return 6; }
    RpcEndExcept return 7;
}

int return_from_handler() {
    RpcTryExcept { RpcRaiseException(5); }
    RpcExcept(1) {
        Local local;
        return RpcExceptionCode();
    }
    RpcEndExcept return 7;
}

void returns() {
    destroyed = 0;
    tap_ok(left_properly([] { (void)return_from_body(); }) && destroyed == 1,
           "return from a body destroys its objects and ends the statement");
    tap_ok(left_properly([] { (void)return_from_handler(); }) && destroyed == 2,
           "return from a handler destroys its objects and ends the statement");
    tap_ok(return_from_body() == 5 && return_from_handler() == 5, "... with the right value");
}

void throw_from_body() {
    RpcTryExcept {
        Local local;
        throw Failure{11};
    }
    RpcExcept(1) { tap_note("an RPC handler got a C++ exception"); }
    RpcEndExcept
}

void throw_from_handler() {
    RpcTryExcept { RpcRaiseException(12); }
    RpcExcept(1) { throw Failure{RpcExceptionCode()}; }
    RpcEndExcept
}

void throw_from_finally_block() {
    RpcTryFinally { RpcRaiseException(13); }
    RpcFinally { throw Failure{13}; }
    RpcEndFinally
}

void throw_through_three() { RpcTryExcept{RpcTryFinally{throw_from_body(); }
RpcFinally { tap_note("a finally block ran"); }
RpcEndFinally
} // namespace
RpcExcept(1) { tap_note("an RPC handler got a C++ exception"); }
RpcEndExcept
}

template <void (*thrower)()> int thrown() {
    try {
        thrower();
    } catch (const Failure &failure) {
        return failure.code;
    }
    return 0;
}

template <void (*thrower)()> void throwing(int code, const char *from) {
    tap_ok(thrown<thrower>() == code, "throw out of %s arrives", from);
    tap_ok(left_properly([] { (void)thrown<thrower>(); }), "throw out of %s ends the statement",
           from);
}

/* try within a body, and an RPC statement within catch. */
void mixed() {
    volatile int code = 0;
    RpcTryExcept {
        try {
            throw Failure{14};
        } catch (const Failure &failure) {
            code = failure.code;
        }
        RpcRaiseException(code + 1);
    }
    RpcExcept(1) { code = RpcExceptionCode(); }
    RpcEndExcept tap_ok(code == 15, "try and catch within a body leave its statement alone");
    try {
        throw std::string("text");
    } catch (const std::string &text) {
        RpcTryExcept { RpcSsAllocate(1); }
        RpcExcept(RpcExceptionCode() == RPC_S_OUT_OF_MEMORY) { code = 16; }
        RpcEndExcept tap_ok(code == 16 && text == "text", "a statement within catch");
    }
}

void in_a_lambda() {
    auto raise_in = [](RPC_STATUS status) {
        volatile RPC_STATUS code = 0;
        RpcTryExcept { RpcRaiseException(status); }
        RpcExcept(1) { code = RpcExceptionCode(); }
        RpcEndExcept return RPC_STATUS(code);
    };
    tap_ok(raise_in(1783) == 1783 && raise_in(0) == 1726, "a statement in a lambda");
}

void break_and_continue() {
    volatile int passes = 0;
    auto leave = [&passes] {
        for (volatile int pass = 0; pass < 3;) {
            Local local;
            pass = pass + 1;
            RpcTryExcept {
                passes = passes + 1;
                if (pass == 2)
                    break;
                continue;
            }
            RpcExcept(1) {}
            RpcEndExcept passes = passes + 10;
        }
    };
    destroyed = 0;
    tap_ok(left_properly(leave) && passes == 2 && destroyed == 2,
           "continue and break from a body destroy the loop's objects");
}

} // namespace

int main() {
    tap_begin(EXCEPTIONS_FORM, "C++");
    methods();
    returns();
    throwing<throw_from_body>(11, "a body");
    throwing<throw_from_handler>(12, "a handler");
    throwing<throw_from_finally_block>(13, "a finally block");
    throwing<throw_through_three>(11, "three bodies in two functions");
    mixed();
    in_a_lambda();
    break_and_continue();
    return tap_end();
}
