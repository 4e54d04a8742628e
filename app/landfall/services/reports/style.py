"""The style of a report: both schemes of the program on screen, black on white on paper."""

from __future__ import annotations

_LIGHT = {
    "text": "#14191F",
    "text-2": "#4A5560",
    "text-3": "#5F6B77",
    "window": "#F6F7F8",
    "surface": "#FFFFFF",
    "sunken": "#F0F2F4",
    "border": "#DDE2E6",
    "grid": "#DDE2E6",
    "edge": "#7F8B96",
    "accent": "#0A6270",
    "caution": "#805000",
    "danger": "#AD2A1B",
    "leave": "#BC2A12",
    "here": "#0B6B78",
    "frontier": "#3B2A96",
    "hosted": "#1E96D6",
    "rent": "#C77A22",
    "buy": "#5B2226",
}
_DARK = {
    "text": "#E7EBEE",
    "text-2": "#AEB8C1",
    "text-3": "#919CA6",
    "window": "#14171A",
    "surface": "#1B1F23",
    "sunken": "#15181B",
    "border": "#2D3339",
    "grid": "#2D3339",
    "edge": "#6C7782",
    "accent": "#5CCBD5",
    "caution": "#E9B65A",
    "danger": "#FF8F7D",
    "leave": "#D14A26",
    "here": "#5FDCE6",
    "frontier": "#7B69CC",
    "hosted": "#55A8F2",
    "rent": "#F6CB6E",
    "buy": "#AC9470",
}
_PAPER = _LIGHT | {"text": "#000000", "text-2": "#333333", "text-3": "#444444", "window": "#FFFFFF"}
_DRAWN = (
    "text", "text-2", "text-3", "surface", "sunken", "grid", "edge", "accent", "danger", "leave",
    "here", "frontier", "hosted", "rent", "buy",
)  # fmt: skip


def _roles(colours: dict[str, str]) -> str:
    return "".join(f"--{role}:{value};" for role, value in colours.items())


_SHAPES = "".join(
    f".f-{role}{{fill:var(--{role})}}.s-{role}{{stroke:var(--{role});fill:none}}\n"
    for role in _DRAWN
)

_SCREEN = """
*{box-sizing:border-box}
body{margin:0;background:var(--window);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Inter,Roboto,"Noto Sans",sans-serif;
font-variant-numeric:tabular-nums}
header,nav,main{max-width:64rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
h1{font-size:1.7rem;line-height:1.25;margin:0;overflow-wrap:anywhere}
header p,.sub{color:var(--text-2);margin:.2rem 0 1rem}
nav ol{columns:2 18rem;padding:0 0 1rem 1.4rem;margin:0;color:var(--text-3)}
nav a{color:var(--accent)}
li,dd,td,th,p,h2,h3,a{overflow-wrap:anywhere}
article{background:var(--surface);border:1px solid var(--border);border-radius:10px;
padding:1.2rem 1.4rem;margin:0 0 1.4rem}
h2{font-size:1.4rem;line-height:1.25;margin:0}
h3{font-size:1.08rem;margin:1.6rem 0 .4rem;padding-top:.7rem;border-top:1px solid var(--border)}
p{margin:.4rem 0 .7rem;max-width:52rem}
.quiet{color:var(--text-2);font-size:.88em}
.card{border:1px solid var(--edge);border-radius:10px;margin:.6rem 0;padding:.2rem 1rem}
.card.provisional{border-style:dashed}
.card div{display:grid;grid-template-columns:5.5rem 1fr;gap:.8rem;padding:.45rem 0;
border-top:1px solid var(--border)}
.card div:first-child{border:0;font-weight:600;font-size:1.08rem}
.card dt{color:var(--text-2);font-weight:400;font-size:.85em}
.card dd{margin:0}
.warn{border:1px solid var(--caution);border-radius:6px;padding:.5rem .8rem .5rem 2rem;
margin:.6rem 0}
.warn::before{content:"Heed this";display:block;font-weight:600;color:var(--caution);
margin-left:-1.2rem}
figure{margin:1rem 0 1.2rem}
figcaption{font-weight:600;margin-bottom:.3rem}
figcaption small,td small,th small{color:var(--text-2);font-weight:400;font-size:.86em}
figure svg{display:block;width:100%;max-width:46rem;height:auto;font-family:inherit}
.t{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.6rem 0 1.1rem;font-size:.92em}
caption{text-align:left;font-weight:600;padding-bottom:.25rem}
th,td{text-align:left;vertical-align:top;padding:.32rem 1rem .32rem 0;
border-bottom:1px solid var(--border)}
tbody th{font-weight:400}
thead th{color:var(--text-2);font-weight:600;font-size:.86em;border-bottom-color:var(--edge)}
.r{text-align:right}
.r bdi{white-space:nowrap}
.r .v-unk bdi{white-space:normal}
td small,th small{display:block}
td,tbody th{min-width:4.2rem}
.m{font-style:normal;font-size:.78em;white-space:nowrap;padding:0 .35em;color:var(--text-2);
border:1px solid transparent}
.mea{border:1.5px solid var(--text-2);font-weight:600;color:var(--text)}
.est{border-bottom:2px dotted var(--text-2)}
.pub{border:1px solid var(--edge);border-radius:.7em}
.sta{border-bottom:1px solid var(--edge)}
.ass{font-style:italic;border-bottom:1px dashed var(--edge)}
.unk{border:1px dotted var(--text-2);border-radius:.7em}
.v-mea{font-weight:600}
.v-unk{color:var(--text-2)}
b{font-weight:600}
.g{overflow-x:auto}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:44rem){.t table{min-width:40rem}.g svg{min-width:38rem}
.card div{grid-template-columns:1fr;gap:0}ul{padding-left:1.3rem}article{padding:1rem}
header,nav,main{padding:0 .7rem}}
"""

_PRINT = """
@page{size:auto;margin:16mm 15mm 17mm}
@media print{
body{background:#fff;font-size:9pt;line-height:1.35}
header,nav,main{max-width:none;padding:0}
header{padding-top:0}
h1{font-size:17pt}
article{border:0;border-radius:0;padding:0;margin:0;break-before:page}
article:first-of-type{break-before:auto}
.card div{padding:.25em 0}
.card{padding:0 .8em}
figure{margin:.5em 0}
figure svg{max-height:225mm}
th,td{padding:.2em .9em .2em 0}
th:last-child,td:last-child{padding-right:0}
nav{margin-bottom:4mm}
table{margin:.3em 0 .6em}
h2{font-size:14pt}
h3{font-size:10.5pt;margin:2.5mm 0 1mm;padding-top:1.5mm;break-after:avoid}
nav ol{padding-bottom:0}
p{margin:.25em 0 .45em;max-width:none}
p,li{orphans:3;widows:3}
nav a{color:inherit;text-decoration:none}
figure,.card,.warn,tr{break-inside:avoid}
.t,.g{overflow:visible}
.t table,.g svg{min-width:0}
.card div{grid-template-columns:5.5rem 1fr;gap:.8rem}
table{font-size:8.2pt}
thead{display:table-header-group}
caption,figcaption{break-after:avoid}
figure svg{max-width:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
"""

STYLE = (
    f":root{{color-scheme:light dark;{_roles(_LIGHT)}}}\n"
    f"@media (prefers-color-scheme:dark){{:root{{{_roles(_DARK)}}}}}\n"
    f"@media print{{:root{{color-scheme:light;{_roles(_PAPER)}}}}}\n"
    f"{_SHAPES}{_SCREEN}{_PRINT}"
)
"""The whole style sheet."""
