#include "domain/demo/demo_random.h"
#include "core/crypto.h"
#include <math.h>

static const uint64_t golden = 0x9E3779B97F4A7C15u;

static uint64_t mix(uint64_t z) {
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

struct demo_random demo_random_of(uint64_t seed, enum demo_stream stream, uint64_t number) {
    uint64_t state = mix(seed + golden);
    state = mix(state + golden * (uint64_t)stream);
    return (struct demo_random){mix(state + golden * number)};
}

uint64_t demo_random_next(struct demo_random *random) {
    random->state += golden;
    return mix(random->state);
}

size_t demo_random_below(struct demo_random *random, size_t limit) {
    /* Lemire's reduction without its rejection: a bias of limit / 2^64 hurts nobody here */
    return (size_t)((unsigned __int128)demo_random_next(random) * limit >> 64);
}

long demo_random_between(struct demo_random *random, long low, long high) {
    return low + (long)demo_random_below(random, (size_t)(high - low) + 1);
}

double demo_random_unit(struct demo_random *random) {
    return (double)(demo_random_next(random) >> 11) * 0x1p-53;
}

bool demo_random_chance(struct demo_random *random, double probability) {
    return demo_random_unit(random) < probability;
}

double demo_random_wait(struct demo_random *random, double mean) {
    return -mean * log1p(-demo_random_unit(random));
}

/* The sum of twelve uniform numbers is near enough and needs no rejection. */
double demo_random_normal(struct demo_random *random) {
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += demo_random_unit(random);
    return sum;
}

size_t demo_random_weighted(struct demo_random *random, const int *weights, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += (size_t)weights[i];
    size_t at = demo_random_below(random, total);
    for (size_t i = 0; i < count; i++) {
        if (at < (size_t)weights[i])
            return i;
        at -= (size_t)weights[i];
    }
    return count - 1;
}

void demo_random_uuid(struct demo_random *random, char out[DEMO_UUID_SIZE]) {
    uint64_t words[2] = {demo_random_next(random), demo_random_next(random)};
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(words[i / 8] >> 8 * (7 - i % 8));
    bytes[6] = (bytes[6] & 0x0F) | 0x40;
    bytes[8] = (bytes[8] & 0x3F) | 0x80;
    char hex[2 * sizeof bytes + 1];
    crypto_hex(bytes, sizeof bytes, hex);
    static const size_t parts[] = {8, 4, 4, 4, 12};
    const char *from = hex;
    for (size_t i = 0; i < 5; i++) {
        memcpy(out, from, parts[i]);
        from += parts[i];
        out += parts[i];
        *out++ = i < 4 ? '-' : '\0';
    }
}
