"""Settings of what looks after the tables."""

from collections.abc import Mapping

from pydantic import Field

from housing_spark.settings.base import Section

_NAMED = ("clean", "features")  # tables whose versions models name


class Upkeep(Section):
    """How long what was written stays readable, and how files lie."""

    reproducible_days: int = Field(
        365, ge=7, description="So long a prediction can be made again: logs, and versions that it names, are kept."
    )
    unnamed_days: int = Field(
        7, ge=7, description="So long files stay that the newest version no longer has, where nothing names an older."
    )
    file_mb: int = Field(128, ge=1, le=1024, description="Files are brought to about this size.")
    cluster: bool = Field(
        True,
        description="Whether clean and features are sorted by segments and event time: queries skip files.",
    )

    def table_properties(self, table: str) -> Mapping[str, str]:
        """Delta's own names of how long logs and removed files of a table are kept."""
        properties = {
            "delta.logRetentionDuration": f"interval {self.reproducible_days} days",
            "delta.deletedFileRetentionDuration": f"interval {self.unnamed_days} days",
        }
        # The champion needs the version that it learned from, however old; without its log no version can be read.
        return properties | ({"delta.enableExpiredLogCleanup": "false"} if table in _NAMED else {})
