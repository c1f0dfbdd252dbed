/* Windows' source of randomness under the name that Rust's standard library asks for. Wine has it from version 9 on;
   Debian 12 has version 8. Only for Wine, and never part of what is shipped. */

#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
    while (length > 0) {
        ULONG some = length > 65536 ? 65536 : (ULONG)length;
        if (!RtlGenRandom(bytes, some))
            return FALSE;
        bytes += some;
        length -= some;
    }
    return TRUE;
}
