/* The RpcSs package in a native program, with exceptions: reads an inventory, item by item, into an
 * environment. However the reading ends, one call releases all of it. */
#include <rpcexcept.h>
#include <rpcss.h>

#include <stdio.h>
#include <string.h>

#define BAD_INVENTORY 1001

struct item {
    struct item *next;
    const char *name;
    int count;
};

/* Raises BAD_INVENTORY, or RPC_S_OUT_OF_MEMORY. */
static struct item *read_inventory(const char *text) {
    struct item *first = NULL, **end = &first;
    int length, count, used;
    for (; *text != '\0'; text += used) {
        if (sscanf(text, "%*[a-z]%n = %d %n", &length, &count, &used) != 1)
            RpcRaiseException(BAD_INVENTORY);
        struct item *item = RpcSsAllocate(sizeof *item);
        char *name = RpcSsAllocate((size_t)length + 1);
        memcpy(name, text, (size_t)length);
        name[length] = '\0';
        *item = (struct item){NULL, name, count};
        *end = item;
        end = &item->next;
    }
    return first;
}

static void print_inventory(const char *text) {
    RpcTryExcept {
        RpcSsEnableAllocate();
        RpcTryFinally {
            for (struct item *item = read_inventory(text); item != NULL; item = item->next)
                printf("%d %s\n", item->count, item->name);
        }
        RpcFinally { RpcSsDisableAllocate(); }
        RpcEndFinally
    }
    RpcExcept(RpcExceptionCode() == BAD_INVENTORY) { printf("not an inventory: %s\n", text); }
    RpcEndExcept
}

/* Out of memory is a status or an exception, by the function that is called. */
static void ask_for_too_much(void) {
    RPC_STATUS status;
    RpcSmEnableAllocate();
    if (RpcSmAllocate((size_t)1 << 60, &status) == NULL)
        printf("RpcSmAllocate gives NULL and status %d\n", status);
    RpcTryExcept { RpcSsAllocate((size_t)1 << 60); }
    RpcExcept(1) { printf("RpcSsAllocate raises %d\n", RpcExceptionCode()); }
    RpcEndExcept RpcSmDisableAllocate();
}

int main(void) {
    print_inventory("nuts = 12 bolts = 7");
    print_inventory("nuts = many");
    ask_for_too_much();
    return 0;
}
