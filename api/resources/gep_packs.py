"""Packs of GEP accounting: standards and studies as data, in frozen editions."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from accounting import dossier, pack, pack_difference
from accounting import edition as editions
from api import auth, problems
from api.caller import AnyCaller
from api.parameters import Limit, Seq

router = APIRouter(prefix="/v1/gep/packs", tags=["gep"], responses=problems.DOCUMENTED)


class PackOut(BaseModel):
    """One frozen edition of a pack; ``needs_override`` says why it is published only with one."""

    id: str
    edition: str
    title: dict[str, str]
    ecosystems: str
    digest: str
    needs_override: str | None


class PackPage(BaseModel):
    """A page of packs by name and edition, and the link to the next."""

    items: list[PackOut]
    next: str | None


@router.get("")
def list_packs(caller: AnyCaller, cursor: Seq = 0, limit: Limit = 50) -> PackPage:
    """List every edition of every pack; ``cursor`` is how many to pass over. Any role of GEP."""
    caller.principal.require_anywhere(auth.GEP)
    every = [(id, each) for id, editions_ in pack.known().items() for each in editions_]
    after = cursor + limit
    items = [_out(pack.load(*each)) for each in every[cursor:after]]
    more = f"/v1/gep/packs?cursor={after}&limit={limit}"
    return PackPage(items=items, next=more if after < len(every) else None)


@router.get("/{id}")
def get_pack(
    id: Annotated[str, Path(max_length=120)],
    caller: AnyCaller,
    edition: Annotated[str | None, Query(max_length=120, description="The latest if none.")] = None,
) -> dict[str, Any]:
    """Return all that an edition of a pack says, with its sources. Any role of GEP."""
    caller.principal.require_anywhere(auth.GEP)
    found = pack.load(id, edition)
    return {**_out(found).model_dump(), "table": dict(found.table)}


@router.get("/{id}/difference")
def get_difference(
    id: Annotated[str, Path(max_length=120)],
    caller: AnyCaller,
    other: Annotated[str, Query(max_length=120, description="The id of another pack.")],
    edition: Annotated[str | None, Query(max_length=120, description="The latest if none.")] = None,
    other_edition: Annotated[str | None, Query(max_length=120)] = None,
) -> list[dict[str, Any]]:
    """Return line by line what parts two editions; nothing where nothing does. Any role of GEP."""
    caller.principal.require_anywhere(auth.GEP)
    found = pack_difference.statement(pack.load(id, edition), pack.load(other, other_edition))
    return dossier.as_json({"rows": found})["rows"]


def _out(of: pack.Pack) -> PackOut:
    return PackOut(
        id=of.id, edition=of.edition, title={"zh": of.title.zh, "en": of.title.en},
        ecosystems=of.ecosystems, digest=of.digest, needs_override=editions.needs_override(of),
    )  # fmt: skip
