"""Cameras, asked for a picture at a cadence. See `.manifest` for ``cameras.toml``."""

from anlan.observe.sources.cameras.job import CameraJob
from anlan.observe.sources.cameras.manifest import Camera, Settings, read_settings
from anlan.observe.sources.cameras.source import SOURCE

__all__ = ["SOURCE", "Camera", "CameraJob", "Settings", "read_settings"]
