"""Furniture made of boxes, balls and cut cones. Each function returns a thing in its own frame: origin on the floor in
the middle, front towards -z; sizes in metres."""

from __future__ import annotations

import numpy as np

from shapes import Part, Thing
from textures import Surface

STEEL = Surface("plain", "#b9bcc0", reflect=0.5, rough=0.12)
BLACK_METAL = Surface("plain", "#26272a", reflect=0.06, rough=0.2)
BRASS = Surface("plain", "#b88f4c", reflect=0.45, rough=0.12)
CERAMIC = Surface("plain", "#f1f0ec", reflect=0.05, rough=0.02)
SOIL = Surface("stone", "#3a2c22")
SCREEN = Surface("plain", "#0c0d10", reflect=0.06, rough=0.02)


def box(x, y, z, w, h, d, surface, bevel=0.012) -> Part:
    """A box whose bottom is at `y`; `w`, `h`, `d` are full sizes."""
    return Part("box", (x, y + h / 2, z), (w / 2, h / 2, d / 2), surface, bevel)


def cone(x, y, z, bottom, h, surface, top=None, axis=1) -> Part:
    """A cylinder or cut cone whose lower end is at `y` (its middle, when it lies along another axis)."""
    center = (x, y + h / 2, z) if axis == 1 else (x, y, z)
    return Part("cone", center, (bottom, h / 2, bottom if top is None else top), surface, axis=axis)


def ball(x, y, z, rx, ry, rz, surface) -> Part:
    return Part("ball", (x, y, z), (rx, ry, rz), surface)


def legs(w, d, h, surface, r=0.02, inset=0.06) -> list[Part]:
    return [cone(sx * (w / 2 - inset), 0, sz * (d / 2 - inset), r * 0.7, h, surface, r) for sx in (-1, 1) for sz in (-1, 1)]


def sofa(w, body, wood, pillow, material="fabric", seats=3) -> Thing:
    arm = 0.16
    parts = legs(w, 0.88, 0.13, wood, 0.025) + [
        box(0, 0.13, 0, w, 0.2, 0.88, body, 0.05),
        box(0, 0.2, 0.36, w, 0.58, 0.18, body, 0.07),
        box(-w / 2 + arm / 2, 0.13, -0.02, arm, 0.46, 0.86, body, 0.06),
        box(w / 2 - arm / 2, 0.13, -0.02, arm, 0.46, 0.86, body, 0.06),
    ]
    seat = (w - 2 * arm) / seats
    for i in range(seats):
        x = -w / 2 + arm + seat * (i + 0.5)
        parts.append(box(x, 0.32, -0.07, seat - 0.012, 0.15, 0.7, body, 0.06))
        parts.append(box(x, 0.45, 0.2, seat - 0.02, 0.36, 0.17, body, 0.07))
    for side, x in ((1, w / 2 - arm - 0.2), (-1, -w / 2 + arm + 0.22)):
        parts.append(ball(x, 0.62, 0.06, 0.21, 0.19, 0.1, pillow[side > 0]))
    return Thing("sofa", material, body.color, parts)


def armchair(body, wood, material="fabric") -> Thing:
    parts = legs(0.76, 0.74, 0.2, wood, 0.025) + [
        box(0, 0.2, 0, 0.74, 0.14, 0.74, body, 0.06),
        box(0, 0.3, -0.04, 0.54, 0.15, 0.6, body, 0.07),
        box(0, 0.3, 0.3, 0.72, 0.56, 0.16, body, 0.08),
        box(-0.34, 0.24, 0, 0.12, 0.38, 0.7, body, 0.06),
        box(0.34, 0.24, 0, 0.12, 0.38, 0.7, body, 0.06),
    ]
    return Thing("armchair", material, body.color, parts)


def chair(seat, wood, material="wood") -> Thing:
    parts = legs(0.44, 0.44, 0.45, wood, 0.02, 0.04) + [
        box(0, 0.43, 0, 0.46, 0.05, 0.46, seat, 0.03),
        box(-0.19, 0.47, 0.2, 0.035, 0.42, 0.035, wood),
        box(0.19, 0.47, 0.2, 0.035, 0.42, 0.035, wood),
        box(0, 0.68, 0.2, 0.44, 0.2, 0.03, seat, 0.02),
    ]
    return Thing("chair", material, seat.color, parts)


def office_chair(body) -> Thing:
    parts = [box(np.cos(a) * 0.16, 0.05, np.sin(a) * 0.16, 0.05 + 0.28 * abs(np.cos(a)), 0.03, 0.05 + 0.28 * abs(np.sin(a)), BLACK_METAL) for a in (0, np.pi / 2, np.pi, 3 * np.pi / 2)]
    parts += [cone(0, 0.07, 0, 0.03, 0.35, STEEL), box(0, 0.42, 0, 0.5, 0.1, 0.48, body, 0.05), box(0, 0.6, 0.22, 0.46, 0.55, 0.08, body, 0.05), box(0, 0.45, 0.24, 0.08, 0.2, 0.04, BLACK_METAL)]
    return Thing("chair", "leather" if body.kind == "leather" else "fabric", body.color, parts)


def stool(seat, leg, material="wood", h=0.66) -> Thing:
    parts = legs(0.38, 0.38, h, leg, 0.016, 0.05) + [cone(0, h, 0, 0.19, 0.05, seat), cone(0, h * 0.35, 0, 0.15, 0.02, leg)]
    return Thing("stool", material, seat.color, parts)


def coffee_table(top, leg, material, round_=False, w=1.1, d=0.6) -> Thing:
    if round_:
        parts = [cone(0, 0.36, 0, w / 2, 0.04, top), cone(0, 0, 0, 0.22, 0.36, leg, 0.06)]
    else:
        parts = legs(w, d, 0.36, leg, 0.025) + [box(0, 0.36, 0, w, 0.045, d, top), box(0, 0.14, 0, w - 0.16, 0.02, d - 0.16, leg)]
    parts += [box(-0.12, 0.405, 0.03, 0.26, 0.03, 0.19, Surface("plain", "#c9b79a")), box(-0.1, 0.435, 0.04, 0.22, 0.025, 0.16, Surface("plain", "#7c8b85")), cone(0.22, 0.405, -0.02, 0.06, 0.1, CERAMIC, 0.09)]
    return Thing("coffee table", material, top.color, parts)


def dining_table(top, leg, material, w=1.9, d=0.95, round_=False) -> Thing:
    if round_:
        parts = [cone(0, 0.71, 0, w / 2, 0.04, top), cone(0, 0.03, 0, 0.07, 0.68, leg), cone(0, 0, 0, 0.34, 0.04, leg, 0.3)]
    else:
        parts = legs(w, d, 0.71, leg, 0.04, 0.1) + [box(0, 0.71, 0, w, 0.045, d, top), box(0, 0.64, 0, w - 0.22, 0.07, d - 0.22, leg)]
    parts += [cone(0.05, 0.755, 0, 0.09, 0.07, CERAMIC, 0.17), ball(0.02, 0.83, 0.02, 0.045, 0.045, 0.045, Surface("plain", "#d9772b")), ball(0.1, 0.83, -0.03, 0.045, 0.045, 0.045, Surface("plain", "#8fa63a")), ball(0.06, 0.84, 0.07, 0.045, 0.045, 0.045, Surface("plain", "#c43a2c"))]
    return Thing("dining table", material, top.color, parts)


def rug(w, d, color, second, round_=False) -> Thing:
    surface = Surface("rug", color, second)
    part = cone(0, 0, 0, w / 2, 0.014, surface) if round_ else box(0, 0, 0, w, 0.014, d, surface, 0.004)
    return Thing("rug", "fabric", color, [part])


def bed(linen, throw, frame, head, material="fabric", w=1.7) -> Thing:
    white = Surface("fabric", "#efece6")
    parts = [
        box(0, 0.06, 0, w + 0.08, 0.22, 2.08, frame, 0.02),
        box(0, 0.28, 0, w, 0.22, 2.02, white, 0.06),
        box(0, 0.34, -0.22, w + 0.06, 0.2, 1.62, linen, 0.07),
        box(0, 0.36, -0.72, w + 0.08, 0.2, 0.56, throw, 0.06),
        box(0, 0, 1.06, w + 0.14, 1.08, 0.09, head, 0.04),
    ]
    for x in (-w / 4, w / 4):
        parts += [ball(x, 0.62, 0.8, 0.36, 0.2, 0.15, white), ball(x, 0.6, 0.6, 0.28, 0.17, 0.12, throw)]
    return Thing("bed", material, linen.color, parts)


def nightstand(wood, knob=BRASS) -> Thing:
    parts = legs(0.46, 0.4, 0.16, wood) + [box(0, 0.15, 0, 0.48, 0.38, 0.42, wood), box(0, 0.35, -0.215, 0.43, 0.15, 0.012, wood), box(0, 0.18, -0.215, 0.43, 0.15, 0.012, wood), ball(0, 0.43, -0.23, 0.014, 0.014, 0.014, knob), ball(0, 0.26, -0.23, 0.014, 0.014, 0.014, knob)]
    return Thing("nightstand", "wood", wood.color, parts)


def table_lamp(base, shade="#f3e3c4", material="ceramic") -> Thing:
    glow = Surface("fabric", shade, glow=1.3)
    return Thing("lamp", material, base.color, [ball(0, 0.11, 0, 0.09, 0.11, 0.09, base), cone(0, 0.2, 0, 0.012, 0.1, BRASS), cone(0, 0.27, 0, 0.15, 0.2, glow, 0.1)], casts=False)


def floor_lamp(metal, shade="#f0e2c6") -> Thing:
    glow = Surface("fabric", shade, glow=1.4)
    return Thing("lamp", "metal", metal.color, [cone(0, 0, 0, 0.15, 0.025, metal), cone(0, 0.02, 0, 0.013, 1.42, metal), cone(0, 1.4, 0, 0.21, 0.28, glow, 0.15)], casts=False)


def pendant(ceiling, drop, kind, color) -> Thing:
    """Hangs from the ceiling, `drop` below it."""
    y = ceiling - drop
    glow = Surface("plain", "#fff0d0", glow=3.0)
    if kind == "globe":
        parts, material = [ball(0, y, 0, 0.14, 0.14, 0.14, Surface("plain", "#fff3dc", glow=1.5))], "glass"
    elif kind == "rattan":
        parts, material = [cone(0, y - 0.12, 0, 0.26, 0.24, Surface("rattan", color, glow=0.16), 0.08), ball(0, y - 0.11, 0, 0.06, 0.05, 0.06, glow)], "rattan"
    else:
        parts, material = [cone(0, y - 0.1, 0, 0.2, 0.2, Surface("plain", color, reflect=0.06, rough=0.2), 0.05), ball(0, y - 0.1, 0, 0.07, 0.03, 0.07, glow)], "metal"
    return Thing("pendant lamp", material, color, [*parts, cone(0, y + 0.1, 0, 0.006, drop - 0.1, BLACK_METAL)], casts=False)


def plant(rng, h=1.1, pot=CERAMIC, material="ceramic") -> Thing:
    parts = [cone(0, 0, 0, 0.13, 0.3, pot, 0.17), cone(0, 0.28, 0, 0.15, 0.025, SOIL)]
    leaf = [Surface("leaf", c) for c in ("#4d7a3a", "#3b6632", "#6a9148", "#2f5a34")]
    kind = rng.integers(3)
    for _ in range(60 if kind != 1 else 22):
        a, u = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 1)
        if kind == 0:  # a bush
            r = 0.26 * np.sqrt(rng.uniform(0, 1))
            parts.append(ball(np.cos(a) * r, 0.42 + u * (h - 0.55), np.sin(a) * r, rng.uniform(0.03, 0.085), rng.uniform(0.02, 0.05), rng.uniform(0.03, 0.085), leaf[rng.integers(4)]))
        elif kind == 1:  # upright blades
            lean = rng.uniform(0.02, 0.12)
            parts.append(ball(np.cos(a) * lean, 0.3 + (h - 0.35) * 0.45 * (0.5 + u / 2), np.sin(a) * lean, 0.02 + 0.02 * abs(np.cos(a)), (h - 0.35) * 0.5 * (0.5 + u / 2), 0.02 + 0.02 * abs(np.sin(a)), leaf[rng.integers(4)]))
        else:  # a small tree
            r = 0.1 + 0.2 * rng.uniform(0, 1)
            parts.append(ball(np.cos(a) * r, h - 0.16 + rng.uniform(-0.26, 0.24), np.sin(a) * r, rng.uniform(0.035, 0.085), rng.uniform(0.014, 0.03), rng.uniform(0.035, 0.085), leaf[rng.integers(4)]))
    if kind == 2:
        parts.append(cone(0, 0.3, 0, 0.02, h - 0.45, Surface("wood", "#6b513a"), 0.014))
    return Thing("plant", "ceramic" if pot is CERAMIC else material, "#4d7a3a", parts)


def vase(color, rng) -> Thing:
    body = Surface("plain", color, reflect=0.05, rough=0.05)
    parts = [ball(0, 0.1, 0, 0.075, 0.11, 0.075, body), cone(0, 0.17, 0, 0.035, 0.07, body, 0.045)]
    for _ in range(7):
        a, r = rng.uniform(0, 2 * np.pi), rng.uniform(0.02, 0.1)
        parts.append(ball(np.cos(a) * r, rng.uniform(0.3, 0.42), np.sin(a) * r, 0.025, 0.035, 0.025, Surface("leaf", ["#e3c9b2", "#c98f7a", "#8a9a6b"][rng.integers(3)])))
        parts.append(cone(np.cos(a) * r * 0.5, 0.22, np.sin(a) * r * 0.5, 0.004, 0.14, Surface("plain", "#7d7a55")))
    return Thing("vase", "ceramic", color, parts)


def picture(w, h, color, second, frame, y=1.2) -> Thing:
    """Hangs on a wall behind it: the back is at z = 0."""
    parts = [box(0, y, -0.012, w, h, 0.024, frame, 0.004), box(0, y + 0.025, -0.021, w - 0.05, h - 0.05, 0.012, Surface("plain", "#f2efe8"), 0.001), box(0, y + 0.07, -0.026, w - 0.14, h - 0.14, 0.006, Surface("art", color, second), 0.001)]
    return Thing("picture", "wood", frame.color, parts)


def mirror(w, h, frame, y=1.0, round_=False) -> Thing:
    glass = Surface("plain", "#e8eef0", reflect=0.9, rough=0.0)
    if round_:
        return Thing("mirror", "mirror", "#e8eef0", [cone(0, y + w / 2, -0.012, w / 2, 0.024, frame, axis=2), cone(0, y + w / 2, -0.02, w / 2 - 0.025, 0.02, glass, axis=2)])
    return Thing("mirror", "mirror", "#e8eef0", [box(0, y, -0.012, w, h, 0.024, frame, 0.003), box(0, y + 0.025, -0.021, w - 0.05, h - 0.05, 0.012, glass, 0.0005)])


def window(w, h, y, frame) -> Thing:
    outside = Surface("view", "#ffffff", glow=2.6)
    parts = [box(0, y, -0.004, w, h, 0.008, outside, 0.001)]
    f = 0.055
    parts += [box(x, y - f, -0.02, f, h + 2 * f, 0.045, frame, 0.006) for x in (-w / 2 - f / 2, w / 2 + f / 2)]
    parts += [box(0, y + h, -0.02, w + 2 * f, f, 0.045, frame, 0.006), box(0, y - f, -0.06, w + 0.2, f * 0.7, 0.12, frame, 0.006)]
    parts += [box(0, y, -0.018, 0.035, h, 0.03, frame, 0.004), box(0, y + h * 0.66, -0.018, w, 0.03, 0.03, frame, 0.004)]
    return Thing("window", "glass", frame.color, parts, casts=False)


def curtain(h, color, width=0.5) -> Thing:
    cloth = Surface("fabric", color, scale=62.0)
    return Thing("curtain", "fabric", color, [box(0, 0.03, -0.07, width, h - 0.05, 0.05, cloth, 0.02)], casts=False)


def curtain_rod(w, y) -> Part:
    return cone(0, y, -0.07, 0.012, w, BLACK_METAL, axis=0)


def door(surface, knob=STEEL) -> Thing:
    trim = Surface("plain", "#efece5")
    parts = [box(0, 0, -0.01, 0.86, 2.06, 0.02, trim, 0.004), box(0, 0.005, -0.022, 0.78, 2.0, 0.03, surface, 0.004)]
    parts += [box(x, y, -0.04, 0.26, h, 0.008, surface, 0.006) for x in (-0.17, 0.17) for y, h in ((0.2, 0.7), (1.05, 0.8))]
    parts += [ball(0.32, 1.0, -0.06, 0.028, 0.028, 0.028, knob)]
    return Thing("door", "wood", surface.color, parts)


def cabinet(w, h, body, label="cabinet", material="wood", leg=0.14, doors=3, knob=BRASS, d=0.42) -> Thing:
    parts = (legs(w, d, leg, BLACK_METAL, 0.016) if leg else []) + [box(0, leg, 0, w, h, d, body)]
    step = w / doors
    for i in range(doors):
        x = -w / 2 + step * (i + 0.5)
        parts += [box(x, leg + 0.02, -d / 2 - 0.006, step - 0.016, h - 0.04, 0.016, body, 0.006), box(x + step * 0.36, leg + h * 0.5 - 0.06, -d / 2 - 0.026, 0.012, 0.12, 0.014, knob)]
    return Thing(label, material, body.color, parts)


def dresser(w, body, knob=BRASS, rows=3) -> Thing:
    parts = legs(w, 0.46, 0.12, body) + [box(0, 0.12, 0, w, 0.75, 0.46, body)]
    for row in range(rows):
        for x in (-w / 4, w / 4):
            parts += [box(x, 0.15 + row * 0.7 / rows, -0.236, w / 2 - 0.025, 0.7 / rows - 0.02, 0.016, body, 0.006), ball(x, 0.15 + (row + 0.5) * 0.7 / rows, -0.255, 0.015, 0.015, 0.015, knob)]
    return Thing("dresser", "wood", body.color, parts)


def television(w=1.2) -> Thing:
    return Thing("television", "plastic", "#0c0d10", [box(0, 0.05, 0, w, w * 0.56, 0.035, SCREEN, 0.004), box(0, 0, 0, 0.4, 0.02, 0.2, BLACK_METAL), box(0, 0.02, 0, 0.06, 0.06, 0.03, BLACK_METAL)])


def bookshelf(w, h, wood, rng, shelves=5) -> Thing:
    parts = [box(-w / 2 + 0.012, 0, 0, 0.025, h, 0.3, wood), box(w / 2 - 0.012, 0, 0, 0.025, h, 0.3, wood), box(0, 0, 0.14, w, h, 0.015, wood)]
    gap = (h - 0.05) / shelves
    for i in range(shelves + 1):
        parts.append(box(0, 0.03 + i * gap - 0.012, 0, w - 0.03, 0.024, 0.3, wood))
    for i in range(shelves):
        y = 0.042 + i * gap
        share = rng.uniform(0.45, 0.95)
        bw = (w - 0.07) * share
        side = -1 if rng.uniform() < 0.5 else 1
        parts.append(box(side * ((w - 0.07) - bw) / 2, y, 0.01, bw, min(0.26, gap - 0.05), 0.2, Surface("books", ["#a8543c", "#31536b", "#6d7b52"][i % 3], ["#d8c39a", "#222a35", "#e6e0d2"][i % 3]), 0.002))
        if share < 0.8:
            parts.append(ball(-side * (w / 2 - 0.13), y + 0.07, 0, 0.06, 0.07, 0.06, Surface("plain", ["#c9b49a", "#8fa3a0", "#b5694d"][rng.integers(3)], reflect=0.04, rough=0.05)))
    return Thing("bookshelf", "wood", wood.color, parts)


def desk(top, leg, w=1.4, material="wood") -> Thing:
    parts = legs(w, 0.68, 0.71, leg, 0.026, 0.06) + [box(0, 0.71, 0, w, 0.035, 0.68, top), box(w / 2 - 0.28, 0.56, 0.02, 0.42, 0.15, 0.55, top)]
    parts += [box(-0.05, 0.745, -0.15, 0.42, 0.015, 0.13, Surface("plain", "#d6d6d4")), box(0.3, 0.745, -0.13, 0.06, 0.025, 0.1, Surface("plain", "#d6d6d4")), box(-w / 2 + 0.2, 0.745, -0.1, 0.21, 0.02, 0.29, Surface("plain", "#f4f1ea"))]
    return Thing("desk", material, top.color, parts)


def monitor() -> Thing:
    return Thing("computer monitor", "plastic", "#0c0d10", [box(0, 0.12, 0, 0.64, 0.38, 0.03, SCREEN, 0.004), box(0, 0.135, -0.017, 0.6, 0.34, 0.002, Surface("art", "#31506b", "#d89a5b", glow=0.45), 0.0005), cone(0, 0.01, 0.02, 0.025, 0.14, STEEL), box(0, 0, 0.02, 0.24, 0.012, 0.18, STEEL)])


def wardrobe(w, body, knob=BRASS) -> Thing:
    thing = cabinet(w, 2.1, body, "wardrobe", leg=0.0, doors=max(2, round(w / 0.55)), knob=knob, d=0.6)
    return thing


def counter(w, body, top, material="wood", d=0.62, tap=None) -> Thing:
    doors = max(2, round(w / 0.55))
    parts = [box(0, 0, 0.03, w, 0.1, d - 0.1, BLACK_METAL), box(0, 0.1, 0, w, 0.76, d - 0.04, body), box(0, 0.86, 0, w + 0.02, 0.04, d, top)]
    step = w / doors
    for i in range(doors):
        x = -w / 2 + step * (i + 0.5)
        parts += [box(x, 0.12, -d / 2 + 0.012, step - 0.014, 0.72, 0.018, body, 0.006), box(x, 0.79, -d / 2 - 0.008, 0.16, 0.012, 0.014, STEEL)]
    return Thing("kitchen counter", material, body.color, parts)


def wall_cabinets(w, body, y=1.45, h=0.7, material="wood") -> Thing:
    doors = max(2, round(w / 0.5))
    step = w / doors
    parts = [box(0, y, -0.17, w, h, 0.34, body)]
    parts += [box(-w / 2 + step * (i + 0.5), y + 0.01, -0.345, step - 0.012, h - 0.02, 0.016, body, 0.006) for i in range(doors)]
    return Thing("cabinet", material, body.color, parts)


def sink(w=0.6) -> Thing:
    """Set into a counter 0.9 m high."""
    rim = Surface("plain", "#c9ccce", reflect=0.3, rough=0.1)
    parts = [box(0, 0.9, 0, w, 0.012, 0.42, rim, 0.006), box(0, 0.906, -0.02, w - 0.06, 0.01, 0.34, Surface("plain", "#6b6f73", reflect=0.25, rough=0.1), 0.004)]
    parts += [cone(0, 0.9, 0.18, 0.016, 0.28, STEEL), cone(0, 1.18, 0.1, 0.014, 0.17, STEEL, axis=2), cone(0, 1.12, 0.02, 0.012, 0.07, STEEL)]
    return Thing("sink", "metal", "#c9ccce", parts)


def oven(body=None) -> Thing:
    body = body or Surface("plain", "#9a9da1", reflect=0.3, rough=0.15)
    parts = [box(0, 0, 0, 0.6, 0.88, 0.6, body), box(0, 0.88, 0, 0.6, 0.025, 0.6, SCREEN), box(0, 0.2, -0.305, 0.5, 0.42, 0.014, SCREEN), box(0, 0.66, -0.325, 0.5, 0.022, 0.02, STEEL), box(0, 0.74, -0.305, 0.56, 0.11, 0.012, BLACK_METAL)]
    parts += [cone(x, 0.8, -0.32, 0.02, 0.025, STEEL, axis=2) for x in (-0.2, -0.1, 0.1, 0.2)]
    parts += [cone(x, 0.905, z, 0.09, 0.006, BLACK_METAL) for x in (-0.14, 0.14) for z in (-0.13, 0.14)]
    parts += [cone(-0.14, 0.91, 0.14, 0.1, 0.13, Surface("plain", "#b04a35", reflect=0.05, rough=0.05)), cone(-0.14, 1.04, 0.14, 0.1, 0.02, STEEL, 0.02)]
    return Thing("oven", "metal", body.color, parts)


def hood() -> Thing:
    return Thing("range hood", "metal", STEEL.color, [cone(0, 1.55, -0.22, 0.32, 0.2, STEEL, 0.13), box(0, 1.7, -0.14, 0.24, 1.0, 0.24, STEEL)])


def refrigerator(color="#d3d5d6") -> Thing:
    steel = Surface("plain", color, reflect=0.22, rough=0.2)
    parts = [box(0, 0.02, 0, 0.72, 1.86, 0.66, steel, 0.02), box(0, 0.66, -0.335, 0.7, 1.2, 0.02, steel, 0.01), box(0, 0.04, -0.335, 0.7, 0.6, 0.02, steel, 0.01), cone(0.3, 0.75, -0.37, 0.012, 0.5, STEEL), cone(0.3, 0.3, -0.37, 0.012, 0.28, STEEL)]
    return Thing("refrigerator", "metal", color, parts)


def bathtub(w=1.65) -> Thing:
    water = Surface("plain", "#bcd6da", reflect=0.06, rough=0.02)
    parts = [box(0, 0.02, 0, w, 0.56, 0.78, CERAMIC, 0.12), box(0, 0.575, 0, w - 0.2, 0.012, 0.56, water, 0.004), box(0, 0.55, 0.36, w - 0.06, 0.055, 0.06, CERAMIC, 0.03), box(0, 0.55, -0.36, w - 0.06, 0.055, 0.06, CERAMIC, 0.03)]
    parts += [box(s * (w / 2 - 0.05), 0.55, 0, 0.1, 0.055, 0.76, CERAMIC, 0.03) for s in (-1, 1)]
    parts += [cone(w / 2 - 0.12, 0.58, 0.3, 0.018, 0.3, STEEL), cone(w / 2 - 0.12, 0.87, 0.22, 0.014, 0.2, STEEL, axis=2)]
    parts += [box(-w / 4, 0.5, -0.4, 0.4, 0.12, 0.03, Surface("fabric", "#d7c8b0"), 0.01)]
    return Thing("bathtub", "ceramic", "#f1f0ec", parts)


def toilet() -> Thing:
    parts = [box(0, 0, 0.05, 0.24, 0.36, 0.4, CERAMIC, 0.1), ball(0, 0.36, -0.12, 0.2, 0.1, 0.27, CERAMIC), cone(0, 0.41, -0.1, 0.19, 0.03, CERAMIC), box(0, 0.38, 0.24, 0.38, 0.42, 0.16, CERAMIC, 0.05), box(0, 0.8, 0.24, 0.4, 0.03, 0.18, CERAMIC, 0.02)]
    return Thing("toilet", "ceramic", "#f1f0ec", parts)


def washbasin(body, top, w=0.95) -> Thing:
    parts = [box(0, 0.22, 0, w, 0.56, 0.48, body), box(0, 0.78, 0, w + 0.02, 0.035, 0.5, top)]
    parts += [box(s * w / 4, 0.26 + 0, -0.246, w / 2 - 0.02, 0.48, 0.014, body, 0.006) for s in (-1, 1)]
    parts += [box(s * 0.04, 0.5, -0.262, 0.012, 0.12, 0.014, BRASS) for s in (-1, 1)]
    parts += [cone(0, 0.815, -0.02, 0.15, 0.12, CERAMIC, 0.21), cone(0, 0.93, -0.02, 0.18, 0.006, Surface("plain", "#c9cdce")), cone(0, 0.815, 0.2, 0.014, 0.3, BRASS), cone(0, 1.11, 0.12, 0.012, 0.18, BRASS, axis=2)]
    return Thing("sink", "ceramic", "#f1f0ec", parts)


def towel_rail(color) -> Thing:
    return Thing("towel", "fabric", color, [cone(0, 1.35, -0.06, 0.01, 0.6, STEEL, axis=0), box(-0.04, 0.85, -0.06, 0.36, 0.52, 0.035, Surface("fabric", color), 0.015)])


def bench(seat, leg, w=1.1, material="wood") -> Thing:
    return Thing("bench", material, seat.color, [*legs(w, 0.38, 0.42, leg, 0.022, 0.05), box(0, 0.42, 0, w, 0.07, 0.38, seat, 0.03)])


def coat_rack(wood, rng) -> Thing:
    parts = [box(0, 1.62, -0.015, 0.9, 0.1, 0.03, wood)]
    colors = rng.permutation(["#3d4a5c", "#a9744f", "#6f7560", "#c9b89c", "#7a3f3a"])
    for i, x in enumerate((-0.32, -0.11, 0.1, 0.31)):
        parts.append(cone(x, 1.66, -0.06, 0.012, 0.08, BRASS, axis=2))
        if i != 2:
            parts += [box(x, 0.85 + 0.1 * (i % 2), -0.1, 0.18, 0.78 - 0.1 * (i % 2), 0.09, Surface("fabric", str(colors[i])), 0.045)]
    return Thing("coat rack", "wood", wood.color, parts)


def console(top, leg, w=1.1) -> Thing:
    return Thing("console table", "wood", top.color, [*legs(w, 0.34, 0.8, leg, 0.018, 0.04), box(0, 0.8, 0, w, 0.035, 0.34, top), box(0, 0.22, 0, w - 0.08, 0.025, 0.28, top)])


def basket(color="#b58a55") -> Thing:
    weave = Surface("rattan", color)
    return Thing("basket", "rattan", color, [cone(0, 0, 0, 0.17, 0.32, weave, 0.21), ball(0, 0.32, 0, 0.18, 0.09, 0.18, Surface("fabric", "#e2d8c6"))])


def pouf(color) -> Thing:
    return Thing("ottoman", "fabric", color, [cone(0, 0.02, 0, 0.27, 0.36, Surface("fabric", color)), ball(0, 0.36, 0, 0.27, 0.07, 0.27, Surface("fabric", color))])
