"""The command `foretype`: a table of subcommands, each loaded only when it is called.

So `foretype serve` pays for no training library, and works where none is installed. Knows of a command only its place
and its one-line help.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from traceback import walk_tb
from typing import Any

import click

from foretype.model.errors import UserError
from foretype.model.version import VERSION

_FAILED, _INTERRUPTED = 1, 130
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)

# command -> (module, one-line help)
COMMANDS: dict[str, tuple[str, str]] = {
    "serve": ("foretype.server.commands.serve", "Run the language server."),
    "train": ("foretype.training.commands.train", "Learn from files and folders."),
    "index": ("foretype.server.commands.index", "Remember the files of folders, as the server does by itself."),
    "complete": ("foretype.server.commands.complete", "Print suggestions for a place in a file."),
    "generate": ("foretype.server.commands.generate", "Let the network write on from a prompt."),
    "score": ("foretype.server.commands.score", "Print the bits per byte of files."),
    "classify": ("foretype.server.commands.classify", "Tell files' language and kinds of text from the state."),
    "forget": ("foretype.training.commands.forget", "Take files out of what was learnt, and keep them out."),
    "models": ("foretype.server.commands.models", "List models, choose one, go back."),
    "stats": ("foretype.server.commands.stats", "Tell what became of the suggestions."),
    "doctor": ("foretype.server.commands.doctor", "Look over the whole installation."),
    "eval": ("foretype.training.commands.eval", "Judge the model on files that it does not know."),
    "compare": ("foretype.training.commands.compare", "Put Foretype beside other predictors on your files."),
    "demo": ("foretype.training.commands.demo", "Learn from a folder, then type one of its files."),
    "bench": ("foretype.training.commands.bench", "Measure engine and server on this machine."),
}


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; click itself would call it failed if nobody read its output to the end."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            return _refused(error)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="foretype")
@click.pass_context
def foretype(ctx: click.Context) -> None:
    """Finish your lines as you type, on your own machine."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    elif ctx.invoked_subcommand != "serve":  # a server does it once its client has been greeted
        from foretype.model.registry import close_to_others

        close_to_others()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 bad usage or bad input, 130 interrupted."""
    if sys.stderr is None:  # `2>&-`: what is said to nobody would be printed to standard output
        from foretype.server.output import stand_in

        stand_in(2, os.O_WRONLY)
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # until the process ends
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # code pages of Windows, names of files that are not UTF-8
    try:
        result = foretype.main(args=arguments, standalone_mode=False)
    except UserError as error:
        return _complain(str(error))
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("foretype"):
            raise
        return _complain(f'{error.name} is missing; the training extra brings it: pip install "foretype[train]"')
    except click.Abort:
        return _INTERRUPTED
    except click.UsageError as error:
        advice = "" if error.ctx is None else f" See {error.ctx.command_path} --help"
        return _complain(error.format_message() + advice)
    except click.ClickException as error:
        return _complain(error.format_message())
    except KeyboardInterrupt:
        return _INTERRUPTED
    except MemoryError:
        return _complain("there is not enough memory; end other programs, or raise the limit on it", _FAILED)
    except OSError as error:
        return _refused(error)
    return result if isinstance(result, int) else 0


def _refused(error: OSError) -> int:
    """Say what the system refused; that nobody reads on (`foretype generate | head`) is no failure."""
    if not _is_about_output(error):
        return _complain(_explained(error), _FAILED)
    if error.errno == errno.EPIPE:
        return 0
    return _complain(f"standard output cannot be written ({error.strerror}); see where it leads", _FAILED)


def _is_about_output(error: OSError) -> bool:
    """Tell whether it came of writing to standard output, which only `click.echo` does; the system names no file."""
    echoes = (frame for frame, _ in walk_tb(error.__traceback__) if frame.f_code is click.echo.__code__)
    return any(not frame.f_locals["err"] for frame in echoes)


def _explained(error: OSError) -> str:
    """Say what the system refused, and what to do where it is about room or rights in the data directory."""
    from foretype.model.registry import DATA_DIR_VARIABLE, data_dir

    if error.errno == errno.ENOENT and error.filename is None:  # what getcwd says
        return "the folder that this runs in does not exist any more; go to another"
    where = f": {error.filename}" if error.filename else ""
    ours = error.filename is None or str(error.filename).startswith(str(data_dir()))
    advice = ""
    if ours and error.errno in _DISK_ERRORS:
        advice = f"; what was there before is untouched. See to {data_dir()}, or name another in {DATA_DIR_VARIABLE}"
    return f"{error.strerror or error}{where}{advice}"


def _complain(message: str, code: int = 2) -> int:
    with suppress(OSError):  # nobody may be listening, but the code is still right
        print(f"foretype: {' '.join(message.split())}", file=sys.stderr, flush=True)  # noqa: T201  # the one line of an error
    return code
