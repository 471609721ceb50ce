"""Posts as citations and feeds: CSL-JSON, BibTeX, RIS, Wikipedia, Atom, RSS. Rows of posts in, text out.

A row has the columns of the table posts; an address that is no web address appears in none of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from archiver import resources
from archiver.errors import ArchiverError
from archiver.text import visible

__all__ = ["FORMS", "MEDIA_TYPES", "citation", "written"]

Row = Mapping[str, Any]

FORMS = {
    "csl": "CSL-JSON",
    "bib": "BibTeX",
    "ris": "RIS",
    "wiki": "Wikipedia",
    "atom": "Atom",
    "rss": "RSS",
}
"""Every form by its name in addresses and options."""

MEDIA_TYPES = {
    "csl": "application/vnd.citationstyles.csl+json; charset=utf-8",
    "bib": "text/plain; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "wiki": "text/plain; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
}

_MONTHS = ("January February March April May June July August September October November December").split()
_DAY = re.compile(r"^(\d{4})-(\d\d)-(\d\d)")
_LONGEST = 280
_TEX = re.compile(r"[\\{}%&$#_^~]")
_TEX_WORDS = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}
_NO_KEY = re.compile(r"[^A-Za-z0-9:-]+")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NO_URL = re.compile(r"[\s{}\\^]")
_WIKI = re.compile(r"[|{}\[\]<>]")


def written(form: str, posts: Iterable[Row], title: str, here: str, address: Any = None) -> str:
    """Posts in one of the `FORMS`. ``here``: the address of the list itself; ``address``: a function that
    gives the permanent address of a post in the archive by its key, where there is one."""
    if form not in FORMS:
        raise ArchiverError(f"{form}: no such form of citation; there are {', '.join(FORMS)}")
    rows = list(posts)
    if form == "csl":
        return json.dumps([_csl(row, address) for row in rows], ensure_ascii=False, indent=1) + "\n"
    if form in ("atom", "rss"):
        return (_atom if form == "atom" else _rss)(rows, title, here, address)
    make = {"bib": _bibtex, "ris": _ris, "wiki": _wiki}[form]
    return ("\r\n" if form == "ris" else "\n").join(make(row, address) for row in rows)


def citation(post: Row, address: str | None = None) -> str:
    """A citation to be read: author, day, words, platform, address."""
    parts = [f"{_author(post)} ({_long_day(post) or 'n.d.'}).", f"“{_title(post)}”", f"{_platform(post)}."]
    return " ".join([*parts, _url(post) or "", f"Kept at {address}" if address else ""]).strip()


def _csl(post: Row, address: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": post["id"],
        "type": "post",
        "genre": "Social media post",
        "author": [{"literal": _author(post)}],
        "title": _title(post),
        "container-title": _platform(post),
    }
    if day := _day(post):
        found["issued"] = {"date-parts": [list(day)]}
    if url := _url(post):
        found["URL"] = url
    if post["language"]:
        found["language"] = post["language"]
    if address:
        found["archive"], found["archive_location"] = "archiver", address(post["id"])
    return found


def _bibtex(post: Row, address: Any) -> str:
    day = _day(post)
    fields = {
        "author": "{" + _tex(_author(post)) + "}",
        "title": "{" + _tex(_title(post)) + "}",
        "howpublished": _tex(_platform(post)),
        "year": str(day[0]) if day else "",
        "month": str(day[1]) if day else "",
        "day": str(day[2]) if day else "",
        "url": _url(post) or "",
        "note": f"Kept at {_tex(address(post['id']))}" if address else "",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_NO_KEY.sub('-', post['id'])},", *lines, "}", ""])


def _tex(text: str) -> str:
    return _TEX.sub(lambda found: _TEX_WORDS.get(found[0], "\\" + found[0]), text)


def _ris(post: Row, address: Any) -> str:
    day = _day(post)
    pairs = (
        ("TY", "ICOMM"),
        ("ID", post["id"]),
        ("AU", _author(post)),
        ("TI", _title(post)),
        ("T2", _platform(post)),
        ("PY", str(day[0]) if day else ""),
        ("DA", "{:04}/{:02}/{:02}/".format(*day) if day else ""),
        ("UR", _url(post) or ""),
        ("L2", address(post["id"]) if address else ""),
        ("LA", post["language"] or ""),
    )
    lines = [f"{name}  - {visible(' '.join(value.split()))}" for name, value in pairs if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def _wiki(post: Row, address: Any) -> str:
    pairs = [
        ("author", _author(post)),
        ("title", _title(post)),
        ("website", _platform(post)),
        ("date", _long_day(post) or ""),
        ("url", _url(post) or (address(post["id"]) if address else "")),
        ("language", post["language"] or ""),
    ]
    told = [f"|{name}={_wiki_safe(value, name == 'url')}" for name, value in pairs if value]
    return " ".join(["{{cite web", *told]) + "}}\n"


def _wiki_safe(value: str, is_url: bool) -> str:
    if is_url:
        return value.replace("|", "%7C").replace("{", "%7B").replace("}", "%7D")
    return _WIKI.sub(lambda found: f"&#{ord(found[0])};", value)


def _atom(posts: Sequence[Row], title: str, here: str, address: Any) -> str:
    latest = max((_stamp(post) for post in posts), default="1970-01-01T00:00:00Z")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_xml(title)}</title>",
        f"<id>{_xml(here)}</id>",
        f"<link rel={quoteattr('self')} href={quoteattr(_plain(here))}/>",
        f"<updated>{latest}</updated>",
    ]
    for post in posts:
        where = address(post["id"]) if address else _url(post) or ""
        lines += [
            "<entry>",
            f"<title>{_xml(_author(post))}: {_xml(_title(post))}</title>",
            f"<id>{_xml(where or 'urn:archiver:' + post['id'])}</id>",
            *([f"<link href={quoteattr(_plain(where))}/>"] if where else []),
            f"<updated>{_stamp(post)}</updated>",
            f"<author><name>{_xml(_author(post))}</name></author>",
            f'<content type="text">{_xml(post["text"] or "")}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def _rss(posts: Sequence[Row], title: str, here: str, address: Any) -> str:
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<rss version="2.0"><channel>',
        f"<title>{_xml(title)}</title>",
        f"<link>{_xml(here)}</link>",
        f"<description>{_xml(title)}</description>",
    ]
    for post in posts:
        where = address(post["id"]) if address else _url(post) or ""
        lines += [
            "<item>",
            f"<title>{_xml(_author(post))}: {_xml(_title(post))}</title>",
            *([f"<link>{_xml(where)}</link>"] if where else []),
            f'<guid isPermaLink="false">{_xml(post["id"])}</guid>',
            *([f"<pubDate>{_mail_day(post)}</pubDate>"] if _day(post) else []),
            f"<description>{_xml(escape(_plain(post['text'] or '')))}</description>",
            "</item>",
        ]
    return "\n".join([*lines, "</channel></rss>", ""])


def _xml(text: str) -> str:
    return escape(_plain(text))


def _plain(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


def _author(post: Row) -> str:
    name, handle = _line(post["author_name"]), _line(post["author_handle"])
    if name and handle:
        return f"{name} (@{handle})"
    return name or (f"@{handle}" if handle else "Unknown author")


def _title(post: Row) -> str:
    text = _line(post["text"]) or "(no words known)"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _line(text: str | None) -> str:
    return visible(" ".join((text or "").split()))


def _platform(post: Row) -> str:
    return str(_labels().get(post["platform"], post["platform"]))


@cache
def _labels() -> dict[str, str]:
    found: dict[str, str] = resources.read_json("datasette", "labels.json")["platform"]
    return found


def _url(post: Row) -> str | None:
    url = post["url"]
    try:
        good = bool(url) and urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return None
    return _NO_URL.sub(lambda found: f"%{ord(found[0]):02X}", url) if good else None


def _day(post: Row) -> tuple[int, int, int] | None:
    found = _DAY.match(post["posted_on"] or "")
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _long_day(post: Row) -> str | None:
    day = _day(post)
    return f"{day[2]} {_MONTHS[day[1] - 1]} {day[0]}" if day and 1 <= day[1] <= 12 else None


def _stamp(post: Row) -> str:
    day = _day(post)
    return post["posted_at"] or ("{:04}-{:02}-{:02}T00:00:00Z".format(*day) if day else post["first_seen"])


def _mail_day(post: Row) -> str:
    day = _day(post)
    if not day or not 1 <= day[1] <= 12:
        return ""
    clock = (post["posted_at"] or "")[11:19] or "00:00:00"
    return f"{day[2]:02} {_MONTHS[day[1] - 1][:3]} {day[0]} {clock} +0000"
