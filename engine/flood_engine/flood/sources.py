"""Where a model's files are: in the package, in a folder, beside a checkpoint, on the Hub.

From the Hub (huggingface.co) come single files by name, through its library's download function
and into its cache; a repository's code is neither fetched nor run. ``owner/name@revision`` pins a
commit, and the two repositories of FloodDiffusion are pinned unless told otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from flood_engine.errors import CheckpointError

BUNDLED = Path(__file__).parent.parent / "bundled"
"""Folder of the model that comes with the package."""

REVISIONS = {
    "FloodDiffusion": "82d5f998a20a15b534ac506f19ebb686d6a6d407",
    "FloodDiffusionTiny": "e86746efa2f16b94a1bb08550e3d8d4a32163f14",
}
"""Revisions of upstream's repositories, by name, that this loader was written for."""

_UPSTREAM_OWNERS = ("ShandaAI", "AlayaLab")
_HUB_ID = re.compile(r"([\w-][\w.-]*)/([\w-][\w.-]*)(?:@([\w.-]+))?")
_VALID = (
    'valid are "bundled", the folder of a model, a .ckpt of FloodDiffusion, or a Hub id such as'
    " AlayaLab/FloodDiffusionTiny"
)


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one model."""

    folder: Path
    checkpoint: Path | None = None
    """The denoiser's weights, when a single file was named."""

    def file(self, *names: str) -> Path | None:
        """Return the first of ``names`` that the folder has."""
        return next((p for name in names if (p := self.folder / name).is_file()), None)


def find_source(source: str | Path) -> Source:
    """Return where the files of ``source`` are, fetching them if they are on the Hub.

    Raises:
        CheckpointError: If there is no such model.
    """
    if str(source) == "bundled":
        return Source(BUNDLED)
    path = Path(source)
    if path.is_dir():
        return Source(path)
    if path.is_file():
        if path.suffix != ".ckpt":
            raise CheckpointError(f"{path} is a file of another kind; {_VALID}")
        return Source(path.parent, path)
    hub_id = _HUB_ID.fullmatch(str(source))
    if hub_id is None:
        raise CheckpointError(f"{source} is no model folder: there is nothing there; {_VALID}")
    return _fetch(*hub_id.groups())


def _fetch(owner: str, name: str, revision: str | None) -> Source:
    """Download a model's files, or find them in the cache."""
    if revision is None and owner in _UPSTREAM_OWNERS:
        revision = REVISIONS.get(name)
    config = _download(f"{owner}/{name}", "config.json", revision)
    ours = b'"flood-engine/' in config.read_bytes()
    wanted = ["denoiser.safetensors"] if ours else ["model.safetensors", "ldf.yaml"]
    for file in [*wanted, "vae.safetensors"]:
        _download(f"{owner}/{name}", file, revision)
    return Source(config.parent)


def _download(repository: str, file: str, revision: str | None) -> Path:
    from huggingface_hub import hf_hub_download  # noqa: PLC0415 - only for Hub ids
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError  # noqa: PLC0415

    try:
        return Path(hf_hub_download(repository, file, revision=revision))
    except (OSError, ValueError, HfHubHTTPError, HFValidationError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CheckpointError(
            f"{repository} is no folder here, and {file} cannot be had from the Hub: {reason}"
        ) from error
