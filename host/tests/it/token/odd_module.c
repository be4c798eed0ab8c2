/* A PKCS#11 module around SoftHSM's that misbehaves to order, for the tests. Built by `cc`; no header is
   needed, because every function is either SoftHSM's own or one of the few below.

   ODD_MODULE   what is odd about it, any of the words below
   ODD_REAL     the module that does the work
   ODD_LOGINS   a file that gets one byte for each C_Login
   ODD_ABSENT   a file; while it is there, no token is
   ODD_PIN      the PIN that is "entered at the reader" */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;

/* CK_FUNCTION_LIST 2.40: a version and 68 functions, in the standard's order. */
struct list {
    unsigned char version[2];
    void *function[68];
};
enum { INITIALIZE = 0, SLOTS = 4, TOKEN_INFO = 6, MECHANISMS = 7, LOGIN = 18, ATTRIBUTES = 24, SIGN_INIT = 42, SIGN = 43, WAIT = 67 };

static struct list real, odd;

static int is(const char *word_) {
    const char *order = getenv("ODD_MODULE");
    return order != NULL && strstr(order, word_) != NULL;
}

static void misbehave(const char *where) {
    char order[64];
    snprintf(order, sizeof order, "crash_in_%s", where);
    if (is(order)) abort();
    snprintf(order, sizeof order, "exit_in_%s", where);
    if (is(order)) exit(3);
    snprintf(order, sizeof order, "hang_in_%s", where);
    while (is(order)) sleep(1);
    if (is("print")) {
        printf("odd module: %s\n", where);
        fflush(stdout);
    }
}

static word initialize(void *arguments) {
    misbehave("initialize");
    return ((word(*)(void *))real.function[INITIALIZE])(arguments);
}

static word slots(unsigned char present, word *list, word *count) {
    misbehave("slots");
    const char *absent = getenv("ODD_ABSENT");
    if (absent != NULL && access(absent, F_OK) == 0) {
        *count = 0;
        return 0;
    }
    return ((word(*)(unsigned char, word *, word *))real.function[SLOTS])(present, list, count);
}

/* CK_TOKEN_INFO: label 32, manufacturer 32, model 16, serial number 16, flags. */
static word token_info(word slot, unsigned char *info) {
    word done = ((word(*)(word, void *))real.function[TOKEN_INFO])(slot, info);
    word *flags = (word *)(info + 96);
    if (is("pin_pad")) *flags |= 0x100;
    if (is("final_try")) *flags |= 0x20000;
    if (is("locked")) *flags |= 0x40000;
    if (is("to_be_changed")) *flags |= 0x80000;
    return done;
}

static int context_login_due;

static word login(word session, word user, char *pin, word length) {
    const char *log = getenv("ODD_LOGINS");
    FILE *file = log == NULL ? NULL : fopen(log, "a");
    if (file != NULL) {
        fputc(user == 1 ? 'u' : 'c', file);
        fclose(file);
    }
    misbehave("login");
    if (is("answers_0xA3")) return 0xA3;
    if (is("answers_0xA2")) return 0xA2;
    if (is("answers_0xA4")) return 0xA4;
    if (is("answers_0x32")) return 0x32;
    if (is("pin_pad")) {
        if (pin != NULL) return 0x07;
        pin = getenv("ODD_PIN");
        length = strlen(pin);
    }
    if (user == 2 && is("always_authenticate")) {
        if (!context_login_due) return 0x91;
        context_login_due = 0;
        return 0;
    }
    return ((word(*)(word, word, char *, word))real.function[LOGIN])(session, user, pin, length);
}

struct attribute {
    word type;
    void *value;
    word length;
};

static word attributes(word session, word object, struct attribute *list, word count) {
    word done = ((word(*)(word, word, void *, word))real.function[ATTRIBUTES])(session, object, list, count);
    if (done == 0 && is("always_authenticate") && count == 1 && list->type == 0x202 && list->value != NULL)
        *(unsigned char *)list->value = 1;
    return done;
}

/* CK_MECHANISM begins with its type. */
static word sign_init(word session, word *mechanism, word key) {
    if (is("hashes_itself") && (*mechanism == 0x01 || *mechanism == 0x1041)) return 0x70;
    context_login_due = 1;
    return ((word(*)(word, word *, word))real.function[SIGN_INIT])(session, mechanism, key);
}

static word sign(word session, void *data, word length, void *signature, word *signature_length) {
    misbehave("sign");
    if (is("always_authenticate") && context_login_due) return 0x101;
    return ((word(*)(word, void *, word, void *, word *))real.function[SIGN])(session, data, length, signature, signature_length);
}

static word wait_for_event(word flags, word *slot, void *reserved) {
    misbehave("wait");
    if (is("wait_fails")) return 0x05;
    return ((word(*)(word, word *, void *))real.function[WAIT])(flags, slot, reserved);
}

word C_GetFunctionList(struct list **list) {
    struct list *found;
    void *library = dlopen(getenv("ODD_REAL"), RTLD_NOW);
    if (library == NULL) return 0x05;
    ((word(*)(struct list **))dlsym(library, "C_GetFunctionList"))(&found);
    real = odd = *found;
    odd.function[3] = (void *)C_GetFunctionList;
    odd.function[INITIALIZE] = (void *)initialize;
    odd.function[SLOTS] = (void *)slots;
    odd.function[TOKEN_INFO] = (void *)token_info;
    odd.function[LOGIN] = (void *)login;
    odd.function[ATTRIBUTES] = (void *)attributes;
    odd.function[SIGN_INIT] = (void *)sign_init;
    odd.function[SIGN] = (void *)sign;
    odd.function[WAIT] = (void *)wait_for_event;
    *list = &odd;
    return 0;
}
