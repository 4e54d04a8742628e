"""What the disk image shows: the program, and the folder that it is dragged to.

Read by dmgbuild, which runs this file and gives `defines`: `app`, the bundle, and `icon`. The names
are dmgbuild's: dmgbuild.readthedocs.io, "Settings".
"""

from pathlib import PurePath

_app = defines["app"]  # noqa: F821
_name = PurePath(_app).name

format = "ULFO"  # LZFSE, which every macOS that Qt runs on reads
filesystem = "HFS+"
files = [_app]
symlinks = {"Applications": "/Applications"}
icon = defines["icon"]  # noqa: F821
icon_locations = {_name: (160, 180), "Applications": (480, 180)}
background = "builtin-arrow"
window_rect = ((200, 200), (640, 400))
default_view = "icon-view"
icon_size = 128
text_size = 13
