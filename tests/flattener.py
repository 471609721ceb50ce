"""A flattener of our own: an article and its embedded posts as each kind of tool writes them down.

The layouts are those of real tools: how line breaks, paragraphs, quotations and links are written, and
what is lost. `LAYOUTS` holds one function for each; ``DECIDED`` names those in which the layout alone
tells where a post begins. In prose ``⟦words⟧`` are a link.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_LINK = re.compile(r"https?://\S+|pic\.\w+\.com/\w+|(?<!\w)[#@]\w+")
_LINKED = re.compile(r"⟦([^⟧]*)⟧")
_ESCAPED = re.compile(r"([_*`\[\]\\])")
_NUMBERED = re.compile(r"^(\d+)\.", re.MULTILINE)


@dataclass(frozen=True)
class Post:
    """An embedded post. ``text`` has the author's own line breaks."""

    text: str
    name: str
    handle: str
    date: str
    url: str = "https://posts.example/status/1"

    @property
    def signature(self) -> str:
        return " ".join(f"— {self.name} (@{self.handle}) {self.date}".split())


@dataclass(frozen=True)
class Items:
    """A list in an article."""

    items: tuple[str, ...]


Block = str | Items | Post
Article = tuple[Block, ...]
"""Paragraphs, lists and posts, from top to bottom."""


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """A line of a post cut at its links: words, and whether they are a link."""
    here = 0
    for link in _LINK.finditer(text):
        if link.start() > here:
            yield text[here : link.start()], False
        yield link[0], True
        here = link.end()
    if here < len(text):
        yield text[here:], False


def _plain(prose: str) -> str:
    """Prose whose links have lost their addresses."""
    return _LINKED.sub(r"\1", prose)


def _addressed(prose: str) -> str:
    """Prose with its links in Markdown."""
    return _LINKED.sub(r"[\1](https://example.org/page)", prose)


def _apart(block: Block) -> Iterator[str]:
    """Each piece of a list or of prose: what stands before, in and behind a link."""
    for part in (
        block.items if isinstance(block, Items) else _LINKED.split(block if isinstance(block, str) else "")
    ):
        if part.strip():
            yield part.strip()


def _items(block: Items, bullet: str, indent: str = "") -> str:
    return "\n".join(f"{indent}{bullet}{item}" for item in block.items)


def paragraphs(article: Article) -> str:
    """The form the project began with: a post is one paragraph, attribution included."""
    found = []
    for block in article:
        if isinstance(block, Post):
            found.append(f"{' '.join(block.text.split())} {block.signature}")
        else:
            found.append(_items(block, "") if isinstance(block, Items) else _plain(block))
    return "\n\n".join(found) + "\n"


def spaced(article: Article) -> str:
    """Blank lines between paragraphs, the attribution one of its own: resiliparse and its like."""
    found = []
    for block in article:
        if isinstance(block, Post):
            found += [block.text, block.signature]
        else:
            found.append(_items(block, "• ", "  ") if isinstance(block, Items) else _plain(block))
    return "\n\n".join(found) + "\n"


def close(article: Article) -> str:
    """Each paragraph and each line of a post on a line of its own, no blank lines: WET, trafilatura."""
    return re.sub(r"\n\s*\n", "\n", spaced(article).replace("  • ", ""))


def fragments(article: Article) -> str:
    """Each piece on a line of its own, dates and links too: BeautifulSoup's ``get_text("\\\\n")``."""
    found: list[str] = []
    for block in article:
        if isinstance(block, Post):
            lines = [line for line in block.text.split("\n") if line.strip()]
            found += [piece.strip() for line in lines for piece, _ in _pieces(line) if piece.strip()]
            found += [block.signature.removesuffix(block.date).strip(), block.date]
        else:
            found += _apart(block)
    return "\n".join(found) + "\n"


def joined(article: Article) -> str:
    """All pieces of a block joined by blanks: BeautifulSoup's ``get_text(" ")``."""
    found: list[str] = []
    for block in article:
        if isinstance(block, Post):
            lines = [line for line in block.text.split("\n") if line.strip()]
            words = " ".join(piece for line in lines for piece, _ in _pieces(line))
            found.append(f"{words} {block.signature.removesuffix(block.date)} {block.date}")
        else:
            found += block.items if isinstance(block, Items) else [" ".join(_apart(block))]
    return " \n " + " \n ".join(found) + " \n"


def indented(article: Article) -> str:
    """Quotations two blanks further in: inscriptis."""
    found = []
    for block in article:
        if isinstance(block, Post):
            found.append(textwrap.indent(f"{block.text}\n\n{block.signature}", "  "))
        else:
            found.append(_items(block, "* ", "  ") if isinstance(block, Items) else _plain(block))
    return "\n\n".join(found) + "\n"


def _wrapped(text: str, columns: int, indent: str) -> str:
    lines = (
        textwrap.fill(
            line,
            columns,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    )
    return "\n".join(lines)


def terminal(article: Article) -> str:
    """Wrapped at 80 columns, quotations four blanks further in: w3m."""
    found = []
    for block in article:
        if isinstance(block, Post):
            found.append(_wrapped(f"{block.text}\n\n{block.signature}", 80, "    "))
        else:
            found.append(
                _items(block, "• ", "  ") if isinstance(block, Items) else _wrapped(_plain(block), 80, "")
            )
    return "\n\n".join(found) + "\n"


def browser(article: Article) -> str:
    """Wrapped at 72 columns, all of it three blanks in, quotations five, no blank lines in them: lynx."""
    found = []
    for block in article:
        if isinstance(block, Post):
            lines = re.sub(r"\n\s*\n", "\n", f"{block.text}\n{block.signature}")
            found.append(_wrapped(lines, 72, "     "))
        else:
            found.append(
                _items(block, "* ", "     ")
                if isinstance(block, Items)
                else _wrapped(_plain(block), 72, "   ")
            )
    return "\n\n".join(found) + "\n"


def _marked(text: str, url: str, escape: Callable[[str], str]) -> str:
    """A text in Markdown, with its links."""
    return "".join(
        f"[{escape(piece)}]({url}#{len(piece)})" if link else escape(piece) for piece, link in _pieces(text)
    )


def _quoted(post: Post, dash: str, escape: Callable[[str], str]) -> str:
    lines = [_marked(line, "https://posts.example/x", escape) for line in post.text.split("\n")]
    author = " ".join(f"{dash} {escape(post.name)} ({escape('@' + post.handle)})".split())
    date = _NUMBERED.sub(r"\1\\.", post.date)
    return "  \n".join(lines) + f"\n\n{author} [{date}]({post.url})"


def _prefixed(text: str, columns: int) -> str:
    wrapped = []
    for line in text.split("\n"):
        hard = "  " if line.endswith("  ") else ""
        wrapped += [
            part + (hard if last else "")
            for part, last in _ends(
                textwrap.wrap(line, columns, break_long_words=False, break_on_hyphens=False)
                if columns
                else [line.rstrip()]
            )
        ] or [""]
    return "\n".join(f"> {line}".rstrip(" ") if not line.endswith("  ") else f"> {line}" for line in wrapped)


def _ends(lines: list[str]) -> Iterator[tuple[str, bool]]:
    for number, line in enumerate(lines):
        yield line, number == len(lines) - 1


def _markdown(article: Article, columns: int, dash: str, escape: Callable[[str], str]) -> str:
    found = []
    for block in article:
        if isinstance(block, Post):
            found.append(_prefixed(_quoted(block, dash, escape), columns))
        elif isinstance(block, Items):
            found.append(_items(block, "* ", "  "))
        else:
            text = _addressed(block)
            found.append(_wrapped(text, columns, "") if columns else text)
    return "\n\n".join(found) + "\n"


def markdown(article: Article) -> str:
    """Markdown wrapped at 78 columns, two hyphens for a dash: html2text."""
    return _markdown(article, 78, "--", lambda text: text.replace("_", "\\_"))


def markdown_long(article: Article) -> str:
    """Markdown that is not wrapped."""
    return _markdown(article, 0, "--", lambda text: text.replace("_", "\\_"))


def markdown_escaped(article: Article) -> str:
    """Markdown with every mark escaped and three hyphens for a dash: pandoc."""
    return _markdown(article, 72, "---", lambda text: re.sub(r"([_*`\[\]\\@#])", r"\\\1", text))


def markdown_flat(article: Article) -> str:
    """Markdown links without quotation marks: trafilatura."""
    found = []
    for block in article:
        if isinstance(block, Post):
            date = f"[{block.date}]({block.url})"
            text = _marked(block.text, "https://posts.example/x", lambda text: text)
            found += [text, block.signature.removesuffix(block.date) + date]
        else:
            found.append(_items(block, "- ") if isinstance(block, Items) else _addressed(block))
    return "\n\n".join(found) + "\n"


def mail(article: Article) -> str:
    """Quoted in an answer: every line behind ``> ``, posts behind ``>> ``."""
    found = []
    for block in article:
        if isinstance(block, Post):
            lines = _wrapped(f"{block.text}\n\n{block.signature}", 68, "").split("\n")
            found.append("\n".join(f">> {line}".rstrip() for line in lines))
        else:
            text = _items(block, "* ") if isinstance(block, Items) else _wrapped(_plain(block), 70, "")
            found.append("\n".join(f"> {line}" for line in text.split("\n")))
    return "\n>\n".join(found) + "\n"


def one_line(article: Article) -> str:
    """Nothing left but blanks."""
    return " ".join(paragraphs(article).split()) + "\n"


LAYOUTS: dict[str, Callable[[Article], str]] = {
    function.__name__: function
    for function in (
        *(paragraphs, spaced, close, fragments, joined, indented, terminal, browser),
        *(markdown, markdown_long, markdown_escaped, markdown_flat, mail, one_line),
    )
}
DECIDED = ("paragraphs", "joined", "browser", "markdown", "markdown_long", "markdown_escaped", "mail")
"""Layouts that tell by themselves where a post begins."""
