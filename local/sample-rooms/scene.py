"""Rooms, and rays through them. Lengths are metres, y is up, a room is the box (0..width, 0..height, 0..depth)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shapes import EPS, HITS, Part, Thing, normal_of
from textures import Surface, albedo, linear

WINDOW_RADIANCE = 9.0


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
