"""The registry: every platform that archiver knows, in the order in which they are asked."""

from __future__ import annotations

from archiver.platform import Platform
from archiver.platforms import (
    bluesky,
    facebook,
    flickr,
    gab,
    gettr,
    imgur,
    instagram,
    linkedin,
    mastodon,
    parler,
    peertube,
    pinterest,
    pixelfed,
    reddit,
    telegram,
    threads,
    tiktok,
    truthsocial,
    tumblr,
    twitter,
    vine,
    vk,
    weibo,
    youtube,
)

__all__ = ["PLATFORMS"]

PLATFORMS: tuple[Platform, ...] = (
    twitter.PLATFORM,
    instagram.PLATFORM,
    facebook.PLATFORM,
    threads.PLATFORM,
    tiktok.PLATFORM,
    bluesky.PLATFORM,
    truthsocial.PLATFORM,
    gab.PLATFORM,
    mastodon.PLATFORM,
    pixelfed.PLATFORM,
    peertube.PLATFORM,
    reddit.PLATFORM,
    telegram.PLATFORM,
    youtube.PLATFORM,
    linkedin.PLATFORM,
    tumblr.PLATFORM,
    pinterest.PLATFORM,
    vk.PLATFORM,
    imgur.PLATFORM,
    flickr.PLATFORM,
    vine.PLATFORM,
    weibo.PLATFORM,
    gettr.PLATFORM,
    parler.PLATFORM,
)
