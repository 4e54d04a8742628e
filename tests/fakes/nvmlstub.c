/* A stand-in for libnvidia-ml.so.1, to test the path through the real loader.
 *
 * Two boards. NVML_STUB_FILE names a text of lines "key value" that is read at each call:
 *   count N                   number of boards
 *   ret.FUNCTION[.BOARD] N    the function answers this code
 *   mem_total.BOARD N         bytes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, UNINITIALIZED = 1, INVALID = 2, NOT_SUPPORTED = 3 };

static int opened;
static char boards[2];

static double value_of(const char *key, double otherwise)
{
    const char *path = getenv("NVML_STUB_FILE");
    FILE *file = path ? fopen(path, "r") : NULL;
    char name[128];
    double number, found = otherwise;
    if (!file)
        return otherwise;
    while (fscanf(file, "%127s %lf", name, &number) == 2)
        if (!strcmp(name, key))
            found = number;
    fclose(file);
    return found;
}

static double of_board(const char *key, long board, double otherwise)
{
    char name[160];
    snprintf(name, sizeof name, "%s.%ld", key, board);
    return value_of(name, value_of(key, otherwise));
}

static int refusal(const char *function, long board)
{
    char name[128];
    snprintf(name, sizeof name, "ret.%s", function);
    int code = (int)(board < 0 ? value_of(name, OK) : of_board(name, board, OK));
    return code ? code : opened || board == -2 ? OK : UNINITIALIZED;
}

static long board_of(void *handle) { return (char *)handle - boards; }

#define CHECK(board)                                \
    do {                                            \
        int code = refusal(__func__, board);        \
        if (code)                                   \
            return code;                            \
    } while (0)

int nvmlInitWithFlags(unsigned flags)
{
    (void)flags;
    int code = refusal(__func__, -2);
    if (!code)
        opened++;
    return code;
}

int nvmlShutdown(void)
{
    CHECK(-1);
    opened--;
    return OK;
}

int nvmlSystemGetDriverVersion(char *text, unsigned length)
{
    CHECK(-1);
    snprintf(text, length, "580.95.05");
    return OK;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    CHECK(-1);
    *count = (unsigned)value_of("count", 2);
    return OK;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **handle)
{
    CHECK((long)index);
    if (index >= (unsigned)value_of("count", 2))
        return INVALID;
    *handle = boards + index;
    return OK;
}

int nvmlDeviceGetName(void *handle, char *text, unsigned length)
{
    CHECK(board_of(handle));
    snprintf(text, length, "NVIDIA GeForce RTX %s", board_of(handle) ? "3060" : "4090");
    return OK;
}

int nvmlDeviceGetUUID(void *handle, char *text, unsigned length)
{
    CHECK(board_of(handle));
    snprintf(text, length, "GPU-%ld", board_of(handle));
    return OK;
}

struct memory { unsigned long long total, free, used; };

int nvmlDeviceGetMemoryInfo(void *handle, struct memory *memory)
{
    CHECK(board_of(handle));
    double otherwise = (board_of(handle) ? 12288. : 24564.) * 1048576.;
    memory->total = (unsigned long long)of_board("mem_total", board_of(handle), otherwise);
    memory->used = 1ull << 30;
    memory->free = memory->total - memory->used;
    return OK;
}

struct pci {
    char legacy[16];
    unsigned domain, bus, device, id, subsystem;
    char bus_id[32];
};

int nvmlDeviceGetPciInfo_v3(void *handle, struct pci *pci)
{
    CHECK(board_of(handle));
    memset(pci, 0, sizeof *pci);
    snprintf(pci->bus_id, sizeof pci->bus_id, "00000000:%02lX:00.0", board_of(handle) + 1);
    return OK;
}

int nvmlDeviceGetMaxClockInfo(void *handle, int kind, unsigned *megahertz)
{
    CHECK(board_of(handle));
    *megahertz = kind == 2 ? (board_of(handle) ? 7501 : 10501) : 2520;
    return OK;
}

int nvmlDeviceGetMemoryBusWidth(void *handle, unsigned *bits)
{
    CHECK(board_of(handle));
    *bits = board_of(handle) ? 192 : 384;
    return OK;
}

int nvmlDeviceGetEnforcedPowerLimit(void *handle, unsigned *milliwatts)
{
    CHECK(board_of(handle));
    *milliwatts = 450000;
    return OK;
}

int nvmlDeviceGetPowerUsage(void *handle, unsigned *milliwatts)
{
    CHECK(board_of(handle));
    *milliwatts = 180000;
    return OK;
}

int nvmlDeviceGetMigMode(void *handle, unsigned *current, unsigned *pending)
{
    CHECK(board_of(handle));
    (void)current;
    (void)pending;
    return NOT_SUPPORTED;
}
