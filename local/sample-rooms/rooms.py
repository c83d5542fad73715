"""Rooms of seven types in twelve styles, composed from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import furniture as f
from scene import Camera, Lamp, Room, Window
from shapes import Thing
from textures import Surface

ROOM_TYPES = ["living_room", "bedroom", "kitchen", "bathroom", "dining_room", "office", "hallway"]


@dataclass(frozen=True)
class Style:
    walls: tuple[str, ...]
    wood: str
    floor: tuple[str, str]  # texture, colour
    cloth: tuple[str, ...]
    accent: tuple[str, ...]
    metal: Surface = f.BLACK_METAL
    front: str = "#e8e6e0"  # kitchen and bathroom furniture
    pendant: str = "cone"
    leather: bool = False


STYLES = {
    "scandi": Style(("#ebe9e4", "#dfe3e1"), "#c9a777", ("planks", "#c9ab82"), ("#d5d2cb", "#8d99a0"), ("#d9a441", "#5f7f86"), front="#f0efeb"),
    "minimal": Style(("#f0efec", "#e6e4e0"), "#b79b7b", ("concrete", "#b4b1ab"), ("#cfcac2", "#77777a"), ("#2f3133", "#a9a39a"), front="#f4f3f0", pendant="globe"),
    "japandi": Style(("#e2dacd", "#d5cdbf"), "#8d6a49", ("planks", "#b08c64"), ("#c9bda9", "#6f6f62"), ("#3c4038", "#b06a48"), front="#a78460", pendant="rattan"),
    "industrial": Style(("#a89f96", "#8f8b87"), "#6f4d33", ("concrete", "#8b8985"), ("#5b4a3e", "#4a5158"), ("#b5582f", "#26282b"), front="#3d4043", leather=True),
    "mid_century": Style(("#e4ddcd", "#b9c2b2"), "#8a5632", ("planks", "#9a6a43"), ("#c08a2e", "#3f6a68"), ("#b4502c", "#e0c98f"), f.BRASS, "#8a5f3d", "globe", True),
    "bohemian": Style(("#ecdfcf", "#cf9f83"), "#9a6c42", ("planks", "#a87c52"), ("#b5613f", "#d9c3a0"), ("#2f6f6b", "#c9912f"), f.BRASS, "#7f9a8a", "rattan"),
    "coastal": Style(("#e9eff0", "#cfdfe4"), "#cdb691", ("planks", "#d0bc9c"), ("#e4e0d6", "#6f97ab"), ("#2f6285", "#d7bf94"), f.STEEL, "#dfe9ea", "rattan"),
    "rustic": Style(("#ddd0bb", "#c9b698"), "#70492c", ("planks", "#7d5637"), ("#a8906f", "#7a3b2c"), ("#5a6b45", "#c08b4c"), front="#8b6a48"),
    "traditional": Style(("#d9d5c4", "#9fae9f"), "#63391f", ("planks", "#7a4a2b"), ("#7e2f33", "#c9b78f"), ("#2f4a66", "#b08b45"), f.BRASS, "#d9d2c0"),
    "contemporary": Style(("#e5e4e2", "#b7bcc0"), "#7b6656", ("tiles", "#c7c2ba"), ("#6b7078", "#d8d4cd"), ("#c4803f", "#26445a"), front="#4d5a61"),
    "eclectic": Style(("#d6e0d8", "#e0b98f"), "#91592f", ("planks", "#a0713f"), ("#2f7a78", "#a83f5b"), ("#e0a52f", "#513f7a"), f.BRASS, "#3f6f73", "globe"),
    "luxe": Style(("#d8d3cc", "#3f4a52"), "#40291c", ("marble", "#e5e1da"), ("#2c4f4a", "#b9a98f"), ("#c09a52", "#6b2f45"), f.BRASS, "#2f3a40", "globe"),
}

KELVIN = {"scandi": 0.0, "coastal": -0.015, "minimal": -0.005, "rustic": 0.05, "traditional": 0.04, "bohemian": 0.04}


class Composer:
    """A room that is being furnished."""

    def __init__(self, room_type: str, style: str, seed: int):
        self.rng = np.random.default_rng([seed, 11])
        self.style, self.name, self.type = STYLES[style], style, room_type
        self.w, self.h, self.d = self.size()
        s = self.style
        self.wood = Surface("wood", s.wood, reflect=0.025, rough=0.12)
        self.cloth = Surface("leather" if s.leather and room_type in ("living_room", "office") else "fabric", s.cloth[0], reflect=0.03 if s.leather else 0.0, rough=0.3)
        self.cloth_material = self.cloth.kind
        self.second = Surface("fabric", s.cloth[1])
        self.accents = [Surface("fabric", c) for c in s.accent]
        self.frame = Surface("plain", self.pick(["#f3f2ee", "#f3f2ee", "#2b2c2e", s.wood]))
        self.things: list[Thing] = []
        self.windows: list[Window] = []
        self.lamps: list[Lamp] = []
        self.sun = None

    def size(self) -> tuple[float, float, float]:
        low, high = {"living_room": ((4.4, 4.8), (5.4, 6.0)), "bedroom": ((3.8, 4.4), (4.6, 5.2)), "kitchen": ((3.6, 4.2), (4.6, 5.2)), "bathroom": ((2.7, 3.2), (3.3, 3.9)), "dining_room": ((3.8, 4.4), (4.8, 5.4)), "office": ((3.4, 3.9), (4.2, 4.8)), "hallway": ((2.1, 4.6), (2.6, 6.0))}[self.type]
        return self.rng.uniform(low[0], high[0]), self.rng.uniform(2.55, 2.85), self.rng.uniform(low[1], high[1])

    def pick(self, options):
        return options[int(self.rng.integers(len(options)))]

    def chance(self, p: float) -> bool:
        return bool(self.rng.uniform() < p)

    def put(self, thing: Thing, x: float, z: float, yaw: float = 0.0, y: float = 0.0) -> None:
        self.things.append(thing.placed(x, z, yaw, y))

    def on_wall(self, thing: Thing, wall: str, along: float, out: float = 0.001, y: float = 0.0) -> None:
        """`along` runs from the left on the far wall, and away from the camera on the side walls."""
        x, z, yaw = {"far": (along, self.d - out, 0), "left": (out, along, -90), "right": (self.w - out, along, 90)}[wall]
        self.put(thing, x, z, yaw, y)

    def window(self, wall: str, along: float, w: float, h: float, y: float, curtains: str | None = None) -> None:
        self.on_wall(f.window(w, h, y, self.frame), wall, along)
        n, u = {"far": ((0, 0, -1), (1, 0, 0)), "left": ((1, 0, 0), (0, 0, 1)), "right": ((-1, 0, 0), (0, 0, 1))}[wall]
        x, z = {"far": (along, self.d - 0.03), "left": (0.03, along), "right": (self.w - 0.03, along)}[wall]
        vec = lambda *v: np.array(v, np.float32)
        self.windows.append(Window(vec(x, y + h / 2, z), vec(*n), vec(*u) * np.float32(w / 2), vec(0, h / 2, 0)))
        if curtains:
            top = min(self.h - 0.08, y + h + 0.18)
            for side in (-1, 1):
                thing = f.curtain(top, curtains)
                if side > 0:
                    thing.parts.append(f.box(-w / 2 - 0.25, top - 0.01, -0.07, w + 1.2, 0.02, 0.02, f.BLACK_METAL))
                self.on_wall(thing, wall, along + side * (w / 2 + 0.22))

    def light(self, x: float, y: float, z: float, power: float = 0.5) -> None:
        self.lamps.append(Lamp((x, y, z), power))

    def hang(self, x: float, z: float, drop: float = 0.8, power: float = 0.7, kind: str | None = None) -> None:
        color = "#b98d57" if self.style.pendant == "rattan" else self.pick(["#2b2c2e", self.style.accent[0], "#e9e6df"])
        self.put(f.pendant(self.h, drop, kind or self.style.pendant, color), x, z)
        self.light(x, self.h - drop - 0.28, z, power)

    def pictures(self, wall: str, along: float, count: int, y: float = 1.25, w: float = 0.5, h: float = 0.65) -> None:
        for i in range(count):
            at = along + (i - (count - 1) / 2) * (w + 0.16)
            self.on_wall(f.picture(w, h, self.pick(self.style.accent), self.pick(self.style.cloth), self.pick([self.wood, f.BLACK_METAL]), y), wall, at)

    def sunlight(self, wall: str) -> None:
        x = {"left": -1.0, "right": 1.0, "far": self.rng.uniform(-0.5, 0.5)}[wall]
        z = 1.0 if wall == "far" else self.rng.uniform(-0.35, 0.35)
        self.sun = (x, self.rng.uniform(0.75, 1.05), z)

    def finish(self) -> Room:
        s = self.style
        wall = self.pick(s.walls)
        kind, color = s.floor
        floor = Surface(kind, color, "#8d8578", reflect=0.035, rough=0.1 if kind == "planks" else 0.04)
        paint = Surface("plain", s.walls[0])
        walls = [paint, paint, paint, Surface("plain", wall)]
        if self.name == "industrial":
            walls[3] = Surface("brick", "#9a5b44")
        if self.type == "bathroom":
            tile = Surface(self.pick(["subway", "tiles"]), self.pick(["#eef0ef", "#dbe6e4", "#e9e2d6", s.walls[1]]), scale=self.pick([0.7, 1.0]), reflect=0.04, rough=0.03)
            walls = [tile, paint, paint, tile]
            floor = self.pick([Surface("checker", "#e9e7e2", "#3a3d40", reflect=0.05, rough=0.03), Surface("tiles", "#b9b2a7", reflect=0.05, rough=0.03), Surface("marble", "#e8e5df", "#9a948a", reflect=0.06, rough=0.02)])
        if self.type == "kitchen":
            floor = self.pick([floor, Surface("tiles", "#cfc6b8", scale=1.5, reflect=0.04, rough=0.04)])
        room = Room((self.w, self.h, self.d), floor, Surface("plain", "#f4f3f0"), walls, self.things, self.windows, self.lamps, self.sun)
        self.skirting(room)
        room.warmth = KELVIN.get(self.name, 0.015)
        return room

    def skirting(self, room: Room) -> None:
        if self.type == "bathroom":
            return
        trim = Surface("plain", "#f1efea")
        parts = [f.box(self.w / 2, 0, self.d - 0.008, self.w, 0.09, 0.016, trim), f.box(0.008, 0, self.d / 2, 0.016, 0.09, self.d, trim), f.box(self.w - 0.008, 0, self.d / 2, 0.016, 0.09, self.d, trim)]
        room.things.append(Thing("", "wood", trim.color, parts))


def living_room(c: Composer) -> None:
    w, d = c.w, c.d
    side = c.pick(["left", "right"])
    flip = 1 if side == "left" else -1
    mirror_x = lambda x: x if flip > 0 else w - x
    other = "right" if side == "left" else "left"
    c.window(side, d * 0.62, 1.9, 1.6, 0.55, c.pick(["#e9e4da", c.style.cloth[1], "#f2efe9"]))
    second_window = c.chance(0.4)
    if second_window:
        c.window("far", mirror_x(w * 0.2), 1.1, 1.5, 0.65)
    c.sunlight(side)
    x, z = mirror_x(w * 0.56), d - 0.62
    facing = c.chance(0.65)
    if facing:
        c.put(f.sofa(c.pick([2.1, 2.4]), c.cloth, c.wood, c.accents, c.cloth_material), x, z)
        c.pictures("far", x, 1 if second_window else c.pick([1, 2, 3]), w=c.pick([0.5, 0.6]), h=0.7)
        tx, tz = x, z - 1.25
    else:
        c.put(f.sofa(2.2, c.cloth, c.wood, c.accents, c.cloth_material), w - 0.6 if flip > 0 else 0.6, d * 0.62, 90 * flip)
        c.pictures(other, d * 0.62, 2)
        c.put(f.cabinet(1.8, 0.42, c.wood), x - 0.3 * flip, d - 0.26)
        c.put(f.television(1.25), x - 0.3 * flip, d - 0.26, y=0.56)
        tx, tz = mirror_x(w * 0.6), d * 0.6
    c.put(f.rug(2.6, 1.9, c.style.cloth[1], c.style.accent[0], c.chance(0.25)), tx, tz)
    top = c.pick([(c.wood, "wood"), (Surface("marble", "#e9e5df", "#8d877d", reflect=0.05, rough=0.03), "marble"), (Surface("plain", "#9fb3b5", reflect=0.08, rough=0.0, clear=0.55), "glass")])
    c.put(f.coffee_table(top[0], c.style.metal if top[1] != "wood" else c.wood, top[1], c.chance(0.4)), tx, tz, y=0.014)
    c.put(f.armchair(c.pick([c.second, *c.accents]), c.wood), mirror_x(w * 0.25), tz - 0.1, -65 * flip if facing else -40 * flip)
    c.put(f.floor_lamp(c.style.metal), mirror_x(w - 0.35) if facing else mirror_x(0.4), d - 0.4)
    c.light(mirror_x(w - 0.35) if facing else mirror_x(0.4), 1.55, d - 0.4, 0.35)
    c.put(f.plant(c.rng, c.rng.uniform(1.0, 1.6)), mirror_x(0.42), d - 0.45 if facing else d * 0.36)
    if c.chance(0.5):
        c.put(f.pouf(c.pick(c.style.accent)), mirror_x(w * 0.72), tz - 0.9)
    if c.chance(0.5):
        c.hang(tx, tz, 0.7)


def bedroom(c: Composer) -> None:
    w, d = c.w, c.d
    side = c.pick(["left", "right"])
    flip = 1 if side == "left" else -1
    mx = lambda x: x if flip > 0 else w - x
    c.window(side, d * 0.55, 1.6, 1.5, 0.7, c.pick(["#ece6db", c.style.cloth[1]]))
    c.sunlight(side)
    x = w / 2 + 0.15 * flip
    head = c.pick([c.wood, c.second, Surface("rattan", "#b8905c")])
    linen = Surface("fabric", c.pick(["#eceae4", "#dcd6ca", c.style.cloth[0]]))
    c.put(f.rug(2.7, 1.9, c.pick(["#d8d0c0", c.style.cloth[1]]), c.style.accent[1]), x, d - 2.2)
    c.put(f.bed(linen, c.pick(c.accents), c.wood, head), x, d - 1.13)
    for s in (-1, 1):
        nx = x + s * 1.28
        if 0.3 < nx < w - 0.3:
            c.put(f.nightstand(c.wood), nx, d - 0.26)
            c.put(f.table_lamp(Surface("plain", c.pick(["#e8e2d6", c.style.accent[1]]), reflect=0.04, rough=0.05)), nx, d - 0.26, y=0.53)
            c.light(nx, 0.95, d - 0.3, 0.16)
    c.pictures("far", x, c.pick([1, 2]), y=1.4, w=0.6, h=0.6)
    other = "right" if side == "left" else "left"
    if c.chance(0.5):
        c.put(f.wardrobe(1.5, c.pick([c.wood, Surface("plain", "#e9e7e1")])), mx(w - 0.31), d * 0.45, 90 * flip)
    else:
        c.put(f.dresser(1.3, c.wood), mx(w - 0.25), d * 0.5, 90 * flip)
        c.on_wall(f.mirror(0.7, 0, c.style.metal, 1.15, True), other, d * 0.5)
        c.put(f.vase(c.pick(c.style.accent), c.rng), mx(w - 0.25), d * 0.5 + 0.4, y=0.87)
    c.put(f.plant(c.rng, c.rng.uniform(0.9, 1.4)), mx(0.4), d * 0.55 + 1.25)
    if c.chance(0.5):
        c.put(f.bench(c.second, c.wood, 1.2, "fabric"), x, d - 2.5)
    if c.chance(0.6):
        c.hang(x, d * 0.5, 0.5, 0.5)


def kitchen(c: Composer) -> None:
    w, d = c.w, c.d
    front, material = (c.wood, "wood") if c.chance(0.3) else (Surface("plain", c.style.front, reflect=0.03, rough=0.15), "wood")
    top = c.pick([Surface("marble", "#ebe8e2", "#7f7a72", reflect=0.05, rough=0.03), c.wood, Surface("stone", "#4a4c4e", reflect=0.05, rough=0.05)])
    side = c.pick(["left", "right"])
    flip = 1 if side == "left" else -1
    mx = lambda x: x if flip > 0 else w - x
    c.window("far", mx(w * 0.36), 1.2, 1.0, 1.12)
    c.window(side, d * 0.42, 1.3, 1.4, 0.8)
    c.sunlight(side)
    c.put(f.refrigerator(c.pick(["#d3d5d6", "#3a3d40", "#e9e6dd"])), mx(w - 0.42), d - 0.36)
    oven_x = mx(w - 0.82 - 0.34)
    c.put(f.oven(), oven_x, d - 0.33)
    left = w - 0.82 - 0.66
    c.put(f.counter(left, front, top, material), mx(left / 2), d - 0.32)
    c.put(f.sink(), mx(w * 0.36), d - 0.32)
    c.put(f.hood(), oven_x, d - 0.01)
    if w - 1.55 - (w * 0.36 + 0.72) > 0.35:
        span = w - 1.5 - (w * 0.36 + 0.72)
        c.put(f.wall_cabinets(span, front), mx(w * 0.36 + 0.72 + span / 2), d - 0.002)
    splash = Surface("subway", c.pick(["#f0f0ec", c.style.accent[1], "#dfe7e4"]), scale=0.6, reflect=0.05, rough=0.03)
    c.things.append(Thing("", "ceramic", splash.color, [f.box(w / 2, 0.9, d - 0.004, w, 0.22, 0.008, splash, 0.001)]))
    c.put(f.vase(c.pick(c.style.accent), c.rng), mx(0.3), d - 0.3, y=0.9)
    if c.chance(0.7):
        ix, iz = w / 2 - 0.1 * flip, d * 0.56
        island = f.counter(1.6, front, top, material, 0.7)
        c.put(Thing("kitchen island", material, front.color, island.parts), ix, iz, 180)
        for i in range(c.pick([2, 3])):
            c.put(f.stool(c.pick([c.wood, c.accents[0]]), c.style.metal), ix - 0.55 + i * 0.55, iz - 0.62)
        for s in (-0.45, 0.45):
            c.hang(ix + s, iz, 0.85, 0.45)
        c.put(f.vase(c.pick(c.style.accent), c.rng), ix + 0.5, iz, y=0.9)
    else:
        c.put(f.rug(2.0, 1.5, c.style.cloth[1], c.style.accent[0]), w / 2, d * 0.5)
        c.put(f.dining_table(c.wood, c.wood, "wood", 1.1, 1.1, True), w / 2, d * 0.5, y=0.014)
        for a in (20, 110, 200, 290):
            c.put(f.chair(c.wood, c.wood), w / 2 + 0.72 * np.sin(np.radians(a)), d * 0.5 + 0.72 * np.cos(np.radians(a)), a)
        c.hang(w / 2, d * 0.5, 1.0, 0.8)
    c.put(f.plant(c.rng, 1.2), mx(0.4), d * 0.42 + 1.0)


def bathroom(c: Composer) -> None:
    w, d = c.w, c.d
    side = c.pick(["left", "right"])
    flip = 1 if side == "left" else -1
    mx = lambda x: x if flip > 0 else w - x
    other = "right" if side == "left" else "left"
    c.window("far", mx(w * 0.42), 1.0, 1.0, 1.15)
    c.put(f.bathtub(1.65), mx(0.95), d - 0.45)
    top = Surface("marble", "#ece9e4", "#8a857b", reflect=0.05, rough=0.03)
    body = c.pick([c.wood, Surface("plain", c.style.front)])
    z = d * 0.55
    c.put(f.washbasin(body, top), mx(w - 0.26), z, 90 * flip)
    c.on_wall(f.mirror(0.75, 0.9, c.style.metal, 1.15, c.chance(0.6)), other, z)
    for s in (-0.6, 0.6):
        c.put(f.pendant(c.h, 0.75, "globe", "#f3ead8"), mx(w - 0.22), z + s)
        c.light(mx(w - 0.4), c.h - 0.75, z + s, 0.35)
    c.put(f.toilet(), mx(w - 0.45), d - 0.38) if w > 2.95 else c.put(f.basket(), mx(w - 0.4), d - 0.35)
    c.put(f.rug(1.1, 0.7, c.pick(c.style.cloth), "#eee9df", c.chance(0.4)), mx(w * 0.45), d * 0.52)
    c.on_wall(f.towel_rail(c.pick([*c.style.cloth, *c.style.accent])), side, d * 0.5)
    c.put(f.plant(c.rng, c.rng.uniform(0.8, 1.2)), mx(0.35), d * 0.32 + 0.6)
    c.put(f.stool(c.wood, c.wood, h=0.45), mx(0.55), d - 1.1)
    c.light(w / 2, c.h - 0.15, d * 0.4, 0.9)


def dining_room(c: Composer) -> None:
    w, d = c.w, c.d
    side = c.pick(["left", "right"])
    flip = 1 if side == "left" else -1
    mx = lambda x: x if flip > 0 else w - x
    c.window(side, d * 0.55, 1.8, 1.7, 0.45, c.pick(["#efe9de", c.style.accent[1], c.style.cloth[1]]))
    if c.chance(0.5):
        c.window("far", w / 2, 1.5, 1.5, 0.75)
    else:
        c.put(f.cabinet(1.7, 0.7, c.wood, label="sideboard"), w / 2, d - 0.25)
        c.put(f.vase(c.pick(c.style.accent), c.rng), w / 2 - 0.5, d - 0.25, y=0.84)
        c.put(f.table_lamp(Surface("plain", c.style.accent[0], reflect=0.04, rough=0.05)), w / 2 + 0.55, d - 0.25, y=0.84)
        c.pictures("far", w / 2, c.pick([1, 2]), y=1.35, w=0.6, h=0.75)
    c.sunlight(side)
    x, z = w / 2, d * 0.56
    c.put(f.rug(2.9, 2.2, c.style.cloth[1], c.style.accent[1]), x, z)
    top, material = c.pick([(c.wood, "wood"), (c.wood, "wood"), (Surface("marble", "#ebe7e0", "#837d74", reflect=0.05, rough=0.03), "marble")])
    seat, seat_material = c.pick([(c.wood, "wood"), (c.second, "fabric"), (Surface("rattan", "#bb935c"), "rattan"), (Surface("leather", "#7a4a2f", reflect=0.03, rough=0.2), "leather")])
    if c.chance(0.35):
        c.put(f.dining_table(top, c.style.metal, material, 1.35, 1.35, True), x, z, y=0.014)
        for a in (30, 102, 174, 246, 318):
            c.put(f.chair(seat, c.wood, seat_material), x + 0.88 * np.sin(np.radians(a)), z + 0.88 * np.cos(np.radians(a)), a)
    else:
        c.put(f.dining_table(top, c.wood, material), x, z, y=0.014)
        for i in (-0.55, 0.05, 0.6):
            c.put(f.chair(seat, c.wood, seat_material), x + i, z + 0.66, 0)
            c.put(f.chair(seat, c.wood, seat_material), x + i - 0.03, z - 0.66, 180 + c.rng.uniform(-8, 8))
    c.hang(x, z, 0.95, 1.0)
    c.put(f.plant(c.rng, 1.5), mx(w - 0.45), d - 0.45)
    c.put(f.cabinet(1.2, 1.5, c.wood, doors=2), mx(w - 0.24), d * 0.45, 90 * flip) if c.chance(0.4) else c.pictures("right" if side == "left" else "left", d * 0.55, 2)


def office(c: Composer) -> None:
    w, d = c.w, c.d
    side = c.pick(["left", "right"])
    flip = 1 if side == "left" else -1
    mx = lambda x: x if flip > 0 else w - x
    c.window(side, d * 0.6, 1.5, 1.4, 0.8, c.pick([None, "#ece7dc"]))
    c.sunlight(side)
    x = mx(w * 0.42)
    c.put(f.rug(2.2, 1.6, c.style.cloth[1], c.style.accent[0]), x, d - 1.5)
    c.put(f.desk(c.wood, c.style.metal), x, d - 0.4)
    c.put(f.monitor(), x, d - 0.25, y=0.745)
    c.put(f.table_lamp(Surface("plain", c.style.accent[0], reflect=0.04, rough=0.05)), x + 0.55, d - 0.25, y=0.745)
    c.light(x + 0.55, 1.15, d - 0.3, 0.15)
    c.put(f.office_chair(c.pick([c.cloth, c.second, Surface("leather", "#2c2a29", reflect=0.03, rough=0.2)])), x - 0.1, d - 1.15, 180 + c.rng.uniform(-30, 30))
    c.put(f.bookshelf(1.1, 2.0, c.wood, c.rng), mx(w - 0.7), d - 0.16)
    if c.chance(0.6):
        c.put(f.bookshelf(1.2, 1.2, c.wood, c.rng, 3), mx(w - 0.16), d * 0.52, 90 * flip)
        c.put(f.vase(c.pick(c.style.accent), c.rng), mx(w - 0.16), d * 0.52, y=1.2)
    else:
        c.put(f.armchair(c.accents[0], c.wood), mx(w - 0.6), d * 0.55, 60 * flip)
    c.pictures("far", x - 0.1, 2, y=1.45, w=0.45, h=0.55)
    c.put(f.plant(c.rng, c.rng.uniform(1.0, 1.5)), mx(0.38), d - 0.4)
    if c.chance(0.6):
        c.hang(w / 2, d * 0.45, 0.5, 0.6)


def hallway(c: Composer) -> None:
    w, d = c.w, c.d
    side = c.pick(["left", "right"])
    flip = 1 if side == "left" else -1
    mx = lambda x: x if flip > 0 else w - x
    other = "right" if side == "left" else "left"
    c.on_wall(f.door(c.pick([c.wood, Surface("plain", "#e6e4de"), Surface("plain", c.style.accent[1])])), "far", mx(w * 0.62))
    c.window(side, d * 0.45, 0.9, 1.5, 0.8)
    c.sunlight(side)
    c.put(f.rug(0.95, d * 0.55, c.style.cloth[1], c.style.accent[0]), w / 2, d * 0.55)
    z = d * 0.58
    c.put(f.console(c.wood, c.style.metal), mx(w - 0.19), z, 90 * flip)
    c.on_wall(f.mirror(0.6, 0.85, c.style.metal, 1.1, c.chance(0.5)), other, z)
    c.put(f.vase(c.pick(c.style.accent), c.rng), mx(w - 0.19), z - 0.35, y=0.835)
    c.put(f.table_lamp(Surface("plain", c.style.accent[0], reflect=0.04, rough=0.05)), mx(w - 0.19), z + 0.38, y=0.835)
    c.light(mx(w - 0.22), 1.25, z + 0.38, 0.15)
    c.on_wall(f.coat_rack(c.wood, c.rng), side, d * 0.78)
    c.put(f.bench(c.pick([c.wood, c.second]), c.wood), mx(0.23), d * 0.78, -90 * flip)
    c.pictures(other, d * 0.83, 1)
    c.put(f.basket(), mx(0.3), d * 0.6)
    c.put(f.plant(c.rng, 1.2), mx(0.3), d - 0.35)
    for at in (0.3, 0.7):
        c.hang(w / 2, d * at, 0.45, 0.6)


BUILDERS = {"living_room": living_room, "bedroom": bedroom, "kitchen": kitchen, "bathroom": bathroom, "dining_room": dining_room, "office": office, "hallway": hallway}


def compose(room_type: str, style: str, seed: int, width: int, height: int) -> tuple[Room, Camera]:
    c = Composer(room_type, style, seed)
    BUILDERS[room_type](c)
    room = c.finish()
    portrait = height > width
    sway = float(c.rng.uniform(-0.16, 0.16))
    x = c.w * (0.5 + sway * 0.8)
    yaw = -sway * 46
    fov = {"hallway": 66, "bathroom": 72}.get(room_type, 64)
    z = 0.2 if room_type in ("bathroom", "hallway") else 0.35
    shift = -0.09 if portrait else -0.07
    return room, Camera((x, float(c.rng.uniform(1.25, 1.45)), z), yaw, width, height, fov, shift)
