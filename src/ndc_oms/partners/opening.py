"""From a world's partners.toml to partners that can be asked."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import structlog

from ndc_oms.ports.clock import Clock
from ndc_oms.ports.partner import Partner, PartnerSettings
from ndc_oms.world.partners import PartnerTerms
from ndc_oms.world.world import World

FROM_ENVIRONMENT: Final = "env:"  # begins an option whose value is an environment variable's
Adapter = Callable[[PartnerSettings], Partner]

log = structlog.get_logger(__name__)


def open_partners(
    world: World, data: Path, clock: Clock, adapter: Callable[[str], Adapter]
) -> tuple[tuple[PartnerTerms, Partner], ...]:
    """Every partner whose options are there; one that waits for an environment variable is left
    out, and the log says so. adapter: by kind. Raises what the adapters raise.
    """
    found = []
    for terms in world.partners:
        options = _options(terms)
        if options is None:
            continue
        settings = PartnerSettings(
            name=terms.name,
            carrier=terms.carrier,
            accounting_prefix=terms.accounting_prefix,
            data=data / "partners",
            source=terms.folder,
            options=options,
            now=clock.now,
            zone_of=lambda code: world.airports[code].zone if code in world.airports else None,
        )
        found.append((terms, adapter(terms.kind)(settings)))
    return tuple(found)


def _options(terms: PartnerTerms) -> Mapping[str, str] | None:
    """None where a variable that one of them names is not set."""
    options: dict[str, str] = {}
    for name, value in terms.options.items():
        if not value.startswith(FROM_ENVIRONMENT):
            options[name] = value
            continue
        variable = value.removeprefix(FROM_ENVIRONMENT)
        if not os.environ.get(variable):
            log.info("partner is not connected", partner=terms.name, unset=variable)
            return None
        options[name] = os.environ[variable]
    return options
