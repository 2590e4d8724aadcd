// SPDX-License-Identifier: MIT
#include "tests/simulate/svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace timecast::simulate {
namespace {

constexpr double kWidth = 860;
constexpr double kHeight = 420;
constexpr double kLeft = 78;
constexpr double kRight = kWidth - 20;
constexpr double kTop = 64;
constexpr double kBottom = kHeight - 52;

// Two sets of colours; both keep their distance for whoever sees few of them.
constexpr const char* kStyle =
    "<style>\n"
    "text{fill:#1f2328;font:13px sans-serif}.title{font-size:16px}\n"
    ".ground{fill:#fff}.grid{stroke:#d8dee4}polyline{fill:none;stroke-width:1.4}\n"
    ".c0{stroke:#0969da}.c1{stroke:#bf5700}.c2{stroke:#57606a}.c3{stroke:#1a7f37}\n"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ground{fill:#0d1117}"
    ".grid{stroke:#30363d}.c0{stroke:#58a6ff}.c1{stroke:#f0883e}.c2{stroke:#9da7b1}"
    ".c3{stroke:#56d364}}\n"
    "</style>\n";

struct Frame {
  double x_least = 0;
  double x_most = 1;
  int decade_least = 0;
  int decade_most = 1;

  [[nodiscard]] double across(double x) const {
    return kLeft + (kRight - kLeft) * (x - x_least) / (x_most - x_least);
  }
  [[nodiscard]] double down(double y) const {
    const double share = (std::log10(y) - decade_least) / (decade_most - decade_least);
    return kBottom - (kBottom - kTop) * std::clamp(share, 0.0, 1.0);
  }
};

std::string number(double value) {
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof text, "%.7g", value));
  return text;
}

std::string pixels(double value) {
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof text, "%.1f", value));
  return text;
}

Frame frame_of(const Plot& plot) {
  Frame frame;
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (const Line& line : plot.lines) {
    if (!line.x.empty()) frame.x_most = std::max(frame.x_most, line.x.back());
    for (const double y : line.y) {
      if (!(y > 0)) continue;
      least = std::min(least, y);
      most = std::max(most, y);
    }
  }
  if (most == 0) return frame;
  frame.decade_least = static_cast<int>(std::floor(std::log10(least)));
  frame.decade_most =
      std::max(static_cast<int>(std::ceil(std::log10(most))), frame.decade_least + 1);
  return frame;
}

void append_text(std::string& out, double x, double y, const std::string& attributes,
                 const std::string& text) {
  out += "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" " + attributes + ">" + text +
         "</text>\n";
}

void append_rule(std::string& out, double x1, double y1, double x2, double y2) {
  out += "<line class=\"grid\" x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" +
         pixels(x2) + "\" y2=\"" + pixels(y2) + "\"/>\n";
}

void append_axes(std::string& out, const Plot& plot, const Frame& frame) {
  for (int decade = frame.decade_least; decade <= frame.decade_most; ++decade) {
    const double y = frame.down(std::pow(10, decade));
    append_rule(out, kLeft, y, kRight, y);
    append_text(out, kLeft - 8, y + 4, "text-anchor=\"end\"", number(std::pow(10, decade)));
  }
  const double step = std::max(std::ceil((frame.x_most - frame.x_least) / 12), 1.0);
  for (double x = frame.x_least; x <= frame.x_most; x += step) {
    append_rule(out, frame.across(x), kTop, frame.across(x), kBottom);
    append_text(out, frame.across(x), kBottom + 18, "text-anchor=\"middle\"", number(x));
  }
  append_text(out, (kLeft + kRight) / 2, kHeight - 12, "text-anchor=\"middle\"", plot.x_label);
  append_text(out, 0, 0,
              "text-anchor=\"middle\" transform=\"translate(18 " + pixels((kTop + kBottom) / 2) +
                  ") rotate(-90)\"",
              plot.y_label);
}

void append_line(std::string& out, const Line& line, const Frame& frame, std::size_t place) {
  const std::string colour = "class=\"c" + std::to_string(place) + "\"";
  const double at = kLeft + 190 * static_cast<double>(place);
  out += "<polyline " + colour + " points=\"" + pixels(at) + ",46 " + pixels(at + 24) + ",46\"/>\n";
  append_text(out, at + 30, 50, "", line.name);
  out += "<polyline " + colour + " points=\"";
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    if (line.y[i] > 0)
      out += pixels(frame.across(line.x[i])) + ',' + pixels(frame.down(line.y[i])) + ' ';
  }
  out += "\"/>\n";
}

}  // namespace

std::string as_svg(const Plot& plot) {
  const Frame frame = frame_of(plot);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(kWidth) +
                    ' ' + number(kHeight) + "\" role=\"img\">\n<title>" + plot.title +
                    "</title>\n" + kStyle +
                    "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n";
  append_text(out, kLeft, 26, "class=\"title\"", plot.title);
  append_axes(out, plot, frame);
  for (std::size_t i = 0; i < plot.lines.size(); ++i) append_line(out, plot.lines[i], frame, i);
  return out + "</svg>\n";
}

}  // namespace timecast::simulate
