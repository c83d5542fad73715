"""A small ray caster for furnished rooms: numpy only. Arrays of vectors are (3, n).

`render` returns the picture and what is known exactly about it: depth per pixel and the thing that each pixel shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scene import WINDOW_RADIANCE, Camera, Room, Scene, Window
from textures import linear

SUPERSAMPLE = 2


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
