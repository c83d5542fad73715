"""What surfaces look like: noise, and the textures made of it. Arrays of vectors are (3, n)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def linear(hex_color: str) -> np.ndarray:
    """'#rrggbb' (sRGB) to linear light."""
    srgb = np.array([int(hex_color[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).astype(np.float32)


@dataclass(frozen=True)
class Surface:
    """What a part is made of: a texture of `kind` around `color`; `reflect` is the reflectance at right angles."""

    kind: str
    color: str
    second: str = "#000000"
    scale: float = 1.0
    reflect: float = 0.0
    rough: float = 0.0
    glow: float = 0.0
    clear: float = 0.0


def lattice(x: np.ndarray, y: np.ndarray, z: np.ndarray, seed: int) -> np.ndarray:
    """A hash of integer points to 0..1."""
    h = (x.astype(np.int64) * 374761393 + y.astype(np.int64) * 668265263 + z.astype(np.int64) * 2147483647 + seed * 974711) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 2246822519) & 0xFFFFFFFF
    return ((h ^ (h >> 15)) & 0xFFFFFF).astype(np.float32) / np.float32(0xFFFFFF)


def noise(p: np.ndarray, seed: int = 0) -> np.ndarray:
    base = np.floor(p)
    f = p - base
    f = f * f * (3 - 2 * f)
    x, y, z = base.astype(np.int64)
    total = np.zeros(p.shape[1], np.float32)
    for i in (0, 1):
        for j in (0, 1):
            for k in (0, 1):
                weight = (f[0] if i else 1 - f[0]) * (f[1] if j else 1 - f[1]) * (f[2] if k else 1 - f[2])
                total += weight * lattice(x + i, y + j, z + k, seed)
    return total


def fbm(p: np.ndarray, octaves: int = 3, seed: int = 0) -> np.ndarray:
    """Fractal noise around 0, about -1..1."""
    total, amplitude, norm = np.zeros(p.shape[1], np.float32), 1.0, 0.0
    for octave in range(octaves):
        total += amplitude * (noise(p * np.float32(2**octave), seed + octave) - 0.5)
        norm += amplitude
        amplitude *= 0.55
    return total * np.float32(2 / norm)


def scaled(p: np.ndarray, x: float, y: float, z: float) -> np.ndarray:
    return p * np.array([[x], [y], [z]], np.float32)


def flat(p: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates in the plane of a face, whichever way it looks."""
    a = np.abs(n)
    u = np.where(a[0] > np.maximum(a[1], a[2]), p[2], p[0])
    v = np.where(a[1] > np.maximum(a[0], a[2]), p[2], p[1])
    return u, v


def tint(surface: Surface, amount: np.ndarray) -> np.ndarray:
    return linear(surface.color)[:, None] * (1 + amount)


def blend(surface: Surface, mix: np.ndarray) -> np.ndarray:
    return linear(surface.color)[:, None] * (1 - mix) + linear(surface.second)[:, None] * mix


def wood_grain(p: np.ndarray, seed: int) -> np.ndarray:
    wobble = fbm(p * 3, 2, seed)
    return 0.16 * np.sin(38 * p[1] + 9 * p[0] + 5 * wobble) * 0.5 + 0.22 * fbm(scaled(p, 4, 60, 60), 3, seed)


def planks(s: Surface, p: np.ndarray, n: np.ndarray, seed: int) -> np.ndarray:
    u, v = flat(p, n)
    width, length = 0.14 * s.scale, 1.3 * s.scale
    row = np.floor(u / width)
    along = v + lattice(row, row * 0, row * 0, seed) * length
    board = np.floor(along / length)
    shade = lattice(row, board, row * 0, seed + 1) - 0.5
    grain = fbm(np.stack([u * 55, along * 2.5, shade * 40]), 3, seed)
    edge = np.minimum(np.abs(u / width - np.round(u / width)) * width, np.abs(along / length - np.round(along / length)) * length)
    gap = np.clip(edge / 0.004, 0.35, 1)
    return tint(s, 0.34 * shade + 0.24 * grain) * gap


def tiles(s: Surface, p: np.ndarray, n: np.ndarray, seed: int) -> np.ndarray:
    u, v = flat(p, n)
    w, h = 0.3 * s.scale, (0.1 if s.kind == "subway" else 0.3) * s.scale
    row = np.floor(v / h)
    u = u + (row % 2) * w / 2 if s.kind == "subway" else u
    column = np.floor(u / w)
    edge = np.minimum(np.abs(u / w - np.round(u / w)) * w, np.abs(v / h - np.round(v / h)) * h)
    grout = np.clip((edge - 0.003) / 0.003, 0, 1)
    shade = 0.1 * (lattice(column, row, row * 0, seed) - 0.5) + 0.06 * fbm(p * 9, 3, seed)
    if s.kind == "checker":
        body = blend(s, (column + row) % 2) * (1 + shade)
    else:
        body = tint(s, shade)
    return body * grout + np.float32(0.42) * (1 - grout)


def rug(s: Surface, p: np.ndarray, n: np.ndarray, seed: int) -> np.ndarray:
    x, z = p[0], p[2]
    if seed % 4 == 0:
        mix = (np.abs(np.sin(x * 9) + np.sin(z * 9)) < 0.35).astype(np.float32)
    elif seed % 4 == 1:
        mix = ((np.floor(z * 7) % 3) == 0).astype(np.float32)
    elif seed % 4 == 2:
        mix = np.clip(np.sin((np.abs(x) + np.abs(z)) * 22) * 3, 0, 1) * 0.8
    else:
        mix = np.clip(2.2 * fbm(np.stack([x * 2.2, z * 2.2, z * 0]), 3, seed), 0, 0.85)
    return blend(s, mix) * (1 + 0.3 * fbm(p * 90, 2, seed) + 0.1 * fbm(p * 6, 2, seed))


def art(s: Surface, p: np.ndarray, n: np.ndarray, seed: int) -> np.ndarray:
    """A painting: a landscape of bands, or discs on a ground."""
    u, v = flat(p, n)
    rng = np.random.default_rng(seed)
    colors = [linear(c) for c in rng.permutation([s.color, s.second, "#e9dcc3", "#2f3b45", "#c8783c", "#7f9a8a"])[:4]]
    out = np.ones((3, u.size), np.float32) * colors[0][:, None]
    if seed % 2:
        for i, c in enumerate(colors[1:]):
            line = 0.16 - 0.15 * i + 0.09 * fbm(np.stack([u * 3, u * 0 + i, u * 0]), 3, seed + i)
            out = np.where(v < line, c[:, None], out)
        out = np.where((u - 0.12) ** 2 + (v - 0.22) ** 2 < 0.004, linear("#f3d7a0")[:, None], out)
    else:
        for i, c in enumerate(colors[1:]):
            cx, cy, r = rng.uniform(-0.18, 0.18), rng.uniform(-0.2, 0.2), rng.uniform(0.08, 0.2)
            out = np.where((u - cx) ** 2 + (v - cy) ** 2 < r * r, c[:, None], out)
    return out * (1 + 0.12 * fbm(np.stack([u * 60, v * 60, u * 0]), 2, seed))


def books(s: Surface, p: np.ndarray, n: np.ndarray, seed: int) -> np.ndarray:
    u, v = flat(p, n)
    spine = np.floor((u + 0.012 * np.sin(u * 40)) / 0.034)
    palette = np.stack([linear(c) for c in (s.color, s.second, "#8a4b3a", "#d9cbb0", "#3d5a66", "#5b6b4a", "#b98b4e", "#2e2b2a")])
    pick = (lattice(spine, spine * 0, spine * 0, seed) * 7.99).astype(int)
    out = palette[pick].T * (0.75 + 0.5 * lattice(spine, spine * 0, spine * 0, seed + 3))
    tall = 0.13 - 0.1 * lattice(spine, spine * 0 + 1, spine * 0, seed)
    out = np.where(v > tall, 0.02, out)
    band = (np.abs(v + 0.05) < 0.008) & (lattice(spine, spine * 0 + 2, spine * 0, seed) > 0.5)
    return np.where(band, linear("#e8d9a6")[:, None], out)


def view(s: Surface, p: np.ndarray, n: np.ndarray, seed: int) -> np.ndarray:
    """What is outside of a window, out of focus."""
    u, v = flat(p, n)
    sky = linear("#eef5fb")[:, None] * (1 - np.clip(v * 0.35 + 0.3, 0, 1)) + linear("#a9cdee")[:, None] * np.clip(v * 0.35 + 0.3, 0, 1)
    ridge = -0.25 + 0.35 * fbm(np.stack([u * 2.5, u * 0, u * 0]), 2, seed)
    leaves = fbm(np.stack([u * 11, v * 11, u * 0]), 3, seed + 5)
    trees = linear("#7f9b62")[:, None] * (0.8 + 0.5 * leaves)
    mix = np.clip((ridge - v + 0.14 * leaves) / 0.12, 0, 0.92)
    return sky * (1 - mix) + trees * mix


def albedo(s: Surface, p: np.ndarray, n: np.ndarray, seed: int) -> np.ndarray:
    if s.kind in PATTERNS:
        return PATTERNS[s.kind](s, p, n, seed)
    if s.kind == "wood":
        return tint(s, wood_grain(p * s.scale, seed))
    if s.kind == "fabric":
        return tint(s, 0.22 * fbm(p * 130, 2, seed) + 0.12 * fbm(p * 9, 2, seed))
    if s.kind == "leather":
        return tint(s, 0.2 * fbm(p * 45, 3, seed) + 0.15 * fbm(p * 5, 2, seed))
    if s.kind == "marble":
        warp = p * 2.2 + 0.5 * fbm(p * 3, 3, seed)
        vein = np.clip(1 - 9 * np.abs(fbm(warp, 4, seed)), 0, 1)
        return blend(s, 0.55 * vein) * (1 + 0.06 * fbm(p * 4, 2, seed))
    if s.kind == "stone":
        return tint(s, 0.3 * fbm(p * 9, 4, seed))
    if s.kind == "concrete":
        return tint(s, 0.16 * fbm(p * 2.2, 4, seed) + 0.05 * fbm(p * 60, 2, seed))
    if s.kind == "brick":
        u, v = flat(p, n)
        row = np.floor(v / 0.075)
        u = u + (row % 2) * 0.11
        column = np.floor(u / 0.22)
        edge = np.minimum(np.abs(u / 0.22 - np.round(u / 0.22)) * 0.22, np.abs(v / 0.075 - np.round(v / 0.075)) * 0.075)
        mortar = np.clip((edge - 0.004) / 0.005, 0, 1)
        body = tint(s, 0.55 * (lattice(column, row, row * 0, seed) - 0.5) + 0.25 * fbm(p * 25, 3, seed))
        return body * mortar + linear("#b9b0a5")[:, None] * (1 - mortar)
    if s.kind == "rattan":
        u, v = flat(p, n)
        weave = np.sin(u * 210) * np.sin(v * 210)
        return tint(s, 0.3 * weave + 0.2 * fbm(p * 30, 2, seed))
    if s.kind == "leaf":
        return tint(s, 0.5 * fbm(p * 14, 3, seed))
    return tint(s, 0.05 * fbm(p * 5, 3, seed) + 0.02 * fbm(p * 80, 1, seed))


PATTERNS = {"planks": planks, "tiles": tiles, "subway": tiles, "checker": tiles, "rug": rug, "art": art, "books": books, "view": view}
