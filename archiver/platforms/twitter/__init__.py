"""Twitter, since 2023 X: tweets.

Forms (years): blockquote.twitter-tweet with signature and date link (2011 to now; 2011-12 with
``data-datetime``, ``/statuses/`` until 2015, localised dates always, x.com since 2023), the same with the
attribution in its own paragraph, without class or without text (deleted, protected, fetched by script
only), and flattened into plain text.

Addresses: ``twitter.com/HANDLE/status/ID`` and its spellings (x.com, mobile, ``/statuses/``, ``/i/web/``);
the id alone is unique, a handle in an address may be stale.

Clock: ids above 29700859247 hold their time (milliseconds since 2010-11-04T01:42:54.657Z, above 22 bits);
earlier ones are sequential and lie between known points. The printed day is the UTC day of the id.

No posts: follow and share buttons, timelines, intents, profiles, templates without an id.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from archiver import checks, flattened, ids
from archiver.model import Moment, Quote, Sighting
from archiver.platform import SLASH, Platform, day, printed, written_on
from archiver.platforms.twitter.address import (
    NAME,
    address,
    canonical,
    ids_of,
    is_handle,
    mirrors,
    status,
    time_of,
)
from archiver.platforms.twitter.data import in_data
from archiver.platforms.twitter.doubts import doubts
from archiver.platforms.twitter.life import LIFE
from archiver.platforms.twitter.links import MEDIA_CODE, SHORT, in_words
from archiver.platforms.twitter.widgets import WHERE, in_html, in_script

__all__ = ["PLATFORM"]

_SEQUENTIAL_SLACK = timedelta(days=1)
# A post longer than this whose printed text ends in an ellipsis was cut by the embed.
_NOTE_TWEET = 270


def _in_text(text: str) -> list[Sighting]:
    """Tweets flattened into plain text."""
    return [
        replace(
            flattened.sighting(found, text, NAME, in_words(found.text)),
            url=found.url if status(found.url) else None,
        )
        for found in flattened.find(text)
        if is_handle(found.handle)
    ]


def _understand(seen: Sighting) -> Quote:
    """Identity, time and doubts of a tweet."""
    addressed = status(seen.url)
    native_id = addressed[1] if addressed else seen.native_id
    on = written_on(seen.date_written, seen.language)
    by_id = time_of(native_id) if native_id else Moment()
    by_mark = printed(seen.datetime_written)
    by_print = day(on) if on else Moment()
    posted = by_id if by_id.value else by_mark if by_mark.value else _narrow(by_id, by_print)
    slack = _SEQUENTIAL_SLACK if by_id.basis == "interpolated" else timedelta(0)
    flags = (
        *seen.doubts,
        *doubts(seen.text, seen.handle, posted.earliest.date() if posted.earliest else on),
        checks.date_against_id(on, by_id, slack),
        checks.handle_against_address(seen.handle, addressed[0] if addressed else None),
        "impossible-id" if native_id and by_id == Moment() else None,
        "date-not-understood" if seen.date_written and not on else None,
    )
    return Quote(
        key=_key(seen, native_id),
        sighting=seen,
        native_id=native_id,
        url=canonical(seen.handle, native_id),
        written_on=on.isoformat() if on else None,
        posted=posted,
        text_state=_text_state(seen.text, posted.value),
        flags=tuple(flag for flag in flags if flag),
        confidence=seen.confidence,
        media_key=_media_key(seen),
        id_range=None if native_id else ids_of(posted),
    )


def _narrow(by_id: Moment, by_print: Moment) -> Moment:
    """An interpolated interval, narrowed to the printed day where they meet."""
    if by_id.earliest is None or by_id.latest is None:
        return by_print
    if by_print.earliest is None or by_print.latest is None:
        return by_id
    first, last = max(by_id.earliest, by_print.earliest), min(by_id.latest, by_print.latest)
    return Moment(None, first, last, "interpolated") if first <= last else by_id


def _key(seen: Sighting, native_id: str | None) -> str:
    if native_id:
        return f"{NAME}:{native_id}"
    return _media_key(seen) or ids.text_key(NAME, seen.handle, seen.text or seen.date_written)


def _media_key(seen: Sighting) -> str | None:
    media = MEDIA_CODE.findall(seen.text or "")
    return f"{NAME}:@{seen.handle.lower()}:pic:{media[-1]}" if media and seen.handle else None


def _text_state(text: str | None, posted: datetime | None) -> str:
    """Whether the embed shows the whole text. Long posts are cut at about 275 characters."""
    if not text:
        return "missing"
    body = MEDIA_CODE.sub("", SHORT.sub("", text)).rstrip()
    long_enough = len(body) >= _NOTE_TWEET and body.endswith("…")
    since = posted is None or posted >= datetime(2023, 2, 1, tzinfo=timezone.utc)
    return "truncated" if long_enough and since else "full"


PLATFORM = Platform(
    name=NAME,
    title="X (Twitter)",
    forms="blockquote, rendered widget, AMP, JSON, placeholder, saved page, screenshot, plain text",
    clock=True,
    markers=(b"twitter", b"x.com", b"tweet", b"(@", *(name.encode() for name in mirrors())),
    hosts=("twitter.com", "x.com", *mirrors()),
    signs=(
        "status",
        "tweet",
        "Tweet",
        "/thread/",
        "/i/videos/",
        "/cards/tfw/",
        "embed/index",
        "twitter-",
        "twitter:",
        "post by @",
    ),
    needles=(
        rf"status(?:es)?{SLASH}[0-9]",
        rf"(?:thread|tweet|i{SLASH}videos|tfw{SLASH}v1){SLASH}[0-9]",
        rf"embed{SLASH}(?:tweet|index)\.html",
        r"tweet-?(?:result|id)|data-tweet(?:-?id)?=|data-twitter(?:-id)?=|embetty",
        r"timeline-item|post by @|twitter://[0-9]|createtweet",
        r"twitter-(?:tweet|video|[0-9]{15})|testid=.{0,6}tweet",
        r"(?:full_text|screen_?name|from_user|tweet_?id)\\{0,3}[\"\x27]",
        r"[\"\x27][ ]?:[ ]?\\{0,3}[\"\x27]tweet",
        r"pic\.(?:twitter|x)\.com",
        r"(?:[(]|&[#]40;|\xef\xbc\x88)[ \t]{0,3}@[a-z0-9_]{2}",
    ),
    address=address,
    where=WHERE,
    in_html=in_html,
    in_data=in_data,
    in_script=in_script,
    in_text=_in_text,
    understand=_understand,
    life=LIFE,
)
