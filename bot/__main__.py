"""The door of `python -m bot` and of the command `bot`; the commands are in `cli`."""

import gc

# All that is imported stays. Python counting it over and over while it grows is a fifth of a command's time.
gc.disable()

from bot.cli import main  # noqa: E402 - see above

gc.freeze()
gc.enable()

__all__ = ["main"]

if __name__ == "__main__":
    raise SystemExit(main())
