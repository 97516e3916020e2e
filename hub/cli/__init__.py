"""The command `hub`: the only room that knows all rooms."""

import logging
import sys
from typing import NoReturn

from sqlalchemy.exc import SQLAlchemyError

from hub.cli import clusters, evaluating, files, harvesting, lexicons, looking, serving
from hub.cli.console import app, screen
from hub.errors import HubError

# Importing them declares their commands.
__all__ = ["app", "clusters", "evaluating", "files", "harvesting", "lexicons", "looking", "main", "serving"]


def main() -> None:
    """The entry point: a failure with a name becomes one line, not a stack trace."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        app()
    except HubError as error:
        complain(error.title, error)
    except (SQLAlchemyError, OSError) as error:
        complain("The hub cannot go on", error)


def complain(title: str, error: Exception) -> NoReturn:
    words = f"{title}. {str(error).splitlines()[0] if str(error) else type(error).__name__}"
    screen.print(words, style="bold red", soft_wrap=True, highlight=False, markup=False)
    sys.exit(1)
