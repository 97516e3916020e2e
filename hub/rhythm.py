"""When something is due: five fields of cron, in UTC, where no hour is skipped and none comes twice."""

from datetime import datetime, timedelta

from cronsim import CronSim, CronSimError


def is_rhythm(text: str) -> bool:
    """Whether it is five fields of cron that some day comes up; cronsim itself would take a sixth, for seconds."""
    try:
        return len(text.split()) == 5 and next(CronSim(text, datetime(2000, 1, 1)), None) is not None
    except CronSimError:
        return False


def due_after(rhythm: str, moment: datetime) -> datetime:
    """The first time behind a moment."""
    return next(CronSim(rhythm, moment))


def last_due(rhythm: str, moment: datetime) -> datetime:
    """The last time up to a moment, that included."""
    return next(CronSim(rhythm, moment.replace(microsecond=0) + timedelta(seconds=1), reverse=True))
