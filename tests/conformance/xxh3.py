"""XXH3-64 of 17 bytes and more, with a seed: what a batch's digests need.

After the specification, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, which gives
the secret and the names.
"""

import struct

MASK = 2**64 - 1
PRIME32_1, PRIME32_2, PRIME32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
PRIME64_1 = 0x9E3779B185EBCA87
PRIME64_2 = 0xC2B2AE3D27D4EB4F
PRIME64_3 = 0x165667B19E3779F9
PRIME64_4 = 0x85EBCA77C2B2AE63
PRIME64_5 = 0x27D4EB2F165667C5
PRIME_MX1 = 0x165667919E3779F9

SECRET = bytes.fromhex('''
    b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db
    7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221
    b8084674f743248ee03590e6813a264c3c2852bb91c300cb
    88d0658b1b532ea371644897a20df94e3819ef46a9deacd8
    a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931
    c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb
    170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc
    8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e
''')


def read64(data, at):
    return struct.unpack_from('<Q', data, at)[0]


def fold(a, b):
    product = a * b
    return (product & MASK) ^ (product >> 64)


def avalanche(h):
    h ^= h >> 37
    h = h * PRIME_MX1 & MASK
    return h ^ h >> 32


def mix16(data, at, secret, seed):
    return fold(read64(data, at) ^ (read64(SECRET, secret) + seed & MASK),
                read64(data, at + 8) ^ (read64(SECRET, secret + 8) - seed & MASK))


def hash_17_to_128(data, seed):
    n = len(data)
    h = n * PRIME64_1 & MASK
    for i in range((n - 1) // 32, -1, -1):
        h += mix16(data, 16 * i, 32 * i, seed)
        h += mix16(data, n - 16 * (i + 1), 32 * i + 16, seed)
    return avalanche(h & MASK)


def hash_129_to_240(data, seed):
    n = len(data)
    h = n * PRIME64_1 & MASK
    for i in range(8):
        h += mix16(data, 16 * i, 16 * i, seed)
    h = avalanche(h & MASK)
    for i in range(8, n // 16):
        h += mix16(data, 16 * i, 16 * (i - 8) + 3, seed)
    h += mix16(data, n - 16, 136 - 17, seed)
    return avalanche(h & MASK)


def seeded_secret(seed):
    words = struct.unpack('<24Q', SECRET)
    return struct.pack('<24Q', *((word + (seed if i % 2 == 0 else -seed)) & MASK
                                 for i, word in enumerate(words)))


def accumulate(acc, data, at, secret, secret_at):
    values = struct.unpack_from('<8Q', data, at)
    keys = struct.unpack_from('<8Q', secret, secret_at)
    for i in range(8):
        key = values[i] ^ keys[i]
        acc[i ^ 1] = (acc[i ^ 1] + values[i]) & MASK
        acc[i] = (acc[i] + (key & 0xFFFFFFFF) * (key >> 32)) & MASK


def hash_long(data, seed):
    secret = seeded_secret(seed)
    n = len(data)
    n_stripes = (192 - 64) // 8
    block = 64 * n_stripes
    acc = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1]

    for start in range(0, n, block):
        is_last = start + block >= n
        end = (n - 1) // 64 * 64 if is_last else start + block
        for stripe, at in enumerate(range(start, end, 64)):
            accumulate(acc, data, at, secret, 8 * stripe)
        if is_last:
            accumulate(acc, data, n - 64, secret, 192 - 64 - 7)
        else:
            keys = struct.unpack_from('<8Q', secret, 192 - 64)
            acc = [(value ^ value >> 47 ^ key) * PRIME32_1 & MASK for value, key in zip(acc, keys)]

    h = n * PRIME64_1 & MASK
    for i in range(4):
        h += fold(acc[2 * i] ^ read64(secret, 11 + 16 * i),
                  acc[2 * i + 1] ^ read64(secret, 19 + 16 * i))
    return avalanche(h & MASK)


def xxh3_64(data, seed=0):
    if 17 <= len(data) <= 128:
        return hash_17_to_128(data, seed)
    if 129 <= len(data) <= 240:
        return hash_129_to_240(data, seed)
    if len(data) > 240:
        return hash_long(data, seed)
    raise ValueError('xxh3_64: %d bytes' % len(data))
