"""The photo studio: materials, lights, camera and rendering in Blender (module ``bpy``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from characters import Character
from groom import Strands
from mathutils import Vector
from parts import IRIS, Mesh
from person import Expression
from sitter import Sitter, linear

VIEW = 4.4
CENTRE = -0.45


def to_blender(p: np.ndarray) -> np.ndarray:
    """Points from (right, up, to the camera) to (right, away, up)."""
    return np.stack([p[..., 0], -p[..., 2], p[..., 1]], -1).astype(np.float32)


class Nodes:
    """Short-hand for building a material."""

    def __init__(self, name: str) -> None:
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.tree.nodes.clear()
        self.out = self.add("ShaderNodeOutputMaterial")

    def add(self, kind: str, **values: Any) -> Any:
        """A node; keyword arguments set inputs (by name, _ for space) or attributes."""
        node = self.tree.nodes.new(kind)
        for key, value in values.items():
            label = key.replace("_", " ")
            if label in node.inputs:
                self.set(node.inputs[label], value)
            else:
                setattr(node, key, value)
        return node

    def set(self, socket: Any, value: Any) -> None:
        """Link another socket, or store a constant."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def finish(self, shader: Any) -> Any:
        """Use ``shader`` as the surface."""
        self.tree.links.new(shader.outputs[0], self.out.inputs["Surface"])
        return self.material

    def attribute(self, name: str) -> Any:
        """Read a per-point value."""
        return self.add("ShaderNodeAttribute", attribute_name=name)

    def math(self, operation: str, a: Any, b: Any = 0.0) -> Any:
        """Arithmetic on two values."""
        node = self.add("ShaderNodeMath", operation=operation)
        self.set(node.inputs[0], a)
        self.set(node.inputs[1], b)
        return node.outputs[0]

    def mix(self, factor: Any, a: Any, b: Any) -> Any:
        """Blend two colours."""
        node = self.add("ShaderNodeMix", data_type="RGBA")
        for i, v in ((0, factor), (6, a), (7, b)):
            self.set(node.inputs[i], v)
        return node.outputs[2]

    def step(self, value: Any, low: float, high: float) -> Any:
        """0 below ``low`` to 1 above ``high``, smooth."""
        node = self.add("ShaderNodeMapRange", interpolation_type="SMOOTHSTEP", Value=value)
        node.inputs["From Min"].default_value, node.inputs["From Max"].default_value = low, high
        return node.outputs[0]


def rgba(colour: tuple[float, float, float], gain: float = 1.0) -> tuple[float, ...]:
    """Linear colour with alpha, from sRGB."""
    return (*(linear(colour) * gain), 1.0)


def skin_material(scale: float = 0.055) -> Any:
    """Soft skin: subsurface light, painted colour and gloss, fine grain."""
    n = Nodes("skin")
    paint = n.attribute("skin")
    grain = n.add("ShaderNodeTexNoise", Scale=55.0, Detail=4.0)
    bump = n.add("ShaderNodeBump", Strength=0.06, Distance=0.02, Height=grain.outputs[0])
    return n.finish(
        n.add(
            "ShaderNodeBsdfPrincipled", Base_Color=paint.outputs["Color"], Roughness=paint.outputs["Alpha"],
            Subsurface_Weight=0.85, Subsurface_Radius=(1.0, 0.36, 0.20), Subsurface_Scale=scale,
            Normal=bump.outputs[0], Sheen_Weight=0.08, Specular_IOR_Level=0.42,
        )
    )  # fmt: skip


def eye_material(iris: tuple[float, float, float]) -> Any:
    """Pupil, fibrous iris with a dark rim, and a white that reddens to the corners."""
    n = Nodes("eye")
    local = n.attribute("local").outputs["Vector"]
    xyz = n.add("ShaderNodeSeparateXYZ", Vector=local)
    x, y, z = xyz.outputs
    rho = n.math("SQRT", n.math("ADD", n.math("MULTIPLY", x, x), n.math("MULTIPLY", y, y)))
    rho = n.math("ADD", rho, n.math("LESS_THAN", z, 0.0))
    angle = n.math("ARCTAN2", y, x)
    ray = n.add("ShaderNodeCombineXYZ", X=n.math("MULTIPLY", angle, 6.0), Y=n.math("MULTIPLY", rho, 5.0))
    fibre = n.add("ShaderNodeTexNoise", Scale=3.0, Detail=3.0, Vector=ray.outputs[0]).outputs[0]
    tone = n.mix(fibre, rgba(iris, 0.55), rgba(iris, 1.9))
    glow = n.math("MULTIPLY", n.step(n.math("MULTIPLY", y, -1.0), -0.15, 0.42), 0.55)
    tone = n.mix(glow, tone, rgba(tuple(min(1.0, v * 1.35 + 0.05) for v in iris), 1.6))
    inner = n.math("SUBTRACT", 1.0, n.step(rho, IRIS * 0.42, IRIS * 0.62))
    tone = n.mix(n.math("MULTIPLY", inner, 0.45), tone, rgba(iris, 0.35))
    tone = n.mix(n.step(rho, IRIS * 0.76, IRIS * 0.99), tone, rgba(iris, 0.10))
    tone = n.mix(n.step(rho, IRIS * 0.35, IRIS * 0.39), (0.003, 0.003, 0.004, 1), tone)
    side = n.step(n.math("ABSOLUTE", x), 0.55, 1.0)
    white = n.mix(side, (0.95, 0.93, 0.91, 1), (0.80, 0.60, 0.54, 1))
    colour = n.mix(n.step(rho, IRIS * 0.95, IRIS * 1.10), tone, white)
    return n.finish(n.add("ShaderNodeBsdfPrincipled", Base_Color=colour, Roughness=0.4, Specular_IOR_Level=0.2))


def cornea_material() -> Any:
    """Clear, with mirror highlights only."""
    n = Nodes("cornea")
    clear = n.add("ShaderNodeBsdfTransparent")
    shine = n.add("ShaderNodeBsdfGlossy", Roughness=0.03)
    edge = n.add("ShaderNodeFresnel", IOR=1.42)
    path = n.add("ShaderNodeLightPath")
    mirror = n.math("MINIMUM", n.math("MULTIPLY", edge.outputs[0], 1.9), 0.22)
    factor = n.math("MULTIPLY", mirror, path.outputs["Is Camera Ray"])
    mix = n.add("ShaderNodeMixShader", Fac=factor)
    n.tree.links.new(clear.outputs[0], mix.inputs[1])
    n.tree.links.new(shine.outputs[0], mix.inputs[2])
    return n.finish(mix)


def hair_material(name: str, root: Any, tip: Any, roughness: float = 0.36) -> Any:
    """Strand shading with a little variation from strand to strand."""
    n = Nodes(name)
    info = n.add("ShaderNodeHairInfo")
    colour = n.mix(info.outputs["Intercept"], rgba(root), rgba(tip))
    vary = n.add("ShaderNodeHueSaturation", Color=colour)
    n.set(vary.inputs["Value"], n.math("ADD", n.math("MULTIPLY", info.outputs["Random"], 0.5), 0.75))
    return n.finish(
        n.add(
            "ShaderNodeBsdfHairPrincipled", parametrization="COLOR", Color=vary.outputs[0], Roughness=roughness,
            Radial_Roughness=0.45, Coat=0.1, IOR=1.5,
        )
    )  # fmt: skip


def cloth_material(c: Character) -> Any:
    """Knitted cloth with ribs on the collar and, where the character has one, a trim."""
    n = Nodes("cloth")
    xyz = n.add("ShaderNodeSeparateXYZ", Vector=n.attribute("weave").outputs["Vector"])
    u, v, seam = xyz.outputs
    ribs = n.math("SINE", n.math("MULTIPLY", u, 2 * np.pi * 110))
    rows = n.math("SINE", n.math("ADD", n.math("MULTIPLY", v, 620.0), n.math("MULTIPLY", ribs, 1.2)))
    on_collar = n.math("LESS_THAN", seam, 0.4)
    plain = n.math("MULTIPLY", n.math("ADD", rows, n.math("MULTIPLY", ribs, 0.6)), 0.35)
    plain = n.math("MULTIPLY", plain, n.math("SUBTRACT", 1.0, on_collar))
    height = n.math("ADD", n.math("MULTIPLY", ribs, on_collar), plain)
    bump = n.add("ShaderNodeBump", Strength=0.35, Distance=0.012, Height=height)
    trim = n.math("MULTIPLY", n.math("LESS_THAN", seam, -1.2), n.math("GREATER_THAN", seam, -4.2))
    colour = n.mix(trim, rgba(c.cloth), rgba(c.trim))
    fleck = n.add("ShaderNodeTexNoise", Scale=30.0, Detail=3.0).outputs[0]
    colour = n.mix(n.math("MULTIPLY", fleck, 0.35), colour, rgba(c.cloth, 0.55))
    return n.finish(
        n.add(
            "ShaderNodeBsdfPrincipled", Base_Color=colour, Roughness=0.85, Sheen_Weight=0.25,
            Sheen_Roughness=0.5, Specular_IOR_Level=0.15, Normal=bump.outputs[0],
        )
    )  # fmt: skip


def plain_material(name: str, colour: tuple[float, ...], roughness: float, scatter: float) -> Any:
    """One colour, a little see-through."""
    n = Nodes(name)
    return n.finish(
        n.add(
            "ShaderNodeBsdfPrincipled", Base_Color=(*colour, 1), Roughness=roughness, Subsurface_Weight=scatter,
            Subsurface_Radius=(1, 0.6, 0.5), Subsurface_Scale=0.03,
        )
    )  # fmt: skip


def gold_material() -> Any:
    """Warm polished metal."""
    n = Nodes("gold")
    return n.finish(n.add("ShaderNodeBsdfPrincipled", Base_Color=(0.83, 0.56, 0.20, 1), Metallic=1.0, Roughness=0.25))


def wall_material(c: Character) -> Any:
    """A softly lit wall: bright behind the head, darker to the edges, with out-of-focus lights."""
    n = Nodes("wall")
    place = n.add("ShaderNodeNewGeometry").outputs["Position"]
    xyz = n.add("ShaderNodeSeparateXYZ", Vector=place)
    x = n.math("DIVIDE", n.math("SUBTRACT", xyz.outputs[0], 0.7), 4.2)
    z = n.math("DIVIDE", n.math("SUBTRACT", xyz.outputs[2], 0.5), 3.6)
    far = n.math("SQRT", n.math("ADD", n.math("MULTIPLY", x, x), n.math("MULTIPLY", z, z)))
    colour = n.mix(n.step(far, 0.0, 1.15), rgba(c.wall[0]), rgba(c.wall[1]))
    return n.finish(n.add("ShaderNodeEmission", Color=colour, Strength=0.9))


class Studio:
    """A lit scene with one sitter."""

    def __init__(self, sitter: Sitter, size: int, samples: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.sitter, self.scene = sitter, bpy.context.scene
        self.objects: dict[str, Any] = {}
        c = sitter.character
        tip = c.hair_tips or c.hair
        self.materials = {
            "skin": skin_material(), "ears": skin_material(0.008), "eye": eye_material(c.iris),
            "cornea": cornea_material(), "cloth": cloth_material(c),
            "teeth": plain_material("teeth", (0.88, 0.83, 0.76), 0.22, 0.3),
            "tongue": plain_material("tongue", (0.45, 0.10, 0.10), 0.35, 0.4),
            "hair": hair_material("hair", c.hair, tip), "brow": hair_material("brow", c.brow, c.brow, 0.5),
            "lash": hair_material("lash", (0.04, 0.03, 0.03), (0.04, 0.03, 0.03), 0.6),
            "gold": gold_material(),
            "beard": hair_material("beard", c.hair, tip, 0.45),
        }  # fmt: skip
        self._setup(size, samples)
        self._stage(c)

    def _setup(self, size: int, samples: int) -> None:
        scene = self.scene
        scene.render.engine = "CYCLES"
        cy = scene.cycles
        cy.samples, cy.use_denoising, cy.denoiser = samples, True, "OPENIMAGEDENOISE"
        cy.use_adaptive_sampling, cy.adaptive_threshold = True, 0.05
        cy.max_bounces, cy.diffuse_bounces, cy.glossy_bounces, cy.transmission_bounces = 5, 2, 2, 3
        cy.transparent_max_bounces = 8
        cy.sample_clamp_indirect = 4.0
        scene.cycles_curves.subdivisions = 2
        scene.cycles_curves.shape = "RIBBONS"
        scene.render.use_persistent_data = True
        scene.render.resolution_x = scene.render.resolution_y = size
        scene.view_settings.view_transform = "Khronos PBR Neutral"
        scene.view_settings.exposure = -0.12
        scene.render.image_settings.file_format = "PNG"

    def _link(self, name: str, data: Any) -> Any:
        obj = bpy.data.objects.new(name, data)
        self.scene.collection.objects.link(obj)
        return obj

    def _lamp(self, where: tuple[float, ...], power: float, size: float, colour: tuple[float, ...]) -> None:
        data = bpy.data.lights.new("lamp", "AREA")
        data.shape, data.size, data.energy, data.color = "DISK", size, power, colour
        lamp = self._link("lamp", data)
        lamp.location = where
        aim = Vector((0, 0, -0.3)) - Vector(where)
        lamp.rotation_euler = aim.to_track_quat("-Z", "Y").to_euler()
        lamp.visible_camera = False

    def _stage(self, c: Character) -> None:
        self._lamp((-3.6, -5.2, 3.4), 640, 2.6, (1.0, 0.93, 0.86))
        self._lamp((4.6, -5.0, 0.6), 170, 3.6, (0.90, 0.94, 1.0))
        self._lamp((3.0, 3.2, 3.2), 380, 1.6, (1.0, 0.95, 0.90))
        self._lamp((-3.4, 3.0, 1.6), 260, 1.6, (0.85, 0.92, 1.0))
        self._lamp((0.0, -4.2, -3.6), 40, 3.0, (1.0, 0.90, 0.85))
        world = bpy.data.worlds.new("world")
        world.use_nodes = True
        world.node_tree.nodes["Background"].inputs[0].default_value = (0.55, 0.6, 0.7, 1)
        world.node_tree.nodes["Background"].inputs[1].default_value = 0.16
        self.scene.world = world
        camera = bpy.data.cameras.new("camera")
        camera.sensor_width, camera.lens = 36.0, 36.0 * 13 / VIEW
        eye = self._link("camera", camera)
        eye.location, eye.rotation_euler = (0, -13, CENTRE), (np.pi / 2, 0, 0)
        self.scene.camera = eye
        plane = bpy.data.meshes.new("wall")
        plane.from_pydata([(-9, 5, -9), (9, 5, -9), (9, 5, 9), (-9, 5, 9)], [], [(0, 1, 2, 3)])
        plane.materials.append(wall_material(c))
        wall = self._link("wall", plane)
        wall.visible_shadow = False
        wall.visible_diffuse = wall.visible_glossy = False

    def _mesh(self, name: str, mesh: Mesh) -> None:
        if name not in self.objects:
            data = bpy.data.meshes.new(name)
            data.from_pydata(to_blender(mesh.points).tolist(), [], mesh.faces.tolist())
            data.shade_smooth()
            for key, value in mesh.values.items():
                kind = "FLOAT_COLOR" if value.shape[1] == 4 else "FLOAT_VECTOR"
                layer = data.attributes.new(key, kind, "POINT")
                field = "color" if kind == "FLOAT_COLOR" else "vector"
                layer.data.foreach_set(field, value.astype(np.float32).ravel())
            data.materials.append(self.materials[name])
            self.objects[name] = self._link(name, data)
        data = self.objects[name].data
        data.vertices.foreach_set("co", to_blender(mesh.points).ravel())
        data.update()

    def _strands(self, name: str, strands: Strands) -> None:
        if name not in self.objects:
            data = bpy.data.hair_curves.new(name)
            data.add_curves([strands.points.shape[1]] * len(strands.points))
            layer = data.attributes.get("radius") or data.attributes.new("radius", "FLOAT", "POINT")
            layer.data.foreach_set("value", strands.radius.astype(np.float32).ravel())
            data.materials.append(self.materials[name])
            self.objects[name] = self._link(name, data)
        data = self.objects[name].data
        data.position_data.foreach_set("vector", to_blender(strands.points).ravel())
        data.update_tag()

    def resize(self, size: int, samples: int) -> None:
        """Change picture size and quality."""
        self.scene.render.resolution_x = self.scene.render.resolution_y = size
        self.scene.cycles.samples = samples

    def shoot(self, expression: Expression, file: Path) -> None:
        """Pose the sitter and render a PNG."""
        for name, mesh in self.sitter.meshes(expression).items():
            self._mesh(name, mesh)
        for name, strands in self.sitter.strands(expression).items():
            self._strands(name, strands)
        self.scene.render.filepath = str(file)
        bpy.ops.render.render(write_still=True)
