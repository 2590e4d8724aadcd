# SPDX-License-Identifier: MIT
"""Runs programs: on this machine, and on an emulated Cortex-M4."""

import subprocess

LIMIT_S = 60

# Every instruction takes 64 ns of the emulated clocks, however long it takes here.
QEMU = ("qemu-system-arm -M mps2-an386 -icount shift=6 -display none -monitor none -serial none "
        "-chardev stdio,id=output -semihosting-config enable=on,target=native,chardev=output "
        "-kernel").split()


class Failure(Exception):
    """A program that did not come to its end."""


def output_of(command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[-1]} has not ended within {LIMIT_S} s") from None
    except OSError as error:
        raise Failure(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        raise Failure(f"{command[-1]} ended with status {done.returncode}\n{done.stderr}")
    return done.stdout


def run_here(program):
    return output_of([str(program)])


def run_on_cortex_m4(program):
    return output_of([*QEMU, str(program)])
