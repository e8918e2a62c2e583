"""Every way a command can end badly, one class per exit code.

A message is one line: the object, the value, the cause and the way out. The code in front of it is stable, so
that a scheduler or a runbook can match on it.
"""


class HousingSparkError(Exception):
    """A failure that the user can act on; ``str()`` is the one line that is shown."""

    exit_code = 1

    def __init__(self, code: str, message: str) -> None:
        """Keep the stable code apart from the sentence.

        Args:
            code: For example ``E-ING-003``.
            message: Object, value, cause and way out, in one line.
        """
        super().__init__(f"{code} {message}")
        self.code = code


class ConfigurationError(HousingSparkError):
    """The command line, a setting or a contract is wrong; nothing was started."""

    exit_code = 2


class InputRefusedError(HousingSparkError):
    """The input cannot be taken as it is; nothing was written."""

    exit_code = 3


class GateRefusedError(HousingSparkError):
    """A quality gate or the promotion gate said no."""

    exit_code = 4


class TableBusyError(HousingSparkError):
    """Another run holds the tables."""

    exit_code = 5


class ResourceMissingError(HousingSparkError):
    """Java, a jar, a package, a service or disk space is missing."""

    exit_code = 6


class TableDamagedError(HousingSparkError):
    """Tables or models contradict what was recorded about them."""

    exit_code = 7
