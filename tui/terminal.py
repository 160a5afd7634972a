"""The terminal, left as it was however the app ends or rests."""

from __future__ import annotations

import asyncio
import os
import signal

from textual.drivers.linux_driver import LinuxDriver

#: Seconds to end in after being told to; then the system ends the process. What is on
#: disk is whole at every moment.
GRACE = 5

_ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class TerminalDriver(LinuxDriver):
    """A LinuxDriver that minds every signal.

    All are handled between two steps of the event loop. Textual handles those that stop
    and continue in the middle of whatever it does, where its own locks may be held; and
    those that end would leave the terminal to the shell raw and with the mouse on.
    """

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        loop = asyncio.get_running_loop()
        for number in _ENDING:
            loop.add_signal_handler(number, self._end, number)
        loop.add_signal_handler(signal.SIGTSTP, self._rest)
        loop.add_signal_handler(signal.SIGCONT, self._go_on)

    def _end(self, number: signal.Signals) -> None:
        """Close as `quit` does, with the exit code that a shell knows for this signal."""
        # A terminal that is gone takes no bytes: whoever waits for it would wait for ever.
        signal.alarm(GRACE)
        self._app.exit(return_code=128 + number)

    def _rest(self) -> None:
        self.suspend_application_mode()
        self._must_signal_resume = True
        os.kill(os.getpid(), signal.SIGSTOP)

    def _go_on(self) -> None:
        if not self._must_signal_resume:
            # Stopped by SIGSTOP, which nobody sees coming: the shell has since used the
            # terminal as its own.
            if self._writer_thread is None or not self._writer_thread.is_alive():
                return  # on the way out
            self.suspend_application_mode()
        self.resume_application_mode()

    def write(self, data: str) -> None:
        """Write, unless the terminal is gone and took the thread that writes with it."""
        if self._writer_thread is None or self._writer_thread.is_alive():
            super().write(data)
