"""What every template of ours can use: addresses of pages, and values as people read them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from datasette.utils import tilde_encode

from archiver.datasette import compat, shown
from archiver.datasette.describing import described

__all__ = ["Links", "tools"]


class Links:
    """The addresses of an archive's pages."""

    def __init__(self, datasette: Any, database: str) -> None:
        self._datasette = datasette
        self._database = database
        self._root = datasette.urls.database(database)

    def home(self) -> str:
        """The dashboard."""
        return str(self._root)

    def nav(self) -> list[tuple[str, str]]:
        """The pages that every page leads to: address and name, the dashboard first."""
        return [
            (self.home(), self._database),
            (self.search(), "Search"),
            (self.page("questions"), "Questions"),
            (self.page("tables"), "Tables"),
        ]

    def instance(self) -> str:
        """Datasette's own first page."""
        return str(self._datasette.urls.instance())

    def style(self) -> str:
        """Our style sheet."""
        return str(self._datasette.urls.static_plugins("archiver", "archive.css"))

    def post(self, key: str) -> str:
        """The permanent address of a post."""
        return f"{self._root}/posts/{tilde_encode(key)}"

    def quote(self, key: str) -> str:
        """The permanent address of a quote."""
        return f"{self._root}/quotes/{tilde_encode(key)}"

    def article(self, key: str) -> str:
        """The page of an article."""
        return f"{self._root}/articles/{tilde_encode(key)}"

    def author(self, key: str) -> str:
        """The page of an account."""
        return f"{self._root}/authors/{tilde_encode(key)}"

    def table(self, name: str, **given: Any) -> str:
        """Datasette's page of a table, filtered."""
        asked = f"?{urlencode(given)}" if given else ""
        return f"{self._root}/{tilde_encode(name)}{asked}"

    def search(self, **given: Any) -> str:
        """The search page with what is given."""
        named = {name: value for name, value in given.items() if value}
        return f"{self._root}/-/search{'?' + urlencode(named) if named else ''}"

    def page(self, name: str) -> str:
        """One of our other pages: questions, tables."""
        return f"{self._root}/-/{name}"

    def cite(self, key: str, form: str) -> str:
        """A post as a citation, in one of the forms."""
        return f"{self._root}/-/cite/{tilde_encode(key)}.{form}"

    def embed(self, key: str) -> str:
        """The card alone."""
        return f"{self._root}/-/embed/{tilde_encode(key)}"

    def fragment(self, key: str) -> str:
        """The stored markup of a quote, cleaned."""
        return f"{self._root}/-/fragment/{tilde_encode(key)}"

    def question(self, name: str, **given: Any) -> str:
        """A ready-made question with its parameters."""
        return f"{self._root}/-/questions/{name}{'?' + urlencode(given) if given else ''}"

    def sql(self, sql: str = "") -> str:
        """Where SQL of one's own is asked."""
        root = compat.sql_address(self._datasette, self._database)
        return f"{root}?sql={quote(sql)}" if sql else root


def tools() -> dict[str, Any]:
    """Functions by their names in templates."""
    names = (
        *("address", "basis", "differences", "explained", "headline", "label", "marked", "moment", "pieces"),
        *("short", "snippet", "spoken", "web", "when", "who"),
    )
    return {**{name: getattr(shown, name) for name in names}, "described": described}
