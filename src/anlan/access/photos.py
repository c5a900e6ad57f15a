"""Photos from the field: only pictures, without the data that tells where and by what."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from anlan.journal import Act
from anlan.refusal import Refusal
from anlan.store import ids, insert, schema

LONG_SIDE = 1600  # enough to read a staff gauge
Image.MAX_IMAGE_PIXELS = 60_000_000


def keep_photo(act: Act, raw: bytes, name: str) -> str:
    """Re-encode a picture as JPEG, turned upright, at most `LONG_SIDE` pixels; its digest.

    Raises `Refusal` when the file is no picture that can be opened.
    """
    try:
        with Image.open(io.BytesIO(raw)) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as problem:
        raise Refusal(
            f"file '{name}' is not a picture that can be opened; send JPEG, PNG or WebP",
            field="file",
            value=name,
            remedy="a JPEG, PNG or WebP picture",
        ) from problem
    upright.thumbnail((LONG_SIDE, LONG_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=82)
    content = out.getvalue()
    digest = ids.digest(content)
    act.tx.execute(
        insert(act.tx, schema.attachment)
        .values(digest=digest, mime="image/jpeg", content=content, at=act.now)
        .on_conflict_do_nothing()
    )
    act.record("photo.kept", digest)
    return digest
