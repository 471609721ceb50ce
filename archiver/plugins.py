"""Platforms that others add: entry points of the group ``archiver.platforms``, beside our own."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from archiver.errors import ArchiverError
from archiver.platform import Platform
from archiver.platforms import PLATFORMS

__all__ = ["GROUP", "platforms"]

GROUP = "archiver.platforms"


@cache
def platforms() -> tuple[Platform, ...]:
    """Our platforms, then those of other packages in order of their names: what to hand to ``extract``.

    ArchiverError where one of them cannot be loaded, is no Platform, or has a name that is taken.
    """
    found = {platform.name: platform for platform in PLATFORMS}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        platform = _load(point)
        if platform.name in found:
            raise ArchiverError(_said(point, f"there is a platform called {platform.name} already"))
        found[platform.name] = platform
    return tuple(found.values())


def _load(point: EntryPoint) -> Platform:
    try:
        platform = point.load()
    except (ImportError, AttributeError) as wrong:
        raise ArchiverError(_said(point, str(wrong))) from wrong
    if not isinstance(platform, Platform):
        raise ArchiverError(_said(point, f"{point.value} is no archiver.platform.Platform"))
    return platform


def _said(point: EntryPoint, wrong: str) -> str:
    package = point.dist.name if point.dist else point.value
    return f"the platform {point.name!r} cannot be used ({wrong}): update or uninstall {package}"
