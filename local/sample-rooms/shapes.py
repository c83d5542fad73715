"""Boxes, balls and cut cones: where a ray meets them. Arrays of vectors are (3, n)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textures import Surface

EPS = 1e-3


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
