/* A credential prompt that answers by itself, for Wine, whose own is empty: what it is to do stands in the message.
   It keeps to the documented calls of wincred.h, and refuses with 87 what these do not allow. */

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <objbase.h>
#include <wchar.h>

typedef struct {
    DWORD size;
    HWND parent;
    const WCHAR *message;
    const WCHAR *caption;
    HBITMAP banner;
} Info;

/* A packed buffer: the user's name and the password, each with its zero. */
__declspec(dllexport) BOOL WINAPI CredPackAuthenticationBufferW(
    DWORD flags, const WCHAR *user, const WCHAR *password, BYTE *buffer, DWORD *size)
{
    DWORD in_user = (wcslen(user) + 1) * sizeof(WCHAR), in_password = (wcslen(password) + 1) * sizeof(WCHAR);
    DWORD given = *size;
    *size = in_user + in_password;
    if (flags != 0 || !buffer || given < *size) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(buffer, user, in_user);
    memcpy(buffer + in_user, password, in_password);
    return TRUE;
}

__declspec(dllexport) BOOL WINAPI CredUnPackAuthenticationBufferW(
    DWORD flags, const void *buffer, DWORD size, WCHAR *user, DWORD *in_user, WCHAR *domain, DWORD *in_domain,
    WCHAR *password, DWORD *in_password)
{
    const WCHAR *packed_user = buffer, *packed_password = packed_user + wcslen(packed_user) + 1;
    if (*in_user <= wcslen(packed_user) || *in_domain < 1 || *in_password <= wcslen(packed_password)) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    wcscpy(user, packed_user);
    wcscpy(password, packed_password);
    *domain = 0;
    *in_user = wcslen(user) + 1, *in_domain = 1, *in_password = wcslen(password) + 1;
    return TRUE;
}

static LRESULT CALLBACK dialog(HWND window, UINT message, WPARAM w, LPARAM l)
{
    if (message == WM_DESTROY) PostQuitMessage(0);
    return DefWindowProcW(window, message, w, l);
}

/* A person who does not answer: a window that goes only when it is told to. */
static DWORD wait(HWND parent)
{
    WNDCLASSW class = {.lpfnWndProc = dialog, .lpszClassName = L"Credential prompt"};
    MSG message;
    RegisterClassW(&class);
    if (!CreateWindowExW(0, class.lpszClassName, L"", WS_POPUP | WS_VISIBLE, 0, 0, 9, 9, parent, NULL, NULL, NULL))
        return GetLastError();
    while (GetMessageW(&message, NULL, 0, 0) > 0) DispatchMessageW(&message);
    return ERROR_CANCELLED;
}

__declspec(dllexport) DWORD WINAPI CredUIPromptForWindowsCredentialsW(
    const Info *info, DWORD error, ULONG *package, const void *in, ULONG in_size, void **out, ULONG *out_size,
    BOOL *save, DWORD flags)
{
    WCHAR password[400] = {0};
    const WCHAR *order = wcschr(info->message, L'<');
    DWORD size = 0;
    if (info->size != sizeof(Info) || !IsWindow(info->parent) || error || !in || flags != 0x21
        || wcslen(info->message) >= 1024 || !*info->caption || wcslen(info->caption) >= 128
        || wcscmp(in, L"IC\u30ab\u30fc\u30c9") || in_size != 14 || !order)
        return ERROR_INVALID_PARAMETER;
    if (!wcsncmp(order, L"<cancel>", 8)) return ERROR_CANCELLED;
    if (!wcsncmp(order, L"<fail>", 6)) return ERROR_GEN_FAILURE;
    if (!wcsncmp(order, L"<wait>", 6)) return wait(info->parent);
    /* "<123456>", or "<long 123456>": first something that is too long, then, told so, these six. */
    if (!wcsncmp(order, L"<long ", 6) && !wcsstr(info->message, L"\u6b63\u3057\u304f\u3042\u308a\u307e\u305b\u3093"))
        wmemset(password, L'1', 399);
    else
        wcsncpy(password, wcschr(order, L'>') - 6, 6);
    CredPackAuthenticationBufferW(0, in, password, NULL, &size);
    *out = CoTaskMemAlloc(size);
    *out_size = size;
    return CredPackAuthenticationBufferW(0, in, password, *out, &size) ? ERROR_SUCCESS : GetLastError();
}
