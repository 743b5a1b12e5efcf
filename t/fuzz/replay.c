/* Each file of the command line once through the target. TAP. */
#include "fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    unsigned char *data = NULL;
    size_t len = 0, got;

    if (file == NULL) {
        perror(path);
        return 0;
    }
    do {
        data = realloc(data, len + 65536);
        got = fread(data + len, 1, 65536, file);
        len += got;
    } while (got > 0);
    fclose(file);
    LLVMFuzzerTestOneInput(data, len);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    int i, all = 1;

    for (i = 1; i < argc; i++)
        all &= replay(argv[i]);
    printf("%sok 1 - %d inputs replayed\n", all && argc > 1 ? "" : "not ",
           argc - 1);
    printf("%sok 2 - %d of them were taken\n", fuzz_taken > 0 ? "" : "not ",
           fuzz_taken);
    printf("1..2\n");
    return !all || argc < 2 || fuzz_taken == 0;
}
