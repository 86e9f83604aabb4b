"""The chart of docs/performance.md: requests per second of each contestant, one row of bars per workload."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

WIDTH, LABELS, BAR, GAP = 760, 210, 16, 34  # pixels
COLORS = {"draftroom": "#2563eb", "draftroom-granian": "#60a5fa"}
OTHERS = "#9ca3af"


def svg(found: Mapping[str, Any], without: str) -> str:
    """The bars of a workload reach to its fastest contestant; `without` is none of them."""
    parts: list[str] = []
    y = 10
    for workload, title in found["workloads"].items():
        if workload not in found["paced"]:
            continue  # Draftroom's own
        rows = {n: row for n, row in found["peers"][workload].items() if n != without}
        most = max(row["high"] for row in rows.values())
        scale = (WIDTH - LABELS - 80) / most
        parts.append(_text(8, y + 14, f"{workload} {title}", "bold"))
        y += 22
        for name, row in sorted(rows.items(), key=lambda item: -item[1]["rate"]):
            length = row["rate"] * scale
            parts.append(_text(8, y + 12, found["contestants"][name]))
            parts.append(
                f'<rect x="{LABELS}" y="{y}" width="{length:.0f}" height="{BAR - 3}"'
                f' fill="{COLORS.get(name, OTHERS)}"/>'
            )
            low, high = LABELS + row["low"] * scale, LABELS + row["high"] * scale
            parts.append(f'<path d="M{low:.0f} {y + 6.5}H{high:.0f}" stroke="#111827"/>')
            parts.append(
                _text(LABELS + max(length, row["high"] * scale) + 6, y + 12, f"{row['rate']:,.0f}")
            )
            y += BAR
        y += GAP - BAR
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}"'
        ' font-family="sans-serif" font-size="12">\n<title>Requests per second</title>\n'
        f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _text(x: float, y: float, text: str, weight: str = "normal") -> str:
    return f'<text x="{x:.0f}" y="{y}" fill="#111827" font-weight="{weight}">{escape(text)}</text>'
