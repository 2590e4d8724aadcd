// SPDX-License-Identifier: MIT
#include "announcer/daemon/program.hpp"

int main(int argc, char** argv) { return timecast::announcer_program(argc, argv); }
