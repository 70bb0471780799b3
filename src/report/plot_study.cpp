// SPDX-License-Identifier: MIT
#include "report/plot_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/message.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

/// Where the values stand on the axis: that of a logarithmic axis has a place of its own for 0.
struct ValueAxis {
  std::vector<double> places;
  bool logarithmic = false;
  double zero = 0;  ///< the place of 0 on a logarithmic axis; 0 if there is none

  explicit ValueAxis(const std::vector<double>& values) : places(values) {
    constexpr double wide = 30;
    std::vector<double> others;
    for (const double value : values)
      if (value != 0) others.push_back(value);
    if (others.empty() || std::ranges::min(others) <= 0) return;
    const auto [low, high] = std::ranges::minmax(others);
    if (high < wide * low) return;
    logarithmic = true;
    if (others.size() == values.size()) return;
    constexpr double before = 10;
    zero = low / before;
    std::ranges::replace(places, 0.0, zero);
  }
};

/// A share of trainings with its confidence, along the values.
struct Shares {
  std::vector<double> share, low, high;

  /// Those of one task.
  Shares(const ResultReader& file, const std::string& name, std::size_t values, std::size_t tasks, std::size_t task) {
    const auto read = [&](const char* end, std::vector<double>& into) {
      const auto all = file.numbers(name + end, {values, tasks});
      for (std::size_t v = 0; v < values; ++v) into.push_back(all[v * tasks + task]);
    };
    read("", share);
    read("_low", low);
    read("_high", high);
  }
};

class StudyPicture {
 public:
  StudyPicture(const ResultReader& file, const std::filesystem::path& picture)
      : file_(file),
        tasks_(file.strings("gate")),
        values_(file.numbers("value")),
        axis_(values_),
        script_(picture, 440 * std::max(2, static_cast<int>(tasks_.size())), 720) {}

  Script draw() {
    for (const char* axis : {"value", "gate", "realization", "epoch"}) (void)points_of(file_, axis);
    const auto finished = file_.numbers("success_share", {values_.size(), tasks_.size()});
    if (std::ranges::none_of(finished, [](double share) { return std::isfinite(share); }))
      throw IoError(file_.name() + ": no value was finished; there is nothing to draw");
    head();
    for (std::size_t task = 0; task < tasks_.size(); ++task) add_shares(task);
    for (std::size_t task = 0; task < tasks_.size(); ++task) add_divergence(task);
    script_.add("unset multiplot\n");
    return std::move(script_);
  }

 private:
  void head() {
    script_.add("set multiplot layout 2,{} title {}\n", tasks_.size(),
                Script::literal(fmt::format("{}\nbars: 95 % confidence, {} trainings of each value",
                                            file_.text("/", "title"), file_.length("realization"))));
    const std::string unit = file_.text("value", "units");
    constexpr double margin_of_labels = 0.15;
    if (tasks_.size() == 1) script_.add("set lmargin at screen {}\n", margin_of_labels);  // of both panels alike
    script_.add("set xlabel {}\n",
                Script::literal(file_.text("/", "key") + (unit == "1" ? "" : fmt::format(" [{}]", in_message(unit)))));
    const auto [low, high] = std::ranges::minmax(axis_.places);
    if (axis_.logarithmic) {
      constexpr double margin = 2;
      script_.add("set logscale x\nset format x '%g'\n");
      script_.range("x", low / margin, high * margin);
      if (axis_.zero > 0) script_.add("set xtics add ('0' {})\n", axis_.zero);
    } else {
      const double margin = 0.05 * std::max(high - low, 1e-300);
      script_.range("x", low - margin, high + margin);
    }
  }
  void shares(const std::string& block, const Shares& all) {
    script_.block(block, {axis_.places, percent(all.share), percent(all.low), percent(all.high)});
  }
  static std::vector<double> percent(const std::vector<double>& shares) { return scaled(shares, 100); }

  void add_shares(std::size_t task) {
    const std::size_t values = values_.size();
    const std::size_t tasks = tasks_.size();
    shares(fmt::format("success{}", task), {file_, "success_share", values, tasks, task});
    shares(fmt::format("predicted{}", task), {file_, "predicted_share", values, tasks, task});
    const double by_rule = 100 * file_.numbers("rule_success_share", {tasks})[task];
    script_.add("set title {}\nunset logscale y\nset format y '%g'\nset yrange [-3:103]\nset ylabel 'trainings [%]'\n",
                Script::literal(tasks_[task]));
    script_.add("set key bottom left\n");
    script_.add(
        "plot {0} with lines dt 2 lw 1.5 lc rgb '{1}' title 'succeed by the rule', $success{2} using 1:2:3:4 with "
        "yerrorlines pt 7 ps 1.2 lw 4 lc rgb '{1}' title 'succeed, integrated', $predicted{2} using 1:2:3:4 with "
        "yerrorlines pt 5 ps 0.7 lw 1.5 lc rgb '{3}' title 'outcome as by the rule'\n",
        by_rule, colour(0), task, colour(1));
  }
  void add_divergence(std::size_t task) {
    const std::size_t values = values_.size();
    const std::size_t tasks = tasks_.size();
    const std::size_t epochs = file_.length("epoch");
    const std::size_t last = (task + 1) * epochs - 1;
    const double change = file_.numbers("rule_weight_change", {tasks, epochs})[last];
    const double reference = file_.numbers("reference_weight_divergence", {tasks, epochs})[last] / change;
    const auto all = file_.numbers("weight_divergence", {values, tasks, epochs});
    std::vector<double> divergence;
    for (std::size_t v = 0; v < values; ++v) {
      const double one = all[v * tasks * epochs + last] / change;
      divergence.push_back(one > 0 ? one : std::nan(""));  // a logarithmic axis has no 0
    }
    script_.block(fmt::format("divergence{}", task), {axis_.places, divergence});
    script_.add("unset title\nset logscale y\nset format y '%g'\nset autoscale y\n");
    script_.add("set ylabel {}\nset key center right\n",
                Script::literal("difference of final weights\nfrom the rule, over their change"));
    script_.add("plot $divergence{0} using 1:2 with linespoints pt 7 ps 0.7 lw 1.5 lc rgb '{1}' title 'integrated'",
                task, colour(0));
    if (reference > 0)
      script_.add(", {} with lines dt 2 lw 1.5 lc rgb '{}' title \"integrated with the rule's own value\"", reference,
                  colour(2));
    script_.add("\n");
  }

  const ResultReader& file_;
  std::vector<std::string> tasks_;
  std::vector<double> values_;
  ValueAxis axis_;
  Script script_;
};

}  // namespace

Script study_picture(const ResultReader& file, const std::filesystem::path& picture) {
  return StudyPicture(file, picture).draw();
}

}  // namespace memdyn
