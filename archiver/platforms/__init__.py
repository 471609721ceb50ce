"""The registry: every platform that archiver knows, in the order in which they are asked."""

from __future__ import annotations

from archiver.platform import Platform
from archiver.platforms import twitter

__all__ = ["PLATFORMS"]

PLATFORMS: tuple[Platform, ...] = (twitter.PLATFORM,)
