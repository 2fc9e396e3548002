"""Puts an export on a dataset hub: the Hugging Face Hub, or a server that speaks as it does.

It needs the extra `hub`. What a newcomer gets wrong: only the files of the manifest are sent, after
their digests were looked at, and the commit is tagged with the manifest's digest, so that whoever
has the tag can tell that they have the same data.
"""

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from storage.errors import NotPushed
from storage.export.manifest import NAME, read_whole
from storage.report.clean import one_line

EXTRA = 'pip install "lyceum[hub]"'
_TOKEN = re.compile(r"[!-~]+")
_REPO = re.compile(r"(?:[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*", re.ASCII)
# What exports have written before: only such files are taken off the hub when they are no more.
_OURS = re.compile(
    r"[a-z-]+/[a-z]+-\d{5}-of-\d{5}\.(?:parquet|jsonl|jsonl\.zst)|plots/[a-z_]+\.png"
)
_FOREIGN = (OSError, ValueError, LookupError, TypeError, AttributeError)
"""What the client raises beside its own errors, where a server is none or says what no hub does."""


def push(folder: Path, repo: str, *, token: str | None, endpoint: str | None, private: bool) -> str:
    """Send an export to a dataset repository, which is made if there is none; return its address.

    Rows of an earlier export that are no part of this one are taken off; other files stay.

    Args:
        folder: An export, as it was written.
        repo: Its name on the hub, as "user/name".
        token: The key. None: the one with which this machine is logged in.
        endpoint: The hub's address. None: the Hugging Face Hub.
        private: Whether only those may see it who have been given access.

    Raises:
        NotWhole: the folder is no export, or not as it was written; nothing was sent.
        NotPushed: the extra is missing, a name or an address is wrong, the hub cannot be reached or
            refuses. No key is in the message.
    """
    token, endpoint = token or None, endpoint or None  # a variable that is set to nothing
    whole = read_whole(folder)
    _require(repo, token, endpoint)
    hub = import_module("huggingface_hub")
    http_error = import_module("huggingface_hub.errors").HfHubHTTPError
    try:
        api = hub.HfApi(endpoint=endpoint, token=token)
        return _push(hub, api, folder, whole, repo, private=private)
    except (*http_error.__bases__, *_FOREIGN) as error:
        raise NotPushed(
            f"{repo!r}: {endpoint or 'the hub'} did not take it: {_told(error, token)}"
        ) from None  # the whole error may have the key in it


def _require(repo: str, token: str | None, endpoint: str | None) -> None:
    """Refuse what cannot go well before anything is sent."""
    if find_spec("huggingface_hub") is None:
        raise NotPushed(f"push: huggingface_hub is not installed; {EXTRA}")
    if not _REPO.fullmatch(repo):
        raise NotPushed(f"{one_line(repo)!r}: no name of a repository; write it as user/name")
    if token is not None and not _TOKEN.fullmatch(token):
        raise NotPushed("the hub's key: holds what no key does, such as a space; copy it again")
    if endpoint is None:
        return
    try:
        parts = urlsplit(endpoint)
        right = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        right = False
    if not right or parts.username or parts.password:
        raise NotPushed("the hub's address: write it as https://host, without a user or a key")


def _push(
    hub: Any,  # noqa: ANN401 - of an extra, without its types
    api: Any,  # noqa: ANN401
    folder: Path,
    whole: dict[str, Any],
    repo: str,
    *,
    private: bool,
) -> str:
    address = api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
    repo = address.repo_id
    info = api.repo_info(repo, repo_type="dataset")
    if private and not info.private:
        raise ValueError("there is a public one of this name; choose another, or make it private")
    paths = [each["path"] for each in whole["files"]] + [NAME]
    there = {each.rfilename for each in info.siblings or ()}
    stale = sorted(path for path in there - {*paths} if _OURS.fullmatch(path))
    changes = [hub.CommitOperationDelete(path) for path in stale]
    changes += [hub.CommitOperationAdd(path, folder / path) for path in sorted(paths)]
    digest = whole["digest"]
    commit = api.create_commit(
        repo, changes, commit_message=f"Export {digest}", repo_type="dataset"
    )
    tag = digest.replace(":", "-")
    api.create_tag(repo, tag=tag, revision=commit.oid, repo_type="dataset", exist_ok=True)
    return str(address)


def _told(error: BaseException, token: str | None) -> str:
    """Return what went wrong on one line, without the key."""
    text = str(error) or type(error).__name__
    if token:
        text = text.replace(token, "[key]")
    refused = getattr(getattr(error, "response", None), "status_code", None) in (401, 403)
    remedy = "; give a key that may write there" if refused else ""
    return one_line(text, 300) + remedy
