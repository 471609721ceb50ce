"""Tweets in markup: the blockquote in all its years."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver import attribution, html
from archiver.attribution import Attribution
from archiver.html import Anchor, Element, Flow
from archiver.model import Link, Note, Sighting
from archiver.platform import Spot, written_on
from archiver.platforms.twitter import links
from archiver.platforms.twitter.address import NAME, canonical, is_handle, is_id, status
from archiver.platforms.twitter.links import PROFILE
from archiver.text import squeeze

__all__ = ["in_html", "is_marked"]

_MARKED = re.compile(r"\btwitter-(?:tweet|video)(?!-rendered|\w)", re.IGNORECASE)
_IS_LINK = re.compile(r"https?://\S+|[\w.-]{1,60}\.(?:com|co)/\S*")
# "Name @handle" before the words, over one or two lines.
_HEAD_HANDLE = re.compile(r"(?P<name>[^\n]{0,80}?)\s*[@＠](?P<handle>\w{1,20})\b(?=\s)")
_EMBED_WORD = re.compile(r"embed|media|post|card|instgrm|uri|permalink", re.IGNORECASE)
_LAST_SAN = 400_000_000_000_000_000
_SAN = re.compile(r"さん$")


def in_html(spot: Spot) -> Sighting | Note | None:
    """A tweet at this element, in whatever way it stands there."""
    element = spot.element
    marked = is_marked(element)
    if spot.inside and not (marked and html.name(element) == "blockquote"):
        return None
    if html.name(element) != "blockquote" and not _holds_post(element):
        return None
    # A blockquote inside is a post of its own: always where it is marked, and in what is not marked itself.
    shown = html.flow(
        element, skip=lambda inner: html.name(inner) == "blockquote" and (not marked or is_marked(inner))
    )
    link = _permalink(shown)
    signed = attribution.read(shown.text, shown.blocks, (link.start, link.end) if link else None)
    card = _card(shown, link, signed)
    if marked or card or _is_unmarked_embed(element, shown, link, signed):
        return _blockquote(spot, shown, link, signed, card)
    return None


def is_marked(element: Element) -> bool:
    """Whether it has the class of an embed, or the attribute in which lazy loaders keep it."""
    words = f"{' '.join(html.classes(element))} {html.attribute(element, 'data-twitter') or ''}"
    return bool(_MARKED.search(words))


def _holds_post(element: Element) -> bool:
    """Whether a marked element that is no blockquote holds a tweet itself, not in a blockquote of its own."""
    if html.name(element) not in ("div", "p", "section", "figure", "article"):
        return False
    inner = html.select(element, ".//blockquote | .//iframe")
    return not inner and any(status(html.attribute(a, "href")) for a in html.select(element, ".//a[@href]"))


def _permalink(shown: Flow) -> Anchor | None:
    """The last link to a status: earlier ones may be quoted posts."""
    return next((a for a in reversed(shown.anchors) if status(a.href)), None)


def _is_unmarked_embed(
    element: Element, shown: Flow, link: Anchor | None, signed: Attribution | None
) -> bool:
    """A blockquote that lost its class is an embed by its signature with a date, or where it holds
    nothing but the link."""
    if link is not None and not squeeze(shown.text.replace(shown.text[link.start : link.end], "", 1)):
        return True
    if signed is None or not signed.date or not signed.certain:
        return False
    if link is not None:
        return link.end <= signed.end and bool(signed.handle or signed.name)
    return (
        bool(signed.handle)
        and written_on(signed.date) is not None
        and not _is_anothers(element, shown, signed)
    )


def _is_anothers(element: Element, shown: Flow, signed: Attribution) -> bool:
    """Whether a signed blockquote without a status link shows itself as another platform's embed."""
    words = " ".join(html.classes(element)) + " ".join(
        k for k, _ in html.attributes(element) if k[:5] == "data-"
    )
    leads_elsewhere = any(
        anchor.start >= signed.start and "://" in anchor.href and not PROFILE.search(anchor.href)
        for anchor in shown.anchors
    )
    return bool(_EMBED_WORD.search(words)) or leads_elsewhere or not is_handle(signed.handle)


def _blockquote(
    spot: Spot, shown: Flow, link: Anchor | None, signed: Attribution | None, card: _Words | None
) -> Sighting | Note | None:
    element = spot.element
    addressed = status(link.href) if link else None
    native_id = _own_id(element)
    if not (addressed or native_id or (signed and signed.handle) or links.MEDIA_CODE.search(shown.text)):
        return _unreadable(spot, shown)
    words = card or _words(shown, link, signed)
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=words.text,
        author_name=_name(words.name, element, addressed),
        handle=words.handle or (addressed[0] if addressed else None),
        date_written=signed.date if signed else None,
        datetime_written=html.attribute(link.element, "data-datetime") if link else None,
        url=link.href.strip() if link else None,
        native_id=None if addressed else native_id,
        language=_language(element),
        links=(*links.in_flow(shown, words.end, link), *_answered(element)),
        doubts=() if words.certain else ("ambiguous-start",),
        confidence=1.0 if words.certain else 0.6,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """What an embed says; ``end`` is where the post's words end in the flow."""

    text: str | None
    end: int
    name: str | None = None
    handle: str | None = None
    certain: bool = True


def _card(shown: Flow, link: Anchor | None, signed: Attribution | None) -> _Words | None:
    """The layout of a card: name and @handle first, then the words, then a date that is the link."""
    if link is None or signed is None or signed.handle:
        return None
    head = _HEAD_HANDLE.match(shown.text, 0, link.start)
    addressed = status(link.href)
    if not head or (addressed and addressed[0] and addressed[0].lower() != head["handle"].lower()):
        return None
    text = shown.text[head.end() : signed.start].strip()
    return _Words(text or None, signed.start, squeeze(head["name"]) or None, head["handle"])


def _name(name: str | None, element: Element, addressed: tuple[str | None, str] | None) -> str | None:
    """The name without the "Mr" that Japanese embeds of 2012 and 2013 put behind it."""
    is_old = addressed is not None and int(addressed[1]) < _LAST_SAN
    if name and is_old and (_lang(element) or "").startswith("ja"):
        return _SAN.sub("", name)
    return name


def _own_id(element: Element) -> str | None:
    for key in ("data-tweet-id", "data-tweetid", "data-id"):
        value = (html.attribute(element, key) or "").strip()
        if is_id(value):
            return value
    return None


def _unreadable(spot: Spot, shown: Flow) -> Note | None:
    """Marked as a tweet, yet neither id nor author: a template is nothing, words are worth a note."""
    words = squeeze(shown.text)
    if not words or "{" in html.markup(spot.element)[:2000]:
        return None
    return Note("embed-without-post", spot.place, words[:500])


def _words(shown: Flow, link: Anchor | None, signed: Attribution | None) -> _Words:
    """The layout of an embed code: the words, then the signature."""
    if signed:
        before, after = shown.text[: signed.start].strip(), shown.text[signed.end :].strip()
        text = before or after
        certain = signed.certain or not text
        return _Words(text or None, signed.start, signed.name, signed.handle, certain)
    if link is None:
        picture = links.MEDIA_CODE.search(shown.text)
        line = shown.text.find("\n", picture.end()) if picture else -1
        end = line if line >= 0 else len(shown.text)
        return _Words(shown.text[:end].strip() or None, end, certain=False)
    rest = (shown.text[: link.start] + shown.text[link.end :]).strip()
    return _Words(None if all(map(_IS_LINK.fullmatch, rest.split())) else rest, len(shown.text))


def _lang(element: Element) -> str | None:
    return html.attribute(element, "data-lang") or html.attribute(element, "lang")


def _language(element: Element) -> str | None:
    """The language of the text as marked; codes that name none (und, zxx …) are left out."""
    marked = html.select(element, ".//p[@lang]")
    code = html.attribute(marked[0], "lang") if marked else None
    return (
        code
        if code and code.lower() not in ("und", "zxx", "qme", "qam", "qct", "qht", "qst", "art")
        else None
    )


def _answered(element: Element) -> list[Link]:
    """The post that this one answers, where the embed code of 2011-12 says so."""
    parent = html.attribute(element, "data-in-reply-to")
    return [Link("replied", None, canonical(None, parent))] if is_id(parent) else []
