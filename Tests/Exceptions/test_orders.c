/*
 * Statements across calls, in every order: all sequences of up to five statements, each in a call
 * of its own, against a model that walks the sequence from the inside outwards.
 *
 *     E  catches            P  filter 0: passes on       F  finally
 *     R  catches and raises code + 1                     X  finally that raises code + 1
 *     N  catches; the handler raises and catches another before
 *     H  what is inside is called from the handler of another exception, and passes on
 */
#include "groups.h"
#include "rpcexcept.h"
#include "tap.h"
#include "trace.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_CODE = 100, OTHER_CODE = 900, LONGEST = 5 };
static const char kinds[] = "EPFRXNH";

static void descend(const char *path);

static int pass_on(const char *what) {
    trace("%s%d", what, RpcExceptionCode());
    return 0;
}

static void catch_and(const char *path) {
    RpcTryExcept { descend(path + 1); }
    RpcExcept(1) {
        if (*path == 'N') {
            RpcTryExcept { RpcRaiseException(OTHER_CODE); }
            RpcExcept(1) { trace("n%d", RpcExceptionCode()); }
            RpcEndExcept
        }
        trace("%c%d", *path, RpcExceptionCode());
        if (*path == 'R')
            RpcRaiseException(RpcExceptionCode() + 1);
    }
    RpcEndExcept
}

static void call_from_handler(const char *path) {
    RpcTryExcept { RpcRaiseException(OTHER_CODE); }
    RpcExcept(1) {
        descend(path + 1);
        trace("H%d", RpcExceptionCode());
    }
    RpcEndExcept
}

static void finally_and(const char *path) {
    RpcTryFinally { descend(path + 1); }
    RpcFinally {
        trace("%c%d", *path, RpcAbnormalTermination());
        if (*path == 'X')
            RpcRaiseException(RpcAbnormalTermination() ? FIRST_CODE + 50 : FIRST_CODE);
    }
    RpcEndFinally
}

static void descend(const char *path) {
    switch (*path) {
    case '\0':
        RpcRaiseException(FIRST_CODE);
    case 'P':
        RpcTryExcept { descend(path + 1); }
        RpcExcept(pass_on("P")) { trace("not to be handled"); }
        RpcEndExcept break;
    case 'F':
    case 'X':
        finally_and(path);
        break;
    case 'H':
        call_from_handler(path);
        break;
    default:
        catch_and(path);
    }
}

struct model {
    char text[512];
    int code; /* of the exception on its way; 0 when there is none */
};

static void model_note(struct model *model, const char *format, int number) {
    size_t length = strlen(model->text);
    snprintf(model->text + length, sizeof model->text - length, format, number);
}

static void model_step(struct model *model, char kind) {
    int code = model->code;
    char format[8] = {' ', kind, '%', 'd', '\0'};
    if (kind == 'F' || kind == 'X') {
        model_note(model, format, code != 0);
        if (kind == 'X')
            model->code = code != 0 ? FIRST_CODE + 50 : FIRST_CODE;
    } else if (kind == 'H') {
        if (code == 0)
            model_note(model, format, OTHER_CODE);
    } else if (code != 0) {
        if (kind == 'N')
            model_note(model, " n%d", OTHER_CODE);
        model_note(model, format, code);
        model->code = kind == 'P' ? code : kind == 'R' ? code + 1 : 0;
    }
}

static int runs_as_modelled(const char *path) {
    struct model model = {.text = "", .code = FIRST_CODE};
    for (size_t i = strlen(path); i-- > 0;)
        model_step(&model, path[i]);
    model_note(&model, " end%d", model.code);
    trace_clear();
    RpcTryExcept {
        descend(path);
        trace("end0");
    }
    RpcExcept(1) { trace("end%d", RpcExceptionCode()); }
    RpcEndExcept if (strcmp(trace_text(), model.text + 1) == 0 && RpcExceptionCode() == 0) return 1;
    tap_note("%s: wanted %s, ran %s", path, model.text + 1, trace_text());
    return 0;
}

void test_orders(void) {
    for (int length = 1; length <= LONGEST; length++) {
        char path[LONGEST + 1] = "";
        int kind_count = (int)strlen(kinds), total = 1, wrong = 0;
        for (int i = 0; i < length; i++)
            total *= kind_count;
        for (int number = 0; number < total && wrong < 5; number++) {
            for (int i = 0, rest = number; i < length; i++, rest /= kind_count)
                path[i] = kinds[rest % kind_count];
            wrong += !runs_as_modelled(path);
        }
        tap_ok(wrong == 0, "all %d orders of %d statements across calls", total, length);
    }
    trace_clear();
}
