"""Messages of protobuf as bytes, field by field: for tests that need no more of it."""


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def field(number, data):
    """One length-delimited field of a message."""
    data = data.encode() if isinstance(data, str) else data
    return varint(number << 3 | 2) + varint(len(data)) + data


def read_varint(b, at):
    """The number at b[at], and where it ends."""
    value = shift = 0
    while True:
        value |= (b[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if b[at - 1] < 128:
            return value, at


def fields(b, wanted=None):
    """[(number, value)] of a message's fields, or the values of one of them: numbers, or bytes."""
    found, at = [], 0
    while at < len(b):
        key, at = read_varint(b, at)
        if key & 7 == 0:
            value, at = read_varint(b, at)
        elif key & 7 == 2:
            n, at = read_varint(b, at)
            value, at = b[at:at + n], at + n
        else:
            n = {1: 8, 5: 4}[key & 7]
            value, at = int.from_bytes(b[at:at + n], "little"), at + n
        found.append((key >> 3, value))
    return found if wanted is None else [v for n, v in found if n == wanted]
