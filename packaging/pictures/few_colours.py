"""Pictures of a window with at most 256 colours: as good to the eye, a third of the bytes."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage, qRgb

MOST = 256


def few_colours(picture: QImage) -> QImage:
    """The picture with a palette of its own, without dither.

    The most frequent colour begins; then the one that is furthest from all that were taken,
    counted by the root of how often it is there. Every other colour becomes its nearest. So large
    areas keep their exact colour, and the edges of letters lose what nobody sees.
    """
    plain = picture.convertToFormat(QImage.Format.Format_RGB32)
    width, height = plain.width(), plain.height()
    words = np.frombuffer(plain.constBits(), np.uint32)
    pixels = words.reshape(height, plain.bytesPerLine() // 4)[:, :width] & 0xFFFFFF
    found, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    parts = np.stack([(found >> shift) & 0xFF for shift in (16, 8, 0)], axis=1).astype(np.int32)
    taken = [int(counts.argmax())]
    distance = ((parts - parts[taken[0]]) ** 2).sum(axis=1)
    while len(taken) < min(MOST, len(found)):
        taken.append(int((distance * np.sqrt(counts)).argmax()))
        distance = np.minimum(distance, ((parts - parts[taken[-1]]) ** 2).sum(axis=1))
    palette = parts[taken]
    nearest = [int(((palette - one) ** 2).sum(axis=1).argmin()) for one in parts]
    few = QImage(width, height, QImage.Format.Format_Indexed8)
    few.setColorTable([qRgb(*map(int, one)) for one in palette])
    rows = np.frombuffer(few.bits(), np.uint8).reshape(height, few.bytesPerLine())
    rows[:, :width] = np.array(nearest, np.uint8)[places.reshape(pixels.shape)]
    return few
