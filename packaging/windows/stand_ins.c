/* What Wine 8 lacks of Windows 10 and our libraries load at their start. Put into a trial's own
 * Wine folder, never into a package: on Windows the system has the real ones.
 *
 *   -DPRNG  bcryptprimitives.dll: Rust's standard library takes its random bytes from it.
 *   -DICU   icuuc.dll: Qt converts text of old code pages with it; this one knows no code page.
 */
typedef unsigned char byte;
typedef unsigned long long size;

int __stdcall DllMain(void *module, unsigned reason, void *reserved) { return 1; }

#ifdef PRNG
__declspec(dllimport) byte __stdcall SystemFunction036(void *buffer, unsigned long length);

__declspec(dllexport) int __stdcall ProcessPrng(byte *buffer, size length)
{
    return SystemFunction036(buffer, (unsigned long)length);
}
#endif

#ifdef ICU
__declspec(dllexport) void *ucnv_open(const char *name, int *error)
{
    if (error) *error = 4; /* U_FILE_ACCESS_ERROR */
    return 0;
}
#include "icu_names.h"
#endif
