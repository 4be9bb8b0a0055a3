"""What every test needs."""

import pytest

pytest.register_assert_rewrite("tests.houses")
