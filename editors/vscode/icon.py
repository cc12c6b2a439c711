"""Draw the extension's icon: `python icon.py media/icon.png`. Text, a caret, and text that is not there yet."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

_SIZE = 128
_FINENESS = 4
"""Each pixel is the mean of this many by this many points."""

_GROUND = (31, 42, 68)
_TEXT = (226, 232, 240)
_CARET = (255, 183, 77)
_GHOST = (112, 128, 160)

# left, top, right, bottom, radius of the corners
_SHAPES = [
    ((4, 4, 124, 124, 24), _GROUND),
    ((22, 40, 82, 50, 5), _TEXT),
    ((22, 62, 54, 72, 5), _TEXT),
    ((60, 56, 66, 78, 3), _CARET),
    ((72, 62, 106, 72, 5), _GHOST),
    ((22, 84, 42, 94, 5), _GHOST),
]


def colour(x: float, y: float) -> tuple[int, int, int, int]:
    """Return red, green, blue and opacity of a point."""
    covering = [shape_colour for shape, shape_colour in _SHAPES if _covers(shape, x, y)]
    return (*covering[-1], 255) if covering else (0, 0, 0, 0)


def _covers(shape: tuple[int, int, int, int, int], x: float, y: float) -> bool:
    left, top, right, bottom, radius = shape
    if not (left <= x <= right and top <= y <= bottom):
        return False
    across = max(left + radius - x, x - (right - radius), 0)
    down = max(top + radius - y, y - (bottom - radius), 0)
    return across**2 + down**2 <= radius**2


def _pixel(column: int, row: int) -> bytes:
    steps = [(step + 0.5) / _FINENESS for step in range(_FINENESS)]
    points = [colour(column + across, row + down) for across in steps for down in steps]
    opacity = sum(point[3] for point in points)
    mixed = [sum(point[part] * point[3] for point in points) // max(opacity, 1) for part in range(3)]
    return bytes([*mixed, opacity // len(points)])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def main(file: Path) -> None:
    """Write the picture."""
    rows = b"".join(b"\0" + b"".join(_pixel(column, row) for column in range(_SIZE)) for row in range(_SIZE))
    header = struct.pack(">IIBBBBB", _SIZE, _SIZE, 8, 6, 0, 0, 0)  # 8 bits, with opacity
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
