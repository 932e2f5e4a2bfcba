"""What every terminal command does first: read the settings, keep secrets out of all output, keep logs out of sight."""

import at_rest
import logs
from settings import Settings, load_settings


def settings() -> Settings:
    """The settings; logs go to standard error from level ERROR on, or all of them with VESPERA_LOG_LEVEL=DEBUG.

    Raises:
        BadConfiguration: a setting is wrong.
    """
    loaded = load_settings()
    logs.start_logging("DEBUG" if loaded.log_level.upper() == "DEBUG" else "ERROR", loaded.secrets)
    at_rest.use(loaded.at_rest_key, loaded.at_rest_key_before)
    return loaded
