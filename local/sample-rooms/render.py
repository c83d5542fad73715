"""A small ray caster for furnished rooms: numpy only.

Lengths are metres, y is up, a room is the box (0..width, 0..height, 0..depth). Arrays of vectors are (3, n).
`render` returns the picture and what is known exactly about it: depth per pixel and the thing that each pixel shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

EPS = 1e-3
SUPERSAMPLE = 2
WINDOW_RADIANCE = 9.0


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


@dataclass(frozen=True)
class Part:
    """`shape` is 'box' (size = half extents), 'ball' (radii) or 'cone' (size = bottom radius, half height, top radius)."""

    shape: str
    center: tuple[float, float, float]
    size: tuple[float, float, float]
    surface: Surface
    bevel: float = 0.012
    axis: int = 1

    def half(self) -> np.ndarray:
        if self.shape != "cone":
            return np.array(self.size, np.float32)
        half = np.full(3, max(self.size[0], self.size[2]), np.float32)
        half[self.axis] = self.size[1]
        return half


@dataclass
class Thing:
    """One piece of furniture: parts in its own frame (origin on the floor, front towards -z), turned by `yaw` degrees."""

    label: str
    material: str
    color: str
    parts: list[Part]
    at: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw: float = 0.0
    casts: bool = True

    def placed(self, x: float, z: float, yaw: float = 0.0, y: float = 0.0) -> Thing:
        return Thing(self.label, self.material, self.color, self.parts, (x, y, z), yaw, self.casts)

    def rotation(self) -> np.ndarray:
        c, s = np.cos(np.radians(self.yaw)), np.sin(np.radians(self.yaw))
        return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        corners = []
        for part in self.parts:
            half, center = part.half(), np.array(part.center)
            corners += [center + half * np.array([i, j, k]) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
        world = np.array(corners) @ self.rotation().T + np.array(self.at)
        return world.min(0).astype(np.float32) - EPS, world.max(0).astype(np.float32) + EPS


@dataclass
class Window:
    """A rectangle that lights the room: `center`, unit `normal` into the room, and half extents along its two axes."""

    center: np.ndarray
    normal: np.ndarray
    u: np.ndarray
    v: np.ndarray


@dataclass
class Lamp:
    at: tuple[float, float, float]
    power: float
    color: str = "#ffd9a8"


@dataclass
class Camera:
    at: tuple[float, float, float]
    yaw: float  # degrees; 0 looks along +z, positive to the right
    width: int
    height: int
    fov: float  # degrees across the longer side
    shift: float = 0.0  # lens shift in picture heights, so that verticals stay vertical


@dataclass
class Room:
    size: tuple[float, float, float]  # width, height, depth
    floor: Surface
    ceiling: Surface
    walls: list[Surface]  # left, right, near, far
    things: list[Thing] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    lamps: list[Lamp] = field(default_factory=list)
    sun: tuple[float, float, float] | None = None  # direction towards the sun
    warmth: float = 0.0
    exposure: float = 1.0


# --- noise and textures ----------------------------------------------------------------------------------------------


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


# --- geometry --------------------------------------------------------------------------------------------------------


def hit_box(part: Part, o: np.ndarray, d: np.ndarray) -> np.ndarray:
    center, half = np.array(part.center, np.float32)[:, None], np.array(part.size, np.float32)[:, None]
    a, b = (center - half - o) / d, (center + half - o) / d
    near, far = np.minimum(a, b).max(0), np.maximum(a, b).min(0)
    return np.where((near <= far) & (near > EPS), near, np.inf)


def hit_ball(part: Part, o: np.ndarray, d: np.ndarray) -> np.ndarray:
    radii = np.array(part.size, np.float32)[:, None]
    p, q = (o - np.array(part.center, np.float32)[:, None]) / radii, d / radii
    a, b, c = (q * q).sum(0), (p * q).sum(0), (p * p).sum(0) - 1
    root = b * b - a * c
    t = (-b - np.sqrt(np.maximum(root, 0))) / a
    return np.where((root > 0) & (t > EPS), t, np.inf)


def hit_cone(part: Part, o: np.ndarray, d: np.ndarray) -> np.ndarray:
    """A cylinder or a cut cone along `axis`, closed at both ends."""
    k, (i, j) = part.axis, [a for a in range(3) if a != part.axis]
    p = o - np.array(part.center, np.float32)[:, None]
    bottom, half, top = part.size
    slope, middle = (top - bottom) / (2 * half), (top + bottom) / 2
    r0 = middle + slope * p[k]
    a = d[i] ** 2 + d[j] ** 2 - (slope * d[k]) ** 2
    a = np.where(np.abs(a) < 1e-9, 1e-9, a)
    b = p[i] * d[i] + p[j] * d[j] - slope * d[k] * r0
    root = b * b - a * (p[i] ** 2 + p[j] ** 2 - r0 * r0)
    square = np.sqrt(np.maximum(root, 0))
    best = np.full(o.shape[1], np.inf, np.float32)
    for t in ((-b - square) / a, (-b + square) / a):
        y = p[k] + t * d[k]
        best = np.where((root > 0) & (t > EPS) & (np.abs(y) <= half) & (middle + slope * y >= 0) & (t < best), t, best)
    for end, radius in ((-half, bottom), (half, top)):
        t = (end - p[k]) / d[k]
        inside = (p[i] + t * d[i]) ** 2 + (p[j] + t * d[j]) ** 2 <= radius * radius
        best = np.where(inside & (t > EPS) & (t < best), t, best)
    return best


HITS = {"box": hit_box, "ball": hit_ball, "cone": hit_cone}


def normal_of(part: Part, p: np.ndarray) -> np.ndarray:
    q = p - np.array(part.center, np.float32)[:, None]
    if part.shape == "ball":
        n = q / np.array(part.size, np.float32)[:, None] ** 2
    elif part.shape == "box":
        half = np.array(part.size, np.float32)[:, None]
        bevel = min(part.bevel, float(half.min()) * 0.9)
        n = np.sign(q) * np.maximum(np.abs(q) - (half - bevel), 0)  # the normal of a box with rounded edges
    else:
        k, (i, j) = part.axis, [a for a in range(3) if a != part.axis]
        bottom, half, top = part.size
        n = np.zeros_like(q)
        n[i], n[j] = q[i], q[j]
        n[k] = -(top - bottom) / (2 * half) * np.hypot(q[i], q[j])
        cap = np.abs(q[k]) > half - 2 * EPS
        n[:, cap] = 0
        n[k, cap] = np.sign(q[k, cap])
    if part.surface.kind == "fabric" and part.surface.scale != 1.0:  # the folds of a curtain
        n = n / np.maximum(np.linalg.norm(n, axis=0), 1e-9)
        n[0] += 0.75 * np.sin(q[0] * part.surface.scale + 1.5 * np.sin(q[0] * 7)) * (np.abs(n[2]) > 0.5)
    return n / np.maximum(np.linalg.norm(n, axis=0), 1e-9)


class Scene:
    """A room made ready for rays. Part numbers: 0..5 are floor, ceiling, left, right, near and far wall."""

    def __init__(self, room: Room):
        self.room = room
        self.size = np.array(room.size, np.float32)
        self.surfaces = [room.floor, room.ceiling, *room.walls]
        self.parts: list[tuple[int, Part]] = []
        self.bounds, self.rotations = [], []
        for index, thing in enumerate(room.things):
            self.bounds.append(thing.bounds())
            self.rotations.append(thing.rotation())
            self.parts += [(index, part) for part in thing.parts]
        self.first = np.cumsum([0] + [len(t.parts) for t in room.things])

    def local(self, index: int, o: np.ndarray, d: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        turn = self.rotations[index].T
        return turn @ (o - np.array(self.room.things[index].at, np.float32)[:, None]), turn @ d

    def trace(self, o: np.ndarray, d: np.ndarray, reach: np.ndarray | None = None, shadows: bool = False):
        """Distance and part number of the nearest hit. With `reach`, only things nearer than it, and no walls."""
        d = np.where(np.abs(d) < 1e-7, np.float32(1e-7), d)
        n = o.shape[1]
        if reach is None:
            exits = np.where(d > 0, (self.size[:, None] - o) / d, -o / d)
            axis = exits.argmin(0)
            t = exits.min(0)
            positive = np.take_along_axis(d, axis[None], 0)[0] > 0
            part = np.select([axis == 1, axis == 0], [np.where(positive, 1, 0), np.where(positive, 3, 2)], np.where(positive, 5, 4))
        else:
            t, part = reach.copy(), np.full(n, -1)
        inverse = 1 / d
        for index, thing in enumerate(self.room.things):
            if shadows and not thing.casts:
                continue
            low, high = self.bounds[index]
            near = np.full(n, EPS, np.float32)
            far = t.copy()
            for k in range(3):
                a, b = (low[k] - o[k]) * inverse[k], (high[k] - o[k]) * inverse[k]
                np.maximum(near, np.minimum(a, b), out=near)
                np.minimum(far, np.maximum(a, b), out=far)
            rays = np.flatnonzero(near <= far)
            if rays.size == 0:
                continue
            lo, ld = self.local(index, o[:, rays], d[:, rays])
            ld = np.where(np.abs(ld) < 1e-7, np.float32(1e-7), ld)
            best, which = t[rays], part[rays]
            for offset, item in enumerate(thing.parts):
                hit = HITS[item.shape](item, lo, ld)
                closer = hit < best
                best = np.where(closer, hit, best)
                which = np.where(closer, 6 + self.first[index] + offset, which)
            t[rays], part[rays] = best, which
        return t, part

    def thing_of(self, part: np.ndarray) -> np.ndarray:
        """The thing that a part belongs to; -1 for the room itself."""
        owners = np.array([-1] * 6 + [index for index, _ in self.parts])
        return owners[part]

    def look(self, p: np.ndarray, part: np.ndarray):
        """Normal, albedo, glow, reflectance, roughness and clearness of the points."""
        n = p.shape[1]
        normal, color, glow = np.zeros((3, n), np.float32), np.zeros((3, n), np.float32), np.zeros((3, n), np.float32)
        reflect, rough, clear = (np.zeros(n, np.float32) for _ in range(3))
        for number in np.unique(part):
            at = np.flatnonzero(part == number)
            if number < 6:
                axis, sign = [(1, 1), (1, -1), (0, 1), (0, -1), (2, 1), (2, -1)][number]
                surface, q = self.surfaces[number], p[:, at]
                turned = np.zeros((3, at.size), np.float32)
                turned[axis] = sign
                facing = turned
            else:
                index, item = self.parts[number - 6]
                surface = item.surface
                q, _ = self.local(index, p[:, at], p[:, at])
                facing = normal_of(item, q)
                turned = self.rotations[index] @ facing
                q = q - np.array(item.center, np.float32)[:, None]
            normal[:, at] = turned
            paint = np.clip(albedo(surface, q, facing, int(number) * 7 + len(self.parts)), 0.004, 0.95)
            color[:, at] = paint
            glow[:, at] = paint * surface.glow
            reflect[at], rough[at], clear[at] = surface.reflect, surface.rough, surface.clear
        return normal, color, glow, reflect, rough, clear

    def look_plain(self, p: np.ndarray, part: np.ndarray):
        """Like `look` with plain colours: enough for what is seen after a bounce."""
        surfaces = self.surfaces + [item.surface for _, item in self.parts]
        colors = np.stack([linear(s.color) for s in surfaces])
        normal = np.zeros_like(p)
        for number, (axis, sign) in enumerate([(1, 1), (1, -1), (0, 1), (0, -1), (2, 1), (2, -1)]):
            normal[axis, part == number] = sign
        order = np.argsort(part, kind="stable")
        numbers, starts = np.unique(part[order], return_index=True)
        for number, at in zip(numbers, np.split(order, starts[1:])):
            if number >= 6:
                index, item = self.parts[number - 6]
                q, _ = self.local(index, p[:, at], p[:, at])
                normal[:, at] = self.rotations[index] @ normal_of(item, q)
        return normal, colors[part].T.copy()

    def soft_light(self, p: np.ndarray, n: np.ndarray) -> np.ndarray:
        """Light that falls on points, shadows left out: for what is seen after a bounce."""
        light = np.full((3, p.shape[1]), 0.25, np.float32)
        for window in self.room.windows:
            area = 4 * np.linalg.norm(window.u) * np.linalg.norm(window.v)
            to = window.center[:, None] - p
            r2 = (to * to).sum(0) + 0.4
            r = np.sqrt(r2)
            here = np.maximum((n * to).sum(0) / r, 0) + 0.12
            there = np.maximum(-(window.normal[:, None] * to).sum(0) / r, 0.05)
            light += (WINDOW_RADIANCE * area * here * there / r2 / np.pi) * linear("#eef4ff")[:, None]
        for lamp in self.room.lamps:
            to = np.array(lamp.at, np.float32)[:, None] - p
            r2 = (to * to).sum(0) + 0.25
            here = np.maximum((n * to).sum(0) / np.sqrt(r2), 0) + 0.15
            light += lamp.power * here / r2 * linear(lamp.color)[:, None]
        return light


# --- light -----------------------------------------------------------------------------------------------------------


def unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.linalg.norm(v, axis=0), 1e-9)


def around(n: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Directions around normals, more of them where the cosine is larger."""
    ball = unit(rng.normal(size=n.shape).astype(np.float32))
    return unit(n + 0.999 * ball)


def direct_light(scene: Scene, p: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count, room = p.shape[1], scene.room
    light = np.zeros((3, count), np.float32)
    start = p + n * 2e-3
    if room.windows:
        share = len(room.windows)
        pick = rng.integers(0, share, count)
        for i, window in enumerate(room.windows):
            rays = np.flatnonzero(pick == i)
            a, b = rng.uniform(-1, 1, (2, rays.size)).astype(np.float32)
            target = window.center[:, None] + window.u[:, None] * a + window.v[:, None] * b
            light[:, rays] += share * lit_by(scene, start[:, rays], n[:, rays], target, window)
    for lamp in room.lamps:
        target = np.array(lamp.at, np.float32)[:, None] + 0.13 * unit(rng.normal(size=(3, count)).astype(np.float32))
        to = target - start
        r = np.linalg.norm(to, axis=0)
        cos = np.maximum((n * to).sum(0) / r, 0)
        _, blocked = scene.trace(start, to / r, r * 0.98, shadows=True)
        light += np.where(blocked < 0, lamp.power * cos / (r * r + 0.05), 0) * linear(lamp.color)[:, None]
    if room.sun is not None:
        light += sun_light(scene, start, n, rng)
    return light


def lit_by(scene: Scene, p: np.ndarray, n: np.ndarray, target: np.ndarray, window: Window) -> np.ndarray:
    to = target - p
    r = np.linalg.norm(to, axis=0)
    cos = np.maximum((n * to).sum(0) / r, 0) * np.maximum(-(window.normal[:, None] * to).sum(0) / r, 0)
    _, blocked = scene.trace(p, to / r, r * 0.97, shadows=True)
    area = 4 * np.linalg.norm(window.u) * np.linalg.norm(window.v)
    sky = np.where(blocked < 0, np.minimum(WINDOW_RADIANCE * area * cos / (r * r + 0.08), 14) / np.pi, 0)
    return sky * linear("#e9f1ff")[:, None]


def sun_light(scene: Scene, p: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = p.shape[1]
    light = np.zeros((3, count), np.float32)
    sun = np.array(scene.room.sun, np.float32)[:, None]
    d = unit(sun / np.linalg.norm(sun) + 0.012 * rng.normal(size=(3, count)).astype(np.float32))
    cos = np.maximum((n * d).sum(0), 0)
    for window in scene.room.windows:
        towards = (window.normal[:, None] * d).sum(0)
        t = (window.normal[:, None] * (window.center[:, None] - p)).sum(0) / np.where(np.abs(towards) < 1e-6, 1e-6, towards)
        hit = p + d * t - window.center[:, None]
        a = (hit * window.u[:, None]).sum(0) / (window.u @ window.u)
        b = (hit * window.v[:, None]).sum(0) / (window.v @ window.v)
        bars = (np.abs(a) > 0.03) & (np.abs(b - 0.3) > 0.03)
        rays = np.flatnonzero((towards < 0) & (t > 0) & (np.abs(a) < 0.96) & (np.abs(b) < 0.96) & bars & (cos > 0))
        if rays.size:
            _, blocked = scene.trace(p[:, rays], d[:, rays], t[rays], shadows=True)
            light[:, rays] += np.where(blocked < 0, 7.5 * cos[rays], 0) * linear("#ffe2b8")[:, None]
    return light


def bounced_light(scene: Scene, p: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    d = around(n, rng)
    t, part = scene.trace(p + n * 2e-3, d)
    q = p + d * t
    normal, color = scene.look_plain(q, part)
    return color * scene.soft_light(q, normal) * (0.3 + 0.7 * np.clip(t / 0.9, 0, 1)) * 1.15


def smooth(light: np.ndarray, normal: np.ndarray, p: np.ndarray, owner: np.ndarray, passes: int = 5) -> np.ndarray:
    """Takes the noise of few samples out of the light, without crossing edges. All (channels, height, width)."""
    for step in (2**i for i in range(passes)):
        total, weight = light.copy(), np.ones(light.shape[1:], np.float32)
        for dy in (-step, 0, step):
            for dx in (-step, 0, step):
                if dx == 0 and dy == 0:
                    continue
                a = (slice(max(dy, 0), light.shape[1] + min(dy, 0)), slice(max(dx, 0), light.shape[2] + min(dx, 0)))
                b = (slice(max(-dy, 0), light.shape[1] + min(-dy, 0)), slice(max(-dx, 0), light.shape[2] + min(-dx, 0)))
                gap = np.abs((normal[(slice(None), *a)] * (p[(slice(None), *a)] - p[(slice(None), *b)])).sum(0))
                same = (normal[(slice(None), *a)] * normal[(slice(None), *b)]).sum(0)
                w = np.clip(same, 0, 1) ** 16 * np.exp(-gap * 60) * (owner[a] == owner[b]) * np.float32(0.7 if dx and dy else 0.85)
                total[(slice(None), *a)] += light[(slice(None), *b)] * w
                weight[a] += w
        light = total / weight
    return light


def seen_by_ray(scene: Scene, p: np.ndarray, d: np.ndarray) -> np.ndarray:
    """What a mirror or a pane shows."""
    t, part = scene.trace(p, d)
    q = p + d * t
    normal, color, glow, *_ = scene.look(q, part)
    near = 0.55 + 0.45 * np.clip(t / 1.5, 0, 1)
    return color * scene.soft_light(q, normal) * near + glow


# --- picture ---------------------------------------------------------------------------------------------------------


def primary_rays(camera: Camera, scale: int) -> tuple[np.ndarray, np.ndarray]:
    width, height = camera.width * scale, camera.height * scale
    focal = 0.5 * max(width, height) / np.tan(np.radians(camera.fov) / 2)
    x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, height / 2 - np.arange(height) - 0.5 + camera.shift * height)
    d = np.stack([x.ravel(), y.ravel(), np.full(x.size, focal)]).astype(np.float32)
    c, s = np.cos(np.radians(camera.yaw)), np.sin(np.radians(camera.yaw))
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]], np.float32)
    along = d[2] / np.linalg.norm(d, axis=0)
    return unit(turn @ d).astype(np.float32), along.astype(np.float32)


def develop(radiance: np.ndarray, room: Room, rng: np.random.Generator, scale: int) -> np.ndarray:
    """Exposure, film curve, white balance, vignette and grain; (3, h, w) radiance to (h, w, 3) sRGB bytes."""
    _, height, width = radiance.shape
    bright = radiance.mean(0)
    exposure = 0.23 * room.exposure / np.exp(np.log(np.maximum(bright, 1e-3)).mean())
    x = radiance * exposure * np.array([1 + room.warmth, 1, 1 - room.warmth], np.float32)[:, None, None]
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0, 1) ** 0.92
    small = x.reshape(3, height // scale, scale, width // scale, scale).mean((2, 4))
    yy, xx = np.mgrid[-1 : 1 : small.shape[1] * 1j, -1 : 1 : small.shape[2] * 1j]
    small = small * (1 - 0.1 * (xx**2 + yy**2)).astype(np.float32)
    srgb = np.where(small <= 0.0031308, small * 12.92, 1.055 * small ** (1 / 2.4) - 0.055)
    grain = rng.normal(0, 0.0055, small.shape[1:]) + 0.002 * rng.normal(size=small.shape)
    return (np.clip(srgb + grain, 0, 1) * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0)


@dataclass
class Picture:
    image: np.ndarray  # (h, w, 3) uint8
    depth: np.ndarray  # (h, w) float32, metres along the optical axis
    owner: np.ndarray  # (h, w) index into room.things, -1 for the room


def render(room: Room, camera: Camera, seed: int, scale: int = SUPERSAMPLE) -> Picture:
    rng = np.random.default_rng(seed)
    scene = Scene(room)
    height, width = camera.height * scale, camera.width * scale
    d, along = primary_rays(camera, scale)
    o = np.repeat(np.array(camera.at, np.float32)[:, None], d.shape[1], 1)
    light, position, normals = np.zeros_like(d), np.zeros_like(d), np.zeros_like(d)
    color, glow, extra, gloss = (np.zeros_like(d) for _ in range(4))
    keep = np.ones(d.shape[1], np.float32)
    owner, depth = np.zeros(d.shape[1], np.int32), np.zeros(d.shape[1], np.float32)
    for begin in range(0, d.shape[1], 1 << 17):
        at = slice(begin, begin + (1 << 17))
        t, part = scene.trace(o[:, at], d[:, at])
        p = o[:, at] + d[:, at] * t
        n, c, g, reflect, rough, clear = scene.look(p, part)
        position[:, at], normals[:, at], color[:, at], glow[:, at] = p, n, c, g
        owner[at], depth[at] = scene.thing_of(part), t * along[at]
        light[:, at] = direct_light(scene, p, n, rng) + bounced_light(scene, p, n, rng)
        shiny = np.flatnonzero(reflect > 0)
        if shiny.size:
            ns, ds = n[:, shiny], d[:, at][:, shiny]
            cos = np.clip(-(ns * ds).sum(0), 0, 1)
            share = np.minimum(reflect[shiny] + (1 - reflect[shiny]) * (1 - cos) ** 5 * (1 - 0.8 * np.minimum(rough[shiny] * 4, 1)), 0.97)
            bounce = ds + 2 * cos * ns + rough[shiny] * 0.5 * rng.normal(size=ds.shape).astype(np.float32)
            bounce = unit(np.where((bounce * ns).sum(0) > 0, bounce, bounce - 2 * (bounce * ns).sum(0) * ns))
            seen = np.minimum(seen_by_ray(scene, p[:, shiny] + ns * 2e-3, bounce), 3.0)
            metal = np.where(reflect[shiny] > 0.3, 1.0, 0.0)
            seen = seen * (1 - metal + metal * np.maximum(c[:, shiny], 0.25) / np.maximum(c[:, shiny].max(0), 0.25))
            seen *= share
            blurred = rough[shiny] > 0.03
            for target, which in ((extra[:, at], ~blurred), (gloss[:, at], blurred)):
                target[:, shiny[which]] += seen[:, which]
            keep[at][shiny] *= 1 - share
        panes = np.flatnonzero(clear > 0)
        if panes.size:
            behind = seen_by_ray(scene, p[:, panes] + d[:, at][:, panes] * 0.03, d[:, at][:, panes])
            block = extra[:, at]
            block[:, panes] += behind * clear[panes]
            keep[at][panes] *= 1 - clear[panes]
    shape = (3, height, width)
    guides = normals.reshape(shape), position.reshape(shape), owner.reshape(height, width)
    light = smooth(light.reshape(shape), *guides).reshape(3, -1)
    gloss = smooth(gloss.reshape(shape), *guides, passes=4).reshape(3, -1)
    radiance = color * light * keep + extra + gloss + glow
    image = develop(radiance.reshape(shape), room, rng, scale)
    pick = (slice(0, None, scale), slice(0, None, scale))
    return Picture(image, depth.reshape(height, width)[pick], owner.reshape(height, width)[pick])
