"""A partner airline that is asked over NDC 21.3: this house as a seller at another one."""

from ndc_partner.partner import open_partner  # where the entry point looks for it

__all__ = ["open_partner"]
