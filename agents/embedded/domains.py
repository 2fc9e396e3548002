"""The domains of the embedded faculty, in the order in which a newcomer meets their skills."""

from agents.embedded.domain import Domain
from agents.embedded.functions import Functions
from agents.embedded.procedures import Procedures
from agents.embedded.quantities import Quantities
from agents.embedded.shop import Shop

DOMAINS: tuple[Domain, ...] = (Quantities(), Procedures(), Shop(), Functions())
