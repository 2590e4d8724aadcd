// SPDX-License-Identifier: MIT
//
// A plot of lines over a linear axis and a logarithmic one, as SVG that reads on light and on dark
// ground.
#pragma once

#include <string>
#include <vector>

namespace timecast::simulate {

struct Line {
  std::string name;
  std::vector<double> x;  // ascending
  std::vector<double> y;  // what is not above zero is not drawn
};

struct Plot {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Line> lines;  // at most four
};

[[nodiscard]] std::string as_svg(const Plot& plot);

}  // namespace timecast::simulate
