"""aiogram without its weight: a model of the Bot API is built when it is used first.

An import of aiogram builds the validators of its 591 models, each with those of all models inside
it: four fifths of a start and 100 MB, and a running bot uses some thirty of them.
"""

from __future__ import annotations

import sys
from typing import Any

from pydantic import BaseModel, ConfigDict

_names: dict[str, Any] = {}
"""What the annotations of aiogram's models speak of: they are strings, and their modules import
one another for type checkers only."""
_rebuild: Any = BaseModel.model_rebuild.__func__  # type: ignore[attr-defined]


def import_aiogram() -> None:
    """Import aiogram and put off what takes long. Does nothing where it was imported before."""
    if "aiogram" in sys.modules:
        return
    config, whole = BaseModel.model_config, BaseModel.__dict__["model_rebuild"]
    BaseModel.model_config = ConfigDict(defer_build=True)
    BaseModel.model_rebuild = classmethod(_noted)  # type: ignore[assignment, method-assign]
    try:
        from aiogram.methods.base import Request, Response, TelegramMethod
        from aiogram.types.base import TelegramObject
    finally:
        BaseModel.model_config = config
        BaseModel.model_rebuild = whole  # type: ignore[method-assign]
    for kind in (Request, Response, TelegramMethod, TelegramObject):
        kind.model_rebuild = classmethod(_built)  # type: ignore[assignment, method-assign]


def _noted(
    _: type[BaseModel], /, *, _types_namespace: dict[str, Any] | None = None, **__: Any
) -> None:
    """In place of building a model while aiogram is imported."""
    _names.update(_types_namespace or {})


def _built(model: type[BaseModel], /, **how: Any) -> bool | None:
    """`model_rebuild`, which pydantic calls when a model is used first."""
    built: bool | None = _rebuild(model, **{**how, "_types_namespace": _names})
    return built
