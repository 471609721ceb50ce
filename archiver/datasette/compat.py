"""What differs between Datasette 0.65 and 1.0."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Forbidden

__all__ = ["add_queries", "describe", "has_stored_queries", "may_run_sql", "must_view", "sql_address"]

_SHOWN = ("posts", "quotes", "articles")
"""The tables that every page of ours shows: who may not see one of them, sees no page."""


def has_stored_queries(datasette: Any) -> bool:
    """Whether this is Datasette 1.0, where queries are added and permissions are asked of resources."""
    return hasattr(datasette, "add_query")


async def must_view(datasette: Any, request: Any, database: str) -> None:
    """Forbidden, where the actor may not see the archive."""
    asked = [("view-database", database), *(("view-table", (database, table)) for table in _SHOWN)]
    for action, resource in asked:
        if not await _may(datasette, request.actor, action, resource):
            raise Forbidden(f"You may not see {database}")


async def may_run_sql(datasette: Any, request: Any, database: str) -> bool:
    """Whether the actor may ask the archive in SQL."""
    return await _may(datasette, request.actor, "execute-sql", database)


def sql_address(datasette: Any, database: str) -> str:
    """Where SQL of one's own is asked."""
    path: str = datasette.urls.database(database)
    return f"{path}/-/query" if has_stored_queries(datasette) else path


async def add_queries(datasette: Any, database: str, queries: dict[str, dict[str, Any]]) -> None:
    """Queries for Datasette 1.0, which asks no plugin for them."""
    for name, told in queries.items():
        await datasette.add_query(
            database,
            name,
            told["sql"],
            title=told["title"],
            description=told["description"],
            hide_sql=True,
            parameters=told["params"],
        )


async def describe(datasette: Any, database: str, tables: dict[str, dict[str, Any]]) -> None:
    """What tables and columns mean, for Datasette 1.0, which asks no plugin for it."""
    for table, told in tables.items():
        await datasette.set_resource_metadata(database, table, "description", told["meaning"])
        for column, meaning in told["columns"].items():
            await datasette.set_column_metadata(database, table, column, "description", meaning)


async def _may(datasette: Any, actor: Any, action: str, resource: Any) -> bool:
    if not has_stored_queries(datasette):
        allowed = await datasette.permission_allowed(actor, action, resource=resource, default=True)
        return bool(allowed)
    from datasette.resources import DatabaseResource, TableResource

    named = (
        DatabaseResource(database=resource)
        if isinstance(resource, str)
        else TableResource(database=resource[0], table=resource[1])
    )
    return bool(await datasette.allowed(action=action, resource=named, actor=actor))
