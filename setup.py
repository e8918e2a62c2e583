"""Everything about the package is in pyproject.toml; this adds the shipped configuration to the wheel."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithConf(build_py):
    """Puts conf/ and spark-defaults.conf beside the package's modules."""

    def run(self) -> None:
        """Copy after the modules are built."""
        super().run()
        target = Path(self.build_lib) / "housing_spark" / "conf"
        if not self.editable_mode:
            shutil.copytree("conf", target, dirs_exist_ok=True)
            shutil.copy("spark-defaults.conf", target)


setup(cmdclass={"build_py": BuildWithConf})
