/* p11shim.c -- a PKCS#11 module before another one, for tests: it fails, hangs
 * or delays what the plan says, and counts what went through to the token.
 *
 * QW_P11_REAL: path of the other module. QW_P11_PLAN: file, read at each call,
 * with one line "FUNCTION fail CODE", "FUNCTION delay MS" or "FUNCTION hang"
 * (until the plan is another); FUNCTION may be "all". QW_P11_COUNT: file that
 * gets a line for each C_Login, "login CODE", and each signature, "sign HEX" of
 * what was signed, on disk before the caller hears of it.
 *
 * SoftHSM lets a child go on with its parent's sessions; hardware does not, and
 * neither does this. */
#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST list;
static pid_t owner;

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR to);

static int planned(const char *name, char action[16], unsigned long *value)
{
    const char *path = getenv("QW_P11_PLAN");
    FILE *file = path != NULL ? fopen(path, "re") : NULL;
    char function[64] = "";
    int n = 0;

    *value = 0;
    if (file == NULL)
        return 0;
    n = fscanf(file, "%63s %15s %li", function, action, (long *)value);
    fclose(file);
    return n >= 2
           && (strcmp(function, name) == 0 || strcmp(function, "all") == 0);
}

static CK_RV pass(const char *name)
{
    char action[16] = "";
    unsigned long value;

    if (owner != getpid())
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    while (planned(name, action, &value) && strcmp(action, "hang") == 0)
        usleep(20000);
    if (!planned(name, action, &value))
        return CKR_OK;
    if (strcmp(action, "fail") == 0)
        return value;
    if (strcmp(action, "delay") == 0)
        usleep((useconds_t)value * 1000);
    return CKR_OK;
}

static void note(const char *line)
{
    const char *path = getenv("QW_P11_COUNT");
    int fd;

    if (path == NULL)
        return;
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line, strlen(line)) < 0 || fsync(fd) != 0)
        abort();
    close(fd);
}

#define PASS(name)                                                             \
    do {                                                                       \
        CK_RV pass_ = pass(name);                                              \
        if (pass_ != CKR_OK)                                                   \
            return pass_;                                                      \
    } while (0)

static CK_RV initialize(void *args)
{
    CK_RV rv;

    owner = getpid();
    PASS("C_Initialize");
    rv = real->C_Initialize(args);
    return rv;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots,
                           CK_ULONG_PTR n)
{
    PASS("C_GetSlotList");
    return real->C_GetSlotList(present, slots, n);
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *app,
                          CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session)
{
    PASS("C_OpenSession");
    return real->C_OpenSession(slot, flags, app, notify, session);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE type,
                   CK_UTF8CHAR_PTR pin, CK_ULONG len)
{
    char line[64];
    CK_RV rv = pass("C_Login");

    if (rv == CKR_OK)
        rv = real->C_Login(session, type, pin, len);
    snprintf(line, sizeof(line), "login 0x%lx\n", rv);
    note(line);
    return rv;
}

static CK_RV find_objects_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR like,
                               CK_ULONG n)
{
    PASS("C_FindObjectsInit");
    return real->C_FindObjectsInit(session, like, n);
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                       CK_OBJECT_HANDLE key)
{
    PASS("C_SignInit");
    return real->C_SignInit(session, mechanism, key);
}

/* With no buffer it only asks for a length. */
static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG len,
                  CK_BYTE_PTR signature, CK_ULONG_PTR signature_len)
{
    char line[1100] = "sign ";
    CK_RV rv;
    CK_ULONG i;

    PASS("C_Sign");
    rv = real->C_Sign(session, data, len, signature, signature_len);
    if (rv != CKR_OK || signature == NULL)
        return rv;
    for (i = 0; i < len && i < 500; i++)
        snprintf(line + 5 + 2 * i, 3, "%02x", data[i]);
    strcat(line, "\n");
    note(line);
    return pass("C_Sign.after");
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR to)
{
    const char *path = getenv("QW_P11_REAL");
    void *library = path != NULL ? dlopen(path, RTLD_NOW) : NULL;
    CK_C_GetFunctionList get = NULL;

    if (library != NULL)
        *(void **)&get = dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK)
        return CKR_GENERAL_ERROR;
    memcpy(&list, real, sizeof(list));
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_Initialize = initialize;
    list.C_GetSlotList = get_slot_list;
    list.C_OpenSession = open_session;
    list.C_Login = login;
    list.C_FindObjectsInit = find_objects_init;
    list.C_SignInit = sign_init;
    list.C_Sign = sign;
    *to = &list;
    return CKR_OK;
}
