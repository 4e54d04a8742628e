"""What a plot with pyqtgraph needs: modules that take long, and their settings."""

from __future__ import annotations

import os

# Without this pyqtgraph tries every other binding first, and OpenBLAS starts a thread a core.
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

PLOT_NEEDS = (
    "numpy",
    "numpy.typing",
    "cProfile",
    "multiprocessing.connection",
    "pydoc",
    "xml.etree.ElementTree",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtSvg",
    "PySide6.QtTest",
    "pyqtgraph",
)
"""What pyqtgraph imports, and it: a fifth of a second."""
