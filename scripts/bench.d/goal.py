# SPDX-License-Identifier: MIT
"""What a bench should find, and whether it did."""

import dataclasses


@dataclasses.dataclass
class Goal:
    text: str
    found: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self):
        return self.found >= self.limit if self.at_least else self.found <= self.limit

    def columns(self):
        sign = ">=" if self.at_least else "<="
        return (self.text, f"{self.found:.2f} {self.unit}".strip(),
                f"{sign} {self.limit:g} {self.unit}".strip(), "met" if self.met else "MISSED")
